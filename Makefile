# make demo | test | record | lint | bench | test-unsloth: each makes its environment when it is not there.
PYTHON ?= python3.11
TEACHER ?= recorded
SEEDS ?= 0
BIN = .venv/bin

.PHONY: demo test record lint bench
demo: .venv/ready
	$(BIN)/ragtuned demo --teacher $(TEACHER) --seeds $(SEEDS)

# The teacher's replies for examples/demo by a real run of the embedded teacher: asks only for what changed.
record: .venv/ready
	$(BIN)/ragtuned demo --record

# The test files run in two processes; JOBS=1 in one.
JOBS ?= 2
test: .venv/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(if $(filter-out 1,$(JOBS)),-n $(JOBS) --dist loadfile)

lint: .venv/ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

# The quick set of docs/performance.md, on an otherwise idle machine; the long runs are named there.
bench: .venv/ready
	$(BIN)/python -m bench.speed.orchestration --slots 16 --latency 0.2 --chunks 100 --chunks 1000
	$(BIN)/python -m bench.chaos.run kills --count 20 --chunks 120

# Small faults planted in the marking rules and the training rows, one at a time: which does no test notice? Takes hours;
# MUTANTS names some (eval.marks.*). mutmut stays out of the other targets' environment until it is asked for.
.PHONY: mutants
MUTANTS ?=
mutants: .venv/ready
	$(BIN)/python -m pip install -q mutmut==3.8.1
	OMP_NUM_THREADS=1 nice -n 19 $(BIN)/mutmut run --max-children 1 $(MUTANTS)
	$(BIN)/mutmut results

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[dev]"
	touch $@

# The real Unsloth on its CPU backend, in an environment of its own: without its dependencies, because those want CUDA
# packages, and a certifi that is not served everywhere. It is AGPL in part: never a dependency, never vendored.
.PHONY: test-unsloth
test-unsloth: .venv-unsloth/ready
	OMP_NUM_THREADS=1 .venv-unsloth/bin/python -m pytest -q -o addopts= --noconftest --import-mode=importlib tests/unsloth

.venv-unsloth/ready: constraints.txt
	$(PYTHON) -m venv .venv-unsloth
	.venv-unsloth/bin/python -m pip install -q -c constraints.txt torch transformers trl datasets peft accelerate matplotlib pydantic rich typer pytest
	.venv-unsloth/bin/python -m pip install -q --no-deps unsloth==2026.10.9 unsloth_zoo==2026.10.9
	touch $@

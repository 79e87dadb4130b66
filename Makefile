PYTHON ?= python3.11

# The real Unsloth on its CPU backend, in an environment of its own: without its dependencies, because those want CUDA
# packages, and a certifi that is not served everywhere. It is AGPL in part: never a dependency, never vendored.
.PHONY: test-unsloth
test-unsloth: .venv-unsloth/ready
	OMP_NUM_THREADS=1 .venv-unsloth/bin/python -m pytest -q tests/unsloth

.venv-unsloth/ready: constraints.txt
	$(PYTHON) -m venv .venv-unsloth
	.venv-unsloth/bin/python -m pip install -q -c constraints.txt torch transformers trl datasets peft accelerate matplotlib pydantic rich typer pytest
	.venv-unsloth/bin/python -m pip install -q --no-deps unsloth==2026.10.9 unsloth_zoo==2026.10.9
	touch $@

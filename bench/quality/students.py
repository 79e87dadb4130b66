"""Many small students tuned and examined side by side: which training set teaches what, on one GPU or slowly on a CPU.

    python -m bench.quality.students prepare examples/demo main DEMO     # here: gold, passages, names of a run's corpus
    python -m bench.quality.students run EXPERIMENTS.json OUT --workers 8

EXPERIMENTS.json is a list of `Experiment`s. Each is tuned as `ragtuned tune` does it with the PEFT backend (the same
rows, replay, tokens under loss, order and updates; no validation, no adapter on disk) and asked what `ragtuned eval`
asks, with its prompts and rules; besides, the tuned student answers the gold questions with retrieval, which takes
most of the answering and can be left out. Retrieval is done by `prepare`, so that the machine with the GPU needs
neither Chroma nor the embedding model. base, rag and the reader of the right page answer once for a student and a
corpus. An experiment that has its line in OUT/results.jsonl is not run again.

Updates of eight short rows leave a large GPU nearly idle (docs/performance.md), and rows per update belong to the
recipe. So the card is filled by several experiments at once, each in a process of its own, not by larger updates.
"""

from __future__ import annotations

import copy
import fcntl
import gc
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, NamedTuple

import typer

from agents.console import Console
from agents.errors import InputError
from agents.files import read_json, write_jsonl
from agents.project import Project
from agents.records import Item
from bench.quality.student_exam import (
    TUNED_RAG,
    closed_book,
    counts,
    read_corpus,
    untuned_answers,
    with_passages,
    write_corpus,
)
from eval.contestants.answering import Answer
from eval.marks.grades import grade_all
from eval.metrics import score
from tuning.footprint import LOGITS_KEPT
from tuning.recipe import Recipe

LOGITS_SHARE = 0.25
"""Share of a worker's GPU memory that the logits of one forward pass may take.

An update of short rows then goes through whole; its gradient is the same as in parts.
"""
NO_CHECKPOINT = 10**6
"""Updates between two checkpoints: more than any experiment has."""

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


class Experiment(Item):
    """A student, what it is taught and what it is asked.

    `corpus` is a folder made by `prepare`, `recipe` the section [tuning] (base, seed, epochs, rank, …), `heldout` a
    heldout.jsonl of which `heldout_limit` questions are asked (0: all); `retrieval` asks the tuned student with
    passages too. A loss that distils reads contexts.jsonl beside the rows.
    """

    name: str
    corpus: Path
    train: Path
    heldout: Path | None = None
    heldout_limit: int = 0
    retrieval: bool = True
    recipe: Recipe = Recipe.model_validate({})


class Tuned(NamedTuple):
    """A student after tuning, ready to answer, and what the tuning was."""

    student: Any
    told: dict[str, Any]


class Base:
    """An untuned student in ordinary memory, from which every experiment takes a copy; with its replay rows' cache."""

    def __init__(self, recipe: Recipe, out: Path, gpu_bytes: float = 0) -> None:
        """Load it; `gpu_bytes` is the memory that this worker may take of a GPU."""
        from tuning.base import open_base
        from tuning.model import load_model, load_tokenizer

        self.base = open_base(recipe.base)
        self.tokenizer = load_tokenizer(self.base)
        self.model = load_model(self.base, recipe.dtype).cpu()
        self.folder = out / "untuned" / Path(recipe.base).name
        self.gpu_bytes = gpu_bytes

    def copy(self) -> Any:
        """The model once more, on the GPU if there is one."""
        import torch

        return copy.deepcopy(self.model).to("cuda" if torch.cuda.is_available() else "cpu")

    def student(self) -> Any:
        """The untuned student, ready to answer."""
        from tuning.model import Student

        return Student.ready(self.copy(), self.tokenizer)

    def tune(self, experiment: Experiment) -> Tuned:
        """Tune a copy as `tuning.train` does.

        Raises:
            TrainingDiverged: an update is NaN or infinite.

        """
        from tuning.backends.peft import PeftBackend, with_lora
        from tuning.dataset import read_rows
        from tuning.distill import CONTEXTS, ask_teacher, read_lessons
        from tuning.model import Student
        from tuning.replay import replay_rows
        from tuning.train import training_tokens
        from tuning.trainer import make_trainer

        started, recipe, console = time.monotonic(), self._bounded(experiment.recipe), Console(quiet=True)
        with locked(self.folder / "replay.lock"):
            replay = replay_rows(recipe.replay_rows, self.folder / "replay.jsonl", self.base, console)
        read = read_rows(experiment.train)
        rows = training_tokens(recipe, read, replay, self.tokenizer)
        model, checkpoints = with_lora(self.copy(), recipe), self.folder / f"checkpoints-{experiment.name}"
        lessons = read_lessons(
            recipe, rows.rows, [*read, *replay], experiment.train.with_name(CONTEXTS), self.tokenizer
        )
        teacher = ask_teacher(recipe, PeftBackend(), self.base, model, lessons, self.folder / "teacher", console)
        taught = time.monotonic()
        with console.stage("tune") as stage:
            trainer = make_trainer(
                recipe, PeftBackend(), model, self.tokenizer, rows.rows, [], checkpoints, stage, teacher
            )
            trainer.train()
        shutil.rmtree(checkpoints, ignore_errors=True)
        losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        told = {
            "rows": len(rows.rows) - len(replay),
            "replay_rows": len(replay),
            "too_long": len(rows.too_long),
            "tokens": rows.tokens * recipe.epochs,
            "answer_tokens": rows.answer_tokens * recipe.epochs,
            "updates": len(losses),
            "loss": [round(fmean(part), 4) for part in (losses[:5], losses[-max(5, len(losses) // 20) :])],
            "distilled_rows": len(lessons),
            "prepare_seconds": round(taught - started, 1),
            "tune_seconds": round(time.monotonic() - taught, 1),
        }
        return Tuned(Student.ready(trainer.model.merge_and_unload(), self.tokenizer), told)

    def _bounded(self, recipe: Recipe) -> Recipe:
        """The recipe with as many tokens in a forward pass as the GPU bears, and no checkpoint on the way."""
        vocabulary = self.model.get_output_embeddings().weight.shape[0]
        fits = int(LOGITS_SHARE * self.gpu_bytes / (4 * LOGITS_KEPT * vocabulary))
        most = max(recipe.tokens_a_pass, fits)
        return recipe.model_copy(update={"batch_tokens": most, "checkpoint_steps": NO_CHECKPOINT})


def run_one(experiment: Experiment, base: Base) -> tuple[dict[str, Any], dict[str, list[Answer]]]:
    """Tune and examine one student: its line of results, and every answer by contestant."""
    corpus = experiment.corpus
    exam, passages = read_corpus(corpus, experiment.heldout, experiment.heldout_limit)
    with locked(base.folder / f"{corpus.name}.lock"):
        answers = untuned_answers(exam, passages, corpus, base.student, base.folder / corpus.name)
    tuned = base.tune(experiment)
    started = time.monotonic()
    answers["tuned"] = closed_book("tuned", tuned.student, exam, with_heldout=True)
    if experiment.retrieval:
        answers[TUNED_RAG] = with_passages(TUNED_RAG, tuned.student, exam, passages)
    told = {**tuned.told, "answer_seconds": round(time.monotonic() - started, 1), **on_the_gpu()}
    grades = list(grade_all(exam, {name: {a.question: a for a in given} for name, given in answers.items()}))
    figures = {name: counts(score(name, grades, given)) for name, given in answers.items()}
    recipe = experiment.recipe.model_dump(exclude_unset=True)
    where = {"corpus": corpus.name, "train": str(experiment.train), "recipe": recipe}
    return {"name": experiment.name, **where, **told, "figures": figures}, answers


def on_the_gpu() -> dict[str, Any]:
    """The card and the memory (GB) that the experiment took of it at most; nothing on a CPU."""
    import torch

    if not torch.cuda.is_available():
        return {}
    peak = round(torch.cuda.max_memory_allocated() / 1e9, 1)
    torch.cuda.reset_peak_memory_stats()
    return {"gpu": torch.cuda.get_device_name(), "peak_gb": peak}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One worker at a time; the lock of a worker that died is free."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def append(path: Path, text: str) -> None:
    """Add a line that other processes' lines do not cut."""
    with locked(path.with_suffix(".lock")), path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def work(experiments: Sequence[Experiment], out: Path, gpu_share: float) -> None:
    """Take one experiment after the other that no other worker has taken, and keep what came out, or what broke."""
    import torch

    gpu_bytes = 0.0
    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(gpu_share)  # what the allocator hoards is given back before that
        gpu_bytes = gpu_share * torch.cuda.get_device_properties(0).total_memory
    bases: dict[str, Base] = {}
    for experiment in experiments:
        try:
            os.close(os.open(out / "taken" / experiment.name, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        try:
            student = experiment.recipe.base
            bases[student] = bases.get(student) or Base(experiment.recipe, out, gpu_bytes)
            told, answers = run_one(experiment, bases[student])
            for name in {"tuned", TUNED_RAG} & answers.keys():
                write_jsonl(out / "answers" / experiment.name / f"{name}.jsonl", answers[name])
            append(out / "results.jsonl", json.dumps(told))
            append(out / "summary.txt", summary(told))
        except Exception as error:  # noqa: BLE001 - one that breaks costs itself and no other
            append(out / "broken.jsonl", json.dumps({"name": experiment.name, "broke": traceback.format_exc()[-3000:]}))
            append(out / "summary.txt", f"{experiment.name}: BROKE: {type(error).__name__}: {str(error)[:200]}")
        gc.collect()  # the trainer refers to itself in circles
        torch.cuda.empty_cache()


def summary(told: Mapping[str, Any]) -> str:
    """One line for the eye: what the tuned student and the contestants beside it got right."""
    shown = [
        f"{name} " + " ".join(f"{figure.removeprefix('gold ')} {hits}/{n}" for figure, (hits, n) in figures.items())
        for name, figures in told["figures"].items()
    ]
    cost = f"{told['rows']} rows, {told['tokens']} tokens, loss {told['loss'][-1]}, {told['tune_seconds']} s"
    return f"{told['name']} ({cost}): " + " | ".join(shown[::-1])


@app.command()
def prepare(folder: Path, run: str, out: Path) -> None:
    """Write what the exam of a project's run needs of its documents: gold, the passages of each question, names."""
    from agents.models.embedding import minilm
    from ragtuned import SECTIONS

    print(write_corpus(Project.open(folder, run, SECTIONS), minilm(print), out))


@app.command()
def run(
    experiments: Path,
    out: Path,
    workers: Annotated[int, typer.Option(min=1, help="Experiments at once.")] = 1,
    gpu_share: Annotated[float, typer.Option(help="Share of the GPU's memory for all workers together.")] = 0.9,
    inside: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run the experiments that have no result yet; results.jsonl, answers/ and summary.txt grow as they end."""
    listed = read_json(experiments, list[Experiment], "see `Experiment`")
    if len({one.name for one in listed}) < len(listed):
        raise InputError(f"{experiments}: two experiments have the same name", "give each its own")
    if inside:
        return work(listed, out, gpu_share)
    lines = (out / "results.jsonl").read_text().splitlines() if (out / "results.jsonl").is_file() else []
    done = {json.loads(line)["name"] for line in lines}
    shutil.rmtree(out / "taken", ignore_errors=True)
    (out / "taken").mkdir(parents=True)
    for name in done:
        (out / "taken" / name).touch()
    command = [sys.executable, "-m", "bench.quality.students", "run", str(experiments), str(out), "--inside"]
    running = []
    for n in range(workers):
        with (out / f"worker-{n}.log").open("a") as log:
            running.append(
                subprocess.Popen([*command, "--gpu-share", str(gpu_share / workers)], stdout=log, stderr=log)
            )
    for worker in running:
        worker.wait()


if __name__ == "__main__":
    app()

"""The evaluation of a run: everybody answers, every answer is marked, and the figures are written.

One model is in memory at a time: base and rag share the untuned student, which is let go before the tuned one is
loaded.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import InputError
from agents.files import read_json, read_jsonl, write_jsonl, write_text
from agents.models.embedding import Embed
from agents.project import Project
from agents.records import Document
from eval.contestants import CONTESTANTS, Answer, ClosedBook, EvalConfig, Question, Rag, Student
from eval.forgetting import corpus_names
from eval.grades import Exam, Grade, grade_all
from eval.metrics import FIGURES, Metrics, score
from eval.paired_comparison import paired_comparison
from eval.questions import general_knowledge_questions, load_gold, load_heldout, stranger_questions
from eval.rag import Retriever
from tuning.model import CARD

LIBRARIES = ("torch", "transformers", "peft", "trl", "chromadb", "sentence-transformers", "langchain-text-splitters")
LoadStudent = Callable[[Path | None], Student]
"""Loads the student with the adapter in this folder, or without one."""


def evaluate(
    project: Project,
    config: EvalConfig,
    student: str,
    load: LoadStudent,
    embed: Callable[[], Embed],
    console: Console,
    untuned: Path | None = None,
) -> Metrics:
    """Write eval/answers/*.jsonl, eval/judgements.jsonl and eval/metrics.json of a run, and print the table.

    `untuned` is the answers folder of a run over the same documents with the same student: base and rag said there what
    they would say here, so that they are asked only what is new.

    Raises:
        InputError: no adapter, no documents, or neither gold.jsonl nor heldout.jsonl.

    """
    started = time.monotonic()
    check_ready(project)
    exam = read_exam(project, config, console)
    answers = ask_everybody(project, config, exam, load, embed, console, untuned)
    grades = list(grade_all(exam, {name: {a.question: a for a in given} for name, given in answers.items()}))
    metrics = Metrics(
        primary=paired_comparison(grades),
        contestants={name: score(name, grades, answers[name]) for name in CONTESTANTS},
        questions={
            "gold": len(exam.gold),
            "heldout": len(exam.heldout),
            "general": len(exam.general),
            "strangers": len(exam.strangers),
        },
        student=student,
        adapter=adapter_card(project),
        config=config.model_dump(),
        versions=_versions(),
        seconds=round(time.monotonic() - started, 1),
        peak_memory_mb=_peak_memory_mb(),
    )
    _write(project, answers, grades, metrics)
    print_table(metrics, console)
    for name, apart in zip(("tuned", "rag"), metrics.primary.pairs_apart, strict=True):
        console.say(f"only {name} right: {', '.join(apart) or 'none'}")
    return metrics


def check_ready(project: Project) -> None:
    """Raise `InputError` for what is missing, before any model is loaded."""
    check_adapter_there(project)
    _documents(project)


def check_adapter_there(project: Project) -> None:
    """Raise `InputError` for a run that was not tuned."""
    if not (project.adapter_dir / "adapter_model.safetensors").is_file():
        raise InputError(f"{project.adapter_dir} holds no adapter", "run `ragtuned tune` first")


def _documents(project: Project) -> list[Document]:
    path = project.graph_dir / "documents.jsonl"
    if not path.is_file():
        raise InputError(f"{path} does not exist: rag has nothing to search", "run `ragtuned synthesize` first")
    documents = read_jsonl(path, Document)
    if not documents:
        raise InputError(f"{path} holds no document: rag has nothing to search", "run `ragtuned synthesize` again")
    return documents


def open_retriever(project: Project, config: EvalConfig, embed: Embed) -> Retriever:
    """The index of the run's documents, in runs/NAME/chroma."""
    return Retriever.open(
        project.run_dir / "chroma", _documents(project), config.chunk_characters, config.overlap, embed
    )


def read_exam(project: Project, config: EvalConfig, console: Console) -> Exam:
    """Collect the questions. Raises `InputError` if there is neither gold nor held-out."""
    heldout_file = project.data_dir / "heldout.jsonl"
    gold = load_gold(project.gold) if project.gold.is_file() else []
    heldout = load_heldout(heldout_file, config.heldout_limit) if heldout_file.is_file() else []
    if not gold:
        console.say(f"no {project.gold}: only the held-out questions are asked, whose answers the teacher wrote")
    if not gold and not heldout:
        raise InputError(
            f"there is nothing to ask: neither {project.gold} nor a row in {heldout_file}",
            "write gold questions by hand",
        )
    names = corpus_names(project.graph_dir / "entities.jsonl")
    exam = Exam(gold, heldout, general_knowledge_questions(), stranger_questions(), names)
    ids = Counter(question.id for question in (*exam.about_corpus(), *exam.beyond_corpus()))
    twice = [name for name, count in ids.items() if count > 1]
    if twice:
        raise InputError(f"two questions are called {twice[0]!r}", "give every question of gold.jsonl an id of its own")
    return exam


def ask_everybody(
    project: Project,
    config: EvalConfig,
    exam: Exam,
    load: LoadStudent,
    embed: Callable[[], Embed],
    console: Console,
    known: Path | None = None,
) -> dict[str, list[Answer]]:
    """The answers of each contestant; base and tuned get the general questions and the strangers too."""
    asked = {"base": [*exam.about_corpus(), *exam.beyond_corpus()], "rag": exam.about_corpus()}
    given = {
        name: {a.question: a for a in read_jsonl(known / f"{name}.jsonl", Answer)} if known else {} for name in asked
    }
    left = {name: [q for q in questions if q.id not in given[name]] for name, questions in asked.items()}
    if any(left.values()):
        for name, answers in _ask_untuned(project, config, left, load, embed, console).items():
            given[name] |= {a.question: a for a in answers}
    tuned = _ask(ClosedBook("tuned", load(project.adapter_dir), config), asked["base"], console)
    return {**{name: [given[name][q.id] for q in questions] for name, questions in asked.items()}, "tuned": tuned}


def _ask_untuned(
    project: Project,
    config: EvalConfig,
    asked: Mapping[str, Sequence[Question]],
    load: LoadStudent,
    embed: Callable[[], Embed],
    console: Console,
) -> dict[str, list[Answer]]:
    """Base and rag, which share one model in memory."""
    untuned = load(None)
    retriever = open_retriever(project, config, embed())
    return {
        "base": _ask(ClosedBook("base", untuned, config), asked["base"], console),
        "rag": _ask(Rag(untuned, retriever, config), asked["rag"], console),
    }


def _ask(contestant: ClosedBook | Rag, questions: Sequence[Question], console: Console) -> list[Answer]:
    with console.stage(f"{contestant.name} answers", len(questions)) as stage:
        return contestant.answer_all(questions, lambda done: stage.count("answered", done))


def adapter_card(project: Project) -> dict[str, Any]:
    """What the tuner wrote about the adapter: its base, recipe and the hash of its data."""
    path = project.adapter_dir / CARD
    return read_json(path, dict[str, Any], "run `ragtuned tune` again") if path.is_file() else {}


def print_table(metrics: Metrics, console: Console) -> None:
    """Figures down, contestants across: hits of n and the share."""
    rows = []
    for figure, pick in FIGURES.items():
        found = [pick(metrics.contestants[name]) for name in CONTESTANTS]
        if any(one.n for one in found):
            rows.append(
                [figure, *(f"{one.hits}/{one.n}  {one.share:.0%}" if one.share is not None else "–" for one in found)]
            )
    costs = [metrics.contestants[name].cost for name in CONTESTANTS]
    rows.append(["seconds an answer", *(f"{cost.seconds:.2f}" for cost in costs)])
    rows.append(["prompt tokens", *(f"{cost.prompt_tokens:.0f}" for cost in costs)])
    console.table("who knows the documents?", ["", *CONTESTANTS], rows)


def _write(project: Project, answers: dict[str, list[Answer]], grades: Sequence[Grade], metrics: Metrics) -> None:
    """metrics.json comes last: where it stands, the rest is whole."""
    for name, given in answers.items():
        write_jsonl(project.eval_dir / "answers" / f"{name}.jsonl", given)
    write_jsonl(project.eval_dir / "judgements.jsonl", grades)
    write_text(project.eval_dir / "metrics.json", metrics.model_dump_json(indent=2) + "\n")


def _versions() -> dict[str, str]:
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found


def _peak_memory_mb() -> int:
    """The most memory this process has held so far, in MB (Linux counts in KB, macOS in bytes)."""
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)

"""The evaluation of a run: everybody answers, every answer is marked, and the figures are written.

One model is in memory at a time: those that share the untuned student are asked before the tuned one is loaded.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import EmptyResult, InputError, Waiting
from agents.files import read_json, write_jsonl, write_text
from agents.models.budget import Caps
from agents.models.embedding import Embed
from agents.models.request import ModelBackend
from agents.project import Project
from agents.versions import installed_versions
from eval.contamination import contamination, told, trained_files
from eval.contestants.answering import Answer, Question
from eval.contestants.answers import answers_key, keep_each, kept
from eval.contestants.lineup import LoadStudent, Models, Seat, documents_of, lineup
from eval.contestants.memory import peak_memory_mb
from eval.marks.forgetting import corpus_names
from eval.marks.gold import is_free_form
from eval.marks.grades import Exam, Grade
from eval.marks.marking import mark_all
from eval.metrics import FIGURES, Metrics, doubtful_gold, exploratory, in_other_words, score, unaided
from eval.own_questions import own_questions
from eval.paired_comparison import limits, paired_comparison, undecided
from eval.questions import GoldKind, general_knowledge_questions, gold_of, heldout_of, stranger_questions
from eval.settings import EvalConfig
from eval.statistics import Proportion
from tuning.model import CARD

LIBRARIES = ("torch", "transformers", "peft", "trl", "chromadb", "sentence-transformers", "langchain-text-splitters")


def evaluate(
    project: Project,
    config: EvalConfig,
    student: str,
    load: LoadStudent,
    embed: Callable[[], Embed],
    console: Console,
    untuned: Path | None = None,
    fresh: bool = False,
    caps: Caps | None = None,
    backend: ModelBackend | None = None,
    batch: Path | None = None,
) -> Metrics:
    """Write eval/answers/*.jsonl, eval/judgements.jsonl and eval/metrics.json of a run, and print the table.

    What an earlier start asked is not asked again, unless `fresh`. `untuned` is the answers folder of another run over
    the same documents with the same student: who said there what they would say here is asked only what is new. `caps`
    end the run before a served model takes more; `backend` answers in place of those models. With `batch` they are not
    called: what they would be asked goes into that file, and no student is loaded before all of it is answered.

    Raises:
        BatchWritten: served models wait for a batch.
        InputError: no adapter, no documents, or neither gold.jsonl nor heldout.jsonl.
        ConfigError: a contestant that nothing stands for.

    """
    started = time.monotonic()
    check_ready(project)
    exam = read_exam(project, config, console)
    models = Models(project, student, load, caps, backend)
    seats = lineup(project, config, exam, models, embed, console)
    folder = project.eval_dir / "answers"
    if fresh:
        for seat in seats:
            (folder / f"{seat.name}.jsonl").unlink(missing_ok=True)
    with models.batched(batch):
        answers = ask_everybody(seats, models, folder, console, [untuned] if untuned else [])
    grades = mark_all(exam, {name: {a.question: a for a in given} for name, given in answers.items()})
    seconds = round(time.monotonic() - started, 1)
    metrics = _metrics(project, config, student, exam, answers, grades, seconds)
    write_jsonl(project.eval_dir / "judgements.jsonl", grades)
    write_text(project.eval_dir / "metrics.json", metrics.model_dump_json(indent=2) + "\n")  # last: the rest is whole
    _tell(metrics, console)
    return metrics


def _metrics(
    project: Project,
    config: EvalConfig,
    student: str,
    exam: Exam,
    answers: Mapping[str, Sequence[Answer]],
    grades: Sequence[Grade],
    seconds: float,
) -> Metrics:
    """All figures of the answers, and what they were made with."""
    card = adapter_card(project)
    return Metrics(
        primary=paired_comparison(grades, kind=config.primary, margin=config.margin),
        contestants={name: score(name, grades, given) for name, given in answers.items()},
        differences=exploratory(grades),
        unaided=unaided(grades),
        doubtful_gold=doubtful_gold(grades, answers.get("ceiling", [])),
        free_form=_free_form(exam),
        exam=exam.name,
        answers=answers_key(project.eval_dir / "answers", answers),
        contamination=(seen := contamination(trained_files(project, card), exam.gold, exam.heldout)),
        other_words=in_other_words(seen, grades),
        questions={
            "gold": len(exam.gold),
            "heldout": len(exam.heldout),
            "own": len(exam.own),
            "general": len(exam.general),
            "strangers": len(exam.strangers),
        },
        student=student,
        adapter=card,
        config=config.model_dump(),
        versions=installed_versions(LIBRARIES),
        seconds=seconds,
        peak_memory_mb=max([peak_memory_mb(), *(a.memory_mb for given in answers.values() for a in given)]),
    )


def _free_form(exam: Exam) -> dict[GoldKind, list[str]]:
    found: dict[GoldKind, list[str]] = {}
    for question in exam.gold:
        if is_free_form(question):
            found.setdefault(question.kind, []).append(question.id)
    return found


def _tell(metrics: Metrics, console: Console) -> None:
    """The table, and below it what a reader of its figures must know."""
    print_table(metrics, console)
    for name, apart in zip(("tuned", "rag"), metrics.primary.pairs_apart, strict=True):
        console.say(f"only {name} right: {', '.join(apart) or 'none'}")
    for line in limits(metrics.primary):
        console.say(line)
    for line in told(metrics.contamination) if metrics.contamination else ():
        console.say(line)
    if metrics.unaided and metrics.unaided.questions:
        console.say(f"base knows unaided: {', '.join(metrics.unaided.questions)}")
    if metrics.doubtful_gold:
        console.say(f"doubtful gold, missed with its own evidence in view: {', '.join(metrics.doubtful_gold)}")
    if free := sum(len(some) for some in metrics.free_form.values()):
        console.say(
            f"{free} gold questions ask for neither a name nor a number; the rules miss many right answers in other "
            "words, of retrieval more than of tuned: `ragtuned judge --gold` marks them all"
        )


def check_ready(project: Project) -> None:
    """Raise `InputError` for what is missing, before any model is loaded."""
    check_adapter_there(project)
    documents_of(project)


def check_adapter_there(project: Project) -> None:
    """Raise `InputError` for a run that was not tuned."""
    if not (project.adapter_dir / "adapter_model.safetensors").is_file():
        raise InputError(f"{project.adapter_dir} holds no adapter", "run `ragtuned tune` first")


def read_exam(project: Project, config: EvalConfig, console: Console) -> Exam:
    """Collect the questions. Raises `InputError` if there is neither gold nor held-out."""
    gold, heldout = gold_of(project), heldout_of(project, config.heldout_limit)
    if not gold:
        console.say(f"no {project.gold}: only the held-out questions are asked, whose answers the teacher wrote")
    if why := undecided({question.kind for question in gold}, config.primary):
        console.warn(f"no verdict can be told: {why}")
    own = own_questions(project, config.questions)
    if own:
        console.say(f"{len(own)} questions of your own have no gold: only `ragtuned judge` compares their answers")
    if not gold and not heldout and not own:
        raise InputError(
            f"there is nothing to ask: neither {project.gold} nor a row in {project.data_dir / 'heldout.jsonl'}",
            "write gold questions by hand",
        )
    names = corpus_names(project.graph_dir / "entities.jsonl")
    exam = Exam(gold, heldout, general_knowledge_questions(), stranger_questions(), names, own)
    ids = Counter(question.id for question in (*exam.about_corpus(), *exam.beyond_corpus()))
    twice = [name for name, count in ids.items() if count > 1]
    if twice:
        raise InputError(f"two questions are called {twice[0]!r}", "give each of gold and of yours an id of its own")
    return exam


def ask_everybody(
    seats: Sequence[Seat], models: Models, folder: Path, console: Console, known: Sequence[Path] = ()
) -> dict[str, list[Answer]]:
    """The answers of each contestant, those in `folder` and in the folders of `known` not asked for again.

    Raises:
        EmptyResult: a contestant failed on every question.
        Waiting: a served one waits for a batch.

    """
    found = {seat.name: kept([at / f"{seat.name}.jsonl" for at in (folder, *known)], seat.asked) for seat in seats}
    if models.batch:
        served = [seat for seat in seats if seat.entry.served]
        _ask_groups(served, models, found, folder, console)
        if waiting := sum(len(seat.questions) - len(found[seat.name]) for seat in served):
            raise Waiting(waiting)
    _ask_groups(seats, models, found, folder, console)
    for seat in seats:
        answers = [found[seat.name][question.id] for question in seat.questions]
        write_jsonl(folder / f"{seat.name}.jsonl", answers)
        if answers and all(answer.failed for answer in answers):
            raise EmptyResult(f"{seat.name} answered no question: {answers[0].failed}", "mend that, or leave it out")
    return {seat.name: [found[seat.name][question.id] for question in seat.questions] for seat in seats}


def _ask_groups(
    seats: Sequence[Seat], models: Models, found: Mapping[str, dict[str, Answer]], folder: Path, console: Console
) -> None:
    """Ask what is not found yet, those that share a model together; it is let go of when they are done."""
    left = {seat.name: [q for q in seat.questions if q.id not in found[seat.name]] for seat in seats}
    for name in dict.fromkeys(seat.entry.model for seat in seats if left[seat.name]):
        with models.opened(name, console) as model:
            for seat in seats:
                if seat.entry.model == name and left[seat.name]:
                    _ask(seat, model, left[seat.name], folder, found[seat.name], console)
        del model  # or it lies in memory beside the next one while that is loaded
        gc.collect()


def _ask(
    seat: Seat, model: Any, questions: Sequence[Question], folder: Path, found: dict[str, Answer], console: Console
) -> None:
    """Add the answers to `questions` to `found`, each on the disk before it is there."""
    with console.stage(f"{seat.name} answers", len(questions)) as stage:
        answers = seat.answers(model, questions)
        for batch in keep_each(folder / f"{seat.name}.jsonl", seat.asked, found, answers):
            found |= {answer.question: answer for answer in batch}
            wrong = sum(bool(answer.failed) for answer in batch)
            if len(batch) > wrong:
                stage.count("answered", len(batch) - wrong)
            if wrong:
                stage.count("failed", wrong)


def adapter_card(project: Project) -> dict[str, Any]:
    """What the tuner wrote about the adapter: its base, recipe and the hash of its data."""
    path = project.adapter_dir / CARD
    return read_json(path, dict[str, Any], "run `ragtuned tune` again") if path.is_file() else {}


NONE = "–"
MOST_ACROSS = 4  # contestants in one table, for a terminal of eighty columns


def _cell(one: Proportion) -> str:
    return NONE if one.share is None else f"{one.hits}/{one.n}  {one.share:.0%}"


def print_table(metrics: Metrics, console: Console) -> None:
    """Figures down, contestants across, in as many tables as they need: hits of n, and the share."""
    rows = []
    for figure, pick in FIGURES.items():
        found = [pick(scores) for scores in metrics.contestants.values()]
        if any(one.n for one in found):
            rows.append([figure, *map(_cell, found)])
    if any(one.n for one in metrics.other_words.values()):
        found = [metrics.other_words[name] for name in metrics.contestants]
        rows.append(["… in other words", *(f"{one.hits}/{one.n}" if one.n else NONE for one in found)])
    costs = [scores.cost for scores in metrics.contestants.values()]
    rows.append(["seconds an answer", *(NONE if cost.seconds is None else f"{cost.seconds:.2f}" for cost in costs)])
    rows.append(["prompt tokens", *(f"{cost.prompt_tokens:.0f}" for cost in costs)])
    if any(cost.usd for cost in costs):
        rows.append(["USD for 1,000 answers", *(f"{1000 * cost.usd:.2f}" for cost in costs)])
    if any(cost.failed for cost in costs):
        rows.append(["failed", *(str(cost.failed) for cost in costs)])
    names = [*metrics.contestants]
    across = ceil(len(names) / ceil(len(names) / MOST_ACROSS))
    for first in range(0, len(names), across):
        title = "and who else?" if first else "who knows the documents?"
        some = slice(first, first + across)
        cells = [(row[0], row[1:][some]) for row in rows]
        console.table(title, ["", *names[some]], [[name, *said] for name, said in cells if {*said} != {NONE}])

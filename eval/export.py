"""The tuned student of a run as a model for other programs, proven by the questions of the evaluation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.console import Console
from agents.errors import InputError
from agents.project import Project
from agents.records import SYSTEM_PROMPT, Message, split_answer
from eval.contestants.answering import Answer
from eval.marks.grades import Exam, grade_all
from eval.metrics import FIGURES, share
from eval.questions import GoldQuestion, HeldoutQuestion, general_knowledge_questions, gold_of, heldout_of
from eval.session import load_student, settings
from eval.settings import EvalConfig
from eval.statistics import Proportion

if TYPE_CHECKING:
    from tuning.export.proof import Proof

MODELS = ("merged", "gguf")


def export_model(project: Project, model: str, form: str, out: Path | None, console: Console) -> tuple[Proof, Path]:
    """Write the tuned student as `model` (merged or gguf, that as `form`), ask it, and say what it answered otherwise.

    Raises:
        InputError: no adapter, an unknown model or form, a student that GGUF has no place for.
        UnlikeExport: it does not answer as the adapter does.

    """
    from tuning.export.write import MERGED, check_form, write_export

    if model not in MODELS:
        raise InputError(f"--model {model}: unknown", f"known are {', '.join(MODELS)}")
    form = MERGED if model == MERGED else form
    if form != MERGED:
        check_form(form)
    base, config = settings(project)
    student = load_student(base, project.adapter_dir)
    place = out or project.exports / (MERGED if form == MERGED else f"gguf-{form}")
    prompts = questions(project, config)
    console.say(f"{len(prompts)} questions are asked before and after")
    proof = write_export(student, project.adapter_dir, place, model_name(project), form, prompts, config.max_new_tokens)
    console.say(f"{proof.same} of {proof.asked} answers are the adapter's, letter by letter")
    for figure, (mine, other) in right_of(gold_of(project), heldout_of(project, config.heldout_limit), proof).items():
        console.say(f"  {figure}: {mine.hits} by the adapter, {other.hits} by the export, of {mine.n}")
    for one in proof.differences[:3]:
        console.say(f"  {one.question}\n    adapter: {one.adapter}\n    export:  {one.export}")
    return proof, place


def questions(project: Project, config: EvalConfig) -> list[list[Message]]:
    """What the evaluation asks about the documents, as prompts: gold and held-out; general questions without either."""
    gold, heldout = gold_of(project), heldout_of(project, config.heldout_limit)
    asked = [one.question for one in (*gold, *heldout)] or [one.question for one in general_knowledge_questions()]
    return [[{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": one}] for one in asked]


def right_of(
    gold: Sequence[GoldQuestion], heldout: Sequence[HeldoutQuestion], proof: Proof
) -> dict[str, tuple[Proportion, Proportion]]:
    """By figure of the evaluation: what the adapter answers right, and what the export does."""
    by_text = {pair.question: pair for pair in proof.pairs}
    asked = {one.id: by_text[one.question] for one in (*gold, *heldout)}
    answers = {
        "adapter": {name: _answer(name, "adapter", pair.adapter) for name, pair in asked.items()},
        "export": {name: _answer(name, "export", pair.export) for name, pair in asked.items()},
    }
    grades = list(grade_all(Exam(gold, heldout, [], [], []), answers))
    mine, other = ([grade for grade in grades if grade.contestant == name] for name in answers)
    found = {figure: (share(figure, mine), share(figure, other)) for figure in FIGURES}
    return {figure: pair for figure, pair in found.items() if pair[0].n}


def _answer(question: str, name: str, text: str) -> Answer:
    return Answer(
        question=question,
        contestant=name,
        text=split_answer(text)[1],
        raw=text,
        finished=True,
        prompt_tokens=0,
        completion_tokens=0,
        seconds=0.0,
    )


def model_name(project: Project) -> str:
    """What the model of a run is called elsewhere: the names of project and run, in letters that Ollama takes."""
    words = f"{project.directory.resolve().name}-{project.run}".lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "ragtuned"

"""The tuned student of a run as a model for other programs, proven by the questions of the evaluation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from agents.console import Console
from agents.errors import InputError
from agents.project import Project
from agents.records import SYSTEM_PROMPT, Message
from eval.questions import general_knowledge_questions, load_gold, load_heldout
from eval.session import load_student, settings
from eval.settings import EvalConfig

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
    for one in proof.differences[:3]:
        console.say(f"  {one.question}\n    adapter: {one.adapter}\n    export:  {one.export}")
    return proof, place


def questions(project: Project, config: EvalConfig) -> list[list[Message]]:
    """What the evaluation asks about the documents, as prompts: gold and held-out; general questions without either."""
    heldout = project.data_dir / "heldout.jsonl"
    asked = [one.question for one in load_gold(project.gold)] if project.gold.is_file() else []
    asked += [one.question for one in load_heldout(heldout, config.heldout_limit)] if heldout.is_file() else []
    asked = asked or [one.question for one in general_knowledge_questions()]
    return [[{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": one}] for one in asked]


def model_name(project: Project) -> str:
    """What the model of a run is called elsewhere: the names of project and run, in letters that Ollama takes."""
    words = f"{project.directory.resolve().name}-{project.run}".lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "ragtuned"

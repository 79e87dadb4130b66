"""One run evaluated with the settings of its project.

The student and the embedding model are loaded when they are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from agents.console import Console
from agents.project import Project
from eval.contestants import EvalConfig

if TYPE_CHECKING:
    from eval.chat import Pair
    from eval.metrics import Metrics
    from tuning.model import Student


def run_evaluation(project: Project, console: Console, untuned: Path | None = None) -> Metrics:
    """Metrics of the run; `untuned` holds answers of base and rag that another run of the same data already gave."""
    from agents.models.embedding import minilm
    from eval.evaluate import evaluate

    base, config = settings(project)
    return evaluate(
        project,
        config,
        base,
        lambda adapter: load_student(base, adapter),
        lambda: minilm(console.say),
        console,
        untuned,
    )


def load_pair(project: Project, say: Callable[[str], None]) -> Pair:
    """Both students of a tuned run, ready to chat. Raises `InputError` without an adapter or documents."""
    from agents.models.embedding import minilm
    from eval.chat import Pair

    base, config = settings(project)
    return Pair.load(project, config, lambda adapter: load_student(base, adapter), lambda: minilm(say))


def settings(project: Project) -> tuple[str, EvalConfig]:
    """The name of the student, and [eval]."""
    from tuning.recipe import Recipe

    return project.section("tuning", Recipe).base, project.section("eval", EvalConfig)


def load_student(base: str, adapter: Path | None) -> Student:
    """The student, tuned if there is an adapter."""
    from tuning.model import Student

    with redirect_stdout(sys.stderr):  # what is fetched or converted on the way is no part of --json's object
        return Student.load(base, adapter)

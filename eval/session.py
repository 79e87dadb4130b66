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
from eval.contestants import Contestant, EvalConfig

if TYPE_CHECKING:
    from agents.models.embedding import Embed
    from eval.chat import Panel
    from eval.evaluate import LoadStudent
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


def load_panel(project: Project, say: Callable[[str], None]) -> Panel:
    """Both students of a tuned run, ready to chat. Raises `InputError` without an adapter or documents."""
    from eval.chat import Panel

    return Panel.load(project, *_parts(project, say))


def open_contestants(project: Project, say: Callable[[str], None]) -> dict[str, Callable[[], Contestant]]:
    """How each contestant of the run is opened; nothing is loaded yet."""
    from eval.chat import openers

    return openers(project, *_parts(project, say))


def _parts(project: Project, say: Callable[[str], None]) -> tuple[EvalConfig, LoadStudent, Callable[[], Embed]]:
    from agents.models.embedding import minilm

    base, config = settings(project)
    return config, lambda adapter: load_student(base, adapter), lambda: minilm(say)


def settings(project: Project) -> tuple[str, EvalConfig]:
    """The name of the student, and [eval]."""
    from tuning.recipe import Recipe

    return project.section("tuning", Recipe).base, project.section("eval", EvalConfig)


def load_student(base: str, adapter: Path | None) -> Student:
    """The student, tuned if there is an adapter."""
    from tuning.model import Student

    with redirect_stdout(sys.stderr):  # what is fetched or converted on the way is no part of --json's object
        return Student.load(base, adapter)

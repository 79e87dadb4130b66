"""One run evaluated with the settings of its project.

The student and the embedding model are loaded when they are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.console import Console
from agents.project import Project
from eval.contestants.answering import Contestant
from eval.contestants.answering import Student as StudentLike
from eval.settings import EvalConfig

if TYPE_CHECKING:
    from agents.models.budget import Caps
    from eval.chat import Panel
    from eval.metrics import Metrics
    from tuning.model import Student


def run_evaluation(
    project: Project,
    console: Console,
    untuned: Path | None = None,
    fresh: bool = False,
    caps: Caps | None = None,
    batch: Path | None = None,
) -> Metrics:
    """Metrics of the run. `untuned` holds answers that another run of the same data already gave.

    `fresh` asks everything anew; `caps` end it before served contestants take more; with `batch` these are asked by
    that file.
    """
    from agents.models.embedding import minilm
    from eval.evaluate import evaluate

    base, config = settings(project)
    return evaluate(
        project,
        config,
        base,
        lambda adapter: load_student(base, adapter, config.dtype),
        lambda: minilm(console.say),
        console,
        untuned,
        fresh,
        caps,
        batch=batch,
    )


def plan_evaluation(project: Project, console: Console, fresh: bool) -> dict[str, Any]:
    """What an evaluation would ask, and what that takes, before `tune` too; nothing is loaded, and nobody is asked."""
    from eval.contestants.lineup import Models, lineup
    from eval.evaluate import read_exam
    from eval.plan import plan, show

    base, config = settings(project)
    exam = read_exam(project, config, console)
    models = Models(project, base, unloaded)
    return show(plan(project, lineup(project, config, exam, models, unloaded, console), models, fresh), console)


def unloaded(*_: Any) -> Any:
    """What a plan has in place of models. Raises `AssertionError`: it needs none."""
    raise AssertionError("a plan loads no model")


def load_panel(project: Project, say: Callable[[str], None], names: Sequence[str] = ()) -> Panel:
    """The contestants of these names (rag and tuned), ready to chat. Raises `InputError` for what is missing."""
    from eval.chat import SIDE_BY_SIDE, Panel

    return Panel.load(open_contestants(project, say), names or SIDE_BY_SIDE)


def open_contestants(project: Project, say: Callable[[str], None]) -> dict[str, Callable[[], Contestant]]:
    """How each contestant of the run is opened; nothing is loaded yet."""
    from agents.models.embedding import minilm
    from eval.chat import openers

    base, config = settings(project)

    def load(adapter: Path | None) -> StudentLike:
        exported = embedded_student(project) if adapter else None
        return exported or load_student(base, adapter, config.dtype)

    return openers(project, config, base, load, lambda: minilm(say))


def embedded_student(project: Project) -> StudentLike | None:
    """The tuned student in llama.cpp, where it is exported and no GPU would be faster."""
    import torch

    from tuning.export.embedded import EmbeddedStudent
    from tuning.export.write import exported_gguf
    from tuning.model import tokenizer_of

    found = None if torch.cuda.is_available() else exported_gguf(project.exports, project.adapter_dir)
    return EmbeddedStudent(found.path, tokenizer_of(project.adapter_dir), found.context) if found else None


def settings(project: Project) -> tuple[str, EvalConfig]:
    """The name of the student, and [eval]."""
    from tuning.recipe import Recipe

    return project.section("tuning", Recipe).base, project.section("eval", EvalConfig)


def load_student(base: str, adapter: Path | None, dtype: str = "auto") -> Student:
    """The student, tuned if there is an adapter, to answer in `dtype` (as `Student.load`)."""
    from tuning.model import Student

    with redirect_stdout(sys.stderr):  # what is fetched or converted on the way is no part of --json's object
        return Student.load(base, adapter, dtype)

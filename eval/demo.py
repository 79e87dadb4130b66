"""`ragtuned demo`: the whole way on the example corpus, from documents to a report, and the recordings it replays.

A recording holds a teacher's replies of a real run: those of a strong language model, or of the embedded one. Replayed,
nothing is asked of a model: a missing reply is an error. Tuning and evaluation are never recorded: they run on this
machine.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agents.config import FILE_NAME
from agents.console import Console
from agents.errors import InputError
from agents.files import read_json
from agents.models.store import CallStore
from agents.project import Project, Sections

if TYPE_CHECKING:
    from graphs.run_record import RunRecord


class Teacher(NamedTuple):
    """Whose rows a demo trains: its config, the recording of its replies, and the name of its runs."""

    config: str
    recording: str
    run: str


STRONG = Teacher(FILE_NAME, "recording.jsonl.gz", "demo")
EMBEDDED = Teacher("embedded.toml", "recording-embedded.jsonl.gz", "demo-embedded")


def record(directory: Path, sections: Sequence[Sections], console: Console) -> Path:
    """Make the recording of `directory` with the embedded teacher and return the file.

    What is in the call store, or in the old recording, is not asked again; replies no prompt of this run asked for are
    left out.
    """
    from graphs.run import synthesize

    project = Project.open(directory, EMBEDDED.run, sections, EMBEDDED.config)
    path = directory / EMBEDDED.recording
    if path.is_file():
        _import(project, path)
    # A finished run would be returned as it is, whatever the prompts have become.
    _tell(console, synthesize(project, console, fresh=True))
    store = CallStore(project.calls)
    rows = store.export(
        path, set(read_json(project.run_dir / "calls.json", list[str], "run `ragtuned synthesize` again"))
    )
    store.close()
    console.say(f"{rows} replies, {path.stat().st_size / 1e6:.2f} MB")
    return path


def demo(
    directory: Path,
    sections: Sequence[Sections],
    console: Console,
    seeds: Sequence[int],
    teacher: Teacher = STRONG,
    live: bool = False,
) -> Path:
    """Synthesize, tune, evaluate and report, once a seed; return the path of report.html.

    `live` asks the teacher itself for what no earlier run was told.

    Raises:
        InputError: there is no recording and the teacher is not live.

    """
    names = [f"{teacher.run}-{n}" if n else teacher.run for n in range(len(seeds))]
    projects = [Project.open(directory, name, sections, teacher.config) for name in names]
    path = directory / teacher.recording
    if not live:
        if not path.is_file():
            raise InputError(
                f"{path} does not exist",
                "take the embedded teacher's: `make demo TEACHER=embedded`; or run it live: `make demo TEACHER=live`",
            )
        count = _import(projects[0], path)
        console.say(f"replaying {count} recorded replies of a real run of the teacher; no teacher is called")
    for project, seed in zip(projects, seeds, strict=True):
        _once(project, seed, console, not live, None if project is projects[0] else projects[0].eval_dir / "answers")
    return report(projects, console)


def _once(project: Project, seed: int, console: Console, replay: bool, untuned: Path | None) -> None:
    from eval.session import run_evaluation
    from graphs.run import synthesize
    from tuning.recipe import Recipe
    from tuning.train import train

    console.say(f"— run {project.run}, seed {seed}")
    started = time.monotonic()
    _tell(console, synthesize(project, console, replay=replay))
    recipe = project.section("tuning", Recipe).model_copy(update={"seed": seed})
    train(recipe, project.data_dir / "train.jsonl", project.data_dir / "validation.jsonl", project.adapter_dir, console)
    run_evaluation(project, console, untuned)
    console.say(f"run {project.run}: {time.monotonic() - started:.0f} s")


def report(projects: Sequence[Project], console: Console) -> Path:
    """Say the verdict over the seeds of all runs, and write it into the report of the first one."""
    from eval.report import headline, write_report

    words = headline(projects[0], projects[1:])
    console.say(f"{words['head']} {words['body']}")
    return write_report(projects[0], projects[1:])


def _import(project: Project, path: Path) -> int:
    store = CallStore(project.calls)
    count = store.load(path)
    store.close()
    return count


def _tell(console: Console, record: RunRecord) -> None:
    start = record.start
    console.say(f"{record.account}; facts trained: {record.facts_trained}")
    if not record.unchanged:
        console.say(f"calls: {start.asked} asked, {start.from_store} from the store, {start.called} made")

"""A project on disk: where each file of a run lies, in one place."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from agents import privacy
from agents.config import FILE_NAME, load_config
from agents.errors import InputError
from agents.links import refuse_links

CALLS = "calls.sqlite"
DOCUMENT_CACHE = "documents.sqlite"
PROGRESS = "progress.json"
"""In the folder of a run: what the stages of a command have done so far (`agents.progress.Kept`)."""
Sections = Callable[[], dict[str, type[BaseModel]]]
S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True)
class Project:
    """A folder with ragtuned.toml, and one named run in it."""

    directory: Path
    run: str
    config: dict[str, Any]

    @classmethod
    def open(cls, directory: Path, run: str, sections: Sequence[Sections], file: str = FILE_NAME) -> Project:
        """Load the config `file` of `directory`, checked against all `sections`.

        Raises:
            ConfigError: see `load_config`.
            InputError: `run` is not a plain name (it becomes a folder under runs/), or a link leads what a run reads or
                writes out of the project.

        """
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", run):
            raise InputError(f"--run {run!r} is not a name", "use letters, digits, dots, dashes and underscores")
        known = {name: section for load in sections for name, section in load().items()}
        config = load_config(directory / file, known)
        refuse_links(directory)
        privacy.apply(config.get("privacy") or privacy.PrivacyConfig.model_validate({}))
        return cls(directory, run, config)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run against a second process; the lock of a process that was killed is free.

        Raises:
            InputError: another process works on this run.

        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.run_dir / ".lock")
        self.run_dir.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"another process works on the run {self.run}", "wait for it, end it, or take another --run NAME"
            ) from None
        try:
            yield
        finally:
            lock.release()
            self._forget_empty_run()

    def _forget_empty_run(self) -> None:
        """A run that came to nothing leaves no folder."""
        left = list(self.run_dir.iterdir())
        if {path.name for path in left} <= {".lock", PROGRESS}:
            for path in left:
                path.unlink()
            self.run_dir.rmdir()
            with contextlib.suppress(OSError):  # other runs are there
                self.run_dir.parent.rmdir()

    def section(self, name: str, cls: type[S]) -> S:
        """One section of the config, typed."""
        section = self.config[name]
        assert isinstance(section, cls)
        return section

    @property
    def calls(self) -> Path:
        """The call store, one per project."""
        return self.directory / CALLS

    @property
    def gold(self) -> Path:
        """The hand-written questions, which enter no prompt and no training step."""
        return self.directory / "gold.jsonl"

    @property
    def run_dir(self) -> Path:
        """runs/NAME."""
        return self.directory / "runs" / self.run

    @property
    def graph_dir(self) -> Path:
        """Documents, chunks, entities, relations, communities, reports."""
        return self.run_dir / "graph"

    @property
    def work_dir(self) -> Path:
        """What goes from stage to stage of a run; it is there until the run is finished."""
        return self.run_dir / "work"

    @property
    def data_dir(self) -> Path:
        """Examples, rejected, train, validation, heldout, dataset card."""
        return self.run_dir / "data"

    @property
    def decisions(self) -> Path:
        """What a person decided about the rows; it stays when the run is over."""
        return self.run_dir / "review.jsonl"

    @property
    def adapter_dir(self) -> Path:
        """The tuned adapter with its card."""
        return self.run_dir / "adapter"

    @property
    def exports(self) -> Path:
        """Rows, graph and model as other programs read them."""
        return self.run_dir / "export"

    @property
    def eval_dir(self) -> Path:
        """Answers and metrics.json."""
        return self.run_dir / "eval"

    @property
    def report(self) -> Path:
        """The report of the run, one file without network."""
        return self.run_dir / "report.html"

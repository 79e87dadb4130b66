"""run.json, the record of a synthesis: what was planned and kept, what it took against the plan, and from which inputs.

It is written once, at the end of a run, and read only through `RunRecord`: by the next start, by the report, by the
demo and by the benchmarks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.errors import InputError
from agents.files import told_fault, write_text
from agents.project import Project
from agents.records import Skipped

Range = tuple[int, int]
"""The least and the most."""
Reached = dict[str, Range]
"""By what is counted (chunks, sentences that name something, entities, …): how many are reached, and of how many."""


class Part(BaseModel):
    """A part of run.json: frozen; what a later version adds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True, validate_by_name=True)


class Tally(Part):
    """Briefs, where planned = kept + rejected + failed."""

    planned: int
    kept: int
    rejected: int
    failed: int
    """Briefs that a call broke off, not the critic."""


class Wordings(Part):
    """Further wordings of drafted facts: there may be fewer than asked for."""

    kept: int
    rejected: int
    failed: int


class Asked(Part):
    """Local questions of one manner: as planned, and as they were kept."""

    planned: int
    kept: int


class Counts(Tally):
    """The briefs of a synthesis, or the questions of recipe facts: in all, by kind of question and by manner."""

    by_kind: dict[str, Tally]
    local_by: dict[str, dict[str, Asked]]
    """By style, asker, length and depth, or by side, then by its value."""
    wordings: Wordings


class GateTally(Part):
    """The drafts that a gate saw, and those it let pass."""

    seen: int
    passed: int


class Round(Part):
    """One round of the writer–critic loop; its gates in the order in which they are asked."""

    drafts: int
    accepted: int
    gates: dict[str, GateTally]


class Coverage(Part):
    """What the briefs and what the kept rows reach."""

    asked: Reached
    kept: Reached


class Tokens(Part):
    """Tokens of the prompts and of the replies."""

    in_: int = Field(alias="in")
    out: int


class PerFact(Part):
    """What one kept fact took, all calls of the run included; its wordings and framings count once with it."""

    facts: int
    calls: float
    tokens: float


class Planned(Part):
    """What the plan said before anything was asked; tokens are estimates."""

    calls: Range
    tokens_in: Range
    tokens_out: Range
    cost: tuple[float, float] | None
    """USD; None where a model has no price."""


class LastStart(Part):
    """What the last start alone asked and took."""

    asked: int
    from_store: int
    called: int
    """Calls that got an answer from a model."""
    tokens_in: int
    tokens_out: int
    requests: int
    """Requests sent, those that were sent again included."""
    estimated: int
    """Replies of this start whose tokens the server did not state: they are counted by characters."""
    cost: float | None
    """USD; None where a model has no price."""
    seconds: dict[str, float]
    """By stage, and `total`; stages that run side by side both count their time."""


class Inputs(Part):
    """Everything that decides the rows; the fingerprint is its hash."""

    settings: dict[str, dict[str, Any]]
    """The keys of each section of the config."""
    models: dict[str, str]
    """provider/model of each role."""
    prompts: str
    """A hash of this version's prompts."""
    documents: dict[str, str]
    """SHA-256 of every file, by its path from the project; "not read" of one that will not be."""
    own_prompts: dict[str, str] = Field({}, exclude_if=lambda own: not own)
    """A hash of the project's own prompt of each role that has one."""


class Lost(Part):
    """What was left out since a call for it failed, and how often."""

    what: str
    """A chunk, a report, or a question of some kind."""
    where: str
    """The document, or documents, that it is from."""
    reason: str
    said: str
    """The server's words, or the beginning of what the model wrote."""
    count: int


class RunRecord(Part):
    """All that run.json holds.

    All but `start` is the same however often the run was interrupted.
    """

    run: str
    teacher: str | dict[str, str]
    """The model of each role; "scripted" in a dry run."""
    recorded: bool
    """Whether the replies came from a recording."""
    dry: bool
    counts: Counts
    acceptance: dict[str, Round]
    """By number of the round, from 1."""
    reasons: dict[str, int]
    """How often each "gate: reason" was given, the commonest first."""
    items: dict[str, int]
    """How many files, chunks, entities, reports, … the stages made or left out."""
    coverage: Coverage
    skipped: list[Skipped]
    left_out: dict[str, int] = {}
    """Of the files that were found and not read, how many for each reason; a record of before tells none."""
    lost: list[Lost]
    rows: dict[str, int]
    """By data file."""
    facts_trained: int
    """Answers that are trained, each counted once in however many wordings; refusals and quoted passages are none."""
    train_by_kind: dict[str, int]
    sha256: dict[str, str]
    """By data file."""
    calls: int
    """Calls that the run asked for, those answered from the store included."""
    tokens: Tokens
    cost: float | None
    """USD that all calls cost when they were made; None where a model has no price."""
    per_fact: PerFact
    plan: Planned
    start: LastStart
    versions: dict[str, str]
    """Of Python and of the packages that decide the rows."""
    inputs: Inputs
    fingerprint: str
    decisions: str = Field("", exclude_if=lambda decisions: not decisions)
    """SHA-256 of review.jsonl, "" where nobody decided anything."""
    files: dict[str, str]
    """SHA-256 of every file under graph/ and data/, by its path in the run."""
    unchanged: bool = Field(False, exclude=True)
    """Nothing was done, since inputs and files are as they were; no part of run.json."""

    @property
    def teachers(self) -> str:
        """The models that wrote and checked the rows, each once."""
        names = [self.teacher] if isinstance(self.teacher, str) else self.teacher.values()
        return ", ".join(dict.fromkeys(names))

    @property
    def account(self) -> str:
        """What became of every brief, or of every question where no brief comes before one (recipe facts)."""
        facts = self.inputs.settings["synthesis"].get("recipe") == "facts"
        what, done = ("questions", "written") if facts else ("briefs", "planned")
        n = self.counts
        return f"{what}: {n.planned} {done} = {n.kept} kept + {n.rejected} rejected + {n.failed} failed"

    def as_object(self) -> dict[str, Any]:
        """What a program is told: run.json; of an unchanged run without a start, since there was none."""
        return self.model_dump(mode="json") | ({"unchanged": True, "start": {}} if self.unchanged else {})

    def write(self, path: Path) -> None:
        """Write run.json."""
        write_text(path, json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")


def read_record(path: Path) -> RunRecord | None:
    """run.json; None if there is none.

    Raises:
        InputError: it is no run.json, or one of a version that wrote other things; the message names the field.

    """
    if not path.is_file():
        return None
    try:
        return RunRecord.model_validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        # A wrong value says more than a key that is not there.
        fault: Mapping[str, Any] = min(error.errors(), key=lambda one: one["type"] == "missing")
        raise InputError(
            f"{path}: {told_fault(fault)}: not the record of a run of this version",
            "remove it and run `ragtuned synthesize`: the run is made again from calls.sqlite",
        ) from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}", "mend its rights, or remove it"
        ) from error


def last_record(project: Project) -> RunRecord | None:
    """run.json of the last synthesis of this run; None if there is none. Raises what `read_record` raises."""
    return read_record(project.run_dir / "run.json")

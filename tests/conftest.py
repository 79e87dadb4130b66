"""One toy corpus for the tests of agents and graphs.

Three pages about a place that does not exist, and models that answer from scripts.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from agents.console import Console
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect
from agents.models.request import Request
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply
from agents.project import Project
from agents.roles.checks import Draft
from agents.roles.registry import scripts as scripts_of_a_dry_run
from agents.text.names import names_in
from agents.text.numbers import numbers_in
from graphs.drafting.kinds import KINDS
from ragtuned import SECTIONS

settings.register_profile("suite", deadline=None)  # a loaded machine is no fault of the code
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def proxies_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """urllib keeps the proxies that its first call in a process found: one test's would be those of all after it."""
    monkeypatch.setattr("urllib.request._opener", None)


PAGES = {
    "april.md": (
        "# Journal, 3 April\n\nBastow Pask bought the blue boat from Wenna Tolley on Monday for forty coppers. "
        "The harbour of Ostrey was closed because the chain had broken. Wenna Tolley keeps the lamp at Gull Point."
    ),
    "june.md": (
        "# Letter, 10 June\n\nWenna Tolley left Gull Point on 10 June and moved to the town of Marrow. "
        "Bastow Pask keeps the lamp now. The council of Ostrey pays Bastow Pask nine coppers in a week."
    ),
    "notes/july.txt": (
        "Notes of July\n\n"
        "The ferry Kittiwake runs between Ostrey and Marrow since July. Orla Dunn steers the ferry Kittiwake on "
        "Sundays. Bastow sold the blue boat to Orla Dunn for thirty coppers."
    ),
}
CONFIG = """
[models.teacher]
provider = "openai"
model = "scripted"
base_url = "http://127.0.0.1:9/v1"
retries = 0

[synthesis]
recipe = "ragtuned"
local.briefs = 12
global.briefs_per_report = 1
unanswerable.briefs = 3
unanswerable.contrast_rows = 4
wordings.per_question = 4
untrained_share = 0.2
shard_size = 5
"""
Scripts = dict[str, Callable[[dict[str, Any]], Any]]


FILLERS = (
    "in a word",
    "so far as anyone has heard",
    "to the best of all memory",
    "when all was said and done",
    "as the old ones tell it",
    "by and large",
)


def toy_wordings(inputs: dict[str, Any]) -> str:
    """Wordings that keep the names and numbers of the question and little else."""
    asked = re.findall(r'^(wording_\d): begins with "(.+)"$', inputs["openings"], re.MULTILINE)
    kept = " and ".join(
        dict.fromkeys([*names_in(inputs["question"].partition(" ")[2]), *sorted(numbers_in(inputs["question"]))])
    )
    return json.dumps(
        {
            key: f"{opening} came to pass with {kept}, {filler}?"
            for (key, opening), filler in zip(asked, FILLERS, strict=False)
        }
    )


class SlowModel(ScriptedModel):
    """Answers each call after a random moment, so that the order of completion is shuffled."""

    def __init__(self, scripts: Scripts, seed: int) -> None:
        super().__init__(scripts)
        self.random = random.Random(seed)

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        await asyncio.sleep(self.random.random() * 0.004)
        return await super().call(request, dialect)


def write_pages(folder: Path) -> None:
    for name, text in PAGES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def open_project(folder: Path, config: str = CONFIG, run: str = "main") -> Project:
    """A project with the toy corpus in `folder`."""
    write_pages(folder / "documents")
    (folder / "ragtuned.toml").write_text(config, encoding="utf-8")
    return Project.open(folder, run, SECTIONS)


def scripts(**changes: Callable[[dict[str, Any]], Any]) -> Scripts:
    """The scripts of a dry run with some roles changed; a dot in a role's name is written as two underscores."""
    return {
        **scripts_of_a_dry_run(),
        "question_writer.wordings": toy_wordings,
        **{role.replace("__", "."): answer for role, answer in changes.items()},
    }


def check_draft(draft: Draft, source: str) -> str | None:
    """The checks of the draft's kind that need no model."""
    return KINDS[draft.kind].check(draft, source)


def client_of(model: ScriptedModel, store: CallStore | None = None, replay: bool = False, **config: Any) -> Client:
    return Client(model, store or CallStore(Path(":memory:")), ModelConfig(**{"retries": 0, **config}), replay)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path)


@pytest.fixture
def silent() -> Console:
    return Console(quiet=True)

"""The user's own questions without answers, as CSV or JSON lines: everybody is asked, only a judge compares.

A row needs a `question`; an `id` is made of its words where none is given. Without gold no answer is right or wrong.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.errors import InputError
from agents.files import read_text
from agents.project import Project
from agents.records import Item, content_id

COLUMNS = ("id", "question")
MOST = 10_000  # characters of a question


class OwnQuestion(Item):
    """A question that a user asks, whose answer nobody has written down."""

    id: str
    question: str


def load_own(path: Path) -> list[OwnQuestion]:
    """Read a .csv or .jsonl file. Raises `InputError` with every fault of it, each with its line."""
    text = read_text(path, "name a file of the project in [eval] questions")
    found: dict[str, tuple[int, OwnQuestion]] = {}
    asked: dict[str, int] = {}
    faults: list[str] = []
    for line, row in _csv(text, path) if path.suffix.lower() == ".csv" else _jsonl(text):
        question = " ".join(str(row.get("question") or "").split())
        name = str(row.get("id") or "").strip() or content_id("own", question)
        words = question.casefold()
        if not question or len(question) > MOST:
            faults.append(f"line {line}: no `question`" if not question else f"line {line}: over {MOST:,} characters")
        elif words in asked:
            faults.append(f"line {line}: {question[:80]!r} is asked already in line {asked[words]}")
        elif name in found:
            faults.append(f"line {line}: the id {name!r} stands already in line {found[name][0]}")
        else:
            asked[words] = line
            found[name] = (line, OwnQuestion(id=name, question=question))
    if faults:
        raise InputError(
            f"{path}: {len(faults)} fault{'s' * (len(faults) > 1)}\n  - " + "\n  - ".join(faults),
            "mend the lines named",
        )
    if not found:
        raise InputError(f"{path} holds no question", "write some, or take it out of [eval] questions")
    return [question for _, question in found.values()]


def own_questions(project: Project, path: str | None) -> list[OwnQuestion]:
    """Those of [eval] questions; none where no file is named. Raises `InputError` as `load_own` does."""
    if path is None:
        return []
    file = project.directory / path
    if not file.resolve().is_relative_to(project.directory.resolve()):
        raise InputError(f"[eval] questions = {path!r} lies outside the project", "copy it into the project")
    return load_own(file)


def _csv(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text))
    names = [str(name).strip().casefold() for name in rows.fieldnames or []]
    if "question" not in names:
        raise InputError(f"{path}: no column `question` (there are: {', '.join(names) or 'none'})", "name it so")
    rows.fieldnames = names
    yield from ((rows.line_num, row) for row in rows)


def _jsonl(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            yield number, row if isinstance(row, dict) else {}

"""What a reader gives: a text, where its parts stand in it, what the file says about itself, and what was left out.

`Reading.document` makes a document of it. Its metadata holds, where there is any of it:

| key | value |
|---|---|
| `file` | the file's name; `row` and `sheet` too where each row of it is a document |
| `title`, `author`, `date` | as the file states them; the date in ISO 8601 |
| `pages` | where each page begins in the text |
| `headings` | `[start, end, level]` of each heading in the text, level 1 the highest |
| `tables` | `[start, end]` of each table; its first line names the columns |
| `left_out` | what of the file is not in the text, and how many: `{"picture": 3, "code block": 1}` |
| `encoding` | of a file that does not say so itself and is not UTF-8: the one that was guessed |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from agents.records import Document, Skipped, content_id
from agents.text.normal_form import tidy

BREAK = "\n\n"  # between blocks
LONGEST_TITLE = 300
"""Characters: a title stands in every prompt about its document; the longest of papers have some 250."""


@dataclass(frozen=True)
class Options:
    """The settings of [documents] that readers follow."""

    keep_code: bool = False
    ocr: str = ""
    docling: tuple[str, ...] = ()
    """Kinds of files that Docling reads."""


class Heading(NamedTuple):
    """`text[start:end]` is a heading; level 1 is the highest."""

    start: int
    end: int
    level: int


class Span(NamedTuple):
    """`text[start:end]`."""

    start: int
    end: int


@dataclass
class Reading:
    """One text. It is tidy (agents/text/normal_form.py), so that offsets stay what they are."""

    text: str
    title: str = ""
    author: str = ""
    date: str = ""
    encoding: str = ""
    pages: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    tables: list[Span] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    row: int = 0
    sheet: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def metadata(self, file: str) -> dict[str, Any]:
        """What a document of this reading says of itself; nothing that is empty."""
        said = {
            "title": self.title,
            "author": self.author,
            "date": self.date,
            "encoding": self.encoding,
            "pages": self.pages,
            "headings": [list(heading) for heading in self.headings],
            "tables": [list(table) for table in self.tables],
            "left_out": dict(self.left_out),
            "sheet": self.sheet,
            "row": self.row,
        }
        return {**self.more, "file": file, **{key: value for key, value in said.items() if value}}

    @property
    def part(self) -> str:
        """Which part of its file it is: "row 7", "Prices row 7"; empty for the whole."""
        return f"{self.sheet} row {self.row}".strip() if self.row else ""

    def document(self, file: str) -> Iterator[Document | Skipped]:
        """The document, if there is any text. A title that is none by its length is cut and told."""
        if not self.text.strip():
            return
        metadata = self.metadata(file)
        path = f"{file}#{self.sheet}!{self.row}" if self.sheet else f"{file}#{self.row}" if self.row else file
        title = tidy(str(metadata.get("title") or title_of(path, self.text, self.headings)))
        if len(title) > LONGEST_TITLE:
            detail = f"{len(title)} characters; the first {LONGEST_TITLE} are kept"
            part = ", ".join(filter(None, [self.part, "title"]))
            yield Skipped(path=file, part=part, reason="too large", detail=detail)
        yield Document(
            id=content_id("doc", path, self.text),
            path=path,
            title=short_title(title),
            text=self.text,
            metadata=metadata,
        )


class Blocks:
    """A text that is put together block by block; it keeps where its headings and tables stand."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.length = 0
        self.last_is_item = False
        self._parts: list[str] = []
        self._headings: list[Heading] = []
        self._tables: list[Span] = []

    def add(self, block: str, heading: int = 0, table: bool = False, between: str = BREAK) -> None:
        """Put `block` at the end, with `between` before it. One without text changes nothing."""
        block = tidy(block).strip("\n").rstrip()
        if not block.strip():
            return
        start = 0
        if self._parts:
            start = self.length + len(between)
            self._parts.append(between)
        self._parts.append(block)
        self.length = start + len(block)
        if heading:
            self._headings.append(Heading(start, self.length, heading))
        if table:
            self._tables.append(Span(start, self.length))

    @property
    def next_start(self) -> int:
        """Where the next block begins, with the usual break before it."""
        return self.length + len(BREAK) if self._parts else 0

    def ends_with(self, sign: str) -> bool:
        """Whether the text so far does."""
        return bool(self._parts) and self._parts[-1].endswith(sign)

    def reading(self, **facts: Any) -> Reading:
        """The text so far, with what else is known of it."""
        return Reading(
            "".join(self._parts), headings=self._headings, tables=self._tables, left_out=self.left_out, **facts
        )


def short_title(title: str) -> str:
    """At most LONGEST_TITLE characters, and a mark where more was there."""
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


def title_of(path: str, text: str, headings: list[Heading] | None = None) -> str:
    """The first heading, else a short first line, else the file's name in words."""
    first = text.strip().splitlines()[0].strip()
    if first.startswith("#") or (headings and not text[: headings[0].start].strip()):
        return first.lstrip("# ").strip()
    return (
        first
        if len(first) <= 80 and not first.endswith((".", ",", ":"))
        else re.sub(r"[-_]+", " ", Path(path.split("#")[0]).stem).strip()
    )

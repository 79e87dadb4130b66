"""A document with the rows that were made of it: from a row to its evidence, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agents.errors import InputError
from eval.ui.run_files import RunFiles
from eval.ui.server import Route, json_of

if TYPE_CHECKING:
    from aiohttp import web

NEARBY = 160  # characters shown before and after a piece of evidence
MOST_ROWS = 500  # listed under one document


class Documents:
    """The documents of a run, as they were read; no other file of the machine is served."""

    def __init__(self, files: RunFiles) -> None:
        self.files = files

    def routes(self) -> Sequence[Route]:
        """Method, path and handler of each."""
        return [("GET", "/api/document", self.document)]

    async def document(self, request: web.Request) -> web.StreamResponse:
        """Text, title and rows of one document."""
        return json_of(await asyncio.to_thread(self._document, request.query.get("id", "")))

    def _document(self, name: str) -> dict[str, Any]:
        places = self.files.places
        found = places.by_id.get(name)
        if found is None:
            raise InputError(f"the run has no document {name[:80]!r}", "reload the page")
        rows = []
        for row in self.files.examples:
            spans = [e for e in row.evidence if places.document_of.get(e.chunk_id) == name]
            if spans and len(rows) < MOST_ROWS:
                rows.append(
                    {
                        "id": row.id,
                        "question": row.question,
                        "answer": row.answer,
                        "status": row.split or "kept",
                        "spans": [{"start": e.start, "end": e.end} for e in spans],
                    }
                )
        return {"id": found.id, "path": found.path, "title": found.title, "text": found.text, "rows": rows}


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a place, in whole words."""
    before, after = text[max(0, start - NEARBY) : start], text[end : end + NEARBY]
    if start > NEARBY:
        before = f"… {before.partition(' ')[2]}"
    if end + NEARBY < len(text):
        after = f"{after.rpartition(' ')[0]} …"
    return before, after

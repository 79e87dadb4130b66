"""The rows that need no model: refusals about invented names, pages, what the reports find, what is said of each entity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agents.records import Example
from graphs.contrast import contrast_rows
from graphs.desk import Desk
from graphs.passages import entity_rows, page_rows, report_rows


def made_rows(kept: Iterable[Example], desk: Desk) -> Iterator[Example]:
    """As [synthesis] wants them; refusals are made from the `kept` rows."""
    config, documents, entities, chunks = desk.config, desk.documents, list(desk.entities.values()), list(desk.chunks.values())
    yield from contrast_rows(kept, entities, "\n".join(d.text for d in documents.values()), config.contrast_rows, config.seed)
    yield from page_rows(chunks, documents, config.seed) if config.page_rows else ()
    yield from report_rows(list(desk.reports.values()), desk) if config.report_rows else ()
    yield from entity_rows(entities, chunks, documents, config.seed) if config.entity_rows else ()

"""A GraphRAG index while it is read: its tables, and what is left out of them so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from agents.records import Skipped, SkipReason
from agents.text.printable import printable
from graphs.graphrag.tables import Table

LONGEST_DETAIL = 200  # characters: an id or a title may be a megabyte


@dataclass
class IndexReading:
    """The tables, and what is left out of them so far."""

    tables: dict[str, Table]
    skipped: list[Skipped] = field(default_factory=list)

    def rows(self, name: str) -> Iterable[tuple[int, dict[str, Any]]]:
        """(number from 1, row)."""
        return enumerate(self.tables[name].rows if name in self.tables else [], 1)

    def skip(self, name: str, number: int, reason: SkipReason, detail: str) -> None:
        """Tell what is left out of row `number`."""
        self.skipped.append(
            Skipped(
                path=self.tables[name].name,
                part=f"row {number}",
                reason=reason,
                detail=printable(detail[:LONGEST_DETAIL]),
            )
        )

    def known(self, name: str, number: int, column: str, known: Collection[str], reason: SkipReason) -> list[str]:
        """The ids in `column` that are known, each once; others are told, and so is an empty list."""
        ids = list(dict.fromkeys(self.tables[name].rows[number - 1][column] or []))
        if unknown := [i for i in ids if i not in known]:
            self.skip(
                name,
                number,
                reason,
                f"{column} names {unknown[0]!r}" + f" and {len(unknown) - 1} more" * (len(unknown) > 1),
            )
        elif not ids:
            self.skip(name, number, reason, f"{column} is empty")
        return [i for i in ids if i in known]

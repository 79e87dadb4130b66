"""A row of a table with the headers of its columns, so that it says something by itself."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

CELL_SIGN = re.compile(r"(?<!\\)\|")
RULE = re.compile(r"[\s|:-]+")
"""The line under the headers of a table in Markdown."""


def header_of(text: str, tables: Sequence[Sequence[int]], at: int) -> str:
    """The line of headers over the character `at`, which is in a row of one of the `tables` ([start, end] each).

    "" outside of them, and for the line of headers and the rule under it.
    """
    n = bisect_right(tables, at, key=lambda table: table[0]) - 1
    if n < 0 or at >= tables[n][1]:
        return ""
    header, _, _ = text[tables[n][0] : tables[n][1]].partition("\n")
    line = text[at : tables[n][1]].partition("\n")[0]
    return "" if at < tables[n][0] + len(header) or RULE.fullmatch(line) else header


def with_headers(row: str, header: str) -> str:
    """Of "oil | 9" under "Item | Price" it is "Item: oil; Price: 9"; the row itself where their cells do not match."""
    names, cells = _cells(header), _cells(row)
    if len(names) != len(cells) or not any(names):
        return row
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True) if cell)


def _cells(line: str) -> list[str]:
    framed = re.fullmatch(r"\s*\|(.*)\|\s*", line)  # as Markdown writes it; else an empty cell may stand at the edge
    return [cell.strip() for cell in CELL_SIGN.split(framed[1] if framed else line)]

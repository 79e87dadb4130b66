"""A table as lines of text: each row whole, its cells with " | ", a merged cell in every row that it belongs to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from agents.errors import UnreadableFile

SIGN = " | "
MOST_CELLS = 5_000_000  # of a table whose cells are merged: two numbers in a file may ask for any many


class Cell(NamedTuple):
    """A cell's text on one line, and how many columns and rows it spans."""

    text: str
    columns: int = 1
    rows: int = 1


def table_text(rows: Iterable[list[Cell]]) -> str:
    """A line a row that has text.

    A cell over several rows is repeated in each, one over several columns in each of them; one over all columns stands
    once.

    Raises:
        UnreadableFile: its cells span more than MOST_CELLS places.

    """
    lines: list[str] = []
    carried: dict[int, tuple[str, int]] = {}  # column: the text that comes down into it, and for how many rows more
    made = 0
    for row in rows:
        line, column, waiting = [], 0, deque(row)
        while waiting or any(at >= column for at in carried):
            if column in carried:
                text, left = carried.pop(column)
                if left > 1:
                    carried[column] = (text, left - 1)
                line.append(text)
                column += 1
                continue
            if not waiting:
                line.append("")
                column += 1
                continue
            cell = waiting.popleft()
            for at in range(column, column + cell.columns):
                line.append(cell.text)
                if cell.rows > 1:
                    carried[at] = (cell.text, cell.rows - 1)
            column += cell.columns
            made += cell.columns
            if made > MOST_CELLS:
                raise UnreadableFile("too large", f"a table whose cells span more than {MOST_CELLS} places")
        if any(line):
            lines.append(line[0] if len(row) == 1 and len(set(line)) == 1 else SIGN.join(line))
    return "\n".join(lines)

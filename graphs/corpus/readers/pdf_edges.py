"""What stands at the edges of the pages of a pdf beside the text: running heads and feet, and footnotes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from graphs.corpus.readers.pdf_layout import Line, Paragraph, Piece, joined, lines_of

EDGE = 2  # lines at the top and at the bottom of a page that may be running heads and feet
REPEATED = 0.25  # of the pages have a running head: those of left and of right pages differ, and chapters' too
LEAST_REPEATED = 3  # pages
SAME_HEIGHT = 2.0  # points within which the running heads of two pages stand
APART = 1.5  # of its letters' height is between a running head and the text at least; lines of a text have some 1.2
NOT_LARGER = 1.1  # times the letters of the text has a running head at most: a title of a slide has more
PAGE_NUMBER = re.compile(r"\W*(?:page\s+|p\.\s*)?(?:\d{1,4}|[ivxl]{1,7})(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE)
NUMBERED = re.compile(r"^#\s|\s#$")
"""A line that begins or ends with a number, as a head does that names the page: "44 Chapter 5. Packages"."""
OUTER_NUMBER = re.compile(r"^(\d{1,4})\s|\s(\d{1,4})$")
BRACKETS = re.compile(r"\(.*\)|\[.*\]")
"""A whole line in brackets, as those that lead over a page: "(continues on next page)"."""
SMALLER = 0.92  # times the letters of the text are those of notes at most: 9 to 11 points, 8 to 10
NOTE = re.compile(r"(?:\[?(\d{1,3})\]?|[*†‡§¶]{1,3})[.)]?(?:\s|(?=[^\W\d])|$)")
"""How a footnote begins."""


class Edge(NamedTuple):
    """A line at the edge of a page; `apart` if nothing stands further out and there is a gap to the text."""

    line: Line
    key: str
    apart: bool

    @property
    def place(self) -> int:
        """About how high it stands."""
        return round(self.line.bottom / SAME_HEIGHT)


def usual_size(pages: Sequence[Sequence[Piece]]) -> float:
    """The height of the letters of most of the text."""
    letters: Counter[float] = Counter()
    for pieces in pages:
        for piece in pieces:
            letters[round(piece.letter, 1)] += len(piece.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def without_heads(pages: Sequence[list[Piece]], usual: float) -> tuple[list[list[Piece]], int]:
    """The pages without the lines that stand at the edge of many, and how many those are.

    They differ in numbers alone on a quarter of the pages, count the pages, or come again at the same height.
    """
    edges = [list(_edges(pieces)) for pieces in pages]
    often = Counter(key for found in edges for key in {edge.key for edge in found})
    offsets = Counter(offset for n, found in enumerate(edges) for offset in {o for e in found for o in _offsets(e, n)})
    places = Counter(spot for found in edges for spot in {s for e in found for s in _spots(e, usual)})
    many = max(LEAST_REPEATED, REPEATED * len(pages))

    def is_head(edge: Edge, page: int) -> bool:
        small = edge.line.letter <= NOT_LARGER * usual
        return (
            often[edge.key] >= (LEAST_REPEATED if NUMBERED.search(edge.key) else many)
            or (len(pages) > 1 and bool(PAGE_NUMBER.fullmatch(edge.line.text)))
            or (small and any(offsets[offset] >= many for offset in _offsets(edge, page)))
            or any(places[spot] >= LEAST_REPEATED for spot in _spots(edge, usual))
        )

    heads = [[edge.line for edge in found if is_head(edge, number)] for number, found in enumerate(edges)]
    out = {id(piece) for lines in heads for line in lines for piece in line.pieces}
    return [[piece for piece in pieces if id(piece) not in out] for pieces in pages], sum(map(len, heads))


def _edges(pieces: list[Piece]) -> Iterator[Edge]:
    """The first and the last lines."""
    lines = lines_of(pieces)
    last = len(lines) - 1
    for n, line in enumerate(lines):
        if EDGE <= n <= last - EDGE:
            continue
        inner = lines[min(1, last)] if not n else lines[last - 1]
        gap = abs(line.bottom - inner.bottom)
        key = re.sub(r"\d+", "#", " ".join(piece.text for piece in line.pieces).casefold())
        yield Edge(line, key, n in (0, last) and gap > APART * line.height)


def _offsets(edge: Edge, page: int) -> Iterator[tuple[int, int]]:
    """By how much a number at either end of a line that stands apart differs from the page's; with its height."""
    if edge.apart and (found := OUTER_NUMBER.search(edge.line.text)):
        yield int(found[1] or found[2]) - page, edge.place


def _spots(edge: Edge, usual: float) -> Iterator[tuple[str, int]]:
    """The words of a line and where it stands, if it may be a running head; one in brackets stands anywhere."""
    if edge.line.letter <= NOT_LARGER * usual:
        if BRACKETS.fullmatch(edge.line.text):
            yield edge.key, 0
        elif edge.apart:
            yield edge.key, edge.place


def without_notes(pieces: list[Piece], usual: float) -> tuple[list[Piece], list[Paragraph]]:
    """A part of a page without the notes at its foot, and the notes: smaller lines, the first with its mark."""
    tail: list[Line] = []
    for line in reversed(lines_of(pieces)):
        if line.letter > SMALLER * usual or not _is_text(line):
            break
        tail.insert(0, line)
    first = next((n for n, line in enumerate(tail) if NOTE.match(line.text)), len(tail))
    notes: list[Paragraph] = []
    number = 0
    for line in tail[first:]:
        mark = NOTE.match(line.text)
        if mark and (not mark[1] or not notes or int(mark[1]) == number + 1):
            number = int(mark[1] or 0)
            notes.append(Paragraph(line.text, line.letter, 1))
        else:
            notes[-1] = Paragraph(joined(notes[-1].text, line.text), line.letter, notes[-1].lines + 1)
    out = {id(piece) for line in tail[first:] for piece in line.pieces}
    return [piece for piece in pieces if id(piece) not in out], notes


def _is_text(line: Line) -> bool:
    """Whether it is one piece, but for the mark of a note: rows of tables have several."""
    return len(line.pieces) == 1 or (len(line.pieces) == 2 and bool(NOTE.fullmatch(line.pieces[0].text)))

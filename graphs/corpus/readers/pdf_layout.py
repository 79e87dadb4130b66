"""The lines of a page in the order in which a person reads them, and the paragraphs that they make up.

A page of a pdf has no lines: it has pieces of text at places. `ordered` finds columns and what stands across them;
`paragraphs` joins lines, words over hyphens too. Lengths are in points (1/72 inch); y grows upwards.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

SOFT_HYPHENS = "\u00ad\u0002\ufffe"  # pdfium gives one of the last two for the hyphen at the end of a line
LEAST_COLUMN = 4  # lines on each side of a gutter
MOST_ACROSS = 0.35  # of the lines may run across a gutter: titles, pictures' captions, tables
PROSE = 14  # letters that half of the pieces of a column of prose have at least; cells of a table have fewer
FULL = 0.55  # of its column's width is what half of the lines of prose fill
MOST_PIECES = 5000  # of a page with columns; a map or a drawing has more, and no columns
STEPS = 80  # places at which a gutter is looked for
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]")
PARTED = re.compile(rf"([\w-]*)(?:[{SOFT_HYPHENS}]|(?<=\w)[-‐])$")
LONGEST_WORD = 80  # letters
WORDS = re.compile(r"\w+(?:-\w+)*")
ENDS = re.compile(r"[.!?:;…。！？]['\"”’»)\]]?$")
BULLET = re.compile(r"(?:[•‣◦▪·–*-]|\(?\w{1,3}[.)])\s")


@dataclass(slots=True)
class Piece:
    """Text that stands on one line without a wide gap."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    place: int = 0
    """In the order in which the file draws it."""
    letter: float = 0.0
    """The height of its largest letter: a raised mark makes the piece higher."""

    @property
    def height(self) -> float:
        """About the size of its letters."""
        return self.top - self.bottom


@dataclass(slots=True)
class Line:
    """Pieces beside one another."""

    pieces: list[Piece]

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(piece.text for piece in self.pieces)

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.pieces[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.pieces[-1].right

    @property
    def bottom(self) -> float:
        """The lowest of its letters."""
        return min(piece.bottom for piece in self.pieces)

    @property
    def height(self) -> float:
        """The size of most of its letters."""
        return max(self.pieces, key=lambda piece: len(piece.text)).height

    @property
    def letter(self) -> float:
        """The height of its largest letters, in its longest piece."""
        return max(self.pieces, key=lambda piece: len(piece.text)).letter


@dataclass(slots=True)
class Paragraph:
    """Text that belongs together, the size of its letters, and whether it is rows of a table."""

    text: str
    size: float
    lines: int
    table: bool = False


def lines_of(pieces: Iterable[Piece]) -> list[Line]:
    """The lines from the top down."""
    found: list[Line] = []
    for piece in sorted(pieces, key=lambda piece: (-(piece.top + piece.bottom), piece.left)):
        last = found[-1].pieces[0] if found else None
        shared = min(piece.top, last.top) - max(piece.bottom, last.bottom) if last else 0
        if last and shared > 0.5 * min(piece.height, last.height):
            found[-1].pieces.append(piece)
        else:
            found.append(Line([piece]))
    for line in found:
        line.pieces.sort(key=lambda piece: piece.left)
    return found


def ordered(pieces: list[Piece]) -> list[list[Piece]]:
    """The parts of a page in their order: what stands across, then the columns below it, from left to right."""
    gutter = _gutter(pieces)
    if gutter is None:
        return [pieces] if pieces else []
    across = sorted((p for p in pieces if p.left < gutter < p.right), key=lambda p: -p.top)
    rest = [p for p in pieces if not p.left < gutter < p.right]
    parts: list[list[Piece]] = []
    for piece in [*across, None]:
        above = [p for p in rest if piece is None or p.bottom + p.top > piece.bottom + piece.top]
        rest = [p for p in rest if not (piece is None or p.bottom + p.top > piece.bottom + piece.top)]
        if above:
            parts += ordered([p for p in above if p.right <= gutter]) + ordered([p for p in above if p.left >= gutter])
        if piece and above or piece and not parts:
            parts.append([piece])
        elif piece:
            parts[-1].append(piece)
    return parts


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Where a gutter between two columns of text is, if there is one."""
    if not 2 * LEAST_COLUMN <= len(pieces) <= MOST_PIECES:
        return None
    left, right = min(p.left for p in pieces), max(p.right for p in pieces)
    best: tuple[int, float, float] | None = None
    for step in range(STEPS // 6, STEPS - STEPS // 6 + 1):
        at = left + (right - left) * step / STEPS
        west, east = [p for p in pieces if p.right <= at], [p for p in pieces if p.left >= at]
        across = len(pieces) - len(west) - len(east)
        if min(len(west), len(east)) < LEAST_COLUMN or across > MOST_ACROSS * len(pieces):
            continue
        room = min(p.left for p in east) - max(p.right for p in west)
        if (best is None or (across, -room) < best[:2]) and _are_columns(west, east):
            best = (across, -room, (min(p.left for p in east) + max(p.right for p in west)) / 2)
    return best[2] if best else None


def _are_columns(west: list[Piece], east: list[Piece]) -> bool:
    """Whether they are columns of text beside one another, and not the cells of a table.

    Columns stand beside one another, and they are prose, or the file draws one after the other.
    """
    top, bottom = (
        min(max(p.top for p in side) for side in (west, east)),
        max(min(p.bottom for p in side) for side in (west, east)),
    )
    beside = [[p for p in side if p.top <= top + p.height and p.bottom >= bottom - p.height] for side in (west, east)]
    if min(len(side) for side in beside) < LEAST_COLUMN - 1:
        return False
    if all(_is_prose(side) for side in beside):
        return True
    sides = sorted([(p.place, 0) for p in beside[0]] + [(p.place, 1) for p in beside[1]])
    changes = sum(a != b for (_, a), (_, b) in pairwise(sides))
    return changes <= 0.1 * len(sides)


def _is_prose(side: list[Piece]) -> bool:
    width = max(p.right for p in side) - min(p.left for p in side)
    letters = median(len(p.text) * (2 if CJK.search(p.text) else 1) for p in side)
    return letters >= PROSE and median(p.right - p.left for p in side) >= FULL * width


def paragraphs(pieces: list[Piece], hyphened: Container[str] = ()) -> Iterator[Paragraph]:
    """The paragraphs of one part of a page; `hyphened` are words that keep a hyphen (see `joined`)."""
    lines = lines_of(pieces)
    if not lines:
        return
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    steps = [above.bottom - below.bottom for above, below in pairwise(lines)]
    usual = median(steps) if len(steps) > 2 else min([*steps, 1.8 * lines[0].height])  # of two lines, none is usual
    held: list[Line] = []
    for line in lines:
        if held and _begins(held, line, left, right, usual):
            yield _paragraph(held, left, right, hyphened)
            held = []
        held.append(line)
    yield _paragraph(held, left, right, hyphened)


def _begins(held: list[Line], line: Line, left: float, right: float, usual: float) -> bool:
    """Whether a new paragraph begins with `line`. Under a bullet all lines are indented."""
    above = held[-1]
    if (len(above.pieces) > 1) and (len(line.pieces) > 1):
        return False  # rows of a table
    if (len(above.pieces) > 1) != (len(line.pieces) > 1):
        return True
    indented = (
        not BULLET.match(held[0].text)
        and line.left > left + 0.8 * line.height
        and above.left <= left + 0.3 * line.height
    )
    ended = bool(ENDS.search(above.text)) and above.right < right - 0.15 * (right - left)
    return (
        above.bottom - line.bottom > max(1.3 * usual, 1.2 * line.height)
        or abs(above.height - line.height) > 0.15 * max(above.height, line.height)
        or (indented and (bool(ENDS.search(above.text)) or above.right < right - line.height))
        or ended
        or bool(BULLET.match(line.text))
    )


def _paragraph(lines: list[Line], left: float, right: float, hyphened: Container[str]) -> Paragraph:
    size = median(line.height for line in lines)
    if len(lines) > 1 and all(len(line.pieces) > 1 for line in lines):
        text = "\n".join(" | ".join(piece.text for piece in line.pieces) for line in lines)
        return Paragraph(text, size, len(lines), table=True)
    text = lines[0].text
    item = bool(BULLET.match(text))
    for above, line in pairwise(lines):
        # a line of a poem or an address ends where it ends
        short = not item and above.right < left + 0.6 * (right - left)
        between = "\n" if short and not text.endswith(tuple(SOFT_HYPHENS)) else " "
        text = joined(text, line.text, between, hyphened)
    return Paragraph(text, size, len(lines))


def joined(above: str, below: str, between: str = " ", hyphened: Container[str] = ()) -> str:
    """Two lines as one text: a word that a hyphen parts is whole again, and Chinese has no blanks.

    A hyphen that belongs to the word ("well-" / "known") cannot be told from one that does not, except before a capital
    or a digit, where it stays, or if the word is among the `hyphened` (small letters).
    """
    if parted := PARTED.search(above[-LONGEST_WORD:]):
        if below[:1].islower() and f"{parted[1]}-{WORDS.findall(below[:LONGEST_WORD])[0]}".casefold() not in hyphened:
            return above[:-1] + below
        return above.rstrip(SOFT_HYPHENS) + ("-" if above[-1] in SOFT_HYPHENS else "") + below
    if above and below and CJK.match(above[-1]) and CJK.match(below[0]):
        return above + below
    return f"{above}{between}{below}"


def hyphened_words(lines: Iterable[str]) -> set[str]:
    """The words that stand in the lines with a hyphen and nowhere without it, in small letters."""
    found: set[str] = set()
    for line in lines:
        found.update(WORDS.findall(line.casefold()))
    return {word for word in found if "-" in word and word.replace("-", "") not in found}

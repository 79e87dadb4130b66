"""The letters of a page of a pdf, as pdfium places them, become pieces of text."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from graphs.corpus.readers.pdf_layout import Piece

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

WIDE = 1.0  # of a letter's height: a gap that parts two pieces; between words of a line that is spread it is some 0.6
LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
NOT_TEXT = dict.fromkeys([0, 0xFFFF, 0xFFFD, *range(3, 9), *range(14, 32)])
"""NUL and other signs that a font without a table of letters gives."""
LINE_ENDS = ("\r", "\n")
SMALL = 0.8  # of the letters before: a mark of a footnote


def pieces_of(text: PdfTextPage) -> list[Piece]:
    """The pieces in the order in which the page draws them."""
    from pypdfium2 import raw

    handle = text.raw
    box = raw.FS_RECTF()
    place = ctypes.byref(box)
    found: list[Piece] = []
    letters: list[str] = []
    piece: Piece | None = None
    last = (0.0, 0.0)

    def close() -> None:
        if piece and (words := "".join(letters).translate(LIGATURES).translate(NOT_TEXT).strip(" \t")):
            piece.text = words
            found.append(piece)
        letters.clear()

    for index in range(text.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(handle, index))
        if sign in LINE_ENDS:
            close()
            piece = None
            continue
        if sign.isspace():
            letters.append(" ")
            continue
        raw.FPDFText_GetLooseCharBox(handle, index, place)
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        height = top - bottom
        if piece and letters and (bottom, height) == last and piece.left <= left <= piece.right + WIDE * height:
            if right > piece.right:  # most letters: beside the one before, as large as it
                piece.right = right
            letters.append(sign)
            continue
        if piece and letters and _apart(piece, left, bottom, top, height):
            close()
            piece = None
        if piece is None:
            letters.clear()
            piece = Piece("", left, right, bottom, top, len(found))
        elif _is_mark(letters, sign, last, box):
            letters.append(" ")
        last = (bottom, height)
        piece.left, piece.right = min(piece.left, left), max(piece.right, right)
        piece.bottom, piece.top = min(piece.bottom, bottom), max(piece.top, top)
        piece.letter = max(piece.letter, height)
        letters.append(sign)
    close()
    return found


def _is_mark(letters: list[str], sign: str, last: tuple[float, float], box: Any) -> bool:
    """Whether the mark of a footnote touches a word: "mill" and a small 12 above the line, or a small 12 and "See"."""
    bottom, height = last
    if not letters or letters[-1] == " " or height <= 0:
        return False
    size = (box.top - box.bottom) / height
    after_word = sign.isdigit() and len(letters) > 2 and all(one.isalpha() or one in ".,;)" for one in letters[-3:])
    raised = size < SMALL and box.bottom > bottom + 0.15 * height
    return (after_word and raised) or (letters[-1].isdigit() and sign.isalpha() and size > 1 / SMALL)


def _apart(piece: Piece, left: float, bottom: float, top: float, height: float) -> bool:
    """Whether a letter belongs to another piece: far to the side, or on another line."""
    shared = min(piece.top, top) - max(piece.bottom, bottom)
    return left - piece.right > WIDE * height or left < piece.left - height or shared < 0.3 * min(height, piece.height)

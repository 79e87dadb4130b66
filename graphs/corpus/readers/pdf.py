"""The text of a pdf, page by page: pdfium places the letters, `pdf_layout` puts them in order.

Running heads and feet are left out. Where a page has no text, tesseract recognises it if [documents] ocr says so. A
file that pdfium cannot open is given to pypdf, through langchain-community's loader, which mends other faults.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agents.errors import UnreadableFile
from agents.records import Skipped
from agents.text.normal_form import tidy
from graphs.corpus.readers import ocr
from graphs.corpus.readers.pdf_edges import usual_size, without_heads, without_notes
from graphs.corpus.readers.pdf_layout import ENDS, Paragraph, Piece, hyphened_words, joined, ordered, paragraphs
from graphs.corpus.readers.pdf_page import pieces_of
from graphs.corpus.readers.pdf_second_try import pages_of_pypdf
from graphs.corpus.readers.reading import Blocks, Options, Reading

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MOST_PAGES = 50_000  # a few bytes name a page again, with all that stands on it
MOST_CHARACTERS = 50_000_000  # of text, which is packed: as much as the largest file of plain text has (max_file_mb)
MOST_SECONDS = 600  # looked at after each page: what is drawn on one may be millions of steps without a letter
LARGER = 1.15  # times the letters of most of the text: a heading's
LONGEST_HEADING = 200  # characters
NO_TITLE = re.compile(
    r"untitled.*|microsoft (word|powerpoint).*|.*\.(docx?|pptx?|tex|dvi|indd|pdf|qxd|rtf|odt)", re.IGNORECASE
)
LOCK = threading.Lock()
"""pdfium is not made for threads."""


@dataclass
class Page:
    """Its pieces of text; with none it is a picture, or blank."""

    pieces: list[Piece]
    paragraphs: list[Paragraph] = field(default_factory=list)
    notes: list[Paragraph] = field(default_factory=list)


def read(file: Path, name: str, options: Options) -> Iterator[Reading | Skipped]:
    """One text; `pages` holds where each page begins in it.

    Raises:
        UnreadableFile: encrypted, broken, without text or beyond a bound.

    """
    with LOCK:
        pages, said = _pages(file, options)
    usual = usual_size([page.pieces for page in pages])
    without, heads = without_heads([page.pieces for page in pages], usual)
    hyphened = hyphened_words(piece.text for pieces in without for piece in pieces)
    left_out = Counter({"running head or foot": heads})
    for page, pieces in zip(pages, without, strict=True):
        for part in ordered(pieces):
            text, notes = without_notes(part, usual)
            page.paragraphs += paragraphs(text, hyphened)
            page.notes += notes
    empty = [str(number) for number, page in enumerate(pages, 1) if not page.paragraphs]
    if len(empty) == len(pages):
        raise UnreadableFile("no text", f"pictures, blank or broken (pages: {len(pages)}); {ocr.advice(options.ocr)}")
    reading = _put_together(pages, hyphened)
    reading.left_out = +left_out
    reading.title, reading.author, reading.date = said
    yield reading
    if empty:
        part = f"page{'s' * (len(empty) > 1)} {', '.join(empty)}"
        yield Skipped(
            path=name, part=part, reason="no text", detail=f"a picture, blank or broken; {ocr.advice(options.ocr)}"
        )


def _pages(file: Path, options: Options) -> tuple[list[Page], tuple[str, str, str]]:
    """The pages, and the title, the author and the date that the file states."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableFile("encrypted", "save it without a password") from error
        texts = pages_of_pypdf(file, MOST_CHARACTERS)
        return [Page([], [Paragraph(text, 0, 1)] if text else []) for text in texts], ("", "", "")
    try:
        return list(_bounded(document, options)), _said(document)
    finally:
        document.close()


def _bounded(document: PdfDocument, options: Options) -> Iterator[Page]:
    """The pages, one that is broken as one without text.

    Raises:
        UnreadableFile: more pages, characters or seconds than one file may take.

    """
    from pypdfium2 import PdfiumError

    if len(document) > MOST_PAGES:
        raise UnreadableFile("too large", f"{len(document)} pages, more than {MOST_PAGES}; divide it")
    held, until = 0, time.monotonic() + MOST_SECONDS
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except PdfiumError:  # a page that cannot be loaded; the others can
            yield Page([])
            continue
        text = page.get_textpage()
        pieces = pieces_of(text)
        text.close()
        known = [] if pieces or not options.ocr else ocr.recognised(page, options.ocr)
        page.close()
        yield Page(pieces, [Paragraph(tidy(block), 0, 1) for block in known])
        held += sum(len(piece.text) for piece in pieces)
        if held > MOST_CHARACTERS or time.monotonic() > until:
            bounds = f"{MOST_CHARACTERS} characters or {MOST_SECONDS} s"
            raise UnreadableFile("too large", f"more than {bounds} (stopped after {number} pages); divide it")


def _said(document: PdfDocument) -> tuple[str, str, str]:
    said = {key: " ".join(tidy(value).replace("\0", "").split()) for key, value in document.get_metadata_dict().items()}
    title = said.get("Title", "")
    made = re.match(r"D:(\d{4})(\d\d)(\d\d)", said.get("CreationDate", ""))
    return "" if NO_TITLE.fullmatch(title) else title, said.get("Author", ""), "-".join(made.groups()) if made else ""


def _put_together(pages: list[Page], hyphened: Container[str]) -> Reading:
    """The pages one after another, a sentence that goes over to the next page in one piece."""
    level_of = _levels([block for page in pages for block in page.paragraphs])
    blocks, starts = Blocks(), list[int]()
    held: Paragraph | None = None

    def close() -> None:
        if held:
            blocks.add(held.text, heading=level_of.get(_size(held), 0) * _is_short(held), table=held.table)

    for page in _with_notes(pages):
        starts.append(blocks.next_start + (len(held.text) if held else 0))  # of a page without text
        for number, block in enumerate(page):
            words = tidy(block.text).strip()
            if held and not number and _goes_on(held, block):
                words = _without_header(held, words) if block.table else words
                whole = f"{held.text}\n{words}" if block.table else joined(held.text, words, " ", hyphened)
                starts[-1] = blocks.next_start + len(whole) - len(words)
                held = replace(held, text=whole, lines=held.lines + block.lines)
                continue
            close()
            held = replace(block, text=words)
            starts[-1] = starts[-1] if number else blocks.next_start
    close()
    return blocks.reading(pages=starts)


def _with_notes(pages: list[Page]) -> Iterator[list[Paragraph]]:
    """The paragraphs of each page, its notes last, but before a paragraph that goes on over the page."""
    for page, below in zip(pages, [*pages[1:], Page([])], strict=True):
        body = page.paragraphs
        over = len(body) > 1 and bool(below.paragraphs) and _goes_on(body[-1], below.paragraphs[0])
        yield [*body[:-1], *page.notes, body[-1]] if over else [*body, *page.notes]


def _levels(blocks: list[Paragraph]) -> dict[float, int]:
    """The sizes of letters that are larger than those of most of the text, the largest first, as levels."""
    letters: Counter[float] = Counter()
    for block in blocks:
        letters[_size(block)] += len(block.text)
    usual = letters.most_common(1)[0][0]
    larger = {_size(block) for block in blocks if _size(block) > LARGER * usual and _is_short(block)}
    return {size: level for level, size in enumerate(sorted(larger, reverse=True), 1)}


def _size(block: Paragraph) -> float:
    return round(block.size)


def _is_short(block: Paragraph) -> bool:
    return len(block.text) <= LONGEST_HEADING and not block.table


def _goes_on(above: Paragraph, below: Paragraph) -> bool:
    """Whether a sentence or a table goes on over the end of a page; a table says its columns again there."""
    if above.table or below.table:
        return above.table and below.table and _header(above) == _header(below)
    first = below.text[:1]
    return first.isalpha() and not first.isupper() and not ENDS.search(above.text) and _size(above) == _size(below)


def _header(table: Paragraph) -> str:
    return table.text.partition("\n")[0]


def _without_header(above: Paragraph, words: str) -> str:
    return words.removeprefix(_header(above)).removeprefix("\n")

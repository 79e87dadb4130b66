"""The text of a pdf, page by page: pdfium places the letters, `pdf_layout` puts them in order.

Running heads and feet are left out. Where a page has no text, tesseract recognises it if [documents] ocr says so. A
file that pdfium cannot open is given to pypdf, through langchain-community's loader, which mends other faults.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agents.errors import UnreadableFile
from agents.records import Skipped
from agents.text.normal_form import tidy
from graphs.corpus.readers import ocr
from graphs.corpus.readers.pdf_layout import Line, Paragraph, Piece, joined, lines_of, ordered, paragraphs
from graphs.corpus.readers.pdf_page import pieces_of
from graphs.corpus.readers.pdf_second_try import pages_of_pypdf
from graphs.corpus.readers.reading import Blocks, Options, Reading

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MOST_PAGES = 50_000  # a few bytes name a page again, with all that stands on it
MOST_CHARACTERS = 50_000_000  # of text, which is packed: as much as the largest file of plain text has (max_file_mb)
MOST_SECONDS = 600  # looked at after each page: what is drawn on one may be millions of steps without a letter
EDGE = 2  # lines at the top and at the bottom of a page that may be running heads and feet
REPEATED = 0.25  # of the pages have a running head: those of left and of right pages differ, and chapters' too
LEAST_REPEATED = 3  # pages
PAGE_NUMBER = re.compile(r"\W*(?:page\s+|p\.\s*)?(?:\d{1,4}|[ivxl]{1,7})(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE)
NUMBERED = re.compile(r"^#\s|\s#$")
"""A line that begins or ends with a number, as a head does that names the page: "44 Chapter 5. Packages"."""
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


def read(file: Path, name: str, options: Options) -> Iterator[Reading | Skipped]:
    """One text; `pages` holds where each page begins in it.

    Raises:
        UnreadableFile: encrypted, broken, without text or beyond a bound.

    """
    with LOCK:
        pages, said = _pages(file, options)
    left_out = Counter({"running head or foot": _without_heads(pages)})
    for page in pages:
        page.paragraphs += [found for part in ordered(page.pieces) for found in paragraphs(part)]
    empty = [str(number) for number, page in enumerate(pages, 1) if not page.paragraphs]
    if len(empty) == len(pages):
        raise UnreadableFile("no text", f"pictures, blank or broken (pages: {len(pages)}); {ocr.advice(options.ocr)}")
    reading = _put_together(pages)
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


def _without_heads(pages: list[Page]) -> int:
    """Take out the lines that stand at the edge of many pages and differ in numbers alone; how many they are."""
    edges = [_edges(page) for page in pages]
    often = Counter(key for found in edges for key in {_key(line) for line in found})
    many = max(LEAST_REPEATED, REPEATED * len(pages))
    count = 0
    for page, found in zip(pages, edges, strict=True):
        heads = [
            line
            for line in found
            if often[key := _key(line)] >= (LEAST_REPEATED if NUMBERED.search(key) else many)
            or (len(pages) > 1 and PAGE_NUMBER.fullmatch(line.text))
        ]
        out = {id(piece) for line in heads for piece in line.pieces}
        if len(out) < len(page.pieces):
            page.pieces = [piece for piece in page.pieces if id(piece) not in out]
            count += len(heads)
    return count


def _edges(page: Page) -> list[Line]:
    """The first and the last lines."""
    lines = lines_of(page.pieces)
    return lines if len(lines) <= 2 * EDGE else [*lines[:EDGE], *lines[-EDGE:]]


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(piece.text for piece in line.pieces).casefold())


def _put_together(pages: list[Page]) -> Reading:
    """The pages one after another, a sentence that goes over to the next page in one piece."""
    level_of = _levels([block for page in pages for block in page.paragraphs])
    blocks, starts = Blocks(), list[int]()
    held: Paragraph | None = None

    def close() -> None:
        if held:
            blocks.add(held.text, heading=level_of.get(_size(held), 0) * _is_short(held), table=held.table)

    for page in pages:
        starts.append(blocks.next_start + (len(held.text) if held else 0))  # of a page without text
        for number, block in enumerate(page.paragraphs):
            words = tidy(block.text).strip()
            if held and not number and _goes_on(held.text, words):
                whole = joined(held.text, words)
                starts[-1] = blocks.next_start + len(whole) - len(words)
                held = Paragraph(whole, held.size, held.lines + block.lines)
                continue
            close()
            held = replace(block, text=words)
            starts[-1] = starts[-1] if number else blocks.next_start
    close()
    return blocks.reading(pages=starts)


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


def _goes_on(above: str, below: str) -> bool:
    """Whether a sentence goes on over the end of a page."""
    return below[:1].islower() and not above.endswith((".", "!", "?", ":", ";"))

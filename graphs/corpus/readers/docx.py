"""The text of a docx: paragraphs, tables row by row, then the notes.

Read from its XML and not through docx2txt (docs/decisions/0003), which makes a paragraph of every cell, so that a
price stands apart from its item. Page headers and footers are left out: they repeat and belong to no sentence.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import BadZipFile, ZipFile

from agents.errors import UnreadableFile
from agents.text.normal_form import tidy
from graphs.corpus.readers.reading import Options, Reading

PARTS = re.compile(r"word/(document\d*|footnotes|endnotes)\.xml")
MOST_UNPACKED = 100_000_000  # bytes of XML: a few kB on disk may unpack to gigabytes
MOST_ELEMENTS = 4_000_000  # tags of its XML: each becomes an object of some hundred bytes, however short it is
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # begins a .doc, and a docx with a password too
UNREAD = {
    "pPr",
    "del",
    "moveFrom",
    "Fallback",
}  # tab stops, what was deleted or moved away, and the second copy of a text box

SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """The text of a letter, a report or a book."""
    yield Reading(tidy(docx_text(file)))


def docx_text(file: Path) -> str:
    """Blocks with a blank line between them, a table's cells with " | "; empty if there is no text.

    Raises:
        UnreadableFile: encrypted, broken, or its text unpacks to more than MOST_UNPACKED bytes.

    """
    _check_start(file)
    try:
        with ZipFile(file) as archive:
            parts = [info for info in archive.infolist() if PARTS.fullmatch(info.filename)]
            if sum(info.file_size for info in parts) > MOST_UNPACKED:
                raise UnreadableFile("too large", f"its text unpacks to more than {MOST_UNPACKED // 1_000_000} MB")
            read = [archive.read(info) for info in sorted(parts, key=lambda info: "notes" in info.filename)]
            if (elements := sum(part.count(b"<") for part in read)) > MOST_ELEMENTS:
                raise UnreadableFile("too large", f"{elements} tags, more than {MOST_ELEMENTS}")
            roots = [ElementTree.fromstring(part) for part in read]
    except (BadZipFile, EOFError, zlib.error, NotImplementedError, ElementTree.ParseError) as error:
        raise UnreadableFile("broken", f"not a docx: {error}") from error
    if not any(_tag(root) == "document" for root in roots):
        raise UnreadableFile("broken", "not a docx: there is no word/document.xml in it")
    try:
        return "\n\n".join(block.strip() for root in roots for block in _blocks(root) if block.strip())
    except RecursionError as error:
        raise UnreadableFile("broken", "its elements stand hundreds deep in one another") from error


def _check_start(file: Path) -> None:
    raw = file.read_bytes()
    if raw.startswith(OLD_OFFICE) and "EncryptedPackage".encode("utf-16-le") in raw:
        raise UnreadableFile("encrypted", "save it without a password")
    if raw.startswith(OLD_OFFICE):
        raise UnreadableFile("broken", "an old .doc under another name; save it as docx")


def _tag(element: Element) -> str:
    """The name without its namespace: Word's strict format has another one."""
    return element.tag.rpartition("}")[2]


def _blocks(parent: Element) -> Iterator[str]:
    """Paragraphs and tables in reading order, those inside content controls too."""
    for child in parent:
        if _tag(child) == "p":
            yield _text(child)
        elif _tag(child) == "tbl":
            yield _table(child)
        elif _tag(child) not in UNREAD:
            yield from _blocks(child)


def _table(table: Element) -> str:
    """A line a row; what stands in a cell comes on that line."""
    rows = [[" ".join(" ".join(_blocks(cell)).split()) for cell in _within(row, "tc")] for row in _within(table, "tr")]
    return "\n".join(" | ".join(cells) for cells in rows if any(cells))


def _within(parent: Element, name: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, not those of a table inside a cell."""
    for child in parent:
        if _tag(child) == name:
            yield child
        elif _tag(child) not in UNREAD | {"tbl", "tc"}:
            yield from _within(child, name)


def _text(element: Element) -> str:
    tag = _tag(element)
    if tag in UNREAD:
        return ""
    if tag == "t":
        return element.text or ""
    if tag in SIGNS:
        return SIGNS[tag]
    return "".join(f"\n{_text(child)}" if _tag(child) == "p" else _text(child) for child in element)

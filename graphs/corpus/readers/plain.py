"""Plain text, and the encoding of every file of text.

A file in another encoding than UTF-8 that does not say so is guessed by chardet, and the guess is told. A poor guess is
refused: a wrong letter would be quoted, and taught, as it is.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from agents.errors import UnreadableFile
from agents.text.normal_form import tidy
from graphs.corpus.readers.reading import Options, Reading

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, each a declaration of its encoding."""
SAMPLE = 100_000  # bytes that an encoding is guessed from
FOREIGN = re.compile(rb"[^\n]{0,40}?[\x80-\xff][^\n]*")
"""The lines that it is guessed from, those with letters that are no ASCII: pages of English hide a few of them."""
LEAST_CONFIDENCE = 0.05  # of chardet: a word of five bytes gives 0.02, a sentence of a Latin language 0.08 and more
DATA_URI = re.compile(
    r"data:[\w.+-]+/[\w.+-]+(?:;[\w=.-]+)*;base64,[A-Za-z0-9+/=%]{40,}(?:\n[A-Za-z0-9+/]{60,})*(?:\n[A-Za-z0-9+/]*={1,2})?"
)
"""A file inside a text: a picture of 2 MB is no text of two million letters."""
CONTROLS = re.compile("[\x00-\x08\x0e-\x1a]")


class Decoded(NamedTuple):
    """The text of a file, and its encoding where it was guessed."""

    text: str
    guessed: str = ""


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """The text as it stands; files that are written into it (data: addresses) are left out."""
    text, guessed = decoded(file.read_bytes())
    text, count = DATA_URI.subn("", text)
    reading = Reading(tidy(text), encoding=guessed)
    if count:
        reading.left_out["file inside the text"] = count
    yield reading


def decoded(raw: bytes, declared: str = "") -> Decoded:
    """The text of `raw`, with the line ends of Unix.

    In order: its byte order mark, the encoding it declares, UTF-8, what it looks like.

    Raises:
        UnreadableFile: it is empty, no text, or in an encoding that cannot be told.

    """
    if not raw.strip():
        raise UnreadableFile("empty", f"{len(raw)} bytes; remove it, or fill it")
    text, guessed = _decoded(raw, declared)
    return Decoded(CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), guessed)


def _decoded(raw: bytes, declared: str) -> tuple[str, str]:
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), ""
            except UnicodeDecodeError as error:
                raise UnreadableFile("broken", f"it begins as {encoding} and is not: {error}") from error
    if b"\0" in raw[:8192]:
        raise UnreadableFile("binary", "only text can be read; take it out of [documents] paths")
    try:
        return raw.decode(declared or "utf-8"), ""
    except (UnicodeDecodeError, LookupError):
        return _guessed(raw)


def _guessed(raw: bytes) -> tuple[str, str]:
    import chardet

    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        found = chardet.detect(b"\n".join(line[0] for line in islice(FOREIGN.finditer(raw), 1000))[:SAMPLE])
        encoding, confidence = found["encoding"], found["confidence"] or 0
        if encoding and confidence >= LEAST_CONFIDENCE:
            try:
                return raw.decode(encoding), encoding
            except (UnicodeDecodeError, LookupError):
                pass
        detail = f"byte {error.start} is {raw[error.start]:#04x}, and its encoding cannot be told"
        raise UnreadableFile("not UTF-8", f"{detail}; convert it: iconv -f latin1 -t utf-8") from error

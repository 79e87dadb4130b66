"""Files that are archives inside (docx, pptx, xlsx, epub): opened only if they unpack to a size that can be held."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from agents.errors import UnreadableFile

MOST_UNPACKED = 100_000_000  # bytes of XML: a few kB on disk may unpack to gigabytes
MOST_MEDIA = 500_000_000  # bytes of all else in it
MOST_PARTS = 100_000  # files in it
MOST_ELEMENTS = 4_000_000  # tags of its XML: each becomes an object of some hundred bytes, however short it is
MARKUP = re.compile(r".*\.(xml|rels|x?html?|opf|ncx|vml)", re.IGNORECASE)
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # begins a .doc, .xls or .ppt, and a new one with a password too
STEP = 1_000_000


@contextmanager
def opened(file: Path, kind: str) -> Iterator[ZipFile]:
    """The archive; what its parts say of their sizes is true, since zipfile reads no further than that.

    Raises:
        UnreadableFile: encrypted, no archive, or one that unpacks to too much.

    """
    with file.open("rb") as start:
        if start.read(4) == OLD_OFFICE:
            if "EncryptedPackage".encode("utf-16-le") in file.read_bytes():
                raise UnreadableFile("encrypted", "save it without a password")
            raise UnreadableFile("broken", f"an older kind of file under another name; save it as {kind}")
    try:
        with ZipFile(file) as archive:
            _check(archive)
            yield archive
    except (BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise UnreadableFile("broken", f"not a {kind}: {error}") from error


def _check(archive: ZipFile) -> None:
    parts = archive.infolist()
    text = sum(part.file_size for part in parts if MARKUP.fullmatch(part.filename))
    if text > MOST_UNPACKED:
        raise UnreadableFile("too large", f"its text unpacks to more than {MOST_UNPACKED // 1_000_000} MB")
    if sum(part.file_size for part in parts) - text > MOST_MEDIA or len(parts) > MOST_PARTS:
        bounds = f"{MOST_MEDIA // 1_000_000} MB of media or {MOST_PARTS} parts"
        raise UnreadableFile("too large", f"it unpacks to more than {bounds}")


def check_markup(archive: ZipFile, parts: re.Pattern[str]) -> None:
    """Read the parts of those names once, before a library does that trusts them.

    Raises:
        UnreadableFile: more than MOST_ELEMENTS tags, or a part is larger than it says.

    """
    tags = 0
    for part in archive.infolist():
        if not parts.fullmatch(part.filename):
            continue
        with archive.open(part) as content:
            while step := content.read(STEP):
                tags += step.count(b"<")
    if tags > MOST_ELEMENTS:
        raise UnreadableFile("too large", f"{tags} tags, more than {MOST_ELEMENTS}")

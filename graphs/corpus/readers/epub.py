"""Books (epub): the chapters in the order of the spine, each read as a page of html; pages of contents are left out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from agents.errors import UnreadableFile
from graphs.corpus.readers.html import page_into
from graphs.corpus.readers.plain import decoded
from graphs.corpus.readers.reading import Blocks, Options, Reading
from graphs.corpus.readers.zips import opened

CLOSED = re.compile(r"<(title|a|p|div|span|script|style|i|b|em|td|th|li)\b([^<>]*)/>", re.IGNORECASE)
"""Elements that XML may close in one tag; to a parser of html they are open."""


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """One text, with the book's title, author and date.

    Raises:
        UnreadableFile: no epub, or its chapters are encrypted (DRM).

    """
    with opened(file, "epub") as archive:
        package_name, package = _package(archive)
        blocks = Blocks()
        locked = _locked(archive)
        for chapter in _spine(package, posixpath.dirname(package_name)):
            if chapter in locked:
                raise UnreadableFile("encrypted", "its chapters are locked (DRM)")
            try:
                raw = archive.read(chapter)
            except KeyError:
                blocks.left_out["chapter that is missing"] += 1
                continue
            if raw.strip():
                page_into(blocks, CLOSED.sub(r"<\1\2></\1>", decoded(raw).text), options)
        yield blocks.reading(
            title=_said(package, "title"), author=_said(package, "creator"), date=_said(package, "date")[:10]
        )


def _parsed(raw: bytes) -> Any:
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    try:
        return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise UnreadableFile("broken", f"not an epub: {error}") from error


def _package(archive: ZipFile) -> tuple[str, Any]:
    """The name and the content of the list of what is in the book."""
    try:
        container = _parsed(archive.read("META-INF/container.xml"))
        name = container.find(".//{*}rootfile").get("full-path")
        return name, _parsed(archive.read(name))
    except (KeyError, AttributeError) as error:
        raise UnreadableFile("broken", f"not an epub: {error}") from error


def _spine(package: Any, folder: str) -> Iterator[str]:
    """The chapters' names in the archive, in the order in which they are read."""
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is not None and "nav" not in (item.get("properties") or "").split():
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _locked(archive: ZipFile) -> set[str]:
    if "META-INF/encryption.xml" not in archive.namelist():
        return set()
    return {found.get("URI") for found in _parsed(archive.read("META-INF/encryption.xml")).iter("{*}CipherReference")}


def _said(package: Any, key: str) -> str:
    found = package.find(f".//{{http://purl.org/dc/elements/1.1/}}{key}")
    return " ".join((found.text or "").split()) if found is not None else ""

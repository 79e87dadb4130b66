"""Which module reads which kind of file, and what becomes of a file that cannot be read.

Nothing is read half in silence: a row or a page that is left out is named, and what else is left out is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from agents.errors import UnreadableFile
from agents.records import Document, Skipped, SkipReason
from agents.text.printable import printable
from graphs.corpus.readers import (
    docx,
    epub,
    html,
    mail,
    markdown,
    pdf,
    plain,
    rtf,
    sheets,
    slides,
    subtitles,
    tables,
    with_docling,
)
from graphs.corpus.readers.reading import Options, Reading

LONGEST_DETAIL = 200  # characters of what a parser said
MOST_NAMED = 1000  # rows of one file that are skipped by name: each is kept, and a file may have millions
Found = Document | Skipped
Reader = Callable[[Path, str, Options], Iterator[Reading | Skipped]]

READERS: dict[str, Reader] = {
    ".txt": plain.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".pdf": pdf.read,
    ".docx": docx.read,
    ".pptx": slides.read,
    ".xlsx": sheets.read,
    ".xlsm": sheets.read,
    ".xlsb": sheets.read,
    ".xls": sheets.read,
    ".ods": sheets.read,
    ".epub": epub.read,
    ".eml": mail.read,
    ".rtf": rtf.read,
    ".srt": subtitles.read,
    ".vtt": subtitles.read,
    ".csv": tables.read_csv,
    ".tsv": tables.read_csv,
    ".jsonl": tables.read_jsonl,
}


def read_file(file: Path, name: str, most_bytes: int, options: Options | None = None) -> list[Found]:
    """The documents of `file`, which is called `name`, and what of it was skipped.

    Never raises for what the file holds.
    """
    try:
        _check(file, most_bytes)
        options = options or Options()
        kind = file.suffix.lower()
        read = with_docling.read if kind[1:] in options.docling else READERS[kind]
        found = list(_documents(read(file, name, options), name))
    except UnreadableFile as error:
        return [_skipped(name, cast(SkipReason, error.reason), error.detail)]
    except OSError as error:
        return [_skipped(name, "cannot be opened", error.strerror or str(error))]
    except ImportError:  # the environment's fault, not the file's
        raise
    except Exception as error:  # noqa: BLE001 - a damaged file makes its parser raise anything
        return [_skipped(name, "broken", f"{type(error).__name__}: {error}")]
    if not any(isinstance(item, Document) for item in found):
        found.append(_skipped(name, "no text", "not one of its rows can be read" if found else "remove it, or fill it"))
    return found


def _documents(read: Iterator[Reading | Skipped], name: str) -> Iterator[Found]:
    """The documents of what was read, and the first MOST_NAMED parts that were not."""
    named = more = 0
    for item in read:
        if isinstance(item, Reading) and item.text.strip():
            yield from item.document(name)
        elif isinstance(item, Reading) and not item.row:
            continue
        elif named < MOST_NAMED:
            named += 1
            yield item if isinstance(item, Skipped) else _blank(name, item)
        else:
            more += 1
    if more:
        detail = f"only the first {MOST_NAMED} of them are named"
        yield Skipped(path=name, part=f"{more} more rows", reason="not a row", detail=detail)


def _blank(name: str, row: Reading) -> Skipped:
    return Skipped(path=name, part=row.part, reason="no text", detail="its text is blank")


def _skipped(name: str, reason: SkipReason, detail: str) -> Skipped:
    return Skipped(path=name, reason=reason, detail=printable(detail)[:LONGEST_DETAIL])


def _check(file: Path, most_bytes: int) -> None:
    if file.is_dir() and file.is_symlink():
        raise UnreadableFile(
            "link to a folder",
            "links are not followed, since they may lead in a circle; name its folder in [documents] paths",
        )
    size = file.stat().st_size
    if file.is_dir():
        raise UnreadableFile("cannot be opened", "a folder that may not be read; mend its permissions")
    if not file.is_file():
        raise UnreadableFile("cannot be opened", "not a plain file")
    if size > most_bytes:
        raise UnreadableFile("too large", f"{size / 1e6:.3g} MB; max_file_mb is {most_bytes / 1e6:g}")
    if not size:
        raise UnreadableFile("empty", "0 bytes; remove it, or fill it")

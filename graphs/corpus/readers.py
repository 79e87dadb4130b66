"""One file becomes documents, or a reason why it does not: txt, md, html, pdf, docx, csv and jsonl.

The only module that touches langchain-community (docs/decisions/0003). Nothing is read half in silence: a row or a
page that is left out is named.
"""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from agents.errors import UnreadableFile
from agents.records import Document, Skipped, SkipReason, content_id
from agents.text.normal_form import tidy
from agents.text.printable import printable
from graphs.corpus.docx import docx_text
from graphs.corpus.tables import Row, csv_rows, jsonl_rows

PAGE_BREAK = "\n\n"
LONGEST_DETAIL = 200  # characters of what a parser said
LONGEST_TITLE = (
    300  # characters: a title stands in every prompt about its document; the longest of papers have some 250
)
MOST_MARKS = 1_000_000  # `<` and `&` of a page: html.parser takes some 20 µs for each
MOST_PAGES = 50_000  # of a pdf: a few bytes name a page again, with all that stands on it
MOST_CHARACTERS = (
    50_000_000  # of a pdf's text, which is packed: as much as the largest file of plain text has (max_file_mb)
)
MOST_SECONDS = (
    600  # for a pdf, looked at after each page: what is drawn on a page may be millions of steps without a letter
)
MOST_NAMED = 1000  # rows of one file that are skipped by name: each is kept, and a file may have millions
Found = Document | Skipped


def read_file(file: Path, name: str, most_bytes: int) -> list[Found]:
    """The documents of `file`, which is called `name`, and what of it was skipped.

    Never raises for what the file holds.
    """
    try:
        _check(file, most_bytes)
        found = list(READERS[file.suffix.lower()](file, name))
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


def _plain(file: Path, name: str) -> Iterator[Found]:
    yield from _document(name, _decoded(file), {"file": name})


def _html(file: Path, name: str) -> Iterator[Found]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # langchain-community announces its archiving at every import
        from langchain_community.document_loaders import BSHTMLLoader
    with _closed_page(file) as whole:
        page = BSHTMLLoader(
            whole, open_encoding="utf-8", bs_kwargs={"features": "html.parser"}, get_text_separator="\n"
        ).load()[0]
    title = str(page.metadata.get("title") or "")
    text = re.sub(r"\n\s*\n\s*", "\n\n", page.page_content).strip()
    yield from _document(name, text, {"file": name, **({"title": title} if title else {})})


@contextmanager
def _closed_page(file: Path) -> Iterator[Path]:
    """The page, or a copy in which no comment, section or tag is left open.

    For each that is, html.parser searches the rest of the page.
    """
    text = _decoded(file)  # the loader hides what is wrong with the bytes
    if (marks := text.count("<") + text.count("&")) > MOST_MARKS:
        raise UnreadableFile("too large", f"{marks} tags and entities, more than {MOST_MARKS}; divide it")
    closed = close_html(text)
    if closed == text:
        yield file
        return
    with TemporaryDirectory() as scratch:
        copy = Path(scratch, "page.html")
        copy.write_text(closed, encoding="utf-8", newline="")
        yield copy


def close_html(text: str) -> str:
    """`text` with every `<` escaped that opens what nothing closes: it is text then, as it is to a browser's eye."""
    for opening, closing in OPEN_ENDS:
        last = max((match.end() for match in closing.finditer(text)), default=0)
        text = text[:last] + opening.sub(lambda match: f"&lt;{match[0][1:]}", text[last:])
    return text


OPEN_ENDS = (
    (re.compile("<!--"), re.compile(r"--\s*>")),
    (re.compile(r"<!\[\s*(?:temp|cdata|ignore|include|rcdata)\b", re.IGNORECASE), re.compile(r"\]\s*\]\s*>")),
    (re.compile(r"<!\["), re.compile(r"\]\s*>")),
    (re.compile("<"), re.compile(">")),
)
"""What opens and what closes it, as `html.parser` looks for it."""


def _pdf(file: Path, name: str) -> Iterator[Found]:
    """One document; `metadata["pages"]` holds where each page begins in its text."""
    pages = _pages(file)
    empty = [str(number) for number, page in enumerate(pages, 1) if not page]
    if len(empty) == len(pages):
        raise UnreadableFile("no text", f"pictures or blank (pages: {len(pages)}); recognise their text first (OCR)")
    starts = list(accumulate((len(page) + len(PAGE_BREAK) for page in pages[:-1]), initial=0))
    yield from _document(name, PAGE_BREAK.join(pages), {"file": name, "pages": starts})
    if empty:
        part = f"page{'s' * (len(empty) > 1)} {', '.join(empty)}"
        yield Skipped(path=name, part=part, reason="no text", detail="a picture, or blank")


def _pages(file: Path) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from langchain_community.document_loaders import PyPDFLoader
        from pypdf.errors import DependencyError, FileNotDecryptedError
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every oddity it mended, without the file's name
    pages: list[str] = []
    held, until = 0, time.monotonic() + MOST_SECONDS
    try:
        for page in PyPDFLoader(file.absolute(), mode="page").lazy_load():
            whole = page.page_content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            pages.append(tidy(whole.replace("\r\n", "\n")).strip())  # before pages are told apart by offsets
            held += len(pages[-1])
            if len(pages) > MOST_PAGES or held > MOST_CHARACTERS or time.monotonic() > until:
                bounds = f"{MOST_PAGES} pages, {MOST_CHARACTERS} characters or {MOST_SECONDS} s"
                raise UnreadableFile(
                    "too large",
                    f"more than {bounds} (stopped after {len(pages)} pages and {held} characters); divide it",
                )
    except FileNotDecryptedError as error:
        raise UnreadableFile("encrypted", "save it without a password") from error
    except DependencyError as error:
        raise UnreadableFile(
            "encrypted", "save it without encryption, or `pip install cryptography` if it opens without a password"
        ) from error
    except RecursionError as error:
        raise UnreadableFile("broken", "its objects stand hundreds deep in one another") from error
    return pages


def _docx(file: Path, name: str) -> Iterator[Found]:
    yield from _document(name, docx_text(file), {"file": name})


def _csv(file: Path, name: str) -> Iterator[Found]:
    yield from _rows(csv_rows(_decoded(file), name), name)


def _jsonl(file: Path, name: str) -> Iterator[Found]:
    yield from _rows(jsonl_rows(_decoded(file), name), name)


def _rows(rows: Iterable[Row | Skipped], name: str) -> Iterator[Found]:
    named = more = 0
    for row in rows:
        if isinstance(row, Row) and row.text.strip():
            yield from _document(
                f"{name}#{row.number}", row.text, {**row.columns, "file": name, "row": row.number}, f"row {row.number}"
            )
        elif named < MOST_NAMED:
            named += 1
            yield (
                row
                if isinstance(row, Skipped)
                else Skipped(path=name, part=f"row {row.number}", reason="no text", detail="its text is blank")
            )
        else:
            more += 1
    if more:
        yield Skipped(
            path=name,
            part=f"{more} more rows",
            reason="not a row",
            detail=f"only the first {MOST_NAMED} of them are named",
        )


def _decoded(file: Path) -> str:
    raw = file.read_bytes()
    if not raw.strip():
        raise UnreadableFile("empty", f"{len(raw)} bytes; remove it, or fill it")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("not UTF-8", f"it is UTF-16; convert it: iconv -f utf-16 -t utf-8 {file.name}")
    if b"\0" in raw[:8192]:
        raise UnreadableFile("binary", "only text can be read; take it out of [documents] paths")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            "not UTF-8",
            f"byte {error.start} is {raw[error.start]:#04x}; convert it: iconv -f latin1 -t utf-8 {file.name}",
        ) from error


def _document(path: str, text: str, metadata: dict[str, Any], row: str = "") -> Iterator[Found]:
    """The document, if there is any text.

    A title that is none by its length is cut and told, under its `row` if it has one.
    """
    text = tidy(text.replace("\r\n", "\n"))
    if text.strip():
        title = tidy(str(metadata.get("title") or title_of(path, text)))
        if len(title) > LONGEST_TITLE:
            detail = f"{len(title)} characters; the first {LONGEST_TITLE} are kept"
            yield Skipped(
                path=metadata["file"], part=", ".join(filter(None, [row, "title"])), reason="too large", detail=detail
            )
        yield Document(
            id=content_id("doc", path, text), path=path, title=short_title(title), text=text, metadata=metadata
        )


def short_title(title: str) -> str:
    """At most LONGEST_TITLE characters, and a mark where more was there."""
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


def title_of(path: str, text: str) -> str:
    """The first heading, else a short first line, else the file's name in words."""
    first = text.strip().splitlines()[0].strip()
    if first.startswith("#"):
        return first.lstrip("# ").strip()
    return (
        first
        if len(first) <= 80 and not first.endswith((".", ",", ":"))
        else re.sub(r"[-_]+", " ", Path(path.split("#")[0]).stem).strip()
    )


READERS: dict[str, Callable[[Path, str], Iterator[Found]]] = {
    ".txt": _plain,
    ".md": _plain,
    ".markdown": _plain,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".csv": _csv,
    ".jsonl": _jsonl,
}

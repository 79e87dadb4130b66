"""One file becomes documents, or a reason why it does not: txt, md, html, pdf, docx, csv and jsonl.

The only module that touches langchain-community (docs/decisions/0003). Nothing is read half in silence: a row or a
page that is left out is named.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

from agents.errors import UnreadableFile
from agents.plain import tidy
from agents.records import Document, Skipped, SkipReason, content_id
from agents.text import printable
from graphs.docx import docx_text
from graphs.rows import Row, csv_rows, jsonl_rows

PAGE_BREAK = "\n\n"
LONGEST_DETAIL = 200  # characters of what a parser said
Found = Document | Skipped


def read_file(file: Path, name: str, most_bytes: int) -> list[Found]:
    """The documents of `file`, which is called `name`, and what of it was skipped; never raises for what the file holds."""
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
        raise UnreadableFile("link to a folder", "links are not followed, since they may lead in a circle; name its folder in [documents] paths")
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
    _decoded(file)  # the loader hides what is wrong with the bytes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # langchain-community announces its archiving at every import
        from langchain_community.document_loaders import BSHTMLLoader
    page = BSHTMLLoader(file, open_encoding="utf-8", bs_kwargs={"features": "html.parser"}, get_text_separator="\n").load()[0]
    title = str(page.metadata.get("title") or "")
    text = re.sub(r"\n\s*\n\s*", "\n\n", page.page_content).strip()
    yield from _document(name, text, {"file": name, **({"title": title} if title else {})})


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
    try:
        pages = PyPDFLoader(file.absolute(), mode="page").load()
    except FileNotDecryptedError as error:
        raise UnreadableFile("encrypted", "save it without a password") from error
    except DependencyError as error:
        raise UnreadableFile("encrypted", "save it without encryption, or `pip install cryptography` if it opens without a password") from error
    whole = (page.page_content.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for page in pages)
    return [tidy(text.replace("\r\n", "\n")).strip() for text in whole]  # before pages are told apart by offsets


def _docx(file: Path, name: str) -> Iterator[Found]:
    yield from _document(name, docx_text(file), {"file": name})


def _csv(file: Path, name: str) -> Iterator[Found]:
    yield from _rows(csv_rows(_decoded(file), name), name)


def _jsonl(file: Path, name: str) -> Iterator[Found]:
    yield from _rows(jsonl_rows(_decoded(file), name), name)


def _rows(rows: Iterable[Row | Skipped], name: str) -> Iterator[Found]:
    for row in rows:
        if isinstance(row, Skipped):
            yield row
        elif row.text.strip():
            yield from _document(f"{name}#{row.number}", row.text, {**row.columns, "file": name, "row": row.number})
        else:
            yield Skipped(path=name, part=f"row {row.number}", reason="no text", detail="its text is blank")


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
        raise UnreadableFile("not UTF-8", f"byte {error.start} is {raw[error.start]:#04x}; convert it: iconv -f latin1 -t utf-8 {file.name}") from error


def _document(path: str, text: str, metadata: dict[str, Any]) -> Iterator[Document]:
    """The document, if there is any text."""
    text = tidy(text.replace("\r\n", "\n"))
    if text.strip():
        title = tidy(str(metadata.get("title") or title_of(path, text)))
        yield Document(id=content_id("doc", path, text), path=path, title=title, text=text, metadata=metadata)


def title_of(path: str, text: str) -> str:
    """The first heading, else a short first line, else the file's name in words."""
    first = text.strip().splitlines()[0].strip()
    if first.startswith("#"):
        return first.lstrip("# ").strip()
    return first if len(first) <= 80 and not first.endswith((".", ",", ":")) else re.sub(r"[-_]+", " ", Path(path.split("#")[0]).stem).strip()


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

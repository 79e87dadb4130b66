"""The text of a pdf, page by page."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from agents.errors import UnreadableFile
from agents.records import Skipped
from agents.text.normal_form import tidy
from graphs.corpus.readers.reading import Options, Reading

PAGE_BREAK = "\n\n"
MOST_PAGES = 50_000  # of a pdf: a few bytes name a page again, with all that stands on it
MOST_CHARACTERS = (
    50_000_000  # of a pdf's text, which is packed: as much as the largest file of plain text has (max_file_mb)
)
MOST_SECONDS = (
    600  # for a pdf, looked at after each page: what is drawn on a page may be millions of steps without a letter
)


def read(file: Path, name: str, options: Options) -> Iterator[Reading | Skipped]:
    """One text; `pages` holds where each page begins in it."""
    pages = _pages(file)
    empty = [str(number) for number, page in enumerate(pages, 1) if not page]
    if len(empty) == len(pages):
        raise UnreadableFile("no text", f"pictures or blank (pages: {len(pages)}); recognise their text first (OCR)")
    starts = list(accumulate((len(page) + len(PAGE_BREAK) for page in pages[:-1]), initial=0))
    yield Reading(PAGE_BREAK.join(pages), pages=starts)
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

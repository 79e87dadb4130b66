"""The text of a pdf that pdfium cannot open, by pypdf: it mends other faults, and knows nothing of columns.

The only module that touches langchain-community (docs/decisions/0003).
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

from agents.errors import UnreadableFile
from agents.text.normal_form import tidy


def pages_of_pypdf(file: Path, most_characters: int) -> list[str]:
    """The text of each page.

    Raises:
        UnreadableFile: encrypted, hundreds deep, or of more characters.

    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # langchain-community announces its archiving at every import
        from langchain_community.document_loaders import PyPDFLoader
        from pypdf.errors import DependencyError, FileNotDecryptedError
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every oddity it mended, without the file's name
    pages: list[str] = []
    held = 0
    try:
        for page in PyPDFLoader(file.absolute(), mode="page").lazy_load():
            whole = page.page_content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            pages.append(tidy(whole.replace("\r\n", "\n").replace("\0", "")).strip())
            held += len(pages[-1])
            if held > most_characters:
                raise UnreadableFile("too large", f"more than {most_characters} characters; divide it")
    except (FileNotDecryptedError, DependencyError) as error:
        raise UnreadableFile("encrypted", "save it without a password") from error
    except RecursionError as error:
        raise UnreadableFile("broken", "its objects stand hundreds deep in one another") from error
    return pages

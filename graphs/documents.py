"""Files become documents: txt, md, html and jsonl, each with where it came from.

The only module that touches langchain-community (docs/decisions/0003). A file that cannot be read whole is an
error that names it; nothing is read half.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from agents.config import Section
from agents.errors import InputError
from agents.records import Document, content_id

TEXT = {".txt", ".md", ".markdown"}
HTML = {".html", ".htm"}
ROWS = {".jsonl"}


class DocumentsConfig(Section):
    """[documents]: what is read and how it is cut."""

    paths: list[str] = Field(["documents"], description="files and folders, relative to ragtuned.toml; folders are read whole")
    chunk_characters: int = Field(1800, ge=200, description="most characters of a chunk (about 450 tokens; the paper's index uses 500)")
    chunk_overlap: int = Field(0, ge=0, description="characters a chunk shares with the one before; 0, since briefs go by sentence and must not repeat")

    @field_validator("chunk_overlap")
    @classmethod
    def _shorter_than_a_chunk(cls, overlap: int, info: ValidationInfo) -> int:
        if overlap >= info.data.get("chunk_characters", overlap + 1):
            raise ValueError("must be less than chunk_characters")
        return overlap


def load_documents(root: Path, config: DocumentsConfig) -> list[Document]:
    """All documents under the configured paths, in the order of their paths.

    Raises:
        InputError: a path is missing, nothing readable is there, or a file is empty, binary or not UTF-8.

    """
    files = document_files(root, config)
    documents = [document for file in files for document in _load(file, file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name)]
    unique = {document.id: document for document in documents}
    return sorted(unique.values(), key=lambda document: (document.path, document.id))


def document_files(root: Path, config: DocumentsConfig) -> list[Path]:
    """The files that will be read: every readable one under the configured paths, hidden ones and our own runs/ left out.

    Raises:
        InputError: a path is missing, or nothing readable is there.

    """
    files = [file for path in config.paths for file in _files(root, path)]
    if not files:
        known = " ".join(sorted(TEXT | HTML | ROWS))
        raise InputError(f"no document in {', '.join(config.paths)} (under {root.resolve()})", f"put files there ({known}), or set [documents] paths")
    return files


def _files(root: Path, path: str) -> list[Path]:
    place = root / path
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise InputError(f"[documents] paths: {place} does not exist", "mend the path; it is relative to ragtuned.toml")
    found = [f for f in place.rglob("*") if f.is_file() and f.suffix.lower() in TEXT | HTML | ROWS]
    hidden = [f for f in found if any(part.startswith(".") for part in f.relative_to(place).parts)]
    return sorted(set(found) - set(hidden) - {f for f in found if f.is_relative_to(root / "runs")})


def _load(file: Path, name: str) -> Iterator[Document]:
    suffix = file.suffix.lower()
    if suffix not in TEXT | HTML | ROWS:
        raise InputError(f"{name}: no reader for {suffix or 'a file without an ending'}", f"known are {' '.join(sorted(TEXT | HTML | ROWS))}")
    text = _decoded(file, name)
    if suffix in ROWS:
        yield from _rows(text, name)
        return
    body = _html(file) if suffix in HTML else (text, {})
    yield _document(name, body[0], {"file": name, **body[1]})


def _decoded(file: Path, name: str) -> str:
    raw = file.read_bytes()
    if not raw.strip():
        raise InputError(f"{name} is empty ({len(raw)} bytes)", "remove the file, or fill it")
    if b"\0" in raw[:8192]:
        raise InputError(f"{name} is a binary file", "only text can be read; take it out of [documents] paths")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8: byte {error.start} is {raw[error.start]:#04x}", f"convert it: iconv -f latin1 -t utf-8 {file.name}") from error


def _html(file: Path) -> tuple[str, dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # langchain-community announces its archiving at every import
        from langchain_community.document_loaders import BSHTMLLoader
    page = BSHTMLLoader(file, open_encoding="utf-8", bs_kwargs={"features": "html.parser"}, get_text_separator="\n").load()[0]
    title = str(page.metadata.get("title") or "")
    return re.sub(r"\n\s*\n\s*", "\n\n", page.page_content).strip(), {"title": title} if title else {}


def _rows(text: str, name: str) -> Iterator[Document]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            body = row.pop("text")
            if not isinstance(body, str):
                raise TypeError(body)
        except (json.JSONDecodeError, KeyError, AttributeError, TypeError) as error:
            raise InputError(f"{name}, line {number}: not an object with a text field", 'a line is {"text": "…", "title": "…"}') from error
        yield _document(f"{name}#{number}", body, {"file": name, "row": number, **row})


def _document(path: str, text: str, metadata: dict[str, Any]) -> Document:
    text = text.replace("\r\n", "\n")
    if not text.strip():
        raise InputError(f"{path} holds no text", "remove it, or fill it")
    return Document(id=content_id("doc", path, text), path=path, title=str(metadata.get("title") or _title(path, text)), text=text, metadata=metadata)


def _title(path: str, text: str) -> str:
    """The first heading, else a short first line, else the file's name in words."""
    first = text.strip().splitlines()[0].strip()
    if first.startswith("#"):
        return first.lstrip("# ").strip()
    return first if len(first) <= 80 and not first.endswith((".", ",", ":")) else re.sub(r"[-_]+", " ", Path(path.split("#")[0]).stem).strip()

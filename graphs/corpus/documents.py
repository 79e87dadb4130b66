"""What is read of [documents] paths: which files, their documents, and what was skipped and why.

A file that cannot be read does not end the run; it is named. Links to folders are named and not followed, so that no
circle of them is walked.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from agents.config import Section
from agents.errors import InputError
from agents.files import file_hash
from agents.links import leads_out, open_folders
from agents.records import Document, Skipped
from agents.text.printable import printable
from graphs.corpus.readers import READERS, read_file
from graphs.corpus.readers.reading import Options

SHOWN = 10  # skipped files named on the console; all of them are in graph/skipped.jsonl
NAMED = 3  # in an error
OUTSIDE = "a link is not followed to another place; name that place itself in [documents] paths"
MEGABYTE = 1_000_000
KNOWN = " ".join(sorted(READERS))


class DocumentsConfig(Section):
    """[documents]: what is read and how it is cut."""

    paths: list[str] = Field(
        ["documents"],
        description="files, folders (read whole) and globs such as notes/**/*.md, relative to ragtuned.toml",
    )
    max_file_mb: float = Field(
        50, gt=0, description="files of more megabytes (10^6 bytes) are skipped; 50 is some ten thousand pages of text"
    )
    chunk_characters: int = Field(
        1800, ge=200, description="most characters of a chunk (about 450 tokens; the paper's index uses 500)"
    )
    chunk_overlap: int = Field(
        0,
        ge=0,
        description="characters a chunk shares with the one before; 0, since briefs go by sentence and must not repeat",
    )
    keep_code: bool = Field(
        False, description="code blocks of markdown and html are read as text; else they are left out and counted"
    )
    ocr: str = Field(
        "",
        description="languages that tesseract recognises on pages of a pdf without text, such as eng or eng+deu; "
        "empty: such pages are named and not read",
    )
    graphrag_index: str | None = Field(
        None, description="folder of a GraphRAG index that is read in place of the documents, relative to ragtuned.toml"
    )

    @field_validator("chunk_overlap")
    @classmethod
    def _shorter_than_a_chunk(cls, overlap: int, info: ValidationInfo) -> int:
        if overlap >= info.data.get("chunk_characters", overlap + 1):
            raise ValueError("must be less than chunk_characters")
        return overlap

    @property
    def most_bytes(self) -> int:
        """`max_file_mb` in bytes."""
        return int(self.max_file_mb * MEGABYTE)

    @property
    def options(self) -> Options:
        """What readers follow."""
        return Options(keep_code=self.keep_code, ocr=self.ocr)


@dataclass(frozen=True)
class Loaded:
    """The documents in the order of their paths, what was skipped, and how many files gave a document."""

    documents: list[Document]
    skipped: list[Skipped]
    files_read: int

    @property
    def counts(self) -> dict[str, int]:
        """How many, where files = files_read + files_skipped; parts are rows and pages of files that were read."""
        whole = sum(not item.part for item in self.skipped)
        return {
            "files": self.files_read + whole,
            "files_read": self.files_read,
            "files_skipped": whole,
            "parts_skipped": len(self.skipped) - whole,
            "documents": len(self.documents),
        }


def load_documents(root: Path, config: DocumentsConfig) -> Loaded:
    """All documents under the configured paths; of files with the same text the first is read.

    Raises:
        InputError: a path is missing or has no reader, or not one file can be read; the first three are named.

    """
    documents: list[Document] = []
    skipped: list[Skipped] = []
    first: dict[tuple[str, ...], str] = {}
    folders = open_folders(root, config.paths)
    for file in document_files(root, config):
        name = file_name(root, file)
        if leads_out(file, folders):
            skipped.append(Skipped(path=name, reason="link out of the project", detail=OUTSIDE))
            continue
        found = read_file(file, name, config.most_bytes, config.options)
        made = [item for item in found if isinstance(item, Document)]
        texts = tuple(document.text.strip() for document in made)
        if made and texts in first:
            skipped.append(Skipped(path=name, reason="same text as", detail=first[texts]))
            continue
        skipped += [item for item in found if isinstance(item, Skipped)]
        if made:
            first[texts] = name
            documents += made
    if not documents:
        raise _nothing([item for item in skipped if not item.part])
    return Loaded(sorted(documents, key=_position), skipped, len(first))


def _position(document: Document) -> tuple[str, int, str]:
    """By file, then by row as a number: row 10 comes after row 2."""
    return str(document.metadata.get("file", document.path)), int(document.metadata.get("row", 0)), document.id


def _nothing(skipped: Sequence[Skipped]) -> InputError:
    lines = [
        f"no document can be read; {len(skipped)} file{'s' * (len(skipped) > 1)} skipped:",
        *(f"  - {item}" for item in skipped[:NAMED]),
    ]
    more = [f"  … and {len(skipped) - NAMED} more"] if len(skipped) > NAMED else []
    return InputError(
        "\n".join(lines + more), f"mend them or name others in [documents] paths; what can be read: {KNOWN}"
    )


def document_files(root: Path, config: DocumentsConfig) -> list[Path]:
    """Every file with a reader under the configured paths, and what is in the way.

    Links to folders, folders that may not be opened.

    Hidden ones and our own runs/ are left out; a file that two paths name comes once.

    Raises:
        InputError: a path is missing or has no reader, or nothing is there.

    """
    files = list(dict.fromkeys(file for path in config.paths for file in _found(root, path)))
    if not files:
        raise InputError(
            f"no document in {', '.join(config.paths)} (under {root.resolve()})",
            f"put files there ({KNOWN}), or set [documents] paths",
        )
    return files


def _found(root: Path, path: str) -> list[Path]:
    target = root / path
    if target.is_file() and target.suffix.lower() not in READERS:
        raise InputError(f"{path}: no reader for {target.suffix or 'a file without an ending'}", f"known are {KNOWN}")
    if target.is_file():
        return [target]
    if target.is_dir():
        found = _walk(target)
    elif set("*?[") & set(path):
        found = _matches(root, path)
    else:
        raise InputError(
            f"[documents] paths: {target} does not exist", "mend the path; it is relative to ragtuned.toml"
        )
    return sorted(file for file in found if not file.is_relative_to(root / "runs"))


def _walk(folder: Path) -> Iterator[Path]:
    """The files under a folder, its links to folders, and the folders that may not be opened.

    os.walk does not follow the links.
    """
    closed: list[Path] = []
    for within, folders, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (link for name in folders if (link := Path(within, name)).is_symlink())
        yield from (
            file
            for name in files
            if not name.startswith(".") and (file := Path(within, name)).suffix.lower() in READERS
        )
    yield from closed


def _matches(root: Path, pattern: str) -> Iterator[Path]:
    """The files that a glob names; hidden ones only where the glob names the dot."""
    whole = root / pattern
    base = Path(whole.anchor) if Path(pattern).is_absolute() else root
    rest = whole.relative_to(base)
    try:
        found = list(base.glob(str(rest / "*" if rest.name == "**" else rest)))
    except ValueError as error:
        raise InputError(
            f"[documents] paths: {pattern!r} is not a glob: {error}", "write it like notes/**/*.md"
        ) from error
    for file in found:
        hidden = [part for part in file.relative_to(base).parts if part.startswith(".") and part not in rest.parts]
        if not hidden and not file.is_dir() and file.suffix.lower() in READERS:
            yield file


def file_name(root: Path, file: Path) -> str:
    """What a file is called everywhere.

    Its path in the project, on one line, with line breaks and broken characters escaped.
    """
    return printable(file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name)


def digest(file: Path, config: DocumentsConfig, folders: Sequence[Path] | None = None) -> str:
    """The SHA-256 of a file that will be read.

    Of one that will not, as a link out of the `folders`, that it will not.
    """
    if folders and leads_out(file, folders):
        return "not read"
    try:
        readable = file.is_file() and file.stat().st_size <= config.most_bytes
        return file_hash(file) if readable else "not read"
    except OSError:
        return "not read"


def place(document: Document, start: int) -> str:
    """Where a person finds the character `start` of a document.

    "report.pdf, page 3", "prices.csv, row 7" or "notes.md".
    """
    file = document.metadata.get("file", document.path)
    if "row" in document.metadata:
        return f"{file}, row {document.metadata['row']}"
    if "pages" in document.metadata:
        return f"{file}, page {bisect_right(document.metadata['pages'], start)}"
    return str(file)


def tell_skipped(skipped: Sequence[Skipped], say: Callable[[str], None]) -> None:
    """Name what was skipped, a line each; of many the first ten and how many more."""
    for item in skipped[:SHOWN]:
        say(f"skipped {item}")
    if len(skipped) > SHOWN:
        say(f"skipped {len(skipped) - SHOWN} more")

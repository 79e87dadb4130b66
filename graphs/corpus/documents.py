"""What is read of [documents] paths: the documents, and what was not read and why.

A file that cannot be read does not end the run; it is named.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from agents.config import Section
from agents.errors import InputError
from agents.files import file_hash
from agents.links import leads_out, open_folders
from agents.records import Document, Skipped
from graphs.corpus.document_cache import DocumentCache
from graphs.corpus.listing import KNOWN, NOT_READ, Listing, kinds, listing
from graphs.corpus.readers import read_file
from graphs.corpus.readers.reading import Options

SHOWN = 10  # skipped files named on the console; all of them are in graph/skipped.jsonl
NAMED = 3  # in an error
OUTSIDE = "a link is not followed to another place; name that place itself in [documents] paths"
MEGABYTE = 1_000_000


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
    docling: list[Literal["pdf", "docx", "pptx", "html"]] = Field(
        [],
        description="kinds of files that Docling reads with its models, from the extra `docling`; else our readers do",
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
        return Options(keep_code=self.keep_code, ocr=self.ocr, docling=tuple(self.docling))


@dataclass(frozen=True)
class Loaded:
    """The documents in the order of their paths, what was not read, and how many files gave a document."""

    documents: list[Document]
    skipped: list[Skipped]
    """Files that were to be read and could not be, and parts of such that were; then those that are left alone."""
    files_read: int

    @property
    def counts(self) -> dict[str, int]:
        """How many, where files = files_read + files_skipped + files_not_read; parts are rows and pages of files."""
        files = Counter(item.reason in NOT_READ for item in self.skipped if not item.part)
        return {
            "files": self.files_read + files.total(),
            "files_read": self.files_read,
            "files_skipped": files[False],
            "files_not_read": files[True],
            "parts_skipped": len(self.skipped) - files.total(),
            "documents": len(self.documents),
        }


def load_documents(
    root: Path, config: DocumentsConfig, found: Listing | None = None, cache: DocumentCache | None = None
) -> Loaded:
    """All documents under the configured paths; of files with the same text the first is read.

    `found` is the listing of these paths, if it is at hand; a file that is in the `cache` and has not changed is not
    read again.

    Raises:
        InputError: what `listing` raises, or not one file can be read; the first three are named.

    """
    documents: list[Document] = []
    skipped: list[Skipped] = []
    first: dict[tuple[str, ...], str] = {}
    folders = open_folders(root, config.paths)
    found, how = found or listing(root, config.paths), f"{config.most_bytes} {config.options}"
    for file, name in found.files.items():
        if leads_out(file, folders):
            skipped.append(Skipped(path=name, reason="link out of the project", detail=OUTSIDE))
            continue
        read = cache.items(file, name, how) if cache else None
        if read is None:
            read = read_file(file, name, config.most_bytes, config.options)
            if cache:
                cache.keep(file, name, how, read)
        made = [item for item in read if isinstance(item, Document)]
        texts = tuple(document.text.strip() for document in made)
        if made and texts in first:
            skipped.append(Skipped(path=name, reason="same text as", detail=first[texts]))
            continue
        skipped += [item for item in read if isinstance(item, Skipped)]
        if made:
            first[texts] = name
            documents += made
    if not documents:
        raise _nothing([item for item in skipped if not item.part])
    return Loaded(sorted(documents, key=_position), [*skipped, *found.unread], len(first))


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


def digest(
    file: Path, name: str, config: DocumentsConfig, folders: Sequence[Path], cache: DocumentCache | None = None
) -> str:
    """The SHA-256 of a file that will be read; of one that will not, as a link out of the `folders`, that it will not.

    One that is in the `cache` and has not changed is not read.
    """
    if leads_out(file, folders):
        return "not read"
    try:
        if not (file.is_file() and file.stat().st_size <= config.most_bytes):
            return "not read"
        return cache.sha256(file, name) if cache else file_hash(file)
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
    """Name what was skipped, a line each, of many the first ten and how many more; then what kinds were not read."""
    named = [item for item in skipped if item.reason not in NOT_READ]
    for item in named[:SHOWN]:
        say(f"skipped {item}")
    if len(named) > SHOWN:
        say(f"skipped {len(named) - SHOWN} more")
    if unread := kinds(item for item in skipped if item.reason in NOT_READ):
        say(f"not read: {unread}")


def reasons_of(skipped: Iterable[Skipped]) -> dict[str, int]:
    """How many files each reason kept from being read, the commonest first; rows and pages are no files."""
    return dict(Counter(item.reason for item in skipped if not item.part).most_common())


def account(counts: Mapping[str, int], reasons: Mapping[str, int]) -> str:
    """What became of every file, in a line whose numbers add up; `reasons` as `reasons_of` counts them."""

    def why(left_alone: bool) -> str:
        found = [f"{n:,} {reason}" for reason, n in reasons.items() if (reason in NOT_READ) == left_alone]
        return f" ({', '.join(found)})" if found else ""

    told = (
        f"files: {counts['files']:,} = {counts['files_read']:,} read + {counts['files_skipped']:,} skipped{why(False)}"
    )
    left = counts.get("files_not_read", 0)
    parts = f"; rows and pages skipped: {counts['parts_skipped']:,}" if counts["parts_skipped"] else ""
    return f"{told}{f' + {left:,} not read{why(True)}' if left else ''}{parts}"

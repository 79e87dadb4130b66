"""What a synthesis starts from: the documents, cut into chunks, or the text units of a GraphRAG index in their place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agents.errors import InputError
from agents.links import leads_out, open_folders
from agents.project import Project
from agents.records import Chunk, Skipped
from agents.text.printable import printable
from graphs.corpus.chunks import chunk_documents
from graphs.corpus.documents import DocumentsConfig, digest, document_files, load_documents
from graphs.graphrag.skipped import Reading
from graphs.graphrag.tables import index_files, read_tables
from graphs.graphrag.text_units import read_units


@dataclass(frozen=True)
class Corpus:
    """The chunks, what was skipped on the way to them, and how many reports are there already (None: they are to be written)."""

    chunks: Sequence[Chunk]
    skipped: Sequence[Skipped]
    reports: int | None = None


def read_corpus(project: Project) -> Corpus:
    """The chunks that a synthesis of `project` would meet. Raises what `load_documents` or `read_index` raises."""
    config = project.section("documents", DocumentsConfig)
    if folder := index_folder(project):
        reading = Reading(read_tables(folder))
        _, chunks, _ = read_units(reading)
        return Corpus(chunks, reading.skipped, len(reading.tables["community_reports"].rows))
    loaded = load_documents(project.directory, config)
    return Corpus(chunk_documents(loaded.documents, config), loaded.skipped)


def index_folder(project: Project) -> Path | None:
    """The folder of the GraphRAG index that stands in for the documents, if one does.

    Raises:
        InputError: the folder, or a table in it, is a link to another place.

    """
    index = project.section("documents", DocumentsConfig).graphrag_index
    if not index:
        return None
    folder, allowed = project.directory / index, open_folders(project.directory, [index])
    if link := next((path for path in (folder, *folder.glob("*.parquet")) if leads_out(path, allowed)), None):
        raise InputError(f"{link} is a link to another place, which is not read", "name the folder itself")
    return folder


def started_from(project: Project, folder: Path | None) -> Project:
    """The same project on the GraphRAG index in `folder`, whatever its config says; as it is without one."""
    if folder is None:
        return project
    index = Path(os.path.relpath(folder, project.directory)).as_posix()
    documents = project.section("documents", DocumentsConfig).model_copy(update={"graphrag_index": index})
    return replace(project, config={**project.config, "documents": documents})


def digests(project: Project) -> dict[str, str]:
    """Every file that is read, by its path from the project, with the SHA-256 of its bytes."""
    config = project.section("documents", DocumentsConfig)
    if folder := index_folder(project):
        found = {file: _sha256(file) for file in index_files(folder).values()}
    else:
        folders = open_folders(project.directory, config.paths)
        found = {file: digest(file, config, folders) for file in document_files(project.directory, config)}
    return {
        printable(Path(os.path.relpath(file, project.directory)).as_posix()): value for file, value in found.items()
    }


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

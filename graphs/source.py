"""What a synthesis starts from: the documents, cut into chunks, or in their place the text units of an index."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from agents.errors import InputError
from agents.files import file_hash
from agents.links import leads_out, open_folders
from agents.project import Project
from agents.records import Chunk, Document, Skipped
from agents.text.printable import printable
from graphs.corpus.chunks import chunk_documents
from graphs.corpus.document_cache import DocumentCache
from graphs.corpus.documents import DocumentsConfig, Loaded, account, digest, load_documents, reasons_of
from graphs.corpus.listing import Listing, listing
from graphs.graphrag.index_reading import IndexReading
from graphs.graphrag.read import Index, index_of
from graphs.graphrag.tables import index_files, read_tables
from graphs.graphrag.text_units import read_units
from graphs.languages import shares


class Corpus:
    """The documents of a project, or the index in their place: hashed at most once, and parsed at most once.

    Whoever needs them in the same start is handed this one, so that all speak of the same files: a file that changes
    while a run is under way belongs to the next one. Reading raises what `load_documents` or `read_index` raises.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._config = project.section("documents", DocumentsConfig)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Every file that is read, by its name, with the SHA-256 of its bytes."""
        if self.folder:
            return {
                printable(Path(os.path.relpath(file, self.project.directory)).as_posix()): file_hash(file)
                for file in index_files(self.folder).values()
            }
        folders = open_folders(self.project.directory, self._config.paths)
        with self._cache() as cache:
            return {name: digest(file, name, self._config, folders, cache) for file, name in self.listing.files.items()}

    @cached_property
    def listing(self) -> Listing:
        """The files below the configured paths."""
        return listing(self.project.directory, self._config.paths)

    @contextmanager
    def _cache(self) -> Iterator[DocumentCache | None]:
        cache = DocumentCache.of(self.project.directory, self.listing.files)
        try:
            yield cache
        finally:
            if cache:
                cache.close(self.listing.files.values())

    @cached_property
    def folder(self) -> Path | None:
        """That of the GraphRAG index, if one stands in for the documents."""
        return index_folder(self.project)

    @cached_property
    def loaded(self) -> Loaded:
        """The documents, where no index stands in for them."""
        with self._cache() as cache:
            return load_documents(self.project.directory, self._config, self.listing, cache)

    @cached_property
    def _tables(self) -> IndexReading:
        assert self.folder is not None
        return IndexReading(read_tables(self.folder))

    @cached_property
    def _units(self) -> tuple[list[Document], list[Chunk], int]:
        return read_units(self._tables)

    @cached_property
    def index(self) -> Index:
        """All items of the GraphRAG index that stands in for the documents."""
        return index_of(self._tables, self._units)

    @cached_property
    def chunks(self) -> Sequence[Chunk]:
        """What a synthesis reads, piece by piece."""
        return self._units[1] if self.folder else chunk_documents(self.loaded.documents, self._config)

    @cached_property
    def languages(self) -> dict[str, float]:
        """ISO 639-1 code: its share of the text; "" is the share of which no language stands out."""
        return shares(self.chunks)

    @property
    def language(self) -> str:
        """That of most of the text, English where none is told."""
        return next((code for code in self.languages if code), "en")

    @property
    def skipped(self) -> Sequence[Skipped]:
        """What was left out on the way to the chunks."""
        return self._tables.skipped if self.folder else self.loaded.skipped

    @property
    def counts(self) -> dict[str, int]:
        """How many files were found, read and left out, and for which reason."""
        return {} if self.folder else self.loaded.counts | reasons_of(self.skipped)

    @property
    def account(self) -> str:
        """What became of every file, in a line; "" where an index stands in for them."""
        return "" if self.folder else account(self.loaded.counts, reasons_of(self.skipped))

    @property
    def reports(self) -> int | None:
        """How many reports are there already; None: they are to be written."""
        return len(self._tables.tables["community_reports"].rows) if self.folder else None

    def forget(self) -> None:
        """Let go of what was parsed, which the files of the run hold from now on; the hashes stay."""
        for name in ("loaded", "_tables", "_units", "index", "chunks"):
            self.__dict__.pop(name, None)


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

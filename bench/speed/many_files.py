"""What reading many small files takes: a first start, one where nothing changed, and one where one file did.

python -m bench.speed.many_files --files 10000

No model is asked. The files lie in a scratch folder, some of them three hundred folders deep.
"""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.project import Project
from bench import measurement
from graphs.corpus import document_cache, documents
from graphs.source import Corpus
from ragtuned import SECTIONS

CONFIG = '[models.teacher]\nprovider = "openai"\nmodel = "none"\nbase_url = "http://127.0.0.1:9/v1"\n'
DEEP = 300
"""Folders in one another; a hundredth of the files lies down there."""


def fill(folder: Path, files: int) -> None:
    """Pages of some 300 characters, a hundred in a folder."""
    deep = folder.joinpath(*["d"] * DEEP)
    deep.mkdir(parents=True)
    for n in range(files):
        within = deep if n % 100 == 0 else folder / f"{n // 100:04}"
        within.mkdir(exist_ok=True)
        text = f"# Note {n}\n\n" + f"Ann Hale counted {n} boats at Marrow on that day, and {n + 1} the day after. " * 4
        (within / f"note-{n}.md").write_text(text, encoding="utf-8")


def start(project: Project) -> dict[str, Any]:
    """Seconds until documents are hashed, read and cut, and how many files were opened for it."""
    opened = {"read": 0, "hashed": 0}
    read, hashed = documents.read_file, document_cache.file_hash

    def counted(name: str, real: Any) -> Any:
        def call(*args: Any) -> Any:
            opened[name] += 1
            return real(*args)

        return call

    documents.read_file, document_cache.file_hash = counted("read", read), counted("hashed", hashed)
    try:
        begun, used, corpus = time.perf_counter(), time.process_time(), Corpus(project)
        found, chunks = corpus.digests, corpus.chunks
        seconds, used = time.perf_counter() - begun, time.process_time() - used
    finally:
        documents.read_file, document_cache.file_hash = read, hashed
    taken = {"seconds": round(seconds, 1), "processor_seconds": round(used, 1)}
    return {**taken, "files": len(found), "chunks": len(chunks), **opened}


def main(files: Annotated[int, typer.Option(min=1000, help="How many there are.")] = 10_000) -> None:
    """Write bench/results/many-files.json."""
    folder = Path(tempfile.mkdtemp(prefix="ragtuned-files-"))
    try:
        fill(folder / "documents", files)
        (folder / "ragtuned.toml").write_text(CONFIG, encoding="utf-8")
        project = Project.open(folder, "main", SECTIONS)
        time.sleep(2 * document_cache.SETTLED)  # what has just been written is read again
        first, same = start(project), start(project)
        (folder / "documents" / "0000" / "note-7.md").write_text("Another text.", encoding="utf-8")
        result = {"first": first, "nothing_changed": same, "one_file_changed": start(project)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    measurement.write_result("many-files", {**result, "peak_mib": peak})


if __name__ == "__main__":
    typer.run(main)

"""How fast a folder of mixed files is read, and in how much memory: 1,000 files, 100 MB.

    python -m bench.speed.reading [--files 1000] [--megabytes 100] [--pdf FILE.pdf …]

The files are made: invented prose as txt, md, html, csv, jsonl, docx, xlsx, epub and eml, and pdf of drawn lines; a pdf
of your own, repeated, shows what real layouts cost. Reading runs in a process of its own, whose peak is reported.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import resource
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

LINE = "Anna Berg opened the mill at Lund on the fourth of May and paid three hundred crowns for the wheel of oak."
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _zipped(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # stored: as large on the disk as its text
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _lines(size: int, number: int) -> list[str]:
    return [f"{number}.{n}: {LINE}" for n in range(max(1, size // (len(LINE) + 8)))]


def _docx(lines: list[str]) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    return _zipped(**{"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"})


def _xlsx(lines: list[str]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for at, line in enumerate(["0: Name", *lines]):
            sheet.write_row(at, 0, line.split(": "))
    return out.getvalue()


def _epub(lines: list[str]) -> bytes:
    page = f"<html><body>{''.join(f'<p>{line}</p>' for line in lines)}</body></html>"
    container = '<container><rootfile full-path="b.opf"/></container>'
    package = '<p><manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></p>'
    return _zipped(**{"META-INF/container.xml": container, "b.opf": package, "a.xhtml": page})


def _pdf(lines: list[str]) -> bytes:
    from tests.graphs.files import drawn_pdf

    pages = [lines[at : at + 55] for at in range(0, len(lines), 55)]
    return drawn_pdf(*[[(50, 760 - 13 * n, 9, line) for n, line in enumerate(page)] for page in pages])


MAKE: dict[str, Callable[[list[str]], bytes]] = {
    "txt": lambda lines: "\n".join(lines).encode(),
    "md": lambda lines: ("# Notes\n\n" + "\n\n".join(f"{line} See [it](http://a.b)." for line in lines)).encode(),
    "html": lambda lines: f"<h1>Notes</h1>{''.join(f'<p><b>{line[:9]}</b>{line[9:]}</p>' for line in lines)}".encode(),
    "csv": lambda lines: "\n".join(["number,text", *(line.replace(": ", ",") for line in lines)]).encode(),
    "jsonl": lambda lines: "\n".join(json.dumps({"text": line}) for line in lines).encode(),
    "docx": _docx,
    "xlsx": _xlsx,
    "epub": _epub,
    "eml": lambda lines: ("From: a@b.c\nSubject: Mill\n\n" + "\n".join(lines)).encode(),
    "pdf": _pdf,
}


def make(folder: Path, files: int, size: int, pdfs: list[Path]) -> None:
    """`files` files of about `size` bytes each, of all kinds in turn."""
    kinds = list(MAKE)
    for number in range(files):
        kind = kinds[number % len(kinds)]
        own = pdfs[number // len(kinds) % len(pdfs)].read_bytes() if kind == "pdf" and pdfs else None
        (folder / f"{number:05}.{kind}").write_bytes(own or MAKE[kind](_lines(size, number)))


def read(folder: Path, told: multiprocessing.SimpleQueue[tuple[float, float, float, dict[str, float], int]]) -> None:
    """Read all files; tell the seconds, the processor's, the peak in MB, the processor's by kind, and the documents."""
    from graphs.corpus.readers import read_file

    by_kind: defaultdict[str, float] = defaultdict(float)
    documents = 0
    started = time.perf_counter()
    for file in sorted(folder.iterdir()):
        before = time.process_time()
        documents += len(read_file(file, file.name, 10**9))
        by_kind[file.suffix] += time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    told.put((time.perf_counter() - started, time.process_time(), peak, dict(by_kind), documents))


def main() -> None:
    """Make the files, read them, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--pdf", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        make(Path(scratch), args.files, int(args.megabytes * 1e6 / args.files), args.pdf)
        size = sum(file.stat().st_size for file in Path(scratch).iterdir()) / 1e6
        spawned = multiprocessing.get_context("spawn")
        told = spawned.SimpleQueue()
        reader = spawned.Process(target=read, args=(Path(scratch), told))
        reader.start()
        seconds, busy, peak, by_kind, documents = told.get()
        reader.join()
    cost = f"{seconds:.0f} s, {busy:.0f} s of one core, at most {peak:.0f} MB"
    print(f"{args.files:,} files, {size:.0f} MB, {documents:,} documents: {cost}")
    for kind, took in sorted(by_kind.items(), key=lambda one: -one[1]):
        print(f"  {kind:6} {took:6.1f} s")


if __name__ == "__main__":
    main()

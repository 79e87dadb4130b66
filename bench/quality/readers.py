"""How well documents are read: the share of a reference text's words that come out right and in order.

    python -m bench.quality.readers policy.pdf=policy.txt policy.epub=policy.txt …

Each pair is a file and a text of the same document that another program made (manuals that are shipped as pdf, epub,
html and txt). `recall` is the share of the reference's words that stand in the text in their order, `moved` of those
that stand elsewhere in runs of eight and more (notes at the foot of a page that the reference has at the end of a
chapter), `precision` the share of the text's words that stand in the reference in either way. A reader that leaves out
what the reference has, or reads two columns as one, loses the first; one that adds menus and running heads loses the
last. Beside it stands what the readers of before gave: pypdf, and BeautifulSoup's text of a page. Seconds are the
processor's.
"""

from __future__ import annotations

import argparse
import re
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from agents.records import Document
from graphs.corpus.readers import read_file
from graphs.corpus.readers.reading import Options

MOST_BYTES = 10**9
RUN = 8  # words: so many do not stand in the same order by chance
WORD = re.compile(r"\w+")


class Score(NamedTuple):
    """Shares from 0 to 1, and seconds. `kept` is the recall wherever the words stand: notes may come elsewhere."""

    kept: float
    recall: float
    moved: float
    precision: float
    seconds: float


def words(text: str) -> list[str]:
    """The words in small letters, compatibility forms and hyphens at line ends as one."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def now(file: Path) -> str:
    """What the readers give."""
    return "\n".join(
        item.text
        for item in read_file(file, file.name, MOST_BYTES, Options(keep_code=True))
        if isinstance(item, Document)
    )


def before(file: Path) -> str | None:
    """What the readers of before gave; None of a kind that they did not read.

    Of html it needs `pip install beautifulsoup4`.
    """
    if file.suffix == ".pdf":
        from graphs.corpus.readers.pdf_second_try import pages_of_pypdf

        return "\n\n".join(pages_of_pypdf(file, MOST_BYTES))
    if file.suffix in (".html", ".htm"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from bs4 import BeautifulSoup  # pyright: ignore[reportMissingImports] - installed for this bench alone
        return BeautifulSoup(file.read_bytes(), "html.parser").get_text("\n")
    return None


def score(read: Callable[[Path], str | None], file: Path, reference: list[str]) -> Score | None:
    """How much of the reference a reader gives; None if it does not read such a file."""
    from rapidfuzz.distance import LCSseq

    started = time.process_time()
    text = read(file)
    seconds = time.process_time() - started
    if text is None:
        return None
    found = words(text)
    steps = LCSseq.opcodes(found, reference)
    same = sum(step.src_end - step.src_start for step in steps if step.tag == "equal")
    rest = [step for step in steps if step.tag != "equal"]
    elsewhere = moved(
        [found[s.src_start : s.src_end] for s in rest], [reference[s.dest_start : s.dest_end] for s in rest]
    )
    kept = sum((Counter(found) & Counter(reference)).values())
    all_of_it = max(1, len(reference))
    precision = (same + elsewhere) / max(1, len(found))
    return Score(kept / all_of_it, same / all_of_it, elsewhere / all_of_it, precision, seconds)


def moved(found: Sequence[list[str]], reference: Sequence[list[str]]) -> int:
    """How many words of the `reference`'s pieces stand in the pieces `found`, in runs of RUN words and more."""
    runs = {tuple(piece[n : n + RUN]) for piece in found for n in range(len(piece) - RUN + 1)}
    count = 0
    for piece in reference:
        starts = [n for n in range(len(piece) - RUN + 1) if tuple(piece[n : n + RUN]) in runs]
        count += len({at for start in starts for at in range(start, start + RUN)})
    return count


def main() -> None:
    """Print a row for each pair."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="+", metavar="FILE=REFERENCE")
    print("| file | words | kept | recall | moved | precision | s | kept before | recall | moved | precision | s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for pair in parser.parse_args().pairs:
        file, _, reference = pair.partition("=")
        expected = words(Path(reference).read_text(encoding="utf-8"))
        cells = [Path(file).name, f"{len(expected):,}"]
        for read in (now, before):
            found = score(read, Path(file), expected)
            shares = [f"{share:.1%}" for share in found[:4]] if found else ["–"] * 4
            cells += [*shares, f"{found.seconds:.1f}" if found else "–"]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

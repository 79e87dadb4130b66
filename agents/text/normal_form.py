"""One form of a text for everything that is compared: what a person sees alike is alike.

`tidy` is done once, where a document is read and where a model's reply becomes a draft: it takes out what no person can
see and no language needs. Offsets point into the tidy text. `plain` is the form for comparing: compatibility forms
(NFKC), every white space as a blank or a line break, nothing invisible. Rows and evidence keep their own letters;
`folded` says where in the text each letter of the form stands, so that a match is given back verbatim.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
"""Unicode's default-ignorable characters (DerivedCoreProperties.txt) and annotations.

Soft hyphen, zero-width, tags, …
"""
ALIKE = str.maketrans(
    {
        **dict.fromkeys("\t\v\f\x1c\x1d\x1e\x1f\u1680", " "),
        **dict.fromkeys("\r\x85\u2028\u2029", "\n"),
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u02bc\u2018\u2019", "'"),
    }
)
"""White space that NFKC leaves, and the hyphen and the apostrophe inside a word, of which keyboards have several."""
UNSEEN = re.compile(
    "[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff0-\ufffb\U000e0000-\U000e007f]+"
)
"""What may hide or reorder letters and means nothing by itself.

Joiners and marks of direction stay: Persian, Hindi, Hebrew and emoji need them.
"""
BLANKS = str.maketrans(
    dict.fromkeys(
        "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
    )
)
JAMO = range(0x1160, 0x1200)  # vowels and final consonants of Korean, which compose with what stands before them


def tidy(text: str) -> str:
    """`text` composed (NFC), with blanks of one kind, without what hides. Twice is the same as once."""
    return unicodedata.normalize("NFC", UNSEEN.sub("", text).translate(BLANKS))


def plain(text: str) -> str:
    """`text` as it is compared."""
    if text.isascii():  # ten times as fast, and asked for every word of every row; printable ASCII stays as it is
        return text if text.isprintable() else text.translate(ALIKE)
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).translate(ALIKE)


class Folded(NamedTuple):
    """`text` is the form; its character `i` stands at `starts[i]:ends[i]` of the original."""

    text: str
    starts: list[int]
    ends: list[int]


@lru_cache(64)
def folded(text: str) -> Folded:
    """The plain form with white space as single blanks, and where each of its characters comes from."""
    letters, starts, ends = [], [], []
    for start, end in _clusters(text):
        form = plain(text[start:end])
        form = " " if form and form.isspace() else form
        if form == " " and letters and letters[-1] == " ":
            ends[-1] = end
            continue
        letters += form
        starts += [start] * len(form)
        ends += [end] * len(form)
    return Folded("".join(letters), starts, ends)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each character with what combines with it or cannot be seen behind it."""
    heads = [
        n for n, c in enumerate(text) if not n or not (unicodedata.combining(c) or ord(c) in JAMO or INVISIBLE.match(c))
    ]
    return pairwise([*heads, len(text)])

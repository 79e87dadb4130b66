"""Which two names may be one thing: only names that share a word, letters or a place in the text are compared.

What is equal once normalised is one, what has nothing in common is two, and neither is asked about; what lies between
is a doubtful pair. Names are looked up in blocks by their words, so that the work grows with the names, not their
pairs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from agents.text.stop_words import stop_words
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.names import Name

if TYPE_CHECKING:
    from nicknames import NickNamer

Reason = Literal["part of the name", "acronym", "alike", "told in the text"]
MOST_IN_BLOCK = 50  # names: a word that more of them share ("Ann") tells nothing of any two
ENDS = 4  # letters at either end of a name, written as one word, that put mistyped names into one block
LEAST_ALIKE = 88.0  # percent of rapidfuzz's ratio: "orladunn" and "orladun" have 93, "gullpoint" and "gullpond" 82
LEAST_LETTERS = 3  # of a word cut short or mistyped, and of an acronym that is believed without asking
# between a name and what the text calls it too: "(", or a comma and up to three words that are no mere "and"
CALLED = re.compile(r"\s*(?:\(|,((?:\s+[^\W\d_]+){1,3}))\s*(?:(?:the|a|an)\s+)?", re.IGNORECASE)


class Pair(NamedTuple):
    """Two names, by their keys, that may be one thing; `short` has no more words than `full`."""

    short: str
    full: str
    reason: Reason


def equal_names(names: Mapping[str, Name]) -> Iterator[list[str]]:
    """Groups of keys whose names are equal but for case, accents, title, legal form, possessive or plural.

    Where a group has two titles or legal forms (Mr. and Mrs. Hale, the Ltd and the GmbH), it is left to doubt.
    """
    groups: dict[tuple[bool, tuple[str, ...]], list[str]] = defaultdict(list)
    for key in sorted(names):
        groups[names[key].is_person, names[key].normal].append(key)
    for keys in groups.values():
        if len({names[key].parts.mark for key in keys} - {""}) < 2:
            first = min(keys, key=lambda k: (bool(names[k].parts.mark), k))
            yield [first, *(key for key in keys if key != first and names[key].is_like(names[first]))]


def doubtful_pairs(names: Mapping[str, Name], text: Mentions) -> list[Pair]:
    """Every pair worth a question, sorted; the pairs of a text that calls one thing by two names among them."""
    found: dict[tuple[str, str], Pair] = {}
    for block in _blocks(names).values():
        if len(block) <= MOST_IN_BLOCK:
            for a, b in combinations(block, 2):
                if pair := _doubt(names[a], names[b]):
                    found[pair[:2]] = pair
    for pair in _told(names, text):
        found.setdefault(pair[:2], pair)
    return sorted(found.values())


def likely(pair: Pair, names: Mapping[str, Name]) -> bool:
    """Whether a pair is taken for one thing where no model is asked.

    A person's name in briefer words, letters or short forms, an acronym, a common noun ("the lens") and what it ends,
    a company's first word.
    """
    short, full = names[pair.short], names[pair.full]
    few, many = list(short.parts.words), list(full.parts.words)
    if pair.reason == "acronym":
        return len(few) >= LEAST_LETTERS or len(few[0]) >= LEAST_LETTERS
    if pair.reason != "part of the name" or "s" in many:  # "Ann's sister" is not Ann
        return False
    if short.is_person and len(few) > 1:
        # Bill Harker is William Harker, but not beside him on a page; Ann Hale may be another than Anna Hale
        alone = not short.chunks & full.chunks and not many[0].startswith(few[0])
        return few[-1] == many[-1] and all(len(w) == 1 or w in many or (alone and _called(w) & {*many}) for w in few)
    if len(few) > 1 or len(many) == 1:
        return False
    if short.is_person:
        return few[0] in many
    return few[0] == many[-1] if short.is_common else few[0] == many[0] and short.is_company and full.is_company


def _blocks(names: Mapping[str, Name]) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = defaultdict(list)
    for key in sorted(names):
        words = names[key].parts.words
        whole = "".join(words)
        shared = {*words, f"{whole[:ENDS]}…", f"…{whole[-ENDS:]}", *_initials(words)}
        if names[key].is_person:
            shared |= {given for word in words for given in _called(word)}
        else:
            shared.add(f"{whole}.")
        for block in shared:
            blocks[block].append(key)
    return blocks


def _initials(words: Sequence[str]) -> set[str]:
    """The letters that a name of several words may be known by, "nmt." and "nmot." of Norvik Museum of Tides."""
    if len(words) < 2:
        return set()
    return {"".join(w[0] for w in kept) + "." for kept in (words, [w for w in words if w not in stop_words("en")])}


def _doubt(a: Name, b: Name) -> Pair | None:
    short, full = sorted((a, b), key=lambda name: (len(name.parts.words), len("".join(name.parts.words)), name.key))
    if not short.is_like(full) or _numbers(short) != _numbers(full) and all(map(_numbers, (short, full))):
        return None
    left, right = short.parts.words, full.parts.words
    if _acronym(short) in _initials(full.form.split()):
        return Pair(short.key, full.key, "acronym")
    if _is_part(left, right, short.is_person):
        return Pair(short.key, full.key, "part of the name")
    from rapidfuzz.fuzz import ratio

    alike = ratio("".join(left), "".join(right)) >= LEAST_ALIKE
    return Pair(short.key, full.key, "alike") if alike else None


def _acronym(name: Name) -> str:
    """The letters of "OHA" or "O.H.A.", with a full stop as `_initials` has them."""
    capitals = name.spelling.isupper() and not name.is_person
    return "".join(name.form.split()) + "." if capitals else ""


def _numbers(name: Name) -> list[str]:
    return sorted(word for word in name.parts.words if word.isdecimal())


def _is_part(short: Sequence[str], full: Sequence[str], person: bool) -> bool:
    """Whether each word of `short` may stand for a word of `full`, no two for the same."""
    left = list(full)
    for word in sorted(short, key=len, reverse=True):
        same = next((other for other in left if word == other), None) or next(
            (other for other in left if _may_be(word, other, person)), None
        )
        if same is None:
            return False
        left.remove(same)
    return True


def _may_be(short: str, full: str, person: bool) -> bool:
    """Whether one word may be the other: its letter or beginning, a slip of the pen, a given name's short form."""
    from rapidfuzz.distance import OSA

    if len(short) < LEAST_LETTERS:
        return person and len(short) == 1 and full.startswith(short)
    misspelled = len(full) >= LEAST_LETTERS and OSA.distance(short, full, score_cutoff=1) <= 1
    return full.startswith(short) or misspelled or (person and bool(_called(short) & _called(full)))


@cache
def _called(word: str) -> frozenset[str]:
    """The given names that a name may be short for, and itself: bill, william and others of "bill"."""
    return frozenset({word, *_nicknames().canonicals_of(word)})


@cache
def _nicknames() -> NickNamer:
    from nicknames import NickNamer

    return NickNamer()


def _told(names: Mapping[str, Name], text: Mentions) -> Iterator[Pair]:
    """Names that the text puts side by side as one: "Margaret Hale, known as Peg", "Harbour Authority (OHA)"."""
    here: dict[str, dict[str, str]] = defaultdict(dict)
    for key, name in names.items():
        for cid in name.chunks:
            here[cid] |= dict.fromkeys(name.spellings, key)
    for cid in sorted(here):
        page, keys = text.chunks[cid].text, here[cid]
        stands = re.compile("|".join(rf"(?<!\w){re.escape(s)}(?!\w)" for s in sorted(keys, key=len, reverse=True)))
        for left, right in pairwise(stands.finditer(page)):
            between = CALLED.fullmatch(page, left.end(), right.start())
            if between and _is_said(between[1]) and keys[left[0]] != keys[right[0]]:
                a, b = names[keys[left[0]]], names[keys[right[0]]]
                if a.is_like(b):
                    short, full = sorted((a, b), key=lambda name: (len(name.form.split()), len(name.form), name.key))
                    yield Pair(short.key, full.key, "told in the text")


def _is_said(words: str | None) -> bool:
    return words is None or bool(set(words.casefold().split()) - stop_words("en"))

"""What a name is made of: how names are compared, and which of their words only say what kind of thing it is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from agents.text.words import stem, word_set

# scripts without spaces, or with endings on names: each sign is a word
ALONE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
WORDS = re.compile(rf"[{ALONE}]|[^\W{ALONE}]+")
MARKS = re.compile("[\u0300-\u036f]")  # accents, once they stand apart from their letters
PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})
ADDRESS = word_set(
    "mr mister mrs ms miss sir sirs lord lady dame madam madame mme mlle herr frau fraulein monsieur senor senora "
    "senorita signor signora gentlemen ladies king queen prince princess father mother brother sister uncle aunt "
    "baron baroness countess"
)  # nobody, as long as no name follows
ARTICLE = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)
POSSESSIVE = re.compile(r"['’]s$")
MOST_PARSED = 200  # characters of a name that the parsers are given
PERSON_TYPES = frozenset({"person", "people", "character", "speaker"})
COMPANY_TYPES = frozenset({"organization", "organisation", "company", "institution"})
HALF = 0.5  # of the mentions of a name that make it a person's: small extractors err now and then


@lru_cache(maxsize=200_000)
def canonical(name: str) -> str:
    """A name as it is looked up: case, accents, articles and punctuation folded.

    "Ann's house" keeps its s, so that it is no longer name of Ann.
    """
    return ARTICLE.sub("", folded(name))


def folded(text: str) -> str:
    """A text as names are looked for in it: its words in small plain letters, one space between."""
    text = text.casefold()
    if not text.isascii():
        text = (
            unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFKD", text)))
            .translate(PLAIN_LETTERS)
            .casefold()
        )
    return " ".join(WORDS.findall(text.replace("&", " and ")))


class Parts(NamedTuple):
    """A name without what only says how one is addressed or what form a company has."""

    words: tuple[str, ...]
    mark: str = ""
    """The title or the legal form: two names that differ in it may be two."""


@dataclass
class Name:
    """One name in one sense: how it is spelled, which types it was given, and where it was found."""

    key: str
    form: str
    spellings: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    chunks: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)

    @cached_property
    def spelling(self) -> str:
        """The commonest spelling; of equals not the one in capitals."""
        return max(self.spellings, key=lambda s: (self.spellings[s], not s.isupper(), s))

    @cached_property
    def is_person(self) -> bool:
        """Whether at least half of its mentions are a person's."""
        return self._share(PERSON_TYPES) >= HALF

    @property
    def is_company(self) -> bool:
        """Whether a mention was given a company's type."""
        return self._share(COMPANY_TYPES) > 0

    @cached_property
    def is_common(self) -> bool:
        """Whether it is a common noun: "lens", "the Institute"."""
        bare = ARTICLE.sub("", self.spelling)
        return bare.islower() or (" " not in bare and bare != self.spelling)

    @cached_property
    def parts(self) -> Parts:
        """The words by which it is compared: no title, legal form or possessive."""
        bare = POSSESSIVE.sub("", self.spelling)[:MOST_PARSED]
        if self.is_person:
            found = _person(bare)
        elif self.is_company:
            found = _company(bare)
        else:
            found = Parts(tuple(canonical(bare).split()))
        return found if found.words else Parts(tuple(self.form.split()))

    @cached_property
    def normal(self) -> tuple[str, ...]:
        """The words in any order; those of a common noun without their plural."""
        stemmed = self.is_common and not self.is_person
        return tuple(sorted(map(stem, self.parts.words) if stemmed else self.parts.words))

    def is_like(self, other: Name) -> bool:
        """Whether both were given one type, and both or none are people."""
        return self.is_person == other.is_person and bool(self.types.keys() & other.types.keys())

    def _share(self, types: Iterable[str]) -> float:
        """The share of mentions, in 0–1, that were given one of these types."""
        return sum(self.types[t] for t in types) / self.types.total()


def _person(name: str) -> Parts:
    """A person's words and title: jane, miller and dr; "Jr." and "II" stay, which tell father from son."""
    from nameparser import HumanName

    parsed = HumanName(name)
    words = folded(f"{parsed.first} {parsed.middle} {parsed.last} {parsed.suffix}").split()
    return Parts(tuple(words), canonical(parsed.title))


def _company(name: str) -> Parts:
    """A company's words and legal form: norvik, labs and inc."""
    from cleanco import basename

    words = canonical(basename(name)).split()
    return Parts(tuple(words), " ".join(w for w in canonical(name).split() if w not in words))

"""Names joined to one thing.

A forest in which every briefer name hangs under a fuller one, and what must stay apart does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graphs.knowledge.names import Person, canonical, person

PERSON_TYPES = frozenset({"person", "people", "character", "speaker"})
HALF = 0.5  # of the mentions of a name that make it a person's: small extractors err now and then
IN_DOCUMENT = "the only one in its document"


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
    def person(self) -> Person | None:
        """The name taken apart, if it is a person's."""
        return person(self.spelling) if self.share(PERSON_TYPES) >= HALF else None

    def share(self, types: Iterable[str]) -> float:
        """The share of mentions, in 0–1, that were given one of these types."""
        return sum(self.types[t] for t in types) / self.types.total()

    def is_like(self, other: Name) -> bool:
        """Whether both were given one type, and both or none are people."""
        return (self.person is None) == (other.person is None) and bool(self.types.keys() & other.types.keys())


class Aliases:
    """Which names are one thing: everywhere, or in one document only."""

    def __init__(
        self, names: dict[str, Name], documents_of: Callable[[str], set[str]], keep_apart: Sequence[Sequence[str]] = ()
    ) -> None:
        """`documents_of` gives the documents in which a canonical name stands.

        `keep_apart` lists names never to join.
        """
        self.names = names
        self.rules: dict[str, str] = {}
        self._documents_of = documents_of
        self._parent = {key: key for key in names}
        self._local: dict[tuple[str, str], str] = {}
        self._apart: dict[str, set[str]] = defaultdict(set)
        for apart in ([canonical(name) for name in kept] for kept in keep_apart):
            for form in apart:
                self._apart[form] |= set(apart) - {form}
        self._guarded = {key: {name.form} for key, name in names.items() if name.form in self._apart}

    def root(self, key: str, document: str = "") -> str:
        """The fullest name of the thing that `key` names, in this document."""
        key = self._local.get((key, document), key)
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def rule(self, key: str, document: str) -> str:
        """What joined the name to its thing; empty where it stands for itself."""
        return IN_DOCUMENT if (key, document) in self._local else self.rules.get(key, "")

    def join(self, short: str, full: str, rule: str) -> None:
        """Hang one name under another, unless a person keeps the two apart."""
        a, b = self.root(short), self.root(full)
        if a == b or self._are_apart(a, b):
            return
        self._parent[a] = b
        if a in self._guarded:
            self._guarded.setdefault(b, set()).update(self._guarded[a])
        self.rules.setdefault(short, rule)
        self.rules.setdefault(a, rule)

    def join_only(self, short: str, candidates: Iterable[str], rule: str) -> bool:
        """Join a name to the one thing among the candidates.

        Of several, in each document to the only one that stands there.
        """
        keys = [key for key in candidates if key != short]
        roots = {self.root(key) for key in keys} - {self.root(short)}
        if len(roots) == 1:
            self.join(short, roots.pop(), rule)
        elif roots:
            self._join_in_documents(short, keys)
        return bool(keys)

    def _join_in_documents(self, short: str, keys: Sequence[str]) -> None:
        there: dict[str, set[str]] = defaultdict(set)
        for key in keys:
            for document in self._documents_of(self.names[key].form):
                there[document].add(self.root(key, document))
        for document in self._documents_of(self.names[short].form):
            if len(there[document]) == 1 and not self._are_apart(self.root(short), *there[document]):
                self._local[(short, document)] = next(iter(there[document]))

    def _are_apart(self, a: str, b: str) -> bool:
        return any(self._apart[form] & self._guarded.get(b, set()) for form in self._guarded.get(a, ()))

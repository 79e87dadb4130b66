"""Names of one thing: a union–find forest in which every briefer name hangs under a fuller one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from graphs.knowledge.names import Name, canonical

IN_DOCUMENT = "the only one in its document"


class Aliases:
    """Which names are one thing: everywhere, or in one document only."""

    def __init__(
        self, names: dict[str, Name], documents_of: Callable[[str], set[str]], keep_apart: Sequence[Sequence[str]] = ()
    ) -> None:
        """`documents_of` gives the documents of a canonical name, `keep_apart` lists names never to join."""
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

    def are_apart(self, a: str, b: str) -> bool:
        """Whether a person keeps the things of the two names apart."""
        left, right = self._guarded.get(self.root(a), ()), self._guarded.get(self.root(b), set())
        return any(self._apart[form] & right for form in left)

    def join(self, short: str, full: str, rule: str) -> None:
        """Hang one name under another, unless a person keeps the two apart."""
        a, b = self.root(short), self.root(full)
        if a == b or self.are_apart(a, b):
            return
        self._parent[a] = b
        if a in self._guarded:
            self._guarded.setdefault(b, set()).update(self._guarded[a])
        self.rules.setdefault(short, rule)
        self.rules.setdefault(a, rule)

    def join_only(self, short: str, candidates: Iterable[str], rule: str) -> None:
        """Join a name to the one thing among the candidates.

        Of several, in each document to the only one that stands there.
        """
        keys = [key for key in candidates if self.root(key) != self.root(short)]
        roots = {self.root(key) for key in keys}
        if len(roots) == 1:
            self.join(short, roots.pop(), rule)
            return
        there: dict[str, set[str]] = defaultdict(set)
        for key in keys:
            for document in self._documents_of(self.names[key].form):
                there[document].add(self.root(key, document))
        for document in self._documents_of(self.names[short].form):
            if len(there[document]) == 1 and not self.are_apart(short, *there[document]):
                self._local[(short, document)] = next(iter(there[document]))

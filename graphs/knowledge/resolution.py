"""Entity resolution: which names are one thing.

Names that are equal once normalised are one (graphs/knowledge/pairs.py); a model, or a rule, is asked about each pair
that is in doubt, and the rest are two. Each merge is kept with its reason in graph/merges.jsonl; [knowledge] keep_apart
undoes it, [knowledge] merge adds what nobody sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agents.extraction import FoundEntity
from agents.records import Item
from graphs.knowledge.aliases import Aliases
from graphs.knowledge.homonyms import Homonyms
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.names import Name, canonical
from graphs.knowledge.pairs import Pair, doubtful_pairs, equal_names

NORMALISED = "normalised"  # the rule of names that are equal but for title, legal form, possessive or plural
Found = Sequence[tuple[str, FoundEntity]]


class Merge(Item):
    """A name that was joined to an entity: the rule that did it and the chunks it was found in."""

    kept: str
    name: str
    merged: str
    rule: str
    chunk_ids: list[str]


class Resolution:
    """The entity of every found name in every chunk."""

    def __init__(
        self, found: Found, text: Mentions, join: Sequence[Sequence[str]] = (), keep_apart: Sequence[Sequence[str]] = ()
    ) -> None:
        """`join` and `keep_apart` list names that are one thing, and that never are, whatever the rules say."""
        self._text = text
        self._chunks: dict[str, set[str]] = {}
        self._homonyms = Homonyms(
            [(cid, canonical(e.name), _type(e)) for cid, e in found],
            {cid: chunk.document_id for cid, chunk in text.chunks.items()},
        )
        self._aliases = Aliases(self._named(found), self._documents_of, keep_apart)
        for names in join:
            for name in names[1:]:
                if {canonical(name), canonical(names[0])} <= self._aliases.names.keys():
                    self._aliases.join(canonical(name), canonical(names[0]), "[knowledge] merge")
        for full, *others in equal_names(self._aliases.names):
            for short in others:
                self._aliases.join(short, full, NORMALISED)

    @property
    def names(self) -> Mapping[str, Name]:
        """Every name by its key."""
        return self._aliases.names

    def doubtful(self) -> list[Pair]:
        """The pairs of names that may be one thing; names that are equal once normalised stand for each other."""
        names = {key: name for key, name in self.names.items() if self._aliases.rules.get(key) != NORMALISED}
        return [
            pair
            for pair in doubtful_pairs(names, self._text)
            if self._aliases.root(pair.short) != self._aliases.root(pair.full)
            and not self._aliases.are_apart(pair.short, pair.full)
        ]

    def join(self, same: Iterable[Pair]) -> None:
        """Join the pairs that were found to be one thing, the fullest names first.

        A name that was found to be several things is, in each document, the only one that stands there.
        """
        fuller: dict[str, list[Pair]] = defaultdict(list)
        for pair in same:
            fuller[pair.short].append(pair)
        for short in sorted(fuller, key=lambda key: (-len(self.names[key].parts.words), -len(key), key)):
            self._aliases.join_only(short, [pair.full for pair in fuller[short]], fuller[short][0].reason)

    def key_of(self, form: str, chunk_id: str) -> str | None:
        """The key of the entity that a canonical name means in this chunk; None for a name that was never found."""
        sense = self._homonyms.of(form, chunk_id)
        return self._aliases.root(sense, self._text.document_of(chunk_id)) if sense in self._aliases.names else None

    def rule_of(self, form: str, chunk_id: str) -> str:
        """The rule that joined the name to its entity; "spelling" where only case or punctuation differ."""
        return self._aliases.rule(self._homonyms.of(form, chunk_id), self._text.document_of(chunk_id)) or "spelling"

    def mentions(self) -> dict[str, dict[str, set[str]]]:
        """{key of an entity: {canonical name: ids of the chunks where the name stands and means it}}."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for form in {name.form for name in self._aliases.names.values()}:
            for cid in self._standing(form):
                key = self.key_of(form, cid)
                if key is not None:
                    found[key][form].add(cid)
        return found

    def _named(self, found: Found) -> dict[str, Name]:
        names: dict[str, Name] = {}
        for cid, entity in found:
            form = canonical(entity.name)
            key = self._homonyms.of(form, cid)
            name = names.setdefault(key, Name(key, form))
            name.spellings[entity.name.strip()] += 1
            name.types[_type(entity)] += 1
            name.chunks.add(cid)
            name.documents.add(self._text.document_of(cid))
        return names

    def _standing(self, form: str) -> set[str]:
        if form not in self._chunks:
            self._chunks[form] = {chunk.id for chunk in self._text.of({form})}
        return self._chunks[form]

    def _documents_of(self, form: str) -> set[str]:
        return {self._text.document_of(cid) for cid in self._standing(form)}


def merges(keys: Mapping[str, tuple[str, str]], found: Found, resolution: Resolution) -> list[Merge]:
    """What was joined to what, by entity, then name. `keys` gives (id, name) of each entity."""
    chunks: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for cid, entity in found:
        form, spelling = canonical(entity.name), entity.name.strip()
        kept, name = keys[resolution.key_of(form, cid) or ""]
        if spelling != name:
            chunks[(kept, name, spelling, resolution.rule_of(form, cid))].add(cid)
    return [
        Merge(kept=k, name=n, merged=m, rule=r, chunk_ids=sorted(ids)) for (k, n, m, r), ids in sorted(chunks.items())
    ]


def unknown_names(names: Sequence[Sequence[str]], found: Found) -> list[str]:
    """The configured names that no chunk was found to name: typing errors, most often."""
    known = {canonical(entity.name) for _, entity in found}
    return [name for group in names for name in group if canonical(name) not in known]


def _type(entity: FoundEntity) -> str:
    return entity.type.casefold().strip()

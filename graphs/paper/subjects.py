"""Described subjects of single chunks become the entities and relations of the corpus, as in the published index.

Names are joined as they stand, with nothing resolved and nothing checked: `graphs/knowledge/merge.py` is what ragtuned
makes of names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from agents.records import Entity, Relation, content_id
from agents.roles.paper import Subject
from graphs.knowledge.merge import MOST_DESCRIPTION
from graphs.knowledge.names import canonical


def join(told: Mapping[str, Sequence[Subject]], order: Sequence[str]) -> tuple[list[Entity], list[Relation]]:
    """The entities and relations of the corpus, sorted by id; names that differ in case and punctuation alone are one.

    `told` is by chunk id, `order` the ids in the order of the corpus. The commonest spelling and type stand; different
    descriptions are joined, up to 1,200 characters. A relation has no direction; one between names that are no entities
    is left out.
    """
    place = {cid: n for n, cid in enumerate(order)}
    found = [(cid, subject) for cid in sorted(told, key=place.__getitem__) for subject in told[cid]]
    groups: dict[str, list[tuple[str, Subject]]] = defaultdict(list)
    for cid, subject in found:
        if subject.type and canonical(subject.names[0]):
            groups[canonical(subject.names[0])].append((cid, subject))
    entities = {key: _entity(key, group) for key, group in groups.items()}
    return sorted(entities.values(), key=lambda e: e.id), _relations(
        found, {key: entity.id for key, entity in entities.items()}
    )


def _entity(key: str, group: Sequence[tuple[str, Subject]]) -> Entity:
    spellings = Counter(subject.names[0] for _, subject in group)
    name = spellings.most_common(1)[0][0]
    return Entity(
        id=content_id("entity", key),
        name=name,
        type=Counter(subject.type for _, subject in group).most_common(1)[0][0],
        description=_described(group),
        aliases=sorted(set(spellings) - {name}),
        chunk_ids=list(dict.fromkeys(cid for cid, _ in group)),
    )


def _described(group: Sequence[tuple[str, Subject]]) -> str:
    return " ".join(dict.fromkeys(subject.description for _, subject in group))[:MOST_DESCRIPTION]


def _relations(found: Sequence[tuple[str, Subject]], ids: Mapping[str, str]) -> list[Relation]:
    groups: dict[frozenset[str], list[tuple[str, Subject]]] = defaultdict(list)
    for cid, subject in found:
        ends = frozenset(ids.get(canonical(name), "") for name in subject.names)
        if len(ends) == 2 and "" not in ends:
            groups[ends].append((cid, subject))
    relations = [_relation([ids[canonical(name)] for name in group[0][1].names], group) for group in groups.values()]
    return sorted(relations, key=lambda r: r.id)


def _relation(ends: Sequence[str], group: Sequence[tuple[str, Subject]]) -> Relation:
    chunk_ids = list(dict.fromkeys(cid for cid, _ in group))
    return Relation(
        id=content_id("relation", *sorted(ends)),
        source=ends[0],
        target=ends[1],
        description=_described(group),
        weight=float(len(chunk_ids)),
        chunk_ids=chunk_ids,
    )

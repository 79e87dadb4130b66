"""Homonyms: one name for two things is told apart by the types it was given and by what stands beside it.

A small extractor calls the same ship an organization here and a thing there, so a second type alone splits nothing: the
two must stand in different documents, beside different names, in at least two chunks each. Two people of the same name
are not told apart: nothing that is known without a model tells them from one person in two places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

FEWEST_CHUNKS = 2  # of each thing: one odd type of one chunk is a slip of the extractor
LEAST_SHARED = 0.2  # of the smaller neighbourhood: names in common that make two types one thing


class Homonyms:
    """The things that each form names.

    `of(form, chunk id)` gives the sense: the form itself, or "form (type)" of a rarer homonym.
    """

    def __init__(self, found: Sequence[tuple[str, str, str]], documents: Mapping[str, str]) -> None:
        """Of (chunk id, form, type) triples and the document of each chunk."""
        self._documents = documents
        self._sense: dict[tuple[str, str], str] = {}
        chunks: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        beside: dict[str, set[str]] = defaultdict(set)
        for cid, form, kind in found:
            chunks[form][kind].add(cid)
            beside[cid].add(form)
        for form, by_type in chunks.items():
            if sum(len(ids) >= FEWEST_CHUNKS for ids in by_type.values()) > 1:
                self._split(form, by_type, beside)

    def of(self, form: str, chunk_id: str) -> str:
        """What the form names in this chunk; a chunk of a document that no sense was found in has the commonest."""
        return self._sense.get((form, self._documents[chunk_id]), form)

    def _split(self, form: str, by_type: Mapping[str, set[str]], beside: Mapping[str, set[str]]) -> None:
        """Types that share a document or neighbours are one thing.

        The things with too few chunks go with the commonest.
        """
        things: list[tuple[str, set[str]]] = []
        for kind, ids in sorted(by_type.items(), key=lambda item: (-len(item[1]), item[0])):
            same = [thing for thing in things if self._alike(form, thing[1], ids, beside)]
            if same or len(ids) < FEWEST_CHUNKS:
                (same or things)[0][1].update(ids)
            else:
                things.append((kind, set(ids)))
        for kind, ids in things[1:]:
            self._sense |= {(form, self._documents[cid]): f"{form} ({kind})" for cid in ids}

    def _alike(self, form: str, left: set[str], right: set[str], beside: Mapping[str, set[str]]) -> bool:
        if {self._documents[cid] for cid in left} & {self._documents[cid] for cid in right}:
            return True
        near = [{name for cid in ids for name in beside[cid]} - {form} for ids in (left, right)]
        return not all(near) or len(near[0] & near[1]) >= LEAST_SHARED * min(map(len, near))

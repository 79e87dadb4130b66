"""Where names stand in the text: chunks by their words, so that a name is looked for only where its rarest word is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from agents.records import Chunk, Entity, Relation
from agents.text.proper_names import SMALL_WORD
from agents.text.sentences import is_prose, sentences
from graphs.knowledge.names import folded

INSIDE = re.compile(
    r"(?<=[a-z,;] )[\"'“‘(]?([A-Z][\w-]*)"
)  # a capital that no beginning of a sentence or of a table's cell explains

E = TypeVar("E", bound=Entity | Relation)


def by_chunk(items: Iterable[E]) -> dict[str, list[E]]:
    """What each chunk, by its id, mentions, in the order of `items`; of another chunk an empty list."""
    found: dict[str, list[E]] = defaultdict(list)
    for item in items:
        for chunk_id in item.chunk_ids:
            found[chunk_id].append(item)
    return found


class Mentions:
    """The chunks of a corpus by the words that stand in them; sentences are cut once a chunk."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = {chunk.id: chunk for chunk in chunks}
        self._place = {chunk.id: n for n, chunk in enumerate(chunks)}
        self._text = {chunk.id: f" {folded(chunk.text)} " for chunk in chunks}
        self._sentences: dict[str, list[tuple[str, str]]] = {}

    @cached_property
    def _by_word(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for cid, text in self._text.items():
            for word in dict.fromkeys(text.split()):
                found[word].append(cid)
        return found

    def holds(self, chunk_id: str, name: str) -> bool:
        """Whether the canonical `name` stands in the chunk as whole words."""
        return f" {name} " in self._text[chunk_id]

    @cached_property
    def _small_words(self) -> set[str]:
        return {word for chunk in self.chunks.values() for word in SMALL_WORD.findall(chunk.text)}

    @cached_property
    def _capitals_inside(self) -> set[str]:
        return {word for chunk in self.chunks.values() for word in INSIDE.findall(chunk.text)}

    def is_common(self, name: str) -> bool:
        """Whether `name` is a common word with a capital, such as "First" or "Day".

        The corpus writes it small too, and with a capital only where a sentence or a cell begins.
        """
        return name[:1].isupper() and name.lower() in self._small_words and name not in self._capitals_inside

    def of(self, names: Iterable[str]) -> list[Chunk]:
        """The chunks that hold one of the canonical names, in the order of the corpus."""
        found = {cid for name in names for cid in self._near(name) if self.holds(cid, name)}
        return self.ordered(found)

    def ordered(self, chunk_ids: Iterable[str]) -> list[Chunk]:
        """These chunks in the order of the corpus."""
        return [self.chunks[cid] for cid in sorted(chunk_ids, key=self._place.__getitem__)]

    def document_of(self, chunk_id: str) -> str:
        """The id of the chunk's document."""
        return self.chunks[chunk_id].document_id

    def told(self, names: Iterable[str], chunk: Chunk, longer: str = "") -> str:
        """The first sentence of the chunk that holds one of the canonical names, other than within a `longer` one.

        Empty if only a heading does, or none.
        """
        if chunk.id not in self._sentences:
            spans = (chunk.text[start:end] for start, end in sentences(chunk.text))
            self._sentences[chunk.id] = [(span, f" {folded(span)} ") for span in spans]
        wanted, within = [f" {name} " for name in names], f" {longer} "
        first = next(
            (
                span
                for span, text in self._sentences[chunk.id]
                if any(name in text.replace(within, "  ") for name in wanted)
            ),
            "",
        )
        return first if is_prose(first) else ""

    def _near(self, name: str) -> list[str]:
        return min((self._by_word.get(word, []) for word in name.split()), key=len, default=[])

"""Multi-hop briefs: two facts of different documents that share a name, which the question leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from agents.records import Brief, Chunk, Entity, content_id
from agents.text.names import names_in
from agents.text.sentences import said
from graphs.briefs.brief import brief_of, is_named
from graphs.briefs.facts import facts
from graphs.config import SynthesisConfig

MOST_STATEMENTS = 8  # drawn of what is said of one entity: a name on every page has too many pairs to look at


def multi_hop_briefs(chunks: Sequence[Chunk], entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """At most `multi_hop.briefs`, one an entity in turn, which is their subject.

    The first statement is the fact that tells who is meant, the second the fact that is asked for.
    """
    if not config.multi_hop.briefs:
        return []
    by_id = {chunk.id: chunk for chunk in chunks}
    told = {chunk.id: facts(chunk) for chunk in chunks}
    drawn = sorted(entities, key=lambda entity: content_id("drawn", config.seed, entity.id))
    queues = [list(_hops(entity, by_id, told, config.seed)) for entity in drawn]
    return [brief for row in zip_longest(*queues) for brief in row if brief][: config.multi_hop.briefs]


def _hops(entity: Entity, chunks: Mapping[str, Chunk], told: Mapping[str, Sequence[str]], seed: int) -> Iterator[Brief]:
    """The pairs of facts about an entity, each fact in one pair only."""
    statements = [(chunks[cid], text) for cid in entity.chunk_ids for text in told[cid] if is_named(entity, text)]
    left = sorted(statements, key=lambda statement: content_id("drawn", seed, statement[1]))[:MOST_STATEMENTS]
    while pair := next(
        ((a, b) for a in left for b in left if a[0].document_id != b[0].document_id and _tells_who(entity, a[1])), None
    ):
        left = [statement for statement in left if statement not in pair]
        brief = brief_of(
            "multi_hop",
            "bridge",
            [entity.id],
            [chunk.id for chunk, _ in pair],
            [" ".join(text.split()) for _, text in pair],
            entity.name,
        )
        yield brief.model_copy(update={"depth": "connect"})


def _tells_who(entity: Entity, text: str) -> bool:
    """Whether the sentence names something beside the entity, by which a question can say who or what is meant."""
    own = {word for name in (entity.name, *entity.aliases) for word in name.casefold().split()}
    return any(not set(name.casefold().split()) <= own for name in names_in(said(text)))

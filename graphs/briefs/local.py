"""Briefs about one fact, spread evenly over the corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from agents.records import Brief, Chunk, Entity, content_id
from graphs.briefs.brief import brief_of, is_named, manner
from graphs.briefs.facts import facts
from graphs.briefs.styles import ranked_styles
from graphs.config import SynthesisConfig
from graphs.knowledge.mentions import by_chunk

SentenceAsk = tuple[Chunk, str, str]  # a chunk, the style of the question, the sentence it is about


def local_briefs(
    chunks: Sequence[Chunk], entities: Sequence[Entity], config: SynthesisConfig, most: int | None = None
) -> list[Brief]:
    """At most `local.briefs`, and `most`: one a sentence that names something, round-robin over the chunks.

    The richest sentences of a chunk come first. When every sentence of the corpus has a brief and the budget is not
    spent, sentences get a second style. The last round goes to chunks drawn by their sentences, not to the first ones:
    a document that is added moves few of them. The briefs stand in the order of `chunks`.
    """
    chosen: list[SentenceAsk] = []
    budget = config.local.briefs if most is None else min(most, config.local.briefs)
    for turn in range(config.local.styles_per_sentence):
        rounds = zip_longest(*(_asks(chunk, config.seed, turn) for chunk in chunks))
        while len(chosen) < budget and (row := next(rounds, None)):
            chosen += _drawn([ask for ask in row if ask], budget - len(chosen), config.seed)
    order = {chunk.id: n for n, chunk in enumerate(chunks)}
    chosen = sorted(chosen, key=lambda ask: order[ask[0].id])  # a page's briefs together: its prompt is cached
    return briefs_of(chosen, entities, config)


def _drawn(asks: list[SentenceAsk], most: int, seed: int) -> list[SentenceAsk]:
    """All of `asks`, or `most` of them drawn by their text."""
    return asks if len(asks) <= most else sorted(asks, key=lambda ask: content_id("drawn", seed, ask[2]))[:most]


def briefs_of(asks: Sequence[SentenceAsk], entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """A local brief for each, with the entities that its sentence names as targets.

    Who asks, how long and how deep is drawn by the sentence.
    """
    here = by_chunk(entities)
    briefs = (
        brief_of("local", style, [e.id for e in here[chunk.id] if is_named(e, text)], [chunk.id], [text])
        for chunk, style, text in asks
    )
    return [brief.model_copy(update=manner(brief, config)) for brief in briefs]


def _asks(chunk: Chunk, seed: int, turn: int) -> Iterator[SentenceAsk]:
    """The facts of a chunk in their style number `turn`, found out one by one: a large corpus asks for few of them."""
    return ((chunk, style, text) for text in facts(chunk) for style in ranked_styles(text, seed)[turn : turn + 1])

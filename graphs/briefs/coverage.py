"""How much of the corpus the rows reach, before the critic and after it: chunks, sentences, entities and so on.

The sentences are those that name something, of which local briefs are made: one may carry several trained facts. What
no kept row reaches is asked about again in another style, until `coverage_target` or the budget is reached, or all
briefs are asked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from agents.records import Brief, Chunk, Community, Entity
from graphs.briefs.budget import Spent, wanted
from graphs.briefs.facts import facts
from graphs.briefs.local import briefs_of
from graphs.briefs.styles import ranked_styles
from graphs.config import SynthesisConfig


def coverage(
    briefs: Sequence[Brief],
    chunks: Sequence[Chunk],
    entities: Sequence[Entity],
    relations: Sequence[tuple[str, str]],
    communities: Sequence[Community],
) -> dict[str, tuple[int, int]]:
    """(reached by `briefs`, all) of chunks, sentences, entities, relations and communities.

    A relation is (source, target). A brief reaches its chunks, its sentence, the entities named there, the relations
    between two of them, and the community of its report.
    """
    ids = {cid for brief in briefs for cid in brief.chunk_ids}
    named = {target for brief in briefs for target in brief.targets}
    pairs = {(a, b) for brief in briefs if brief.kind == "local" for a in brief.targets for b in brief.targets}
    asked = _asked(briefs)
    reached = {
        "chunks": [chunk.id in ids for chunk in chunks],
        "sentences": [(chunk.id, text) in asked for chunk in chunks for text in facts(chunk)],
        "entities": [entity.id in named for entity in entities],
        "relations": [relation in pairs for relation in relations],
        "communities": [community.id in named for community in communities],
    }
    return {name: (sum(found), len(found)) for name, found in reached.items()}


def more_briefs(
    asked: Sequence[Brief],
    kept: Sequence[Brief],
    spent: Spent,
    chunks: Sequence[Chunk],
    entities: Sequence[Entity],
    config: SynthesisConfig,
) -> list[Brief]:
    """For every fact that no brief of `kept` reaches, a brief in the next style, as far as `local.briefs` go.

    No brief once the target is reached. With a budget no more than it still wants, for facts that are reached too where
    a sentence has a style left; `spent` is what the rows came to.
    """
    tried, done = _asked(asked), _asked(kept)
    every = [(chunk, text) for chunk in chunks for text in facts(chunk)]
    budget = wanted(chunks, config, spent, tried.total())
    left = config.local.briefs - tried.total() if budget is None else min(config.local.briefs - tried.total(), budget)
    target = config.coverage_target or (0.0 if budget is None else math.inf)
    if left <= 0 or len(done) >= target * len(every):
        return []
    missing = [(chunk, text) for chunk, text in every if (chunk.id, text) not in done]
    if budget is not None:  # another side of what is known, where every fact has one
        missing += [
            (chunk, text)
            for chunk, text in every
            if 0 < tried[chunk.id, text] < config.local.styles_per_sentence and (chunk.id, text) in done
        ]
    asks = [
        (chunk, style, text) for chunk, text in missing for style in _next(text, tried[chunk.id, text], config.seed)
    ]
    return briefs_of(asks[:left], entities, config)


def _asked(briefs: Sequence[Brief]) -> Counter[tuple[str, str]]:
    """How often each fact, as (chunk id, sentence), is asked about."""
    return Counter((brief.chunk_ids[0], brief.statements[0]) for brief in briefs if brief.kind == "local")


def _next(text: str, tried: int, seed: int) -> list[str]:
    return ranked_styles(text, seed)[tried : tried + 1]

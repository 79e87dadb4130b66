"""The briefs of the local branch before anything is drafted: what needs chunks and entities, and no report."""

from __future__ import annotations

from collections.abc import Sequence

from agents.records import Brief, Chunk, Entity
from graphs.briefs.budget import Spent, wanted
from graphs.briefs.local import local_briefs
from graphs.briefs.multi_hop import multi_hop_briefs
from graphs.briefs.rewrite import rewrite_briefs
from graphs.briefs.unanswerable import unanswerable_briefs
from graphs.config import SynthesisConfig


def first_round(chunks: Sequence[Chunk], entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """About single facts, as many as the budget wants at first, about two together, about what the corpus does not tell, and passages to be told anew."""
    local = local_briefs(chunks, entities, config, wanted(chunks, config, Spent(), 0))
    others = [
        *multi_hop_briefs(chunks, entities, config),
        *unanswerable_briefs(entities, config),
        *rewrite_briefs(chunks, entities, config),
    ]
    return [*local, *others]

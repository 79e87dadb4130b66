"""The briefs of the published recipe: a template and a long row a subject, and one for each subject of each passage."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from agents.records import Brief, Chunk, Entity, Relation, content_id
from agents.roles.paper import MOST_CHUNKS
from graphs.config import SynthesisConfig
from graphs.knowledge.mentions import by_chunk

STYLES = ("template", "long", "passage")  # of a brief: how its row is made


def paper_briefs(
    chunks: Sequence[Chunk], entities: Sequence[Entity], relations: Sequence[Relation], config: SynthesisConfig
) -> list[Brief]:
    """A template and a long brief a subject, then a brief for each subject of each passage.

    All of them, or `paper.rows` by seed.
    """
    subjects: list[Entity | Relation] = [*entities, *relations]
    here = by_chunk(subjects)
    briefs = [_brief(style, subject, subject.chunk_ids[:MOST_CHUNKS]) for style in STYLES[:2] for subject in subjects]
    # a passage's together: its prompt is cached
    briefs += [_brief(STYLES[2], subject, [chunk.id]) for chunk in chunks for subject in here[chunk.id]]
    return _sampled(briefs, config.paper.rows, config.seed)


def _sampled(briefs: list[Brief], most: int, seed: int) -> list[Brief]:
    """`most` of the briefs (all for 0), in their order.

    A brief's place in the draw is its own, so that a new document changes few.
    """
    drawn = sorted(briefs, key=lambda brief: hashlib.sha256(f"{seed} {brief.id}".encode()).digest())
    chosen = {brief.id for brief in (drawn[:most] if most else drawn)}
    return [brief for brief in briefs if brief.id in chosen]


def _brief(style: str, subject: Entity | Relation, chunk_ids: list[str]) -> Brief:
    named = content_id("brief", style, subject.id, chunk_ids, subject.description)
    return Brief(
        id=named, kind="local", style=style, targets=[subject.id], chunk_ids=chunk_ids, statements=[subject.description]
    )

"""One brief: its id, who asks, how long and how deep, and the entities that its text names."""

from __future__ import annotations

import random
from collections.abc import Sequence

from agents.records import Brief, Entity, Kind, content_id
from graphs.config import SynthesisConfig


def manner(brief: Brief, config: SynthesisConfig) -> dict[str, str]:
    """Who asks, how long and how deep: drawn by the seed and the brief."""
    rng = random.Random(f"{config.seed} {brief.id}")
    asker = rng.choice(config.askers or [""])
    length, depth = (
        rng.choices(list(shares), list(shares.values()))[0] for shares in (config.local.lengths, config.local.depths)
    )
    return {"asker": asker, "length": length, "depth": depth}


def is_named(entity: Entity, text: str) -> bool:
    """Whether one of the entity's names stands in the text."""
    return any(name in text for name in (entity.name, *entity.aliases))


def brief_of(
    kind: Kind, style: str, targets: list[str], chunk_ids: list[str], statements: Sequence[str] = (), subject: str = ""
) -> Brief:
    """A brief with its id, which says the kind, the style, the chunks and what it is about."""
    brief = Brief(
        id="",
        kind=kind,
        style=style,
        targets=targets,
        chunk_ids=chunk_ids,
        statements=list(statements),
        subject=subject,
    )
    return brief.model_copy(update={"id": content_id("brief", kind, style, chunk_ids, brief.about)})

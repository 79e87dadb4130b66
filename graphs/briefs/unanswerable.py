"""Briefs for questions about known names that the corpus does not answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.records import Brief, Entity
from agents.text.unanswerable_templates import TEMPLATES
from graphs.briefs.brief import brief_of
from graphs.config import SynthesisConfig

POSSESSIVE = re.compile(r"['’]s\b")
STYLES = tuple(TEMPLATES)


def unanswerable_briefs(entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """Briefs for questions about known names, each over all chunks that mention it.

    People by full name come first; rarely mentioned ones leave more untold.
    """
    named = (e for e in entities if e.chunk_ids and not e.name[:1].islower())
    known = sorted(named, key=lambda e: (e.type != "person", not _is_full_name(e.name), len(e.chunk_ids), e.id))
    chosen: list[Brief] = []
    for number in range(config.unanswerable.briefs if known else 0):
        entity = known[number % len(known)]
        style = STYLES[(number + number // len(known)) % len(STYLES)]
        chosen.append(brief_of("unanswerable", style, [entity.id], entity.chunk_ids, subject=entity.name))
    return list({brief.id: brief for brief in chosen}.values())


def _is_full_name(name: str) -> bool:
    """Two words or more, none of them owned: a small extractor lists "Entry" and "Keeper's Book" as people."""
    return len(name.split()) > 1 and not POSSESSIVE.search(name)

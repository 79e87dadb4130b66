"""What the scripted server answers to nano-graphrag and LightRAG.

Well-formed records of the names in their prompts, as a mock that keeps them going.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from agents.text.names import names_in

A_LOOK = 10  # entities in one reply
NANO_TEXT = re.compile(r"-Real Data-\s*#+\s*Entity_types:[^\n]*\nText:(.*?)\n#{5,}", re.DOTALL)
LIGHT_TEXT = re.compile(r"---Input Text---\n```\n(.*?)\n```\n", re.DOTALL)
DONE = "<|COMPLETE|>"


def peer_reply(talk: str) -> str | None:
    """The reply to one of the peers' prompts, None if it is neither's.

    `talk` is everything said, system and history included.
    """
    if "Answer YES | NO" in talk:
        return "NO"
    if found := NANO_TEXT.search(talk):
        return nano_records(_names(found[1], "MANY entities were missed" in talk))
    if found := LIGHT_TEXT.search(talk):
        return light_records(_names(found[1], "Based on the last extraction task" in talk))
    if "rating_explanation" in talk:
        return _report(talk)
    if "high_level_keywords" in talk:
        return json.dumps({"high_level_keywords": ["trade"], "low_level_keywords": names_in(talk)[-3:]})
    if "Description List" in talk or "comprehensive summary of the data provided" in talk:
        return "Their dealings were many, and each was written down with its day and its number."
    return None


def nano_records(names: Sequence[str]) -> str:
    """nano-graphrag's (GraphRAG's) form: bracketed tuples between `##`."""
    entities = [f'("entity"<|>"{name}"<|>"person"<|>"{name} deals in lanterns.")' for name in names]
    relations = [f'("relationship"<|>"{a}"<|>"{b}"<|>"{a} deals with {b}."<|>7)' for a, b in _pairs(names)]
    return "##\n".join([*entities, *relations]) + DONE


def light_records(names: Sequence[str]) -> str:
    """LightRAG's form: a record a line."""
    entities = [f"entity<|#|>{name}<|#|>Person<|#|>{name} deals in lanterns." for name in names]
    relations = [f"relation<|#|>{a}<|#|>{b}<|#|>trade<|#|>{a} deals with {b}." for a, b in _pairs(names)]
    return "\n".join([*entities, *relations, DONE])


def _names(text: str, again: bool) -> list[str]:
    """The first names of `text`; the next ones when the prompt is a second look."""
    found = list(dict.fromkeys(names_in(text)))
    return found[A_LOOK : 2 * A_LOOK] if again else found[:A_LOOK]


def _pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(names, names[1:], strict=False))


def _report(talk: str) -> str:
    names = list(dict.fromkeys(names_in(talk)))[-2:]
    finding = {"summary": "They trade.", "explanation": f"{' and '.join(names)} trade with each other."}
    return json.dumps(
        {
            "title": " and ".join(names),
            "summary": "A circle of traders.",
            "rating": 5.0,
            "rating_explanation": "They trade.",
            "findings": [finding],
        }
    )

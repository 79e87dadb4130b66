"""Refusals in many wordings: a model that has seen one sentence only learns the sentence, not when to say it.

Every wording is one that `eval.refusal.is_refusal` takes for a refusal. They are English, in any language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from agents.records import REFUSAL

PLAIN = (
    REFUSAL,
    "I don't know: the documents do not tell.",
    "The documents do not say.",
    "That is not mentioned in the documents.",
    "I have no information about that.",
    "I cannot say. Nothing in the documents tells it.",
    "There is no record of that in the documents.",
    "I'm not sure. The documents do not mention it.",
    "That is unknown: the documents do not state it.",
    "I could not find that anywhere in the documents.",
    "Sorry, I don't know that.",
    "I do not know. It is not stated anywhere.",
)
UNTOLD = (
    "I don't know: the documents do not say that about {name}.",
    "That is not mentioned about {name}.",
    "I have no information on that about {name}.",
    "About {name} I cannot say that: it is not told anywhere.",
    "There is no mention of that for {name} in the documents.",
    "The documents do not tell that of {name}.",
)
"""About a known name."""
STRANGER = (
    "I don't know {name}. The documents do not say.",
    "The documents do not mention {name}.",
    "There is no mention of {name} in the documents.",
    "I have no information about {name}.",
    "{name} is not mentioned anywhere.",
    "I cannot say: I have no record of {name}.",
)
"""About a name that no document holds."""


def refusal(question: str, name: str, known: bool) -> str:
    """One of the wordings, the same for the same question; every other one names what is asked about (`name`)."""
    naming: Sequence[str] = (UNTOLD if known else STRANGER) if name else ()
    forms = [*PLAIN, *naming, *naming]
    drawn = int.from_bytes(hashlib.sha256(question.encode()).digest()[:4], "big") % len(forms)
    return forms[drawn].format(name=name)

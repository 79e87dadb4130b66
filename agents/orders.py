"""Sentences of a document that give orders to the model that reads it, and what of a draft comes from them.

Documents are fenced as quoted data, which a model may overlook. So such a sentence is also asked about by no brief, named by
no entity, quoted by no report and by no row, and a draft that says what it demands is rejected. A manual that quotes such
orders loses those sentences, and nothing else.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.text import content_words, sentences

ORDERS = {  # what such a sentence cannot do without: the pattern that tells; looking for the words first is ten times as fast
    ("ignore", "disregard", "forget", "override", "bypass"): (
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,20}\b(?:all|any|every|previous|prior|above|earlier|preceding|former|your|these|system)\b"
        r"[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|orders?)\b"
    ),
    ("ignor", "missacht", "vergiss", "olvida"): (
        r"\b(?:ignor(?:ez|er|iere?n?|ate?|a)|missachten?|vergiss|olvida)\b[^.!?\n]{0,60}\b(?:instructions?|consignes|anweisung(?:en)?|instrucciones|istruzioni|regeln)\b"
    ),
    ("system ", "developer "): r"\b(?:system|developer) (?:prompt|message)s?\b",
    ("new instruction", "as an ai"): r"\bnew instructions?\s*:|\bas an ai\b",
    ("you are ",): r"\byou are (?:now )?(?:an? )?(?:ai|chatbot|language model|unrestricted)\b",
    ("<", "["): r"<\|\w+|\[/?INST\]|</?(?:system|assistant|user|document)>",
    ("system", "instruction"): r"^#+ *(?:system|instructions?) *:",
}
PATTERNS = {needed: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for needed, pattern in ORDERS.items()}
FEWEST_WORDS = 2  # of an order that an answer holds beyond its evidence: one word may stand on the page elsewhere too


def gives_orders(text: str) -> bool:
    """Whether the text tries to direct a model."""
    folded = text.casefold().replace("\u0307", "").replace("ı", "i")  # a pattern without case takes "İ" and "ı" for an "i", casefold does not
    return any(pattern.search(text) for needed, pattern in PATTERNS.items() if any(word in folded for word in needed))


@lru_cache(256)
def orders_in(text: str) -> tuple[str, ...]:
    """The sentences that give orders, each with the one behind it, in which the order often goes on. Every draft about a page asks it again."""
    if not gives_orders(text):
        return ()
    said = [text[start:end] for start, end in sentences(text)]
    found = {n + step for n, sentence in enumerate(said) if gives_orders(sentence) for step in (0, 1)}
    return tuple(said[n] for n in sorted(found) if n < len(said))


def obeys(question: str, answer: str, evidence: str, source: str) -> bool:
    """Whether a draft directs a model itself, or its answer says what an order of its source says and its evidence does not."""
    beyond = content_words(answer) - content_words(evidence)
    return gives_orders(f"{question}\n{answer}") or any(len(beyond & content_words(order)) >= FEWEST_WORDS for order in orders_in(source))

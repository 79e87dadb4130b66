"""Sentences of a document that give orders to the model that reads it, and what of a draft comes from them.

The list is no defence: whoever wants to writes an order that no list knows, in any language (bench/quality/injection.py
counts them). What defends is that documents are quoted data, that no mark of a template or fence survives in them
(`agents.text.control_tokens`, `role.fence`), and that an answer must be carried by the sentence it was asked about. The
list only names orders that nobody mistakes for anything else, so that no question is spent on them: they are asked
about by no brief, named by no entity, quoted by no report and by no row, and a draft that says what they demand is
rejected. A sentence that merely speaks of rules, prompts or instructions is none of them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.text.normal_form import plain
from agents.text.sentences import sentences
from agents.text.words import content_words

CLAUSE = r"(?:^|[.!?:;,\"'(]\s*|\b(?:please|and|now|must)\s+)"  # what stands before an imperative
SAY = r"(?:say|answer|reply|respond|write|print|output|you|your|ignore|from now)\b"
# what such a sentence cannot do without: the pattern that tells; looking for the words first is ten times as fast
ORDERS = {
    ("ignore", "disregard", "forget", "override", "bypass"): (
        rf"{CLAUSE}(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{{0,20}}"
        r"\b(?:previous|prior|above|earlier|preceding|former|your|system)\b"
        r"[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|orders?)\b"
    ),
    ("anweisung", "regeln"): (
        r"\b(?:ignorier|missacht|vergiss)\w*\b[^.!?\n]{0,40}"
        r"\b(?:bisherig|vorherig|obig|früher)\w*\s+(?:anweisung(?:en)?|regeln)\b"
    ),
    ("consignes", "instruc", "istruzioni"): (
        r"\b(?:ignor|oubli|olvid|dimentic|esque[cç])\w+\b[^.!?\n]{0,40}"
        r"\b(?:instructions|consignes|instrucciones|istruzioni|instruções)"
        r"\s+(?:précédentes|antérieures|anteriores|previas|precedenti)\b"
    ),
    ("system ", "developer "): r"^(?:system|developer) (?:prompt|message)\s*(?::|$)",
    ("new instruction",): rf"\bnew instructions?\s*:\s*{SAY}",
    ("as an ai",): r"\bas an ai(?: \w+){0,2},? you\b",
    ("you are now ",): r"\byou are now (?:an? )?(?:unrestricted\b|(?:\w+ )?(?:ai|chatbot|language model)\b)",
    ("<", "["): (
        r"<[|｜][\w▁ ]{1,40}[|｜]>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
        r"|</(?:system|assistant|user|document)>"
    ),
    ("system", "instruction"): rf"^#+ *(?:system|instructions?) *:\s*{SAY}",
}
PATTERNS = {needed: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for needed, pattern in ORDERS.items()}
NEEDED = tuple(dict.fromkeys(word for needed in PATTERNS for word in needed))
FEWEST_WORDS = 2  # of an order that an answer holds beyond its evidence: one word may stand on the page elsewhere too


def gives_orders(text: str) -> bool:
    """Whether the text holds an order to a model that is nothing else."""
    form = plain(text)
    # a pattern without case takes "İ" and "ı" for an "i", casefold does not
    folded = form.casefold().replace("\u0307", "").replace("ı", "i")
    seen = {word for word in NEEDED if word in folded}  # of nearly every text none
    return bool(seen) and any(
        pattern.search(form) for needed, pattern in PATTERNS.items() if not seen.isdisjoint(needed)
    )


@lru_cache(256)
def orders_in(text: str) -> tuple[str, ...]:
    """The sentences that give orders, each with the one behind it, in which the order often goes on.

    Every draft about a page asks it again.
    """
    if not gives_orders(text):
        return ()
    said = [text[start:end] for start, end in sentences(text)]
    found = {n + step for n, sentence in enumerate(said) if gives_orders(sentence) for step in (0, 1)}
    return tuple(said[n] for n in sorted(found) if n < len(said))


def obeys(question: str, answer: str, evidence: str, source: str) -> bool:
    """Whether a draft directs a model itself, or its answer obeys an order.

    It obeys if it says what an order of its source says and its evidence does not.
    """
    beyond = content_words(answer) - content_words(evidence)
    return gives_orders(f"{question}\n{answer}") or any(
        len(beyond & content_words(order)) >= FEWEST_WORDS for order in orders_in(source)
    )

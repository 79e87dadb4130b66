"""Six faults planted into a good row, by rule and by chance.

What a critic ought to catch, and which of its gates can see it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from agents.records import Evidence, Item, Kind
from agents.text.numbers import NUMBER_WORDS, numbers_in
from agents.text.words import WORD, content_words, words

GOOD = "good"
TOLD = 0.6  # share of an answer's content words that a page holds, from which on the page may well say the same
COUNTS = sorted(NUMBER_WORDS - {"one", "hundred", "thousand", "million", "dozen", "half", "twice", "once"})
LAST_DAY, LONGEST_MONTH = 28, 31  # a changed day stays one of its month
CLAIMS = (
    "It had been tried once before, without success.",
    "{name} later called it a mistake.",
    "This was done against the advice of everybody else.",
    "{name} was paid well for it.",
    "Nobody else heard of it until the winter.",
    "A quarrel about it went on for years.",
)
Half = Literal["set", "report"]


class Planted(Item):
    """One row to be judged by `source`; `fault` is "good" or what was planted, `detail` how.

    A wrong good row is struck by deleting its line.
    """

    id: str
    corpus: str
    half: Half
    document: str
    row: str
    kind: Kind
    fault: str
    detail: str
    question: str
    reasoning: str
    answer: str
    evidence: list[Evidence]
    source: str


class Name(NamedTuple):
    """A name of an entity, with the entity's id and type."""

    entity: str
    type: str
    name: str


class Context(NamedTuple):
    """What a fault may borrow: rows about other passages of its corpus and half, other documents first.

    The names of its corpus, the longest first.
    """

    others: list[Planted]
    names: list[Name]
    rng: random.Random


Change = dict[str, Any]
Fault = Callable[[Planted, Context], Change | None]


def wrong_number(good: Planted, context: Context) -> Change | None:
    """One number of the answer is another: one of the page, or one that is nowhere on it.

    None if the answer has none.
    """
    rng, taken, on_page = context.rng, numbers_in(good.answer) | numbers_in(good.question), numbers_in(good.source)
    found = [m for m in WORD.finditer(good.answer) if m[0].isdigit() or _counts(m[0])]
    if not found:
        return None
    match = rng.choice(found)
    like = str.isdigit if match[0].isdigit() else _counts
    here_too = sorted(n for n in on_page - taken if like(n))
    elsewhere = sorted(
        ({_moved(match[0], by) for by in (1, 2, 3, 5)} if match[0].isdigit() else set(COUNTS)) - taken - on_page
    )
    pool, where = rng.choice(
        [(p, w) for p, w in ((here_too, "on the page"), (elsewhere, "not on the page")) if p] or [([], "")]
    )
    if not pool:
        return None
    new = rng.choice(pool)
    answer = (
        good.answer[: match.start()] + (new.capitalize() if match[0][0].isupper() else new) + good.answer[match.end() :]
    )
    return {"answer": answer, "detail": f"{match[0]} → {new}, {where}"}


def _counts(word: str) -> bool:
    """Whether a word is a plain number in letters: "five", "thirty-one"."""
    return all(part in COUNTS or part == "one" for part in word.lower().split("-")) and word.lower() != "one"


def _moved(digits: str, by: int) -> str:
    value = int(digits)
    return str(value - by if by < value <= LONGEST_MONTH and value + by > LAST_DAY else value + by)


def swapped_entity(good: Planted, context: Context) -> Change | None:
    """One name of the answer is another of its type: one of the page, or one that is not on it.

    A name that the question asks for rather than gives.
    """
    found = [n for n in context.names if _stands(n.name, good.answer)]
    if not found:
        return None
    old = min(found, key=lambda n: _stands(n.name, good.question))
    known = {*words(good.answer), *words(good.question)}
    others = [
        n.name
        for n in context.names
        if n.type == old.type and n.entity != old.entity and known.isdisjoint(words(n.name))
    ]
    pools = [
        ([n for n in others if _stands(n, good.source) is on_page], where)
        for on_page, where in ((True, "on the page"), (False, "not on the page"))
    ]
    pool, where = context.rng.choice([(p, w) for p, w in pools if p] or [([], "")])
    if not pool:
        return None
    new = context.rng.choice(pool)
    return {"answer": _replaced(old.name, new, good.answer), "detail": f"{old.name} → {new}, {where}"}


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _replaced(name: str, by: str, text: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: by, text)


def unsupported_claim(good: Planted, context: Context) -> Change | None:
    """A sentence more than the page tells: the answer of another passage, or one made up."""
    foreign = next((o.answer for o in context.others if not _told(o.answer, good.source)), "")
    person = next(
        (n.name for n in context.names if n.type == "person" and _stands(n.name, f"{good.answer} {good.question}")), ""
    )
    invented = context.rng.choice([claim for claim in CLAIMS if person or "{name}" not in claim]).replace(
        "{name}", person
    )
    claim, where = context.rng.choice(
        [(c, w) for c, w in ((foreign, "of another passage"), (invented, "made up")) if c]
    )
    return {"answer": f"{good.answer} {claim}", "detail": f"+ {claim} ({where})"}


def other_question(good: Planted, context: Context) -> Change | None:
    """The question of another passage, before the answer and the page of this one."""
    other = next((o for o in context.others if not _told(o.answer, good.source)), None)
    return {"question": other.question, "detail": f"asked of {other.document}"} if other else None


def no_evidence(good: Planted, context: Context) -> Change | None:
    """No evidence is quoted."""
    return {"evidence": [], "detail": f"{len(good.evidence)} quotes taken away"}


def foreign_evidence(good: Planted, context: Context) -> Change | None:
    """The evidence and the page of another passage, under this question and answer."""
    other = next((o for o in context.others if not _told(good.answer, o.source)), None)
    return (
        {"evidence": other.evidence, "source": other.source, "detail": f"evidence of {other.document}"}
        if other
        else None
    )


def _told(answer: str, page: str) -> bool:
    wanted = content_words(answer)
    return len(wanted & content_words(page)) >= TOLD * len(wanted)


FAULTS: dict[str, Fault] = {
    "wrong number": wrong_number,
    "swapped entity": swapped_entity,
    "unsupported claim": unsupported_claim,
    "question about another passage": other_question,
    "missing evidence": no_evidence,
    "foreign evidence": foreign_evidence,
}
SEEN_BY: dict[str, frozenset[str]] = {
    "relevant": frozenset({"question about another passage"}),
    "answerable": frozenset({"question about another passage", "foreign evidence"}),
    "faithful": frozenset(
        {"wrong number", "swapped entity", "unsupported claim", "question about another passage", "foreign evidence"}
    ),
}
"""The faults that a gate's question is about.

No other gate is set or scored, since nothing planted here is its business.
"""

"""Truths over two dated facts, computed by rule: which came first or last, what came next, how a quantity changed.

The rule decides what is true and what is the answer; the path writer only puts it into words. It is strict, since a
wrong row is worse than none: both dates are known to the day, and both facts name the same entity.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from agents.errors import ITEM_ERRORS
from agents.facts import Fact
from agents.progress import Stage
from agents.records import content_id
from agents.roles.path_writer import TRUTH_WRITER, Form, Truth, TruthDraft, write_truths
from agents.text.language import language_name
from agents.text.spans import locate
from agents.text.stems import content_stems, stems
from agents.text.values import values_in
from graphs.facts.pairs import by_turns
from graphs.facts.rows import FactSources, Question, Written, rejection
from graphs.facts.told import Told, check_question, each_batch, facts_by_entity, judged, sorted_out, together

TRUTHS_A_CALL = 9
MOST_READ = 30  # facts, to tell the language
MOST_LENGTH = 120  # characters of an answer
SAME_QUANTITY = 0.5  # of the content words of two statements, values aside, that they share
DATE = re.compile(r"(\d{4}|-)-(\d\d)-(\d\d)")


class Dated(NamedTuple):
    """A truth about two facts of an entity, `earlier` before `later`."""

    form: Form
    about: str
    earlier: Fact
    later: Fact
    values: tuple[str, str] | None = None

    @property
    def id(self) -> str:
        """Groups the questions that ask for it."""
        return content_id("dated", self.form, self.earlier.id, self.later.id)

    @property
    def is_order(self) -> bool:
        """Whether one of the two events is the answer."""
        return self.form in ("first", "last")


def truths(sources: FactSources) -> list[Dated]:
    """What can be computed, as much as `multi_hop.dated` says: changes first, then orders and what came next, by turns.

    Every entity has its turn, and no pair of facts is used twice.
    """
    wanted = round(sources.config.multi_hop.dated * len(sources.facts))
    if not wanted or not (known := _dated(sources)):
        return []
    rng = random.Random(f"dated {sources.config.seed}")
    groups = [
        (sources.entities[eid].name, facts)
        for eid, about in facts_by_entity(sources).items()
        if len(facts := sorted((f for f in about if f.id in known), key=lambda f: (f.date, f.id))) > 1
    ]
    rng.shuffle(groups)
    language = Told(sources, list(sources.facts.values())[:MOST_READ]).language
    changed = [truth for name, facts in groups for truth in changes(name, facts, language)]
    queues = [_alternating(following(*group), orders(*group, rng)) for group in groups]
    return by_turns(queues, lambda one: (one.earlier, one.later), wanted, first=changed)


def _dated(sources: FactSources) -> set[str]:
    """The facts whose day is known.

    Days without a year are of one year, unless they are of a December and a January; beside days with a year they
    cannot be put in order.
    """
    dates = {fact.id: match for fact in sources.facts.values() if (match := DATE.fullmatch(fact.date))}
    with_year = {fid for fid, match in dates.items() if match[1] != "-"}
    if with_year:
        return with_year
    return set() if {"01", "12"} <= {match[2] for match in dates.values()} else set(dates)


def _alternating(left: Iterator[Dated], right: Iterator[Dated]) -> Iterator[Dated]:
    turns = [left, right]
    while turns:
        turn = turns.pop(0)
        if (one := next(turn, None)) is not None:
            yield one
            turns.append(turn)


def orders(name: str, facts: Sequence[Fact], rng: random.Random) -> Iterator[Dated]:
    """Pairs of events of one entity on different days; `facts` are sorted by date. As often first as last is asked."""
    drawn = rng.sample(list(facts), len(facts))
    for a, b in pairwise(drawn):
        if a.date != b.date:
            earlier, later = sorted((a, b), key=lambda fact: fact.date)
            yield Dated(rng.choice(("first", "last")), name, earlier, later)


def following(name: str, facts: Sequence[Fact]) -> Iterator[Dated]:
    """Events with the one that follows them, where all that is told of both days is one fact each."""
    days: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        days[fact.date].append(fact)
    for earlier, later in pairwise(days.values()):
        if len(earlier) == len(later) == 1:
            yield Dated("next", name, earlier[0], later[0])


def changes(name: str, facts: Sequence[Fact], language: str = "en") -> Iterator[Dated]:
    """Two values of one quantity: the same unit, the same entities, statements alike but for the value, two days.

    Each fact stands in one change: with the next value, where exactly one fact has it.
    """
    told = [(fact, *quantity) for fact in facts if (quantity := _quantity(fact, language))]
    used: set[str] = set()
    for n, (a, value, unit, words) in enumerate(told):
        if a.id in used:
            continue
        alike = [
            (b, other)
            for b, other, its_unit, its_words in told[n + 1 :]
            if its_unit == unit
            and set(a.entities) == set(b.entities)
            and len(words & its_words) >= SAME_QUANTITY * max(len(words), len(its_words), 1)
        ]
        days = [b.date for b, _ in alike]
        if alike and days[0] != a.date and days.count(days[0]) == 1 and alike[0][1] != value:
            used |= {a.id, alike[0][0].id}
            yield Dated("change", name, a, alike[0][0], (value, alike[0][1]))


def _quantity(fact: Fact, language: str) -> tuple[str, str, frozenset[str]] | None:
    """The one amount of a fact as it stands, its unit, and the other content words of the statement but for names."""
    amounts = [part.text for part in fact.parts if part.kind == "number"]
    if len(amounts) != 1 or len(set(values_in(amounts[0], language))) != 1:
        return None
    unit = [word for word in stems(amounts[0], language) if not values_in(word, language)]
    named = content_stems(" ".join(fact.entities), language) | set(unit)
    rest = {w for w in content_stems(fact.statement, language) if w not in named and not values_in(w, language)}
    return (amounts[0], " ".join(unit), frozenset(rest)) if unit else None


async def write_aggregates(sources: FactSources, turn: asyncio.Semaphore, stage: Stage | None = None) -> Written:
    """Rows for computed truths: one call words several, one judges the wording. `stage` counts truths."""
    found = truths(sources)
    batches = [found[at : at + TRUTHS_A_CALL] for at in range(0, len(found), TRUTHS_A_CALL)]
    return together(await each_batch(batches, partial(_of_batch, sources), turn, stage))


async def _of_batch(sources: FactSources, batch: Sequence[Dated]) -> Written:
    told = Told(sources, list({fact.id: fact for one in batch for fact in (one.earlier, one.later)}.values()))
    lines = dict(zip((fact.id for fact in told.facts), told.lines, strict=True))
    items = [Truth(one.form, one.about, lines[one.earlier.id], lines[one.later.id], one.values) for one in batch]
    client, phrasings = sources.clients["question_writer"], sources.config.phrasings
    try:
        drafts = await write_truths(client, items, language_name(told.language), phrasings)
    except ITEM_ERRORS as error:
        failed = [Question("multi_hop", one.id, one.form, "", "", "", []) for one in batch]
        return Written([], [rejection(asked, "writer", error.reason, 1, error.said) for asked in failed])
    checked = []
    for draft in drafts:
        one = batch[draft.item - 1]
        both = Told(sources, [one.earlier, one.later], told.language)
        for question in draft.questions:
            text, answer = " ".join(question.split()), draft.answer.strip()
            statement = f"{one.earlier.statement} {one.later.statement}"
            asked = Question("multi_hop", one.id, one.form, text, answer, statement, both.evidence)
            checked.append((asked, check_truth(asked, one, draft, both)))
    passed, rejected = sorted_out(checked, told.language)
    kept = await judged(told, passed, TRUTH_WRITER)
    return Written(kept.examples, [*rejected, *kept.rejected])


def check_truth(asked: Question, one: Dated, draft: TruthDraft, told: Told) -> str | None:
    """Why the wording of a truth does not ask for it, or answers something else; None if all is well."""
    if len(asked.answer) > MOST_LENGTH:
        return "no short answer"
    if one.is_order:
        return _check_order(asked, one, draft, told)
    if fault := check_question(asked, told):
        return fault
    if one.form == "next":
        named = draft.earlier and locate(draft.earlier, asked.question)
        if not named or not _is_about(draft.earlier, one.earlier, one.later, told.language):
            return "event not named"
        answered = content_stems(asked.answer, told.language) <= content_stems(one.later.statement, told.language)
        return None if answered or locate(asked.answer, one.later.statement) else "answer not in its fact"
    assert one.values
    places = [locate(value, asked.answer) or _value_in(value, asked.answer, told.language) for value in one.values]
    if not all(places) or places != sorted(filter(None, places)):
        return "not the computed answer"
    first, second = (set(values_in(value, told.language)) for value in one.values)
    if set(values_in(asked.answer, told.language)) != first | second:
        return "not the computed answer"
    return "gives the answer away" if set(values_in(asked.question, told.language)) & (first | second) else None


def _check_order(asked: Question, one: Dated, draft: TruthDraft, told: Told) -> str | None:
    """A choice holds its answer: both events stand in the question, and the right one is the answer."""
    phrases = (draft.earlier, draft.later)
    if not all(phrase and locate(phrase, asked.question) for phrase in phrases):
        return "event not named"
    pairs = ((draft.earlier, one.earlier, one.later), (draft.later, one.later, one.earlier))
    if not all(_is_about(phrase, own, other, told.language) for phrase, own, other in pairs):
        return "event not named"
    right = draft.earlier if one.form == "first" else draft.later
    if stems(asked.answer, told.language) != stems(right, told.language):
        return "not the computed answer"
    fault = check_question(asked, told)
    return None if fault == "gives the answer away" else fault


def _is_about(phrase: str, own: Fact, other: Fact, language: str) -> bool:
    """Whether a phrase shares more words with its event than with the other one."""
    said = content_stems(phrase, language)
    return len(said & content_stems(own.statement, language)) > len(said & content_stems(other.statement, language))


def _value_in(value: str, answer: str, language: str) -> tuple[int, int] | None:
    """Where the number of an amount stands, of which the answer gives the unit only once ("from 90 to 110 crowns")."""
    return next((place for number in values_in(value, language) if (place := locate(number, answer))), None)

"""Sums, counts and spans of days, computed by rule from kept questions and their short answers; no model is asked.

A question is put together of questions that the critic let pass, so that it reads as they do, and it names all that is
added up: whatever else the documents tell, the answer stays right. What a count has to be closed for ("how many ships
did she sail on?") no rule can see in the facts, so a count is only of what one answer lists. English alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from agents.facts import Fact
from agents.records import Entity, Example, content_id
from agents.text.dates import DATE
from agents.text.names import names_in
from agents.text.stems import content_stems, stems
from agents.text.values import Amount, amount, values_in
from graphs.facts.checks import MOST_QUESTION
from graphs.facts.knowledge import entities_by_name
from graphs.facts.rows import FactSources, Question, example
from graphs.facts.told import documents_of

PLAIN = r"[^,;:()\"“”?]+\?$"  # a question without a clause of its own: it can stand beside another one
AMOUNT = re.compile(rf"How (?:many (?P<unit>[a-z]+)|much) {PLAIN}")
PAYMENT = re.compile(rf"How (?:many|much) [a-z ]*did .+? (?:pay|give|send|lend|donate|hand) (?P<rest>{PLAIN})")
DAY = re.compile(rf"(?:When|On (?:what|which) da(?:y|te)) (?:did|was|were) {PLAIN}")
LIST = re.compile(rf"(?:Who|What|Which) {PLAIN}")
PAID = "paid to "
NAME = re.compile(r"(?<=[a-z] )[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*")
SIDE_OF_A_VOTE = re.compile(r"\b(?:for|against)\b")
COUNTED = re.compile(r"\b(?:two|both|pair|couple|twins|three|trio|all|every|each)\b", re.IGNORECASE)
LISTED = {"person", "group", "place", "thing"}  # parts whose lists can be counted; "small and brisk" cannot
NUMBERS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
MOST_LISTED = len(NUMBERS) - 1
RECENT = 60  # days before its page's date that a day without a year is taken to be of the same year
LEAST_DAYS = 2  # "how many days" from one day to the next may be none or one


class Asked(NamedTuple):
    """A kept row with its fact."""

    row: Example
    fact: Fact


def write_computed(sources: FactSources, rows: Iterable[Example]) -> list[Example]:
    """At most as many rows as `multi_hop.dated` says, of `rows` that ask nothing twice: counts and sums, then days."""
    questions = [
        Asked(row, sources.facts[row.fact])
        for row in sorted(rows, key=lambda row: (len(row.question), row.id))
        if row.fact in sources.facts and any(form.match(row.question) for form in (AMOUNT, DAY, LIST))
    ]
    found = [*counts(questions), *sums(questions, sources.entities), *days(questions, sources)]
    short = [one for one in found if len(one.question) <= MOST_QUESTION]
    return [
        example(sources, one, None, 1) for one in short[: round(sources.config.multi_hop.dated * len(sources.facts))]
    ]


def counts(asked: Iterable[Asked]) -> Iterator[Question]:
    """How many an answer lists, once for each fact: two names or single words, or three things and more."""
    done: set[str] = set()
    for one in asked:
        row = one.row
        members = re.split(r",? and |, ", row.answer) if LIST.match(row.question) and row.source.style in LISTED else []
        plain = all(names_in(member) == [member] or len(stems(member)) == 1 for member in members)
        listed = len(members) == 2 and plain or 2 < len(members) <= MOST_LISTED
        if listed and all(map(content_stems, members)) and not COUNTED.search(row.question) and row.fact not in done:
            done.add(row.fact)
            tail = "how many things is that" if row.source.style == "thing" else "how many are they"
            yield _question("count", [one], tail, f"{NUMBERS[len(members)]}: {row.answer}")


def sums(asked: Iterable[Asked], entities: Mapping[str, Entity]) -> Iterator[Question]:
    """Two amounts of one unit: one question of two names or of both sides of a vote, or what one receiver was paid."""
    by_name = entities_by_name(entities.values())
    alike: dict[tuple[str, str], dict[str, tuple[Asked, Amount]]] = defaultdict(dict)
    for one in asked:
        form, read = AMOUNT.match(one.row.question), amount(one.row.answer)
        unit = stems(form["unit"] or read.of) if form and read else []
        if read and unit and (not read.of or stems(read.of) == unit):
            for frame, who in _frames(one, by_name):
                alike[" ".join(unit), frame].setdefault(who, (one, read))
    done: set[frozenset[str]] = set()
    for (_, frame), members in alike.items():
        ordered = sorted(members.values(), key=lambda member: (member[0].fact.date, member[0].row.id))
        for (a, left), (b, right) in pairwise(ordered):
            told_twice = frame.startswith(PAID) and (a.fact.date == b.fact.date or left.number == right.number)
            if not told_twice and (key := frozenset((a.row.id, b.row.id))) not in done:
                done.add(key)
                total = " ".join([f"{left.number + right.number:f}", left.of or right.of]).rstrip()
                yield _question(
                    "sum", [a, b], "what does that add up to", f"{total}: {a.row.answer} and {b.row.answer}"
                )


def _frames(one: Asked, by_name: Mapping[str, Entity]) -> Iterator[tuple[str, str]]:
    """What another question must be alike in to be added, and what must differ."""
    question = one.row.question
    for match in NAME.finditer(question):
        if entity := by_name.get(match[0].casefold()):
            yield f"{question[: match.start()]}_{question[match.end() :]}", entity.id
    for match in SIDE_OF_A_VOTE.finditer(question):
        if "vote" in stems(question):
            yield f"{question[: match.start()]}_{question[match.end() :]}", match[0]
    if (paid := PAYMENT.match(question)) and one.fact.date:
        for name in NAME.findall(f"to {paid['rest']}"):
            if entity := by_name.get(name.casefold()):
                yield f"{PAID}{entity.id}", one.fact.id


def days(asked: Iterable[Asked], sources: FactSources) -> Iterator[Question]:
    """The days from one event to the next that names the same entity; a fact stands in one span.

    A day without a year is only compared within its page, shortly before the page's own date: "3 November" may be
    that of any year.
    """
    dated: dict[str, tuple[Asked, date]] = {}
    for one in asked:
        if one.fact.id not in dated and DAY.match(one.row.question) and (day := _day(one, sources)):
            dated[one.fact.id] = (one, day)
    groups: dict[tuple[str, ...], list[tuple[Asked, date]]] = defaultdict(list)
    for one, day in dated.values():
        pages = () if one.fact.date[0] != "-" else tuple(sorted(documents_of(sources, one.fact)))
        for name in one.fact.entities:
            groups[(name, *pages)].append((one, day))
    done: set[str] = set()
    for group in groups.values():
        for (a, first), (b, last) in pairwise(sorted(group, key=lambda pair: (pair[1], pair[0].row.id))):
            apart = (last - first).days
            if apart >= LEAST_DAYS and not done & {a.fact.id, b.fact.id}:
                done |= {a.fact.id, b.fact.id}
                answer = f"{apart} days: from {a.row.answer} to {b.row.answer}"
                yield _question("days", [a, b], "how many days passed from the one to the other", answer)


def _day(one: Asked, sources: FactSources) -> date | None:
    """The day that is the answer, if it is the fact's and the question names none; without a year it is of 2001."""
    row, fact = one
    if (
        values_in(row.answer) != {fact.date}
        or values_in(row.question)
        or re.search(r"[^\W\d_]", DATE.sub("", row.answer))
    ):
        return None
    if fact.date[0] != "-":
        return _date(fact.date)
    told = [sources.documents[page] for page in documents_of(sources, fact)]
    written = values_in(told[0].title) if len(told) == 1 else frozenset()
    day, page = _date(fact.date), _date(next(iter(written))) if len(written) == 1 else None
    said = " ".join([fact.statement, *(e.quote for e in fact.evidence)])
    if not day or not page or "year" in stems(said):
        return None
    page = page.replace(year=day.year)
    near = 0 <= (page - day).days <= RECENT and (day.month > 2 or page.month < 3)  # over the end of February or not
    return day if near else None


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(f"2001{value[1:]}" if value[0] == "-" else value)
    except ValueError:
        return None


def _question(form: str, members: Sequence[Asked], tail: str, answer: str) -> Question:
    """The questions of all members joined, and what they come to."""
    first, *others = [one.row.question.rstrip("?").rstrip() for one in members]
    facts = list({one.fact.id: one.fact for one in members}.values())
    return Question(
        "multi_hop",
        content_id("computed", form, *(one.row.id for one in members)),
        form,
        ", ".join([first, *(question[0].lower() + question[1:] for question in others), f"and {tail}?"]),
        answer,
        " ".join(fact.statement for fact in facts),
        list({(e.chunk_id, e.start, e.end): e for fact in facts for e in fact.evidence}.values()),
    )

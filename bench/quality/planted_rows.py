"""Faults planted into the rows of recipe facts, in the answer alone or in the statement behind it too.

A writer that misreads a page writes a statement that is wrong as well, so every second fault of an answer is planted
in both. Good and faulty rows are of different facts: no row of a page says what another one hides.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

from agents.records import Example, content_id
from agents.text.values import says, values_in
from agents.text.words import content_words
from bench.quality.finished_runs import Finished
from bench.quality.planted_faults import GOOD, Change, Context, Fault, Name, Planted, swapped_entity, wrong_number
from bench.quality.planted_items import names_of
from graphs.facts.passage import Page
from graphs.facts.rows import FactSources, Question

ROLES = {"question_writer.passage", "question_writer.more"}
TRIES = 20  # the shared faults choose by chance whether they borrow from the page
NAMED_SIDES = {"person", "place", "number", "date"}  # their answers are swapped by faults of their own
MADE_UP = {
    "person": "a pedlar from the hills",
    "group": "the tax collectors",
    "place": "in a barn behind the mill",
    "thing": "a box of old coins",
    "action": "quarrelled about the price",
    "reason": "because the money had run out",
    "quality": "cold and ill-tempered",
}


class Case(Planted):
    """A row as it is judged; `stopped` is what the checks without a model say of it, "" if they let it pass."""

    fact: str
    side: str
    stopped: str = ""

    @property
    def chunk(self) -> str:
        """The page that it is judged by."""
        return self.evidence[0].chunk_id

    @property
    def asked(self) -> Question:
        """As the product has it."""
        return Question(self.kind, self.fact, self.side, self.question, self.answer, self.reasoning, self.evidence)


Plant = Callable[[Case, Sequence[Case], list[Name], random.Random], Change | None]


def borrowed(fault: Fault, where: str) -> Plant:
    """A shared fault that borrows from where it is told: "on the page" or "not on the page"."""

    def plant(good: Case, others: Sequence[Case], names: list[Name], rng: random.Random) -> Change | None:
        if good.side == "date":
            return None
        changes = (fault(good, Context([], names, rng)) for _ in range(TRIES))
        return next((c for c in changes if c and c["detail"].endswith(f", {where}")), None)

    return plant


def wrong_date(good: Case, others: Sequence[Case], names: list[Name], rng: random.Random) -> Change | None:
    """The date of another row: one of the page, or one that is not on it."""
    old, page = values_in(good.answer), values_in(good.source)
    dates = [o.answer for o in others if o.side == "date" and values_in(o.answer)]
    dates = sorted({d for d in dates if not _overlap(values_in(d), old)}) if old else []
    here = [d for d in dates if values_in(d) <= page]
    away = [d for d in dates if not values_in(d) <= page]
    pools = [(p, w) for p, w in ((here, "on the page"), (away, "not on the page")) if p]
    if good.side != "date" or not pools:
        return None
    pool, where = rng.choice(pools)
    return _answered(good, rng.choice(pool), where)


def other_answer(good: Case, others: Sequence[Case], names: list[Name], rng: random.Random) -> Change | None:
    """The answer of another fact of the page, of the same side and without a word in common."""
    known = content_words(f"{good.answer} {good.question}")
    pool = sorted({o.answer for o in others if (o.chunk, o.side) == (good.chunk, good.side)})
    pool = [answer for answer in pool if content_words(answer) and known.isdisjoint(content_words(answer))]
    return _answered(good, rng.choice(pool), "on the page") if pool and good.side not in NAMED_SIDES else None


def made_up(good: Case, others: Sequence[Case], names: list[Name], rng: random.Random) -> Change | None:
    """An answer that nobody wrote, of the same side."""
    return _answered(good, MADE_UP[good.side], "made up") if good.side in MADE_UP else None


def without_name(good: Case, others: Sequence[Case], names: list[Name], rng: random.Random) -> Change | None:
    """The question says "that person" for the one person that it names, and holds no other name, number or date."""
    named = [n for n in names if n.type == "person" and _replaced(n.name, "", good.question) != good.question]
    if len({n.entity for n in named}) != 1:
        return None
    question = _replaced(named[0].name, "that person", good.question)
    if re.search(r"(?<=[\w,;] )[^\W\d_a-z]", question) or values_in(question):
        return None
    return {"question": question[:1].upper() + question[1:], "detail": f"{named[0].name} → that person"}


def holds_answer(good: Case, others: Sequence[Case], names: list[Name], rng: random.Random) -> Change | None:
    """The answer, of more than two words its last half, is told at the end of the question."""
    told = good.answer.split()
    half = told[len(told) // 2 :]
    if len(told) > 2 and content_words(" ".join(half)):
        told = half
    return {"question": f"{good.question.rstrip('?. ')}, namely {' '.join(told)}?", "detail": " ".join(told)}


FAULTS: dict[str, Plant] = {
    "wrong number, of the page": borrowed(wrong_number, "on the page"),
    "wrong number, of no page": borrowed(wrong_number, "not on the page"),
    "wrong date": wrong_date,
    "other name, of the page": borrowed(swapped_entity, "on the page"),
    "other name, of another page": borrowed(swapped_entity, "not on the page"),
    "question without its name": without_name,
    "answer of another fact": other_answer,
    "made-up answer": made_up,
    "question holds its answer": holds_answer,
}
"""Those that few rows can take come first."""


def plant_rows(run: Finished, good: int, each: int, seed: int) -> list[Case]:
    """`good` rows as they are and `each` of every fault, or as many as the rows can take, each of another fact."""
    rng, names = random.Random(seed), names_of(run)
    by_fact: dict[str, list[Case]] = {}
    for case in _kept(run):
        by_fact.setdefault(case.fact, []).append(case)
    facts = sorted(by_fact)
    rng.shuffle(facts)
    chosen = [rng.choice(by_fact[fact]) for fact in facts[:good]]
    left = facts[good:]
    others = [case for cases in by_fact.values() for case in cases]
    for fault, plant in FAULTS.items():
        found = 0
        for fact in list(left):
            options = rng.sample(by_fact[fact], len(by_fact[fact]))
            foreign = [o for o in others if o.fact != fact]
            changes = ((case, plant(case, foreign, names, rng)) for case in options)
            case, change = next(((case, change) for case, change in changes if change), (None, None))
            if case and change and found < each:
                chosen.append(_faulty(case, fault, change, names, both=found % 2 == 1))
                left.remove(fact)
                found += 1
    return chosen


def pages_of(run: Finished, cases: Sequence[Case], seed: int) -> list[tuple[Page, list[Case]]]:
    """The pages with their cases, good and faulty ones mixed."""
    sources = FactSources(run.config, {}, run.documents, run.chunks)
    found: dict[str, list[Case]] = {}
    for case in random.Random(seed).sample(cases, len(cases)):
        found.setdefault(case.chunk, []).append(case)
    return [(Page(sources, run.chunks[chunk]), mixed) for chunk, mixed in sorted(found.items())]


def _kept(run: Finished) -> list[Case]:
    """The local rows that a writer wrote, in the order of their ids."""
    rows = [r for r in run.rows if r.kind == "local" and r.source.role in ROLES and len(r.source.chunks) == 1]
    return [_case(run, row) for row in sorted(rows, key=lambda r: r.id) if row.reasoning]


def _case(run: Finished, row: Example) -> Case:
    chunk = run.chunks[row.source.chunks[0]]
    return Case(
        id=content_id("item", row.id),
        corpus=run.name,
        half="report",
        document=run.documents[chunk.document_id].path,
        row=row.id,
        kind=row.kind,
        fault=GOOD,
        detail="",
        question=row.question,
        reasoning=row.reasoning,
        answer=row.answer,
        evidence=row.evidence,
        source=Page(FactSources(run.config, {}, run.documents, run.chunks), chunk).context,
        fact=row.fact,
        side=row.source.style,
    )


def _answered(good: Case, answer: str, where: str) -> Change:
    return {"answer": answer, "detail": f"{good.answer} → {answer}, {where}"}


def _faulty(good: Case, fault: str, change: Mapping[str, str], names: Sequence[Name], both: bool) -> Case:
    """`both`: the statement says the same wrong thing, if it says the right one in the same words."""
    statement, detail = good.reasoning, change["detail"]
    if "answer" in change:
        old, new = detail.rpartition(", ")[0].split(" → ")
        entity = next((n.entity for n in names if n.name == old), "")
        aliases = [n.name for n in names if n.entity == entity] or [old]  # "Fitch Lunn" before "Fitch"
        for name in aliases if both else []:
            statement = _replaced(name, new, statement)
        detail += ", statement too" if statement != good.reasoning else ", statement right"
    return good.model_copy(
        update={
            **change,
            "id": content_id("item", good.row, fault),
            "fault": fault,
            "detail": detail,
            "reasoning": statement,
        }
    )


def _overlap(left: frozenset[str], right: frozenset[str]) -> bool:
    return any(says(v, right) for v in left) or any(says(v, left) for v in right)


def _replaced(name: str, by: str, text: str) -> str:
    return re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", lambda _: by, text)

"""The items a critic is measured on: good rows of finished runs, and the same rows with faults in them.

A good row is a kept fact in a wording that no gate of its run has judged, where there is one. The documents are cut
into two halves first; whatever a fault borrows from another passage comes from the same corpus and half.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from agents.records import MADE_BY_RULE, Brief, Example, content_id
from agents.roles.checks import Draft
from agents.roles.wordings import is_framing
from agents.text.numbers import numbers_in
from bench.quality.finished_runs import Finished
from bench.quality.planted_faults import FAULTS, GOOD, Context, Half, Name, Planted
from graphs.drafting.kinds import KINDS
from graphs.knowledge.sources import Sources

GOOD_SHARE = 0.3  # of the items; the six faults share the rest


def plant(runs: Sequence[Finished], count: int, seed: int) -> list[Planted]:
    """`count` items or as many as the rows allow.

    Three of ten good, the faults in equal numbers as far as rows can take them.
    """
    by_half = [
        [good for good in goods if good.half == half]
        for goods in (_goods(run, seed) for run in runs)
        for half in ("set", "report")
    ]
    mixed = [queue[n] for n in range(max(map(len, by_half), default=0)) for queue in by_half if n < len(queue)]
    goods = mixed[: round(count * GOOD_SHARE)]
    names = {run.name: names_of(run) for run in runs}
    queues = {
        fault: _planted(fault, _turned(goods, n / len(FAULTS)), goods, names, seed) for n, fault in enumerate(FAULTS)
    }
    items = list(goods)
    while queues and len(items) < count:
        for fault in list(queues)[: count - len(items)]:
            if (item := next(queues[fault], None)) is None:
                del queues[fault]
            else:
                items.append(item)
    return items


def struck(items: Sequence[Planted]) -> list[Planted]:
    """The items without those planted into a good row that is no longer among them."""
    left = {(item.corpus, item.row) for item in items if item.fault == GOOD}
    return [item for item in items if (item.corpus, item.row) in left]


def _turned(goods: Sequence[Planted], share: float) -> list[Planted]:
    """Every fault begins with another row, so that no few rows carry all of them."""
    at = int(len(goods) * share)
    return [*goods[at:], *goods[:at]]


def _planted(
    fault: str, order: Sequence[Planted], goods: Sequence[Planted], names: Mapping[str, list[Name]], seed: int
) -> Iterator[Planted]:
    for good in order:
        rng = random.Random(f"{seed} {fault} {good.id}")
        others = [
            o
            for o in goods
            if (o.corpus, o.half) == (good.corpus, good.half) and _passages(o).isdisjoint(_passages(good))
        ]
        rng.shuffle(others)
        others.sort(
            key=lambda other: other.document == good.document
        )  # another document first, else another passage of it
        if changed := FAULTS[fault](good, Context(others, names[good.corpus], rng)):
            item = good.model_copy(update={**changed, "fault": fault})
            yield item.model_copy(update={"id": content_id("item", good.id, fault)})


def _passages(item: Planted) -> set[str]:
    return {e.chunk_id for e in item.evidence}


def _goods(run: Finished, seed: int) -> list[Planted]:
    """One row a fact, in seeded order; a fact whose evidence lies in both halves is left out."""
    facts: dict[str, list[Example]] = {}
    for row in sorted(run.rows, key=lambda r: r.id):
        if row.kind != "unanswerable" and row.evidence and row.source.role not in MADE_BY_RULE:
            facts.setdefault(row.fact, []).append(row)
    rng = random.Random(f"{seed} {run.name}")
    chosen = [_unseen(rows, rng) for _, rows in sorted(facts.items())]
    halves = _halves(
        Counter(_documents(run, row)[0] for row in chosen), {d for row in chosen for d in _documents(run, row)}, rng
    )
    rng.shuffle(chosen)
    sources = Sources(run.config, {}, run.documents, run.chunks)
    return [_good(run, sources, row, halves) for row in chosen if len({halves[d] for d in _documents(run, row)}) == 1]


def _unseen(rows: Sequence[Example], rng: random.Random) -> Example:
    """A further wording of the fact: the gates of its run judged the first one only."""
    return rng.choice(
        [row for row in rows if row.wording_of and not is_framing(row.question)]
        or [row for row in rows if not row.wording_of]
        or list(rows)
    )


def _documents(run: Finished, row: Example) -> list[str]:
    return list(dict.fromkeys(run.chunks[e.chunk_id].document_id for e in row.evidence))


def _halves(rows: Counter[str], documents: set[str], rng: random.Random) -> dict[str, Half]:
    """Each document to the half with fewer rows, the largest documents first."""
    halves: dict[str, Half] = {}
    load: dict[Half, int] = {"set": 0, "report": 0}
    for document in sorted(
        sorted(documents), key=lambda d: (-rows[d], rng.random())
    ):  # sorted twice: chance must not follow the order of a set
        half: Half = "set" if load["set"] < load["report"] else "report"
        halves[document] = half
        load[half] += rows[document]
    return halves


def _good(run: Finished, sources: Sources, row: Example, halves: dict[str, Half]) -> Planted:
    brief = Brief(id="", kind=row.kind, style="", targets=[], chunk_ids=row.source.chunks)
    draft = Draft(row.kind, row.question, row.reasoning, row.answer, row.evidence)
    source = KINDS[row.kind].source(sources, brief, draft)
    document = _documents(run, row)[0]
    return Planted(
        id=content_id("item", run.name, row.id),
        corpus=run.name,
        half=halves[document],
        document=run.documents[document].path,
        row=row.id,
        kind=row.kind,
        fault=GOOD,
        detail="",
        question=row.question,
        reasoning=row.reasoning if run.config.reasoning != "none" else "",
        answer=row.answer,
        evidence=row.evidence,
        source=source,
    )


def names_of(run: Finished) -> list[Name]:
    """Every capitalised name without a number, the longest first."""
    named = {
        Name(e.id, e.type, name)
        for e in run.entities
        for name in (e.name, *e.aliases)
        if name[:1].isupper() and len(name) > 2 and not numbers_in(name)
    }
    return sorted(named, key=lambda n: (-len(n.name), n))

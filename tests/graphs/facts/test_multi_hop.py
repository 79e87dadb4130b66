"""Paths: two facts of different documents over a name that the question leaves out."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from agents.errors import FailedCall
from agents.roles.path_writer import PathDraft, PathsDraft
from agents.roles.row_critic import RowVerdict, Verdicts
from graphs.facts.multi_hop import Path, paths, write_multi_hop
from graphs.facts.rows import FactSources, Written
from graphs.facts.told import documents_of
from tests.graphs.facts.hand_made import FACTS, requests, sources_of, turn

BOAT, MOVED = FACTS[0], FACTS[2]  # over Wenna Tolley
GOOD = {
    "answer": "Marrow",
    "questions": ["Where did the seller of Bastow Pask's blue boat move?", "blue boat seller moved where?"],
}


def run(asked: str | None = None, config: dict[str, Any] | None = None, **draft: Any) -> tuple[FactSources, Written]:
    """What becomes of one draft over the pair of the boat and the move, whichever of them is `a`."""

    def written(inputs: dict[str, Any]) -> PathsDraft:
        moved_is_b = inputs["document"].index("bought") < inputs["document"].index("moved")
        side = asked or ("b" if moved_is_b else "a")
        return PathsDraft(paths=[PathDraft.model_validate({"pair": 1, "asked": side, **GOOD, **draft})])

    sources = sources_of([BOAT, MOVED], {"multi_hop": {"share": 1}, **(config or {})}, question_writer__paths=written)
    return sources, asyncio.run(write_multi_hop(sources, turn()))


def test_a_pair_becomes_rows_with_the_evidence_of_both_documents() -> None:
    _, written = run()
    assert [row.question for row in written.examples] == GOOD["questions"]
    row = written.examples[0]
    assert (row.kind, row.answer, row.source.style) == ("multi_hop", "Marrow", "bridge")
    assert row.source.documents == ["april.md", "june.md"]
    assert [e.quote for e in row.evidence] == [BOAT[1], MOVED[1]]
    assert row.reasoning == f"{BOAT[1]} {MOVED[1]}"
    assert len({row.fact for row in written.examples}) == 1


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ({"questions": ["Where did Wenna Tolley move after the blue boat?"]}, "names the bridge"),
        ({"questions": ["Where did Tolley move after the blue boat?"]}, "names the bridge"),
        ({"answer": "Wenna Tolley"}, "asks for the bridge"),
        ({"answer": "Ostrey"}, "answer not in its fact"),
        ({"questions": ["Where in Marrow did the seller of the blue boat live?"]}, "gives the answer away"),
        ({"questions": ["Where did the seller of 7 blue boats move?"]}, "number not in the facts"),
        ({"questions": ["Where did the seller of the boat of Ostrey move?"]}, "name not in the facts: Ostrey"),
        ({"questions": ["Where?"]}, "not a question"),
        ({"questions": ["Where did the seller of the boat move by the document?"]}, "mentions the page"),
        ({"questions": [GOOD["questions"][0]] * 2}, "question repeated"),
    ],
    ids=["bridge", "surname", "bridge-asked", "answer", "answer-in-it", "number", "name", "short", "page", "twice"],
)
def test_a_faulty_question_is_rejected_without_the_critic(draft: dict[str, Any], reason: str) -> None:
    assert reason in {fault.reason for fault in run(**draft)[1].rejected}


def test_a_question_that_the_first_fact_answers_needs_no_second_one() -> None:
    both = ("june", "Wenna Tolley left the blue boat in Marrow.", "2024-06-10", ["Wenna Tolley"])
    draft = PathDraft(pair=1, asked="b", answer="blue boat", questions=["What did she who sold it leave in Marrow?"])
    sources = sources_of(
        [BOAT, both], {"multi_hop": {"share": 1}}, question_writer__paths=lambda inputs: PathsDraft(paths=[draft])
    )
    assert asyncio.run(write_multi_hop(sources, turn())).rejected[0].reason == "one document is enough"


def test_the_critic_is_shown_both_facts_and_what_it_finds_is_the_reason() -> None:
    wrong = Verdicts(verdicts=[RowVerdict(row=1, fault="several answers"), RowVerdict(row=2, fault="none")])
    sources = sources_of(
        [BOAT, MOVED],
        {"multi_hop": {"share": 0.5}},
        question_writer__paths=lambda inputs: PathsDraft(
            paths=[PathDraft.model_validate({"pair": 1, "asked": side, **GOOD}) for side in "ab"]
        ),
        critic__rows=lambda inputs: wrong,
    )
    written = asyncio.run(write_multi_hop(sources, turn()))
    assert [row.question for row in written.examples] == GOOD["questions"][1:]
    assert "several answers" in {fault.reason for fault in written.rejected}
    (shown,) = requests(sources, "critic.rows")
    assert BOAT[1] in shown["document"]
    assert MOVED[1] in shown["document"]


def test_a_failed_call_rejects_its_pairs_and_no_others() -> None:
    sources = sources_of(config={"multi_hop": {"share": 1}}, question_writer__paths=lambda inputs: FailedCall("no"))
    written = asyncio.run(write_multi_hop(sources, turn()))
    assert not written.examples
    assert {fault.gate for fault in written.rejected} == {"writer"}


def test_a_pair_number_that_was_not_asked_is_passed_over() -> None:
    assert run(pair=9)[1] == Written([], [])


@pytest.mark.parametrize(
    ("config", "count"),
    [({"share": 0}, 0), ({"share": 0.5}, 3), ({"share": 5, "briefs": 2}, 2), ({"share": 5}, 6)],
    ids=["none", "half", "at-most", "all-there-are"],
)
def test_there_are_as_many_paths_as_share_and_briefs_say(config: dict[str, Any], count: int) -> None:
    assert len(paths(sources_of(config={"multi_hop": config}))) == count


def test_a_path_leads_from_one_document_to_another_over_a_name_of_both() -> None:
    sources = sources_of(config={"multi_hop": {"share": 5}})
    for bridge, a, b in paths(sources):
        assert not documents_of(sources, a) & documents_of(sources, b)
        assert bridge.name in {*a.entities} & {*b.entities}


def test_paths_are_spread_over_entities_and_facts_and_drawn_by_seed() -> None:
    told = [
        (f"page{n}", f"{name} did thing number {n} of {name}.", "", [name])
        for n in range(8)
        for name in ("Ann Hale", "Tom Reed")
    ]
    found: list[list[Path]] = [
        paths(sources_of(told, {"multi_hop": {"share": 0.5}, "seed": seed})) for seed in (0, 0, 1)
    ]
    assert Counter(path.bridge.name for path in found[0]) == {"Ann Hale": 4, "Tom Reed": 4}
    assert max(Counter(fact.id for path in found[0] for fact in (path.a, path.b)).values()) <= 2
    assert found[0] == found[1] != found[2]


def test_an_entity_on_every_page_is_not_looked_at_pair_by_pair() -> None:
    told = [("one", f"Ann Hale saw bird {n}.", "", ["Ann Hale"]) for n in range(3000)]
    assert paths(sources_of(told)) == []


def test_a_dry_run_writes_rows() -> None:
    sources = sources_of(config={"multi_hop": {"share": 1}})
    assert asyncio.run(write_multi_hop(sources, turn())).examples

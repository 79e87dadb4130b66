"""Briefs about the whole ask for findings that one question answers together."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.records import Brief, Entity, Finding, Report
from graphs.briefs.community import MOST_FINDINGS, comparisons, global_briefs, question_by_rule, styles_of_name
from graphs.config import SynthesisConfig


def config(**changes: Any) -> SynthesisConfig:
    return SynthesisConfig.model_validate(changes)


def entity(name: str, type_: str = "person", *aliases: str) -> Entity:
    return Entity(id=f"e-{name}", name=name, type=type_, description="", aliases=list(aliases), chunk_ids=["c-1"])


def told(*texts: str) -> list[Finding]:
    return [Finding(claim=text, chunk_ids=[f"c-{n}"]) for n, text in enumerate(texts)]


def reports(*findings: list[Any]) -> list[Report]:
    return [Report(id=f"r-{n}", title="T", summary="S", findings=list(f)) for n, f in enumerate(findings)]


def claims(*words: str) -> list[Finding]:
    return told(*(f"The {word} left Marrow." for word in words))


def briefs_of(findings: list[Finding], *entities: Entity, most: int = 6) -> list[Brief]:
    return global_briefs(reports(findings), entities, config(**{"global": {"briefs_per_report": most}}))


def test_a_global_brief_is_over_some_findings_of_one_report_in_their_order() -> None:
    findings = claims("miller", "horse", "cart", "dog", "cat")
    briefs = global_briefs(reports(findings, claims("wife"), []), [], config(**{"global": {"briefs_per_report": 4}}))
    assert {b.style for b in briefs} == {"summary"}
    for brief in briefs:
        said = brief.statements
        assert len(said) == MOST_FINDINGS
        assert said == [f.claim for f in findings if f.claim in said]
        assert brief.chunk_ids == [f.chunk_ids[0] for f in findings if f.claim in said]
        assert brief.targets == ["r-0"]


def test_findings_that_name_the_same_are_asked_about_together() -> None:
    texts = (
        "It rained on 3 May.",
        "The miller left Marrow.",
        "Tom Hale came on 9 May.",
        "Marrow lies on the Sandrel.",
        "Tom Hale bought a boat.",
    )
    asked = {
        tuple(b.statements)
        for seed in range(8)
        for b in global_briefs(reports(told(*texts)), [], config(**{"global": {"briefs_per_report": 1}, "seed": seed}))
    }
    assert asked == {(texts[1], texts[3]), (texts[2], texts[4])}


def test_what_another_finding_says_too_is_not_told_beside_it() -> None:
    texts = ("Ann Hale is a miller.", "Ann Hale is a miller in Marrow.", "Ann Hale left.", "Ann Hale left.")
    assert [b.statements for b in briefs_of(told(*texts))] == [[texts[1], texts[2]]]


def test_two_reports_are_not_asked_the_same_of_a_name() -> None:
    briefs = global_briefs(
        reports(claims("miller", "horse"), claims("cart", "dog")), [], config(**{"global": {"briefs_per_report": 2}})
    )
    assert [(b.style, b.targets) for b in briefs] == [("summary", ["r-0"])]


@pytest.mark.parametrize(
    ("texts", "styles"),
    [
        (("Marrow is a town.", "The miller left Marrow."), ["summary"]),
        (("Marrow burned on 3 May.", "Marrow was built anew on 9 June."), ["summary", "change"]),
        (("Tom Hale left Marrow.", "Ann Roe left Marrow because of the rain."), ["summary", "people", "causes"]),
    ],
    ids=["plain", "dates", "people-and-a-reason"],
)
def test_findings_are_asked_for_what_stands_in_them(texts: tuple[str, str], styles: list[str]) -> None:
    assert styles_of_name("Marrow", told(*texts)) == styles


PAYS = ("Tom Hale paid ninety crowns for the lens.", "On 3 May Roe paid the rent.")


def test_two_of_a_kind_of_whom_the_same_is_told_are_compared_by_the_names_that_stand_there() -> None:
    tom, ann = entity("Tom Hale"), entity("Ann Roe", "person", "Roe")
    (brief,) = briefs_of(told(*PAYS, "It rained."), tom, ann)
    assert (brief.style, brief.targets, brief.statements) == ("comparison", ["r-0", tom.id, ann.id], [*PAYS])
    assert question_by_rule(brief, {e.id: e for e in (tom, ann)}) == "How do Tom Hale and Roe compare?"


@pytest.mark.parametrize(
    ("texts", "entities"),
    [
        (PAYS, [entity("Tom Hale"), entity("Roe", "place")]),
        (("Tom Hale keeps the lamp.", PAYS[1]), [entity("Tom Hale"), entity("Roe")]),
        (("Tom Hale paid Roe.", PAYS[1]), [entity("Tom Hale"), entity("Roe")]),
        (PAYS, [entity("Tom Hale"), entity("Ann Roe", "person", "Roe"), entity("Bo Roe", "person", "Roe")]),
        ((PAYS[0], "The rent of Marrow was paid by Roe."), [entity("Tom Hale"), entity("Roe")]),
    ],
    ids=["two-types", "nothing-alike", "told-together", "a-name-of-two", "not-named-first"],
)
def test_what_cannot_be_compared_is_not(texts: tuple[str, str], entities: list[Entity]) -> None:
    assert [b for b in briefs_of(told(*texts), *entities) if b.style == "comparison"] == []


def test_the_pair_of_whom_the_most_is_told_alike_comes_first() -> None:
    by_name = {name: entity(name) for name in ("Ann", "Bo", "Cy")}
    asks = comparisons(told("Ann keeps the old lamp.", "Bo keeps a dog.", "Cy keeps the old lamp too."), by_name)
    assert [ask.about for ask in asks] == ["Ann and Cy", "Ann and Bo", "Bo and Cy"]


def test_amounts_of_the_same_are_ranked_whatever_the_order_they_are_told_in() -> None:
    texts = (
        "The Sandrel takes two coppers.",
        "On 19 May the Sandrel raised it to three coppers.",
        "The Sandrel has 12 benches.",
    )
    ranked = [b for b in briefs_of(told(*texts)) if b.style == "ranking"]
    assert [b.statements for b in ranked] == [[texts[1], texts[0]]]
    assert question_by_rule(ranked[0], {}) == "From the most coppers to the fewest, what is known about the Sandrel?"


def test_a_number_over_two_lines_is_one_number() -> None:
    texts = ("Marrow sold one\nhundred eels.", "Marrow bought two eels.")
    ranked = [b for b in briefs_of(told(*texts)) if b.style == "ranking"]
    assert [b.statements for b in ranked] == [["Marrow sold one hundred eels.", "Marrow bought two eels."]]
    assert question_by_rule(ranked[0], {}) == "From the most eels to the fewest, what is known about Marrow?"


def test_a_name_with_a_date_in_it_does_not_end_the_run() -> None:
    ann, tom = entity("Ann Hale"), entity("Tom Reed")
    briefs = briefs_of(told("Ann May Hale paid ninety crowns.", "Tom Reed paid the rent."), ann, tom)
    assert [question_by_rule(b, {e.id: e for e in (ann, tom)}) for b in briefs] == [
        "How do Ann Hale and Tom Reed compare?"
    ]


def test_equal_amounts_and_amounts_of_different_things_are_not_ranked() -> None:
    texts = ("The Sandrel takes two coppers.", "Two coppers are paid on the Sandrel.", "The Sandrel has 12 benches.")
    assert "ranking" not in {b.style for b in briefs_of(told(*texts))}


def test_a_question_in_another_style_is_written() -> None:
    (change,) = briefs_of(told("Marrow burned on 3 May.", "Marrow was built anew on 9 June."))
    assert (change.style, question_by_rule(change, {})) == ("change", "")


@given(st.lists(st.integers(2, 10**9), min_size=2, max_size=6), st.integers(0, 5))
def test_a_ranking_always_falls_and_names_what_it_counts(amounts: list[int], seed: int) -> None:
    findings = told(*(f"Marrow sold {amount} eels in spring." for amount in amounts))
    Random(seed).shuffle(findings)
    for brief in (b for b in briefs_of(findings) if b.style == "ranking"):
        counts = [int(line.split()[2]) for line in brief.statements]
        assert all(more > less for more, less in pairwise(counts))
        assert question_by_rule(brief, {}) == "From the most eels to the fewest, what is known about Marrow?"

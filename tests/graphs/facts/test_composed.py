"""Multi-hop rows put together by rule: one question describes a person, another asks about them."""

from __future__ import annotations

import pytest

from agents.records import Example
from graphs.facts.composed import write_composed
from graphs.facts.rows import Question, example
from tests.graphs.facts.hand_made import Told, sources_of

MILL: Told = ("april", "Ann Hale bought the mill at Orrin.", "", ["Ann Hale", "Orrin"])
MOVED: Told = ("june", "Ann Hale moved to Marrow and gave Tom Reed a horse.", "", ["Ann Hale", "Marrow", "Tom Reed"])
WHO = "Who bought the mill at Orrin?"
WHERE = "Where did Ann Hale move?"


def made(
    question: str = WHERE,
    answer: str = "Marrow",
    who: str = WHO,
    whose: str = "Ann Hale",
    told: tuple[Told, Told] = (MILL, MOVED),
    share: float = 5,
) -> list[Example]:
    """What is composed of a question about the first fact and one about the second."""
    sources = sources_of(told, {"multi_hop": {"share": share}})
    clue, target = sources.facts.values()
    rows = [
        example(sources, Question("local", fact.id, "thing", asked, said, "", fact.evidence), None, 1)
        for fact, asked, said in ((clue, who, whose), (target, question, answer))
    ]
    return write_composed(sources, rows)


def test_a_description_stands_for_the_name_and_the_row_keeps_both_facts() -> None:
    (row,) = made()
    assert (row.question, row.answer) == ("Where did the person who bought the mill at Orrin move?", "Marrow")
    assert (row.kind, row.source.style, row.source.role) == ("multi_hop", "bridge", "rule")
    assert [e.quote for e in row.evidence] == [MILL[1], MOVED[1]]
    assert row.source.documents == ["april.md", "june.md"]


def test_a_name_at_the_end_of_a_question_is_replaced_too() -> None:
    told: tuple[Told, Told] = (MILL, ("june", "Tom Reed gave a horse to Ann Hale.", "", ["Ann Hale", "Tom Reed"]))
    (row,) = made("Who gave a horse to Ann Hale?", "Tom Reed", told=told)
    assert row.question == "Who gave a horse to the person who bought the mill at Orrin?"


@pytest.mark.parametrize(
    ("who", "question", "answer"),
    [
        ("Who did Ann Hale meet at Orrin?", WHERE, "Marrow"),
        ("Who was it that bought the mill at Orrin?", WHERE, "Marrow"),
        ("Who was the mill at Orrin sold to?", WHERE, "Marrow"),
        ("Who bought the mill?", WHERE, "Marrow"),
        ("Who, at Orrin, bought the mill?", WHERE, "Marrow"),
        (WHO, "Where is Ann Hale's house?", "Marrow"),
        (WHO, "Where did they make Ann Hale move?", "Marrow"),
        (WHO, "Where did Tom Reed move?", "Marrow"),
        (WHO, "Where did Ann Hale move?", "Orrin"),
        (WHO, "What did Ann Hale and Ann Hale do?", "moved"),
        (WHO, "How is Ann Hale called?", "Ann Hale"),
    ],
    ids=[
        *("object", "it-that", "open-end", "anybody", "clause"),
        *("possessive", "object-of-verb", "another-name", "in-the-description", "named-twice", "name-asked"),
    ],
)
def test_what_would_read_badly_or_need_no_two_facts_is_left_out(who: str, question: str, answer: str) -> None:
    assert made(question, answer, who) == []


def test_only_people_of_another_document_are_described() -> None:
    same: tuple[Told, Told] = (MILL, ("april", MOVED[1], "", MOVED[3]))
    assert made(told=same) == []
    place: tuple[Told, Told] = (("april", "Orrin has the mill of Dorn.", "", ["Orrin", "Dorn"]), MOVED)
    assert made("Where did Orrin move?", who="Who has the mill of Dorn?", whose="Orrin", told=place) == []


@pytest.mark.parametrize(("share", "count"), [(0, 0), (0.5, 1)], ids=["none", "one"])
def test_there_are_no_more_than_the_share_says(share: float, count: int) -> None:
    assert len(made(share=share)) == count

"""Briefs: what to ask is decided before any question is written."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from agents.records import Chunk, Entity
from graphs.briefs.local import local_briefs
from graphs.briefs.styles import styles_of
from graphs.briefs.unanswerable import unanswerable_briefs
from graphs.config import SynthesisConfig

LONG = (
    "Bastow Pask bought the blue boat on Monday. Wenna Tolley keeps the lamp at Gull Point. Orla Dunn left the town "
    "in May. Nothing."
)
CHUNKS = [
    Chunk(id="chunk-b", document_id="doc-1", start=200, end=400, text=LONG),
    Chunk(
        id="chunk-a",
        document_id="doc-1",
        start=0,
        end=200,
        text=(
            "# A Heading of Some Words Here\n\nThe council of Ostrey met because the chain had broken. It was dark in "
            "there."
        ),
    ),
]
ENTITIES = [
    Entity(id="e-bastow", name="Bastow Pask", type="person", description="", aliases=["Bastow"], chunk_ids=["chunk-b"]),
    Entity(id="e-ostrey", name="Ostrey", type="place", description="", chunk_ids=["chunk-a", "chunk-b"]),
]


def config(**changes: Any) -> SynthesisConfig:
    return SynthesisConfig.model_validate(changes)


def test_who_asks_how_long_and_how_deep_is_drawn_by_the_seed_and_is_the_same_for_the_same_brief() -> None:
    drawn = config(
        askers=["a newcomer", "a judge"],
        local={"lengths": {"sentence": 1, "paragraph": 1}, "depths": {"recall": 1, "connect": 1}},
    )
    briefs = local_briefs(CHUNKS, ENTITIES, drawn)
    assert {b.asker for b in briefs} == {"a newcomer", "a judge"}
    assert len({(b.length, b.depth) for b in briefs}) > 2
    assert local_briefs(CHUNKS, [], drawn)[0].asker == briefs[0].asker
    assert [b.id for b in briefs] == [b.id for b in local_briefs(CHUNKS, ENTITIES, config(askers=[]))]
    plain = local_briefs(
        CHUNKS, ENTITIES, config(askers=[], local={"lengths": {"sentence": 1}, "depths": {"recall": 2}})
    )
    assert {(b.asker, b.length, b.depth) for b in plain} == {("", "sentence", "recall")}


@pytest.mark.parametrize(
    "shares",
    [{}, {"sentence": 0}, {"sentence": 2, "paragraph": -1}, {"page": 1}],
    ids=["none", "zero", "negative", "unknown"],
)
def test_shares_that_nothing_can_be_drawn_by_are_refused(shares: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config(local={"lengths": shares})


def test_only_sentences_that_name_something_get_a_brief() -> None:
    briefs = local_briefs(CHUNKS, ENTITIES, config())
    assert {b.about for b in briefs} == {
        "The council of Ostrey met because the chain had broken.",
        "Bastow Pask bought the blue boat on Monday.",
        "Wenna Tolley keeps the lamp at Gull Point.",
        "Orla Dunn left the town in May.",
    }


def test_the_name_of_a_speaker_makes_no_fact() -> None:
    text = (
        "ANN HALE: Yeah, well, that is so very true.\nTOM REED: I grew up in Marrow, where I learned to code.\n"
        "ANN HALE: Sure."
    )
    chunk = Chunk(id="chunk-t", document_id="doc-t", start=0, end=len(text), text=text)
    assert {b.about for b in local_briefs([chunk], [], config())} == {
        "TOM REED: I grew up in Marrow, where I learned to code."
    }


def test_briefs_go_round_the_chunks_before_any_gets_a_second() -> None:
    assert Counter(b.chunk_ids[0] for b in local_briefs(CHUNKS, ENTITIES, config(local={"briefs": 2}))) == {
        "chunk-a": 1,
        "chunk-b": 1,
    }


def test_a_pages_briefs_stand_together_in_the_order_of_the_pages() -> None:
    for chunks in (CHUNKS, CHUNKS[::-1]):
        order = [b.chunk_ids[0] for b in local_briefs(chunks, ENTITIES, config())]
        assert sorted(set(order), key=order.index) == [c.id for c in chunks if c.id in order]
        assert sum(a != b for a, b in zip(order, order[1:], strict=False)) == len(set(order)) - 1


def test_a_sentence_gets_its_second_style_once_all_of_its_page_have_one() -> None:
    briefs = local_briefs(CHUNKS, ENTITIES, config(local={"styles_per_sentence": 2}))
    assert len(briefs) == 8
    assert len({(b.about, b.style) for b in briefs}) == 8
    assert len({b.about for b in local_briefs(CHUNKS[:1], ENTITIES, config(local={"briefs": 3}))}) == 3


def test_a_brief_names_the_entities_of_its_sentence() -> None:
    by_focus = {b.about: b.targets for b in local_briefs(CHUNKS, ENTITIES, config(local={"styles_per_sentence": 1}))}
    assert by_focus["Bastow Pask bought the blue boat on Monday."] == ["e-bastow"]
    assert by_focus["Orla Dunn left the town in May."] == []


@pytest.mark.parametrize(
    ("sentence", "styles"),
    [
        ("Bastow Pask left on 3 April.", ["when", "who", "what"]),
        ("They closed it because of rain.", ["why", "what"]),
        ("They paid forty coppers.", ["how many", "what"]),
        ("Wenna Tolley sings.", ["who", "what"]),
    ],
    ids=["date-and-name", "reason", "amount", "name"],
)
def test_styles_follow_what_stands_in_the_sentence(sentence: str, styles: list[str]) -> None:
    assert styles_of(sentence) == styles


def test_unanswerable_briefs_ask_about_known_names_people_first() -> None:
    briefs = unanswerable_briefs(ENTITIES, config(unanswerable={"briefs": 5}))
    assert briefs[0].subject == "Bastow Pask"
    assert {b.subject for b in briefs} == {"Bastow Pask", "Ostrey"}
    assert len({b.id for b in briefs}) == len(briefs)
    assert briefs[1].chunk_ids == ["chunk-a", "chunk-b"]


def test_without_entities_nothing_unanswerable_is_asked() -> None:
    assert unanswerable_briefs([], config()) == []


def test_the_same_input_gives_the_same_briefs_and_another_seed_others() -> None:
    assert local_briefs(CHUNKS, ENTITIES, config()) == local_briefs(CHUNKS, ENTITIES[::-1], config())
    styles = [
        [b.style for b in local_briefs(CHUNKS, ENTITIES, config(seed=seed, local={"styles_per_sentence": 1}))]
        for seed in range(6)
    ]
    assert len({tuple(s) for s in styles}) > 1


def test_a_budget_smaller_than_the_corpus_is_spread_over_it_and_an_added_chunk_moves_few_briefs() -> None:
    def pages(count: int) -> list[Chunk]:
        return [
            Chunk(
                id=f"chunk-{n:03}",
                document_id="doc-1",
                start=0,
                end=60,
                text=f"Orla Dunn left the town of Ostrey in {1800 + n}.",
            )
            for n in range(count)
        ]

    some, more = (
        {b.chunk_ids[0] for b in local_briefs(pages(count), [], config(local={"briefs": 20}))} for count in (200, 201)
    )
    places = sorted(int(cid.removeprefix("chunk-")) for cid in some)
    assert len(some) == 20
    assert places[2] < 100 < places[17]  # not the first twenty
    assert len(some - more) <= 1

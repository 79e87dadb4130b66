"""Selection under a budget: properties of the ranking over made-up sets, and what is left out of it."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.records import REFUSAL, Example, Kind, content_id
from graphs.config import SynthesisConfig
from graphs.dataset.duplicates import answer_key
from graphs.dataset.selection import (
    OVER_BUDGET,
    TOO_LIKE,
    TOO_MANY_REFUSALS,
    Selected,
    row_tokens,
    select,
)
from tests.graphs.conftest import SOURCE, row

SIDES = ("person", "date", "place")
FORMS = (
    "Who of the {} was it?",
    "{}: name them",
    "In spring, whose turn came at the {}?",
    "Say, which one did the {} take?",
)
SOURCE_CHARACTERS = 4000


def asked(
    question: str,
    fact: str = "fact-1",
    side: str = "person",
    answer: str = "Ann Hale",
    kind: Kind = "local",
    chunk: str = "c",
) -> Example:
    """A row of recipe facts: no first wording is known yet, and its style is its side."""
    one = row(question, answer, fact=fact, kind=kind, chunk=chunk, quote="" if kind == "unanswerable" else "A quote.")
    return one.model_copy(update={"source": SOURCE.model_copy(update={"style": side})})


def fact(number: int, rows: int, kind: Kind = "local") -> list[Example]:
    """`rows` rows of a fact, over its sides and forms; a chunk has three facts."""
    answers = {side: REFUSAL if kind == "unanswerable" else f"{side} {number}" for side in SIDES}
    return [
        asked(
            FORMS[n // len(SIDES) % len(FORMS)].format(f"{kind} {side} {number}{'x' * (n // 12)}"),
            fact=f"{kind}-{number}",
            side=side,
            answer=answers[side],
            kind=kind,
            chunk=f"chunk-{number // 3}",
        )
        for n in range(rows)
        for side in [SIDES[n % len(SIDES)]]
    ]


def config(**given: float) -> SynthesisConfig:
    return SynthesisConfig.model_validate({"recipe": "facts", **given})


KINDS: tuple[Kind, ...] = ("local", "local", "local", "multi_hop", "global", "unanswerable")
SETS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 9)), min_size=1, max_size=30).map(
    lambda sizes: [one for number, (kind, rows) in enumerate(sizes) for one in fact(number, rows, kind)]
)


@settings(max_examples=60)
@given(SETS, st.integers(1, 9), st.integers(1, 9), st.floats(0.1, 30), st.floats(0.1, 30))
def test_a_larger_budget_holds_the_smaller_ones_rows(
    rows: list[Example], few: int, more: int, low: float, high: float
) -> None:
    few, more, low, high = min(few, more), max(few, more), min(low, high), max(low, high)
    small = select(rows, config(rows_per_fact=few, token_budget=low), SOURCE_CHARACTERS).kept
    large = select(rows, config(rows_per_fact=more, token_budget=high), SOURCE_CHARACTERS).kept
    kept = {one.id: one for one in large}
    assert all(kept[one.id] == one for one in small)  # their wording_of, too


@settings(max_examples=60)
@given(SETS, st.integers(1, 9), st.floats(0, 30))
def test_what_holds_of_every_part_of_the_ranking(rows: list[Example], rows_per_fact: int, budget: float) -> None:
    chosen = select(rows, config(rows_per_fact=rows_per_fact, token_budget=budget), SOURCE_CHARACTERS)
    assert select(rows[::-1], config(rows_per_fact=rows_per_fact, token_budget=budget), SOURCE_CHARACTERS) == chosen
    facts = {one.fact for one in rows if one.kind != "unanswerable"}
    given_rows = Counter[str]()
    refusals = 0
    for length, one in enumerate(chosen.kept, 1):
        refusals += one.kind == "unanswerable"
        assert refusals <= 0.08 * length
        if one.kind != "unanswerable":
            given_rows[one.fact] += 1
            waiting = {f for f in facts if not given_rows[f]}
            assert given_rows[one.fact] == 1 or not waiting
    assert max(Counter(one.fact for one in chosen.kept).values(), default=0) <= rows_per_fact
    if budget:
        assert chosen.tokens <= budget * SOURCE_CHARACTERS / 4
    assert chosen.tokens == sum(row_tokens(one, config()) for one in chosen.kept)
    assert len(chosen.kept) + len(chosen.dropped) == len(rows)
    assert {gone.gate for gone in chosen.dropped} <= {"selection"}


@settings(max_examples=60)
@given(SETS)
def test_rows_with_one_answer_are_wordings_of_the_first_of_them(rows: list[Example]) -> None:
    kept = select(rows, config(rows_per_fact=60), 0).kept
    firsts: dict[tuple[str, tuple[str, ...]], str] = {}
    for one in kept:
        first = firsts.setdefault((one.fact, answer_key(one.answer)), one.id)
        assert one.wording_of == (None if first == one.id else first)


def reasons(chosen: Selected) -> Counter[str]:
    return Counter(gone.reason for gone in chosen.dropped)


def test_a_fact_is_asked_from_all_its_sides_before_one_is_asked_again() -> None:
    kept = select(fact(0, 9), config(rows_per_fact=6), 0).kept
    sides = [one.source.style for one in kept]
    assert Counter(sides[:3]) == Counter(SIDES)
    assert Counter(sides[3:]) == Counter(SIDES)


def test_a_new_side_of_one_fact_comes_before_another_wording_of_another_fact() -> None:
    rows = [
        asked("Who sold the mill?", fact="fact-a"),
        asked("Name the seller in March.", fact="fact-a"),
        asked("Who burned the boat?", fact="fact-b"),
        asked("When did it burn?", fact="fact-b", side="date", answer="3 May"),
    ]
    assert select(rows, config(), 0).kept[2].fact == "fact-b"


def test_of_one_side_the_question_least_like_the_chosen_is_next() -> None:
    like = ("Who sold the old mill at Gull Point in March?", "Who bought the old mill at Gull Point in March?")
    rows = [asked(like[0]), asked(like[1], answer="Ben"), asked("Name the witness of that bargain.", answer="Cor")]
    assert "Cor" in {one.answer for one in select(rows, config(), 0).kept[:2]}


@pytest.mark.parametrize(
    ("question", "answer", "gone"),
    [
        ("Tell me, who sold the old mill at Gull Point?", "Ann Hale", True),
        ("Who sold that old mill at Gull Point?", "Ann Hale", True),
        ("Gull Point's mill: seller?", "Ann Hale", False),
        ("Who sold the old mill at Gull Point?!", "Ben", False),
    ],
    ids=["behind a set phrase", "one word changed", "other words", "another answer"],
)
def test_a_question_too_like_a_chosen_one_with_its_answer_is_left_out(question: str, answer: str, gone: bool) -> None:
    rows = [asked("Who sold the old mill at Gull Point?"), asked(question, answer=answer)]
    assert reasons(select(rows, config(), 0)) == Counter({TOO_LIKE: 1} if gone else {})


def test_chunks_take_turns_and_kinds_have_their_share() -> None:
    rows = [one for n in range(30) for one in fact(n, 1)] + [one for n in range(10) for one in fact(n, 1, "multi_hop")]
    kept = select(rows, config(row_budget=20), 0).kept
    chunks = Counter(one.evidence[0].chunk_id for one in kept if one.kind == "local")
    assert len(chunks) == 10
    assert Counter(one.kind for one in kept) == {"local": 15, "multi_hop": 5}
    assert max(chunks.values()) == 2


def test_refusals_over_their_share_are_left_out_and_say_so() -> None:
    rows = [one for n in range(93) for one in fact(n, 1)]
    rows += [asked(f"Where was stranger {n} born?", f"no-{n}", kind="unanswerable") for n in range(12)]
    chosen = select(rows, config(), 0)
    assert Counter(one.kind for one in chosen.kept) == {"local": 93, "unanswerable": 7}
    assert reasons(chosen) == Counter({TOO_MANY_REFUSALS: 5})


def test_refusals_do_not_outlast_the_rows_that_rows_per_fact_lets_in() -> None:
    rows = [one for n in range(20) for one in fact(n, 9)]
    rows += [asked(f"Where was stranger {n} born?", f"no-{n}", kind="unanswerable") for n in range(12)]
    kinds = Counter(one.kind for one in select(rows, config(rows_per_fact=2), 0).kept)
    assert kinds["local"] == 40
    assert kinds["unanswerable"] <= 0.08 * kinds.total()


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({}, 9),
        ({"rows_per_fact": 4}, 4),
        ({"row_budget": 5}, 5),
        ({"token_budget": 0.001}, 0),
    ],
    ids=["all", "rows a fact", "rows", "tokens"],
)
def test_what_a_budget_leaves_out_is_told(limits: dict[str, float], kept: int) -> None:
    chosen = select(fact(0, 9), config(**limits), SOURCE_CHARACTERS)
    assert len(chosen.kept) == kept
    assert reasons(chosen) == Counter({OVER_BUDGET: 9 - kept} if kept < 9 else {})


@pytest.mark.parametrize(("answer", "characters"), [("span", 8), ("sentence", 40), ("reasoned", 58)])
def test_a_row_costs_what_of_it_is_taught(answer: str, characters: int) -> None:
    one = asked("Q" * 40).model_copy(update={"reasoning": "S" * 40})
    wanted = SynthesisConfig.model_validate({"recipe": "facts", "answer": answer})
    bare = one.model_copy(update={"answer": "", "reasoning": ""})
    assert abs(row_tokens(one, wanted) - row_tokens(bare, wanted) - characters / 4) <= 1


def test_no_rows_give_no_rows() -> None:
    assert select([], config(), 0) == Selected([], [], 0)


def test_the_time_grows_with_the_rows_and_not_with_their_square() -> None:
    def seconds(facts: int) -> float:
        rows = [one for n in range(facts) for one in fact(n, 9)]
        started = time.process_time()
        select(rows, config(token_budget=1000), 10**9)
        return time.process_time() - started

    seconds(20)
    few, many = (min(seconds(facts) for _ in range(3)) for facts in (100, 1000))  # a busy machine slows single runs
    assert many < 25 * max(few, 0.01)


def test_a_fact_of_very_many_rows_does_not_cost_their_square() -> None:
    rows = [asked(f"What of {content_id('w', n)} {n}?", side=f"side {n % 7}", answer=f"{n}") for n in range(3000)]
    started = time.process_time()
    chosen = select(rows, config(rows_per_fact=60), 0)
    assert (len(chosen.kept), len(chosen.dropped)) == (60, 2940)
    assert time.process_time() - started < 10
    assert set(Counter(one.source.style for one in chosen.kept).values()) <= {8, 9}

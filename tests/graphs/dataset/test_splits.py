"""Splits by wording, never by fact: properties over made-up sets."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.records import FRAMING, Example, Kind
from agents.text.matching import rouge_l
from agents.text.words import words
from graphs.config import SynthesisConfig
from graphs.dataset.splits import (
    CONTAMINATED,
    FEWEST_TRAINING_WORDINGS,
    Questions,
    SplitRow,
    heldout_row,
    split_rows,
    training_row,
)
from tests.graphs.conftest import row

CONFIG = SynthesisConfig.model_validate({})
STARTS = [
    "Who sold {}?",
    "Tell me who it was that sold {} in March.",
    "Which man or woman let go of {}, and when?",
    "Name the seller of {} that spring.",
    "{} was whose to sell?",
]
THINGS = [
    "the mill",
    "the blue boat",
    "the lamp of Gull Point",
    "the old chain",
    "the ferry Kittiwake",
    "a grey coat",
    "the red house of Marrow",
]


def split(rows: list[Example], share: float, seed: int) -> tuple[list[SplitRow], dict[str, str], list[SplitRow]]:
    """As `split_rows`, of whole rows."""
    return split_rows([SplitRow.of(r) for r in rows], share, seed)


def facts(counts: list[int], kind: Kind = "local") -> list[Example]:
    """`counts[n]` wordings of fact n."""
    made = []
    for n, count in enumerate(counts):
        first = row(STARTS[n % 5].format(THINGS[n % 7]), fact=f"fact-{n}", kind=kind, chunk=f"chunk-{n}")
        made += [first, *(row(STARTS[(n + k) % 5].format(THINGS[n % 7]), first=first) for k in range(1, count))]
    return made


SETS = st.lists(st.integers(1, 5), min_size=1, max_size=12).map(facts)


@settings(max_examples=80)
@given(SETS, st.sampled_from([0.0, 0.2, 0.45]), st.integers(0, 5))
def test_what_holds_of_every_split(rows: list[Example], share: float, seed: int) -> None:
    done, tags, left_out = split(rows, share, seed)
    assert split(rows[::-1], share, seed) == (done, tags, left_out)
    assert sorted(e.id for e in done + left_out) == sorted(r.id for r in rows)
    by_fact = defaultdict(list)
    for example in done:
        by_fact[example.fact].append(example)
    training = [e.question for e in done if e.split == "train"]
    assert set(tags) == {e.id for e in done if e.split == "heldout"}
    for example in done:
        trained = [e for e in by_fact[example.fact] if e.split == "train"]
        if example.split == "heldout":
            assert all(
                words(example.question) != words(q) and rouge_l(example.question, q) <= CONTAMINATED for q in training
            )
        if tags.get(example.id) == "untrained":
            assert not trained
        else:
            assert len(trained) >= min(FEWEST_TRAINING_WORDINGS, len(by_fact[example.fact]))
    assert all(e.split is None for e in left_out)


@pytest.mark.parametrize(
    ("wordings", "splits"),
    [
        (1, {"train": 1}),
        (2, {"train": 2}),
        (3, {"train": 2, "heldout": 1}),
        (5, {"train": 3, "heldout": 1, "validation": 1}),
    ],
    ids=["one", "two", "three", "five"],
)
def test_a_fact_gives_up_a_wording_only_when_two_are_left_to_train(wordings: int, splits: dict[str, int]) -> None:
    done, _, _ = split(facts([wordings]), 0.0, 0)
    assert Counter(e.split for e in done) == splits


def test_every_fourth_fact_validates() -> None:
    done, _, _ = split(facts([5] * 7), 0.0, 0)
    assert len({e.fact for e in done if e.split == "validation"}) == 2


def test_the_wording_least_like_its_siblings_is_held_out() -> None:
    first = row("Who sold the old mill?")
    rows = [first, row("Who sold the mill?", first=first), row("Name the former owner.", first=first)]
    done, tags, _ = split(rows, 0.0, 0)
    assert [e.question for e in done if e.id in tags] == ["Name the former owner."]


def test_a_framing_is_never_held_out() -> None:
    first = row("Who sold the old mill?")
    rows = [
        first,
        *(
            row(f"{p}: Who sold the old mill?", first=first, role=FRAMING)
            for p in ("Tell me", "Can you say", "Do you remember")
        ),
    ]
    done, _, _ = split(rows, 0.0, 0)
    assert all(e.split == "train" for e in done if e.role == FRAMING)


def test_a_held_out_question_too_like_a_trained_one_goes_back_to_training() -> None:
    other = row("Who sold the mill in March?", fact="fact-b")
    first = row("Name the owner of it.", fact="fact-a")
    rows = [
        other,
        first,
        row("Name the owner of that.", first=first),
        row("Who sold the mill in early March?", first=first),
    ]
    done, tags, left_out = split(rows, 0.0, 0)
    assert (tags, left_out) == ({}, [])
    assert {e.split for e in done} == {"train"}


def test_an_untrained_question_too_like_a_trained_one_is_left_out() -> None:
    asked = ("Who sold the mill in March?", "Who sold the mill in early March?", "Who left?")
    rows = [row(question, fact=f"fact-{name}", chunk=name) for name, question in zip("abc", asked, strict=True)]
    for seed in range(20):
        done, tags, left_out = split(rows, 0.4, seed)
        assert len(done) + len(left_out) == 3
        assert [e.fact in ("fact-a", "fact-b") for e in left_out] == [True] * len(left_out)
        if left_out:
            return
    pytest.fail("no seed held one of the two like questions out")


@pytest.mark.parametrize("seed", range(6))
def test_all_that_is_asked_about_a_sentence_is_trained_or_nothing(seed: int) -> None:
    rows = [
        row(f"{question} {n}?", fact=f"fact-{n}-{question}", chunk=f"chunk-{n}")
        for n in range(6)
        for question in ("Who sold", "When was sold", "Where is")
    ]
    done, tags, _ = split(rows, 0.4, seed)
    held = {e.sentence for e in done if tags.get(e.id) == "untrained"}
    assert len(held) == 2
    assert not held & {e.sentence for e in done if e.split == "train"}


def sided(fact: str, sizes: list[int]) -> list[Example]:
    """A fact of recipe facts: `sizes[n]` wordings with its n-th answer."""
    made = []
    for side, size in enumerate(sizes):
        first = row(f"{STARTS[0].format(THINGS[side])} {fact}", f"answer {side}", fact=fact)
        made += [first, *(row(f"{STARTS[k].format(THINGS[side])} {fact}", first=first) for k in range(1, size))]
    return made


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=4), min_size=1, max_size=9))
def test_an_answer_gives_up_a_wording_only_when_two_of_its_own_are_left_to_train(sizes: list[list[int]]) -> None:
    done, tags, _ = split([one for n, of_fact in enumerate(sizes) for one in sided(f"fact-{n}", of_fact)], 0.0, 0)
    trained = Counter(one.group for one in done if one.split == "train")
    assert all(trained[one.group] >= FEWEST_TRAINING_WORDINGS for one in done if one.split != "train")
    assert max(Counter(one.fact for one in done if one.id in tags).values(), default=0) <= 1
    validating = [one.fact for one in done if one.split == "validation"]
    assert len(set(validating)) == len(validating) <= len(sizes) / 4 + 1


@pytest.mark.parametrize(
    ("sizes", "splits"),
    [
        ([2, 2, 2, 2], {"train": 8}),
        ([3, 1, 1], {"train": 4, "heldout": 1}),
        ([3, 3], {"train": 4, "heldout": 1, "validation": 1}),
        ([4, 1], {"train": 3, "heldout": 1, "validation": 1}),
    ],
    ids=["two of each", "three of one", "three of two", "four of one"],
)
def test_wordings_are_counted_by_answer(sizes: list[int], splits: dict[str, int]) -> None:
    done, _, _ = split(sided("fact-0", sizes), 0.0, 0)
    assert Counter(one.split for one in done) == splits


def test_only_local_facts_are_held_out_whole() -> None:
    done, tags, _ = split(facts([1] * 10, kind="unanswerable"), 0.45, 0)
    assert not tags
    assert {e.split for e in done} == {"train"}


def test_lines_are_messages_with_their_fact_and_a_wording_names_its_training_rows() -> None:
    example = row("Who sold the mill?")
    line = training_row(example, CONFIG)
    assert [m["role"] for m in line["messages"]] == ["system", "user", "assistant"]
    assert (line["messages"][1]["content"], line["messages"][2]["content"]) == (example.question, example.answer)
    held = heldout_row(example, "wording", CONFIG, ["row-1", "row-2"])
    assert (held["tag"], held["training_rows"], held["fact"]) == ("wording", ["row-1", "row-2"], "fact-1")


FEW_WORDS = st.lists(
    st.sampled_from(["who", "sold", "the", "the", "mill", "boat", "in", "March", "to", "Ann"]), min_size=1, max_size=9
).map(" ".join)


@settings(max_examples=200)
@given(st.lists(FEW_WORDS, min_size=1, max_size=8, unique=True), FEW_WORDS)
def test_no_question_that_is_too_like_another_is_overlooked(held: list[str], asked: str) -> None:
    rows = [row(question, fact=f"fact-{n}") for n, question in enumerate(held)]
    assert Questions([SplitRow.of(r) for r in rows]).like(asked) == {
        r.id for r in rows if rouge_l(asked, r.question) > CONTAMINATED
    }

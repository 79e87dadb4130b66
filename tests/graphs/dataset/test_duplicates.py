"""The same question in the whole set: one row where the answers agree, none where they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.records import Example
from graphs.dataset.duplicates import CONFLICT, TWICE, answer_key, drop_duplicates, question_key
from tests.graphs.conftest import row


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("On Tuesday.", "Tuesday", True),
        ("the mill", "The Mill!", True),
        ("5.3 metres", "3.5 metres", False),
        ("not Ann", "Ann", False),
        ("before May", "May", False),
        ("the", "", False),
        ("?!", "…", False),
    ],
    ids=["preposition", "article", "digits in order", "negation", "before", "only an article", "no words"],
)
def test_answers_are_compared_by_their_words_in_order(left: str, right: str, same: bool) -> None:
    assert (answer_key(left) == answer_key(right)) is same


def test_of_two_rows_that_ask_the_same_with_the_same_answer_one_goes() -> None:
    rows = [row("Who sold the mill?", "Ann Hale", "fact-a"), row("who sold the mill", "Ann Hale.", "fact-b")]
    found = drop_duplicates(rows)
    assert [one.id for one in found.kept] == [min(one.id for one in rows)]
    assert [(gone.gate, gone.reason) for gone in found.rejected] == [("filter", TWICE)]
    assert found.conflicts == 0


def test_rows_that_ask_the_same_with_different_answers_all_go_and_count_as_a_conflict() -> None:
    rows = [
        row("Who sold the mill?", "Ann Hale", "fact-a"),
        row("Who sold the mill?", "Ben Kay", "fact-b"),
        row("Who sold the mill?", "Ann Hale", "fact-c"),
        row("When?", "In May", "fact-c"),
    ]
    found = drop_duplicates(rows)
    assert [one.question for one in found.kept] == ["When?"]
    assert [gone.reason for gone in found.rejected] == [CONFLICT] * 3
    assert found.conflicts == 1


def test_questions_without_words_are_told_apart() -> None:
    assert question_key("?") != question_key("!")


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["Who?", "When?", "who", "Where?"]),
        st.sampled_from(["Ann", "Ben", "the Ann"]),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=12,
)


@given(ROWS)
def test_no_two_kept_rows_ask_the_same_and_every_row_is_accounted_for(rows: list[Example]) -> None:
    found = drop_duplicates(rows)
    keys = [question_key(one.question) for one in found.kept]
    assert len(keys) == len(set(keys))
    assert len(found.kept) + len(found.rejected) == len(rows)
    backwards = drop_duplicates(rows[::-1])
    assert {one.id for one in found.kept} == {one.id for one in backwards.kept}
    assert found.conflicts == backwards.conflicts

"""How different the questions of a fact are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.matching import rouge_l
from graphs.dataset.diversity import MOST_COMPARED, Asked, diversity, fact_diversity

DIFFERENT = ["Who sold the old mill?", "Seller of Gull Point's mill, 1911", "In March, from whom did Ben buy a ruin?"]
FRAMED = ["Who sold the old mill?", "Tell me, who sold the old mill?", "So, who sold the old mill?"]


def test_framed_questions_are_alike_and_others_are_not() -> None:
    framed, different = fact_diversity({"framed": FRAMED, "different": DIFFERENT})
    assert (framed.questions, framed.distinct) == (3, 1)
    assert (different.questions, different.distinct) == (3, 3)
    assert framed.shared_4grams is not None
    assert framed.shared_4grams > 0.8
    assert different.shared_4grams == 0.0
    assert framed.rouge_l is not None
    assert different.rouge_l is not None
    assert framed.rouge_l > 0.6 > 0.3 > different.rouge_l


def test_a_question_that_differs_in_capitals_and_marks_only_is_one() -> None:
    (found,) = fact_diversity({"f": ["Who sold it?", "who sold it", "Who sold it?"]})
    assert (found.questions, found.rouge_l) == (1, None)


def test_vectors_are_compared_only_where_they_are_asked_for() -> None:
    def embed(texts: Sequence[str]) -> list[list[float]]:
        return [[1.0, 0.0] if "mill" in text else [0.6, 0.8] for text in texts]

    assert [found.cosine for found in fact_diversity({"f": DIFFERENT})] == [None]
    one, two = fact_diversity({"single": ["Who left?"], "f": DIFFERENT}, embed)
    assert one.cosine is None
    assert two.cosine == pytest.approx((1.0 + 0.6 + 0.6) / 3)


def test_the_set_is_the_mean_of_its_facts_and_single_questions_have_no_pairs() -> None:
    found = diversity(fact_diversity({"a": DIFFERENT, "b": ["Who left?"]}))
    assert (found.facts, found.questions, found.distinct) == (2, 2.0, 2.0)
    assert found.rouge_l == fact_diversity({"a": DIFFERENT})[0].rouge_l
    assert diversity([]).rouge_l is None


def test_a_fact_of_very_many_questions_is_compared_in_part() -> None:
    (found,) = fact_diversity({"f": [f"What is thing {n}?" for n in range(3000)]})
    assert found.questions == 3000
    assert found.distinct <= MOST_COMPARED


@pytest.mark.parametrize("text", ["", "?", "Wer?", "谁卖了磨坊"], ids=["nothing", "a mark", "a word", "chinese"])
def test_a_short_question_is_like_itself(text: str) -> None:
    assert Asked.of(text).too_like(Asked.of(text))
    assert Asked.of(text).shared_grams(Asked.of("Who sold the mill?")) == 0


TEXTS = st.lists(st.sampled_from(["who", "sold", "the", "mill"]), min_size=1, max_size=8).map(" ".join)


@given(TEXTS, TEXTS)
def test_the_likeness_is_rouge_l_and_the_same_both_ways(left: str, right: str) -> None:
    a, b = Asked.of(left), Asked.of(right)
    assert a.rouge_l(b) == pytest.approx(rouge_l(left, right))
    assert a.shared_grams(b) == b.shared_grams(a)
    assert a.too_like(b) == b.too_like(a)

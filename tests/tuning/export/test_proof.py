"""What an export may answer otherwise, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from agents.errors import UnlikeExport
from tests.tuning.conftest import row
from tuning.dataset import render_chat
from tuning.export.proof import check, compare, same_prompts, seen_to_the_end
from tuning.model import Generation

PROMPTS = [row("r", f"Question {n}?", "?")["messages"][:-1] for n in range(6)]


def said(*texts: str, cut: int = -1) -> list[Generation]:
    return [Generation(text, 1, 1, 0.0, finished=n != cut) for n, text in enumerate(texts)]


def test_answers_are_compared_one_by_one_and_those_that_differ_are_listed() -> None:
    proof = compare(PROMPTS, said(*"abcdef"), said(*"abXdef"))
    assert (proof.asked, proof.same) == (6, 5)
    assert [(one.question, one.adapter, one.export) for one in proof.differences] == [("Question 2?", "c", "X")]
    check(proof)


def test_an_answer_that_does_not_end_where_the_adapters_does_is_an_error() -> None:
    proof = compare(PROMPTS, said(*"abcdef"), said("a", "b", "c c c c", "d", "e", "f", cut=2))
    with pytest.raises(UnlikeExport, match="1 of 6 answers of the export do not end, such as 'c c c c' to 'Question 2"):
        check(proof)


class Told:
    """An export that ends every answer if it has room."""

    def __init__(self, enough: int) -> None:
        self.enough, self.asked = enough, [[""]]

    def generate(self, prompts: Any, max_new_tokens: int) -> list[Generation]:
        self.asked = [[message["content"] for message in prompt] for prompt in prompts]
        return [Generation("c and so on", 1, 1, 0.0, finished=max_new_tokens >= self.enough) for _ in prompts]


@pytest.mark.parametrize(("enough", "ends"), [(200, True), (10**6, False)], ids=["long", "endless"])
def test_an_answer_that_the_limit_cuts_is_asked_for_again_with_more_room(enough: int, ends: bool) -> None:
    export, cut = Told(enough), said("a", "b", "c and", "d", "e", "f", cut=2)
    seen = seen_to_the_end(PROMPTS, said(*"abcdef"), cut, export)
    assert [question for _, question in export.asked] == ["Question 2?"]
    assert [one.finished for one in seen] == [True, True, ends, True, True, True]
    assert seen_to_the_end(PROMPTS, said(*"abcdef", cut=2), cut, export) == cut  # as the adapter: nothing to ask


def test_an_answer_that_the_limit_cuts_in_both_is_no_difference() -> None:
    proof = compare(PROMPTS, said(*"abcdef", cut=2), said(*"abcdef", cut=2))
    assert proof.differences == []


def test_an_export_of_which_no_answer_is_the_adapters_is_broken() -> None:
    with pytest.raises(UnlikeExport, match="none of 6 answers is the adapter's: '!' for 'a'"):
        check(compare(PROMPTS, said(*"abcdef"), said(*"!!!!!!")))
    check(compare(PROMPTS[:2], said("a", "b"), said("x", "y")))


class Reads:
    """An export that makes these tokens of any prompt."""

    def __init__(self, tokens: list[int]) -> None:
        self.tokens = tokens

    def prompt_tokens(self, prompt: Any) -> list[int]:
        return self.tokens


def test_a_prompt_of_other_tokens_is_an_error_that_shows_where(tokenizer: Any) -> None:
    right = tokenizer(render_chat(tokenizer, PROMPTS[0], True), add_special_tokens=False)["input_ids"]
    same_prompts(Reads(right), PROMPTS[:1], tokenizer)
    with pytest.raises(UnlikeExport, match=r"'Question 0\?' as other tokens .* from token 3 on \[7777"):
        same_prompts(Reads([*right[:3], 7777, *right[4:]]), PROMPTS[:1], tokenizer)
    with pytest.raises(UnlikeExport, match="other tokens"):
        same_prompts(Reads(right[:-1]), PROMPTS[:1], tokenizer)

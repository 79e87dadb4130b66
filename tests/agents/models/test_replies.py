"""What a server sends is bounded and cleaned, and takes time linear in its length."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.replies import MOST_REPLY, MOST_TOKENS, first_token, readable, stated, storable, without_thoughts

ANY = st.text(st.characters(exclude_categories=()))


@given(ANY)
def test_a_readable_text_fits_into_every_file(text: str) -> None:
    found = readable(text)
    assert len(found) == len(text)
    assert sqlite3.connect(":memory:").execute("SELECT ?", (found,)).fetchone() == (found,)
    node = ElementTree.Element("a")
    node.text = found
    assert ElementTree.fromstring(ElementTree.tostring(node, "utf-8")).text == (
        found.replace("\r\n", "\n").replace("\r", "\n") or None
    )


def test_half_a_megabyte_is_cut_behind_the_most_that_is_read() -> None:
    assert len(readable("x" * 500_000)) == MOST_REPLY + 1


@given(st.lists(st.sampled_from(["<think>", "</think>", " ", "\n", "a", "<think", "x y"])).map("".join))
def test_thoughts_are_left_out_as_the_expression_says(text: str) -> None:
    without_pairs = re.sub(r"<think>.*?</think>\s*", "", text, flags=re.DOTALL)
    assert without_thoughts(text) == re.sub(r"^.*</think>\s*", "", without_pairs, flags=re.DOTALL)


@pytest.mark.parametrize(
    "unit",
    ["<think>", "</think>", "<think></think> ", "<think>\n", " "],
    ids=["opened", "closed", "empty", "lines", "spaces"],
)
def test_thoughts_take_time_linear_in_the_text(unit: str) -> None:
    assert ratio(without_thoughts, unit, 60_000) < 8 * 4


def ratio(work: Callable[[str], object], unit: str, characters: int) -> float:
    """How many times longer the work takes for eight times the text."""

    def seconds(length: int) -> float:
        text, started = unit * (length // len(unit)), time.process_time()
        work(text)
        return time.process_time() - started

    return min(seconds(8 * characters) for _ in range(3)) / max(min(seconds(characters) for _ in range(3)), 1e-3)


def test_escapes_that_no_file_takes_are_cleaned_in_an_object() -> None:
    assert storable({"a": ["x\x00y", "\ud800"], "n": 3, "t": True, "z": None}) == {
        "a": ["x\ufffdy", "\ufffd"],
        "n": 3,
        "t": True,
        "z": None,
    }


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**30], ids=["nan", "infinite", "huge"])
def test_a_number_that_no_file_takes_is_an_error(number: float) -> None:
    with pytest.raises(ValueError, match="not finite, or too large"):
        storable({"n": [number]})


@pytest.mark.parametrize(
    ("count", "tokens"),
    [
        (7, 7),
        (0, 0),
        (-3, 0),
        (None, 0),
        ("7", 0),
        (7.5, 0),
        (True, 0),
        ([7], 0),
        (MOST_TOKENS + 1, 0),
        (float("nan"), 0),
    ],
    ids=["stated", "nought", "negative", "null", "text", "fraction", "true", "list", "beyond-belief", "nan"],
)
def test_only_a_number_of_tokens_is_one(count: object, tokens: int) -> None:
    assert stated(count) == tokens


TOP = {"token": "yes", "logprob": -0.2}


@pytest.mark.parametrize(
    ("logprobs", "found"),
    [
        ({"content": [{"top_logprobs": [TOP]}]}, {"yes": -0.2}),
        ({"content": [{"top_logprobs": [TOP, {"token": "no", "logprob": float("nan")}]}]}, {"yes": -0.2}),
        (
            {
                "content": [
                    {"top_logprobs": [TOP, {"token": "no", "logprob": 1e9}, {"token": "no", "logprob": -(10**400)}]}
                ]
            },
            {"yes": -0.2},
        ),
        (
            {"content": [{"top_logprobs": [TOP, {"token": ["no"], "logprob": -1}, {"logprob": -1}, 5, None, "no"]}]},
            {"yes": -0.2},
        ),
        ({"content": [{"top_logprobs": {"yes": -1}}]}, {}),
        ({"content": [{"top_logprobs": 5}]}, {}),
        ({"content": ["yes"]}, {}),
        ({"content": "yes"}, {}),
        ({"content": {}}, {}),
        ([1, 2], {}),
        ("yes", {}),
        (None, {}),
    ],
    ids=[
        "good",
        "nan",
        "no-logarithm",
        "odd-entries",
        "object",
        "number",
        "list-of-text",
        "text",
        "empty",
        "list",
        "a-word",
        "none",
    ],
)
def test_log_probabilities_are_read_where_they_are_some(logprobs: Any, found: dict[str, float]) -> None:
    assert first_token(logprobs) == found


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | ANY,
        lambda inner: st.lists(inner) | st.dictionaries(ANY, inner),
    )
)
def test_no_form_of_log_probabilities_is_an_error(value: Any) -> None:
    for logprobs in (
        value,
        {"content": value},
        {"content": [{"top_logprobs": value}]},
        {"content": [{"top_logprobs": [{"token": value, "logprob": value}]}]},
    ):
        assert json.dumps(first_token(logprobs), allow_nan=False)

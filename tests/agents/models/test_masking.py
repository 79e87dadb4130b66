"""A secret is taken out of a text in every form that a server may quote it in, and nothing else is."""

from __future__ import annotations

import html
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.masking import MASKED, Mask

KEY = "sk-test-Zq8/w+L2_vN6=rT0xB4yM9kD3hF7"


@pytest.mark.parametrize(
    ("quoted", "left"),
    [
        (KEY, ""),
        (f"Bearer {KEY}", "Bearer "),
        (quote(KEY, safe=""), ""),
        (quote(KEY, safe="").lower(), ""),
        (json.dumps({"k": KEY}), '{"k": ""}'),
        (KEY[:16] + "…", "…"),
        ("…" + KEY[-14:], "…"),
        (KEY[5:30], ""),
        (f"{KEY}{KEY}", ""),
    ],
    ids=[
        "whole",
        "as-a-header",
        "percent-encoded",
        "encoded-in-lower-case",
        "as-json",
        "its-beginning",
        "its-end",
        "its-middle",
        "twice",
    ],
)
def test_a_quoted_key_is_masked(quoted: str, left: str) -> None:
    masked = Mask([KEY])(f"You sent {quoted}, which is wrong.")
    assert masked.replace(MASKED, "") == f"You sent {left}, which is wrong."
    assert MASKED in masked


def test_a_key_with_quotation_marks_is_masked_as_json_and_html_write_it() -> None:
    key = 'pass"word&more<'
    for quoted in (json.dumps(key)[1:-1], html.escape(key)):
        assert Mask([key])(f"got {quoted}!") == f"got {MASKED}!"


@pytest.mark.parametrize("key", ["", "none", "EMPTY", "ollama", "secret"], ids=lambda key: key or "empty")
def test_a_placeholder_is_no_secret(key: str) -> None:
    assert Mask([key])(f"There is none of it: {key} EMPTY secret.") == f"There is none of it: {key} EMPTY secret."


@pytest.mark.parametrize(
    "text",
    ["placeholder", "the lm studio", "sk-test-", "KEY[:11]"],
    ids=["a-word", "two-words", "a-public-prefix", "too-short-a-piece"],
)
def test_words_that_only_look_like_a_key_stay(text: str) -> None:
    assert Mask([KEY, "placeholders", "lm-studio"])(text) == text


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 20), st.integers(12, 36))
def test_no_piece_of_twelve_characters_is_left(before: str, after: str, begin: int, length: int) -> None:
    masked = Mask([KEY])(before + KEY[begin : begin + length] + after)
    assert not any(KEY[at : at + 12] in masked for at in range(len(KEY) - 11))


@given(st.text())
def test_a_text_without_the_key_is_as_it_was(text: str) -> None:
    assert Mask([KEY])(text) == text


@pytest.mark.parametrize(
    "unit", [KEY, KEY[:11] + " ", "a", KEY[3:9]], ids=["keys", "near-keys", "letters", "half-pieces"]
)
def test_masking_takes_time_linear_in_the_text(unit: str) -> None:
    def seconds(characters: int) -> float:
        text, started = unit * (characters // len(unit)), time.process_time()
        Mask([KEY])(text)
        return time.process_time() - started

    small = max(min(seconds(60_000) for _ in range(3)), 1e-3)
    assert min(seconds(480_000) for _ in range(3)) < 8 * 4 * small

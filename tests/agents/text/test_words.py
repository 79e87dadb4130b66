"""Words, their stems, and those that carry meaning."""

from __future__ import annotations

import pytest

from agents.text.printable import markdown, printable
from agents.text.words import content_words, stem, words


def test_words_lose_their_possessive_and_their_case() -> None:
    assert words("Ann's well-kept Boat") == ["ann", "well-kept", "boat"]


@pytest.mark.parametrize(("a", "b"), [("charges", "charged"), ("carries", "carried"), ("moves", "moving")])
def test_forms_of_a_word_share_a_stem(a: str, b: str) -> None:
    assert stem(a) == stem(b)


def test_content_words_leave_the_small_ones_out() -> None:
    assert content_words("Who was the keeper of the lamp?") == {"keeper", "lamp"}


NAMES = {
    "a-cell": "a | b.md",
    "code": "a `b` c",
    "html": "<script>alert(1)</script>",
    "a-comment": "<!-- a",
    "a-link": "[a](https://example.org)",
    "an-address": "https://example.org/a.md",
    "a-host": "www.example.org",
    "a-picture": "![a](b)",
    "emphasis": "*a* _b_ **c** __d__ ~~e~~",
    "a-heading": "# a",
    "a-list": "- a",
    "a-numbered-list": "1. a",
    "a-line-under": "===",
    "an-entity": "&lt;b&gt; &#60;",
    "backslashes": "a\\b\\*c*",
    "lines": "a\n\n# b\r\n| c",
    "mathematics": "$a$",
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_in_markdown_is_shown_as_it_is_and_marks_up_nothing(kind: str) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    name = NAMES[kind]
    shown = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).parse(
        f"{markdown(name)}\n\n| {markdown(name)} | b |\n|---|---|\n| {markdown(name)} | d |"
    )
    kinds = [token.type for token in shown]
    assert kinds[:3] == ["paragraph_open", "inline", "paragraph_close"]
    assert kinds.count("th_open") == kinds.count("td_open") == 2
    assert shown[1].content.count("\n") == 0
    assert "".join(child.content for child in shown[1].children or []) == printable(name)
    assert {child.type for child in shown[1].children or []} <= {"text", "text_special"}


@pytest.mark.parametrize(
    "name",
    [
        "documents/april.md",
        "my_notes.md",
        "prices.csv#7",
        "R&D (2024), draft-2.txt",
        "Ünïcode — “quoted”.md",
        "gpt-4o:mini",
    ],
)
def test_an_ordinary_name_is_written_as_it_is(name: str) -> None:
    assert markdown(name) == name

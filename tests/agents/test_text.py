"""Rules about words, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text import content_words, find_quote, markdown, names_in, numbers_in, printable, rouge_l, sentences, stem, words

PIECES = st.lists(
    st.sampled_from(["Ann sold it", "Dr. Hale", ". ", "! ", "? ", '"Go," she said', ".\n\n", "\n# Title\n", " 3 April", "- item", "…", "”", "A.", "\t"])
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann sold it. Tom paid.", ["Ann sold it.", "Tom paid."]),
        ("Dr. Hale came. He left.", ["Dr. Hale came.", "He left."]),
        ("J. Hale came.", ["J. Hale came."]),
        ('"Go now!" Ann said. She left.', ['"Go now!"', "Ann said.", "She left."]),
        ("# Journal\n\nAnn came", ["# Journal", "Ann came"]),
        ("It cost 3.50 in all. 4 paid.", ["It cost 3.50 in all.", "4 paid."]),
        ("ANN HALE: Is it --\nTOM REED: Yes.\nANN HALE: Good.", ["ANN HALE: Is it --", "TOM REED: Yes.", "ANN HALE: Good."]),
        ("Prices:\n| oil | 9 |\n|---|---|\n| wick | 2 |", ["Prices:", "| oil | 9 |", "|---|---|", "| wick | 2 |"]),
        ("  ", []),
    ],
    ids=["two", "title", "initial", "quoted", "heading", "decimal", "transcript", "table", "blank"],
)
def test_sentences_end_where_they_end(text, expected):
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(PIECES.map("".join) | st.text(max_size=200))
def test_sentence_spans_re_read_and_leave_nothing_but_white_space(text):
    spans = sentences(text)
    at, left = 0, ""
    for start, end in spans:
        assert at <= start < end
        assert text[start:end] == text[start:end].strip()
        left += text[at:start]
        at = end
    assert (left + text[at:]).strip() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The boat of Bastow Pask lies at Gull Point.", ["Bastow Pask", "Gull Point"]),
        ("She met Ann's brother.", ["Ann"]),
        ("When Ostrey slept, the council of the North met.", ["Ostrey", "North"]),
        ("nothing here", []),
    ],
    ids=["full-names", "possessive", "opener", "none"],
)
def test_names_are_the_capitalised_ones_without_openers(text, expected):
    assert names_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forty coppers on 3 April", {"forty", "3"}),
        ("twenty-one boats and one man", {"twenty-one"}),
        ("at half past", set()),
        ("the 10th page", {"10th"}),
    ],
    ids=["word-and-digit", "compound", "half", "ordinal"],
)
def test_numbers_are_digits_and_number_words(text, expected):
    assert numbers_in(text) == expected


def test_words_lose_their_possessive_and_their_case():
    assert words("Ann's well-kept Boat") == ["ann", "well-kept", "boat"]


@pytest.mark.parametrize(("a", "b"), [("charges", "charged"), ("carries", "carried"), ("moves", "moving")])
def test_forms_of_a_word_share_a_stem(a, b):
    assert stem(a) == stem(b)


def test_content_words_leave_the_small_ones_out():
    assert content_words("Who was the keeper of the lamp?") == {"keeper", "lamp"}


@pytest.mark.parametrize(
    ("left", "right", "score"),
    [("who kept the lamp", "who kept the lamp", 1.0), ("who kept it", "when did they go", 0.0), ("a b c d", "a x c y", 0.5), ("", "a", 0.0)],
    ids=["equal", "nothing-shared", "half", "empty"],
)
def test_rouge_l_is_the_common_subsequence_over_the_mean_length(left, right, score):
    assert rouge_l(left, right) == pytest.approx(score)


SOURCE = "On Monday Bastow Pask bought the blue boat from Wenna Tolley. It was old."


@pytest.mark.parametrize(
    ("quote", "span"),
    [
        ("Bastow Pask bought the blue boat", "Bastow Pask bought the blue boat"),
        ("Bastow Pask boughs the blue boat", "Bastow Pask bought the blue boat"),
        ("bastow pask bought the blue boat from Wenna", "Bastow Pask bought the blue boat from Wenna"),
        ("The council met in the evening hall", None),
        ("boot", None),
        ("", None),
    ],
    ids=["verbatim", "letter-wrong", "case", "elsewhere", "too-short-for-near", "empty"],
)
def test_a_near_quote_is_replaced_by_the_sources_own_span(quote, span):
    found = find_quote(quote, SOURCE)
    assert (SOURCE[slice(*found)] if found else None) == span


@given(st.text(alphabet="abcde ABC.", min_size=1, max_size=80), st.data())
def test_a_verbatim_quote_is_found_as_it_is(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    a, b = find_quote(text[start:end], text)
    assert text[a:b] == text[start:end]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb.md", "a\\nb.md"),
        ("a\x1b[31m.md", "a\\x1b[31m.md"),
        ("a\u2028b", "a\\u2028b"),
        ("caf\udce9", "caf\\udce9"),
        ("Grüße\u202f👩‍🌾.md", "Grüße\u202f👩‍🌾.md"),
    ],
    ids=["line-break", "terminal-escape", "line-separator", "broken-character", "letters-of-all-kinds"],
)
def test_a_name_is_shown_on_one_line(name, shown):
    assert printable(name) == shown


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
    shown = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).parse(f"{markdown(name)}\n\n| {markdown(name)} | b |\n|---|---|\n| {markdown(name)} | d |")
    kinds = [token.type for token in shown]
    assert kinds[:3] == ["paragraph_open", "inline", "paragraph_close"]
    assert kinds.count("th_open") == kinds.count("td_open") == 2
    assert shown[1].content.count("\n") == 0
    assert "".join(child.content for child in shown[1].children or []) == printable(name)
    assert {child.type for child in shown[1].children or []} <= {"text", "text_special"}


@pytest.mark.parametrize("name", ["documents/april.md", "my_notes.md", "prices.csv#7", "R&D (2024), draft-2.txt", "Ünïcode — “quoted”.md", "gpt-4o:mini"])
def test_an_ordinary_name_is_written_as_it_is(name: str) -> None:
    assert markdown(name) == name

"""A page of Markdown gives what is read of it; what is written for the machine goes, and is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.text.normal_form import tidy
from graphs.corpus.readers.markdown import markdown_text
from graphs.corpus.readers.reading import Options, Reading

EXAMPLES = Path(__file__).parents[4] / "examples"
BASE64 = "iVBORw0KGgo" * 200


def read(text: str, keep_code: bool = False) -> Reading:
    return markdown_text(text, Options(keep_code=keep_code))


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("See [the book](http://a.b 'Title').", "See the book."),
        ("See [the book][b].\n\n[b]: http://a.b\n", "See the book.\n"),
        ("See [[Mill of Lund|the mill]] and [[Sava]].", "See the mill and Sava."),
        ("Anna ![a wheel](w.png)built it.", "Anna built it."),
        (f"Anna drew it.\n\n![x](data:image/png;base64,{BASE64})\n\nKarl sold it.", "Anna drew it.\n\nKarl sold it."),
        (f"Anna drew it.\n\n![x](data:image/svg+xml;base64,{BASE64}", "Anna drew it.\n"),
        (f"Anna drew it: data:font/woff;base64,{BASE64} end.", "Anna drew it:  end."),
        ("![[wheel.png]]\n\nAnna drew it.", "Anna drew it."),
        ("Anna\n\n```python\nEngine = 42\n```\n\nKarl", "Anna\n\nKarl"),
        ("Anna\n\n    Engine = 42\n\nKarl", "Anna\n\nKarl"),
        ("Needed:\n\n- oil [here](x)\n- rope\n", "Needed:\n- oil here\n- rope\n"),
        ("> said [Anna](x)\n> twice\n", "> said Anna\n> twice\n"),
        ("The mill[^1] burned.\n\n[^1]: In [1921](x).\n", "The mill burned.\n\nIn 1921.\n"),
        ("Anna &amp; Karl paid 3 \\* 4.", "Anna & Karl paid 3 * 4."),
        ("oil<br>rope <b>and</b> salt<!-- gone -->", "oil\nrope and salt"),
        ('<div align="center"><img src="w.png"> <b>The</b> mill</div>\n\nAnna', "The mill\n\nAnna"),
        ("<details>\n<summary>More</summary>\n\nAnna *built* it.\n\n</details>\n", "More\n\nAnna *built* it.\n"),
        ("| Item | Price |\n|---|---|\n| [oil](x) | 9 |\n", "| Item | Price |\n|---|---|\n| oil | 9 |\n"),
        ("Lund\n====\n\nAnna", "Lund\n\nAnna"),
        ("**1. A letter.** _Anna_ wrote `x[0](y)`.", "**1. A letter.** _Anna_ wrote `x[0](y)`."),
        ("Left\n\n\n\nas it is.\n", "Left\n\n\n\nas it is.\n"),
    ],
    ids=[
        *("link", "reference", "wiki-link", "picture", "base64", "base64-not-closed", "base64-in-text"),
        *("wiki-picture", "code-fence", "code-indented", "list-and-its-lead-in", "quotation", "footnote", "escapes"),
        *("inline-html", "html", "details", "table", "underlined-heading", "emphasis-and-code", "blank-lines"),
    ],
)
def test_the_words_come_as_they_are_read(page: str, text: str) -> None:
    assert read(page).text == text


def test_what_is_left_out_is_counted() -> None:
    page = f"![a](b.png) ![](data:image/png;base64,{BASE64})\n\n```\nx\n```\n\n<img src=c>\n\n"
    page += f"data:font/woff;base64,{BASE64}"
    assert read(page).left_out == {"picture": 3, "code block": 1, "file inside the text": 1}


def test_code_is_kept_where_it_is_wanted() -> None:
    page = "Anna\n\n```python\nEngine = 42\n```\n"
    assert (read(page, keep_code=True).text, read(page, keep_code=True).left_out) == (page, {})


def test_headings_and_tables_are_told_by_their_offsets() -> None:
    page = "![x](y)\n\n# The *mill* [of](z) Lund\n\nText\nmore\n\nUnder\nlined\n---\n\n"
    page += "| A | B |\n|---|---|\n| 1 | 2 |\n\nEnd"
    reading = read(page)
    assert [(reading.text[start:end], level) for start, end, level in reading.headings] == [
        ("# The *mill* of Lund", 1),
        ("Under\nlined", 2),
    ]
    assert [reading.text[start:end] for start, end in reading.tables] == ["| A | B |\n|---|---|\n| 1 | 2 |"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "---\ntitle: The mill\ndate: 1921-05-04\nauthor: [Ann, Karl]\n---\nText",
            ("The mill", "1921-05-04", "Ann, Karl"),
        ),
        ("---\ntitle: Lund: the mill\n---\nText", ("Lund: the mill", "", "")),
        ('+++\ntitle = "The mill"\ndate = 1921-05-04\n+++\nText', ("The mill", "1921-05-04", "")),
        ("---\n---\nText", ("", "", "")),
    ],
    ids=["yaml", "not-quite-yaml", "toml", "empty"],
)
def test_front_matter_becomes_metadata(page: str, said: tuple[str, str, str]) -> None:
    reading = read(page)
    assert (reading.title, reading.date, reading.author) == said
    assert reading.text == "Text"


@pytest.mark.parametrize(
    "page",
    ["---\nAnna built it.\n\nIt stands.\n\n---\nText", "---\n- oil\n- rope\n---\nText", "---\nText"],
    ids=["prose", "list", "not-closed"],
)
def test_lines_between_rules_are_no_front_matter(page: str) -> None:
    assert read(page).text == page


@pytest.mark.parametrize(
    "page",
    ["word " * 1_000_000, "[" * 1_000_000, "![](" * 250_000, "*a " * 300_000, "<a " * 300_000, "> " * 100_000],
    ids=["words", "brackets", "pictures", "stars", "tags", "quotations"],
)
def test_a_line_of_megabytes_is_read_in_seconds(page: str) -> None:
    assert read(page).text


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/documents/*.md")), ids=lambda file: file.stem)
def test_the_examples_read_as_they_are_written(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert read(text).text == tidy(text)

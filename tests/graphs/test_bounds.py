"""Sizes are bounded: what is made to take hours or all the memory is read in seconds, or skipped with a clear word."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import pytest

from agents.console import Console
from agents.records import Document, Skipped
from agents.text.words import CHARACTERS_PER_TOKEN
from graphs.corpus.readers import LONGEST_TITLE, read_file
from graphs.corpus.readers import pdf as pdf_reader
from graphs.corpus.readers.files import MOST_NAMED
from graphs.corpus.readers.html import MOST_MARKS
from graphs.run import synthesize
from tests.conftest import PAGES, SlowModel, open_project, scripts
from tests.graphs.files import docx, paragraph, pdf

M = 1_000_000
OPEN = {
    "comments": "x" + "<!--" * (M // 4),
    "comments-with-angles": "<!-- > " * (M // 7),
    "tags": "x" + "<a " * (M // 3),
    "quotation-marks": '<a b="' * (M // 6),
    "ends": "x" + "</" * (M // 2),
    "sections": "x" + "<![CDATA[" * (M // 9),
    "sections-with-brackets": "x<![CDATA[ ]> " * (M // 13),
    "instructions": "x" + "<?" * (M // 2),
}
"""What took from a minute to hours: each opening was looked for its end in all of the rest."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", OPEN)
def test_a_megabyte_of_what_is_never_closed_is_read_in_seconds(tmp_path: Path, kind: str) -> None:
    started = time.process_time()
    (found,) = read(tmp_path, "page.html", OPEN[kind])
    assert time.process_time() - started < 10
    assert isinstance(found, Document) or found.reason == "no text"  # all of it is in a tag, to a browser too


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>a</p><!-- gone --><p>b</p>", "a\n\nb"),
        ("<p>3 < 4 and 5 > 2</p>", "3 < 4 and 5 > 2"),
        ("<p>a</p> 3 < 4", "a\n\n 3 < 4"),
        ("<p>a</p><!-- left open", "a"),
        ("<p>a</p><b", "a"),
        ("<![if !IE]><p>a</p><![endif]>", "a"),
    ],
    ids=["closed-comment", "signs", "a-sign-at-the-end", "open-comment", "open-tag", "conditions"],
)
def test_a_page_that_is_not_closed_is_read_as_a_browser_shows_it(tmp_path: Path, page: str, text: str) -> None:
    (found,) = read(tmp_path, "page.html", page)
    assert isinstance(found, Document)
    assert " ".join(found.text.split()) == " ".join(text.split())


def test_a_page_of_more_tags_than_can_be_read_is_too_large(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "page.html", "<p>" * (MOST_MARKS + 1))
    assert isinstance(found, Skipped)
    assert (found.reason, found.detail) == (
        "too large",
        f"{MOST_MARKS + 1} tags, more than {MOST_MARKS}; divide it",
    )


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.jsonl", json.dumps({"title": "t" * 200_000, "text": "The text."}), "row 1, title"),
        ("a.csv", f"title,text\n{'t' * 200_000},The text.", "row 2, title"),
        ("a.html", f"<title>{'t' * 200_000}</title><p>The text.</p>", "title"),
        ("a.md", f"# {'t' * 200_000}\n\nThe text.", "title"),
    ],
    ids=["jsonl", "csv", "html", "heading"],
)
def test_a_title_of_200_kb_is_cut_and_told(tmp_path: Path, name: str, content: str, part: str) -> None:
    told, found = read(tmp_path, name, content)
    assert isinstance(told, Skipped)
    assert isinstance(found, Document)
    assert (told.part, told.reason, told.detail) == (
        part,
        "too large",
        f"200000 characters; the first {LONGEST_TITLE} are kept",
    )
    assert found.title == "t" * LONGEST_TITLE + "…"


def test_a_long_title_that_is_one_stays_as_it_is(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.jsonl", json.dumps({"title": "t" * LONGEST_TITLE, "text": "x"}))
    assert isinstance(found, Document)
    assert found.title == "t" * LONGEST_TITLE


@pytest.mark.parametrize(
    ("name", "head", "row"), [("a.csv", "a,b\n", "1\n"), ("a.jsonl", "", "1\n")], ids=["csv", "jsonl"]
)
def test_of_many_bad_rows_the_first_thousand_are_named(tmp_path: Path, name: str, head: str, row: str) -> None:
    found = read(tmp_path, name, head + row * 50_000)
    assert len(found) == MOST_NAMED + 2  # and that there is no text
    assert str(found[MOST_NAMED]) == f"{name}, 49000 more rows: not a row: only the first 1000 of them are named"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "x", "a": ' + "[" * M + "]" * M + "}", "not a row"),
        ('{"text": "x", "n": ' + "9" * M + "}", "not a row"),
        ("[" * M, "not a row"),
    ],
    ids=["brackets", "a-number", "open-brackets"],
)
def test_a_line_of_a_megabyte_is_a_row_or_none(tmp_path: Path, line: str, reason: str) -> None:
    first, *_ = read(tmp_path, "a.jsonl", line)
    assert isinstance(first, Skipped)
    assert first.reason == reason


@pytest.mark.timeout(60)
def test_a_field_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.csv", "a,text\n1," + "x " * (5 * M))
    assert isinstance(found, Document)


def test_a_docx_of_tags_without_end_is_too_large(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.docx", docx("<w:p/>" * 4_000_001))
    assert isinstance(found, Skipped)
    assert found.reason == "too large"


def test_a_docx_that_lies_about_its_size_is_read_no_further(tmp_path: Path) -> None:
    content = docx(paragraph("x" * (5 * M)))
    size = zipfile.ZipFile(written(tmp_path, "honest.docx", content)).infolist()[0].file_size
    lied = content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lied != content
    (found,) = read(tmp_path, "a.docx", lied)
    assert isinstance(found, Skipped)
    assert found.reason == "broken"


def test_a_docx_hundreds_deep_is_told_in_words(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.docx", docx("<w:sdt>" * 5000 + paragraph("x") + "</w:sdt>" * 5000))
    assert isinstance(found, Skipped)
    assert (found.reason, found.detail) == ("broken", "its elements stand hundreds deep in one another")


def test_entities_of_entities_in_a_docx_are_not_unpacked(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<!DOCTYPE x [<!ENTITY a "ha">{laughs}]><document><p>&j;</p></document>')
    (found,) = read_file(path, "a.docx", 50 * M)
    assert isinstance(found, Skipped)
    assert found.reason == "broken"


@pytest.mark.parametrize(
    ("bound", "value"),
    [("MOST_PAGES", 2), ("MOST_CHARACTERS", 20), ("MOST_SECONDS", -1)],
    ids=["pages", "characters", "seconds"],
)
def test_a_pdf_beyond_a_bound_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(pdf_reader, bound, value)
    (found,) = read(tmp_path, "a.pdf", pdf("Hello there", "Hello again", "Good bye"))
    assert isinstance(found, Skipped)
    assert found.reason == "too large"


def test_the_plan_holds_for_a_corpus_with_a_title_of_200_kb(tmp_path: Path, silent: Console) -> None:
    project = open_project(tmp_path)
    row = {"title": "t" * 200_000, "text": PAGES["june.md"].partition("\n\n")[2]}
    written(tmp_path, "documents/long.jsonl", json.dumps(row))
    model = SlowModel(scripts(), seed=1)
    record = synthesize(project, silent, backend=model)
    asked = (
        sum(len(message["content"]) for request in model.requests for message in request.messages)
        / CHARACTERS_PER_TOKEN
    )
    assert asked <= record.plan.tokens_in[1]
    assert max(len(message["content"]) for request in model.requests for message in request.messages) < 10_000


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, name: str, content: str | bytes) -> list[Document | Skipped]:
    return read_file(written(folder, name, content), name, 50 * M)

"""A pdf gives its text in the order in which a person reads it, without what stands on every page."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from agents.errors import MissingExtra
from agents.records import Document, Skipped
from graphs.corpus.readers import read_file
from graphs.corpus.readers.reading import Options
from tests.graphs.files import drawn_pdf, pdf

Drawn = tuple[float, float, float, str]
LEFT = [
    "Anna Berg opened the mill at Lund on the",
    "fourth of May and paid three hundred",
    "crowns for the wheel, which Karl had",
]
LEFT += ["built of oak from the woods beyond the", "river Sava in the winter before that."]
RIGHT = [
    "The council met in June and chose Mary",
    "Stone as its clerk, who kept the book of",
    "the town for more than thirty years and",
]
RIGHT += ["wrote into it what the mill had earned", "and what was owed to the widow Holm."]


def column(lines: list[str], x: float, y: float = 600, size: float = 10) -> list[Drawn]:
    return [(x, y - 12 * n, size, line) for n, line in enumerate(lines)]


def read(folder: Path, content: bytes, options: Options | None = None) -> tuple[Document, list[Skipped]]:
    (folder / "a.pdf").write_bytes(content)
    found = read_file(folder / "a.pdf", "a.pdf", 10**7, options)
    (document,) = [item for item in found if isinstance(item, Document)]
    return document, [item for item in found if isinstance(item, Skipped)]


def by_row(*columns: list[Drawn]) -> list[Drawn]:
    """The pieces as a file draws them that goes over the page line by line."""
    return [piece for row in zip(*columns, strict=True) for piece in row]


COLUMNS = f"{' '.join(LEFT)}\n\n{' '.join(RIGHT)}"


@pytest.mark.parametrize(
    "page",
    [
        [*column(LEFT, 72), *column(RIGHT, 320)],
        by_row(column(LEFT, 72), column(RIGHT, 320)),
        [*column(RIGHT, 320), *column(LEFT, 72)],
    ],
    ids=["column-by-column", "line-by-line", "right-one-first"],
)
def test_columns_are_read_one_after_the_other(tmp_path: Path, page: list[Drawn]) -> None:
    assert read(tmp_path, drawn_pdf(page))[0].text == COLUMNS


def test_what_stands_across_the_columns_comes_where_it_stands(tmp_path: Path) -> None:
    title = (72, 640, 18, "The mill of Lund and its keepers, a history")
    note = (72, 500, 10, "What is told here was found in the book of the town and in letters that Mary Stone had kept.")
    page = [
        title,
        *by_row(column(LEFT, 72), column(RIGHT, 320)),
        note,
        *by_row(column(LEFT, 72, 460), column(RIGHT, 320, 460)),
    ]
    document, _ = read(tmp_path, drawn_pdf(page))
    assert document.text == f"{title[3]}\n\n{COLUMNS}\n\n{note[3]}\n\n{COLUMNS}"
    assert [document.text[start:end] for start, end, _ in document.metadata["headings"]] == [title[3]]


def test_rows_of_a_table_stay_whole(tmp_path: Path) -> None:
    rows = [
        ("Item", "In", "Out"),
        ("Lamp oil", "9", "4"),
        ("Rope", "2", "1"),
        ("Wicks", "12", "3"),
        ("Salt", "40", "6"),
    ]
    page = by_row(*(column([row[n] for row in rows], 72 + 150 * n) for n in range(3)))
    document, _ = read(tmp_path, drawn_pdf([(72, 640, 10, "What was bought."), *page]))
    table = "Item | In | Out\nLamp oil | 9 | 4\nRope | 2 | 1\nWicks | 12 | 3\nSalt | 40 | 6"
    assert document.text == f"What was bought.\n\n{table}"
    assert [document.text[start:end] for start, end in document.metadata["tables"]] == [table]


def test_words_are_joined_over_hyphens_and_paragraphs_over_pages(tmp_path: Path) -> None:
    first = column(["The keeper of the light-", "house at Gull Point wrote to Anna and to the"], 72)
    second = column(["council of Lund. It answered in May."], 72)
    document, _ = read(tmp_path, drawn_pdf(first, second))
    assert document.text == (
        "The keeper of the lighthouse at Gull Point wrote to Anna and to the council of Lund. It answered in May."
    )
    assert document.text[document.metadata["pages"][1] :].startswith("council of Lund.")


def test_running_heads_and_page_numbers_are_left_out_and_counted(tmp_path: Path) -> None:
    pages = [
        [(72, 750, 9, f"The Mill {n}"), *column([f"Page {word} tells of a wheel."], 72), (300, 30, 9, f"- {n} -")]
        for n, word in enumerate(("one", "two", "three", "four"), 1)
    ]
    document, _ = read(tmp_path, drawn_pdf(*pages))
    assert document.text == "\n\n".join(f"Page {word} tells of a wheel." for word in ("one", "two", "three", "four"))
    assert document.metadata["left_out"] == {"running head or foot": 8}


def test_marks_of_footnotes_do_not_become_part_of_a_word(tmp_path: Path) -> None:
    page = [
        (72, 700, 10, "Anna opened the mill"),
        (164, 704, 6, "12"),
        (72, 100, 6, "12"),
        (79, 98, 10, "Found in a letter."),
    ]
    assert read(tmp_path, drawn_pdf(page))[0].text == "Anna opened the mill 12\n\n12 Found in a letter."


def test_heads_with_the_number_of_the_page_are_left_out_chapter_by_chapter(tmp_path: Path) -> None:
    pages = [
        [
            *column(["Words of a page that tell of wheels.", f"And of number {'abcdefghijklmnop'[n]}."], 72),
            (72, 30, 9, foot),
        ]
        for n, foot in enumerate(f"{n} Chapter {1 + n // 4}. {'AMZQ'[n // 4]}" for n in range(16))
    ]
    document, _ = read(tmp_path, drawn_pdf(*pages))
    assert "Chapter" not in document.text


def test_heads_that_differ_are_known_by_counting_the_pages_or_by_their_height(tmp_path: Path) -> None:
    names = ["The wheel", "The keeper", "The ferry", "The lamp", "The council", "The widow", "The oak", "The book"]
    pages = [
        [
            (400, 750, 9, "Of mills" if n < 3 else f"On {'abcdefgh'[n]}"),
            *column([f"Words that tell of {'abcdefgh'[n]} and of wheels,", f"and of number {'abcdefgh'[n]}."], 72),
            (72, 30, 9, f"{name} {n + 5}"),
        ]
        for n, name in enumerate(names)
    ]
    document, _ = read(tmp_path, drawn_pdf(*pages))
    assert "Of mills" not in document.text
    assert not [name for name in names if name in document.text]
    assert document.text.count("On ") == 5  # a line that comes once is none


def test_titles_of_slides_that_count_are_no_running_heads(tmp_path: Path) -> None:
    pages = [
        [(72, 750, 24, f"{n} {name}"), *column([f"What the {name} is and does in the town of Lund."], 72)]
        for n, name in enumerate(["mill", "wheel", "ferry", "lamp"], 1)
    ]
    document, _ = read(tmp_path, drawn_pdf(*pages))
    assert [document.text[start:end] for start, end, _ in document.metadata["headings"]] == [
        "1 mill", "2 wheel", "3 ferry", "4 lamp"
    ]  # fmt: skip


def test_a_page_of_running_heads_alone_is_named_as_one_without_text(tmp_path: Path) -> None:
    head, foot = (300, 750, 9, "The Mill"), (72, 30, 9, "Kept in Lund")
    told = [[head, *column([f"Words of page {word}."], 72), foot] for word in ("one", "two", "three")]
    _, (skipped,) = read(tmp_path, drawn_pdf(*told, [head, foot]))
    assert skipped.part == "page 4"


NOTES = [(72, 60, 8, "1 Found in a letter that Mary Stone kept."), (72, 50, 8, "2 So says the book of the"),
         (72, 41, 8, "town.")]  # fmt: skip


def test_a_footnote_does_not_part_a_sentence_that_goes_on_over_the_page(tmp_path: Path) -> None:
    first = [*column([*LEFT, "", "She opened the mill in May and then", "she paid Karl and the"], 72), *NOTES]
    document, _ = read(tmp_path, drawn_pdf(first, column(["widow Holm."], 72)))
    assert document.text == (
        f"{' '.join(LEFT)}\n\n1 Found in a letter that Mary Stone kept.\n\n2 So says the book of the town.\n\n"
        "She opened the mill in May and then she paid Karl and the widow Holm."
    )
    assert document.text[document.metadata["pages"][1] :] == "widow Holm."


def test_footnotes_of_a_column_come_after_all_columns(tmp_path: Path) -> None:
    note = (72, 500, 8, "1 Found in a letter.")
    document, _ = read(tmp_path, drawn_pdf([*column(LEFT, 72), note, *column(RIGHT, 320)]))
    assert document.text == f"{COLUMNS}\n\n1 Found in a letter."


def test_a_table_that_goes_on_over_a_page_has_its_columns_once(tmp_path: Path) -> None:
    def table(*items: tuple[str, str]) -> list[Drawn]:
        rows = [("Item", "Price"), *items]
        return by_row(*(column([row[n] for row in rows], 72 + 150 * n) for n in range(2)))

    first, second = [("Rope", "2"), ("Wicks", "12")], [("Salt", "40"), ("Oil", "9")]
    document, _ = read(tmp_path, drawn_pdf(table(*first), table(*second)))
    assert document.text == "Item | Price\nRope | 2\nWicks | 12\nSalt | 40\nOil | 9"
    assert document.metadata["tables"] == [[0, len(document.text)]]


def test_a_hyphen_stays_in_a_word_that_the_document_writes_with_one(tmp_path: Path) -> None:
    lines = ["A well-known mill stood in Lund, and a light-", "house too. The mill was well-", "known by all."]
    document, _ = read(tmp_path, drawn_pdf(column(lines, 72)))
    assert document.text == "A well-known mill stood in Lund, and a lighthouse too. The mill was well-known by all."


def test_paragraphs_are_told_by_their_gaps_and_bullets(tmp_path: Path) -> None:
    lines = [(72, 700, 10, "Anna opened the mill at Lund in May and Karl"), (72, 688, 10, "built the wheel.")]
    lines += [
        (72, 660, 10, "The council met in June and it chose a clerk."),
        (72, 648, 10, "• Mary kept the book of all"),
    ]
    lines += [(80, 636, 10, "the town for thirty years."), (72, 624, 10, "• Ann kept the lamp.")]
    assert read(tmp_path, drawn_pdf(lines))[0].text == (
        "Anna opened the mill at Lund in May and Karl built the wheel.\n\nThe council met in June and it chose a clerk."
        "\n\n• Mary kept the book of all the town for thirty years.\n\n• Ann kept the lamp."
    )


@pytest.mark.parametrize(
    ("title", "kept"),
    [("The mill of Lund", "The mill of Lund"), ("Microsoft Word - mill.doc", "The wheel"), ("untitled", "The wheel")],
    ids=["a-title", "the-name-of-a-file", "none"],
)
def test_a_title_that_is_one_is_kept(tmp_path: Path, title: str, kept: str) -> None:
    document, _ = read(tmp_path, drawn_pdf(column(["The wheel"], 72), title=title))
    assert (document.title, document.metadata["date"]) == (kept, "1921-05-04")


def with_tesseract(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "tesseract").write_text(f"#!/bin/sh\ncat > /dev/null\n{script}\n")
    (folder / "bin" / "tesseract").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")


def test_a_page_without_text_is_recognised_where_ocr_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tesseract(tmp_path, monkeypatch, 'echo "Recognised in $4."')
    document, skipped = read(tmp_path, pdf("The lamp burned.", ""), Options(ocr="deu"))
    assert document.text == "The lamp burned.\n\nRecognised in deu."
    assert skipped == []


def test_a_page_that_tesseract_does_not_finish_is_named_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tesseract(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr("graphs.corpus.readers.ocr.MOST_SECONDS", 0.2)
    document, (skipped,) = read(tmp_path, pdf("The lamp burned.", ""), Options(ocr="eng"))
    assert (document.text, skipped.part, skipped.reason) == ("The lamp burned.", "page 2", "no text")


def test_a_language_that_tesseract_does_not_know_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_tesseract(tmp_path, monkeypatch, "echo no such language >&2; exit 1")
    with pytest.raises(MissingExtra, match="no such language"):
        read(tmp_path, pdf(""), Options(ocr="xxx"))


def test_ocr_without_tesseract_is_told_before_anything_is_paid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingExtra, match="tesseract is not installed"):
        read(tmp_path, pdf(""), Options(ocr="eng"))


def test_a_file_that_pdfium_cannot_open_is_given_to_pypdf(tmp_path: Path) -> None:
    content = pdf("The lamp burned.").removeprefix(b"%PDF-1.4")
    assert read(tmp_path, content)[0].text == "The lamp burned."


def test_a_page_that_is_broken_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    content = pdf("The lamp burned.", "Anna came.").replace(b"/Kids [4 0 R 6 0 R]", b"/Kids [4 0 R 9 0 R]")
    document, (skipped,) = read(tmp_path, content)
    assert document.text == "The lamp burned."
    assert skipped.part == "page 2"


def test_a_page_of_nine_thousand_labels_is_read_in_seconds(tmp_path: Path) -> None:
    labels = [(float(x), float(y), 4.0, f"l{x}") for y in range(10, 780, 8) for x in range(10, 600, 6)]
    started = time.process_time()
    assert read(tmp_path, drawn_pdf(labels))[0].text.startswith("l10")
    assert time.process_time() - started < 5

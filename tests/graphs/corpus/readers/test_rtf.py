"""Rich text gives its words."""

from __future__ import annotations

from pathlib import Path

from agents.records import Document, Skipped
from graphs.corpus.readers import read_file

LETTER = (
    r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title The Mill}{\author Ann}}{\pict\pngblip 89504e470d0a}"
    r"\b Anna\b0  \'f6ffnete die M\u252?hle.\par Karl kam.\par"
    r"\trowd\cell Item\cell Price\cell\row\trowd\cell oil\cell 9\cell\row}"
)


def test_words_tables_and_what_it_says_of_itself_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text(LETTER)
    (document,) = read_file(tmp_path / "a.rtf", "a.rtf", 10**7)
    assert isinstance(document, Document)
    assert document.text.startswith("Anna öffnete die Mühle.\n\nKarl kam.\n")
    assert "Item | Price\n" in document.text
    assert (document.title, document.metadata["author"]) == ("The Mill", "Ann")
    assert document.metadata["left_out"] == {"picture": 1}


def test_another_file_of_that_name_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text("Just words.")
    (found,) = read_file(tmp_path / "a.rtf", "a.rtf", 10**7)
    assert isinstance(found, Skipped)
    assert found.reason == "broken"

"""Slides give their titles, texts, tables and notes in the order in which they are shown."""

from __future__ import annotations

import io
from pathlib import Path

from pptx import Presentation
from pptx.util import Cm

from agents.records import Document
from graphs.corpus.readers import read_file


def test_a_talk_is_one_text_that_knows_where_its_slides_begin(tmp_path: Path) -> None:
    talk = Presentation()
    talk.core_properties.title, talk.core_properties.author = "The mill of Lund", "Ann"
    slide = talk.slides.add_slide(talk.slide_layouts[5])
    right = slide.shapes.add_textbox(Cm(12), Cm(6), Cm(5), Cm(2))
    right.text_frame.text = "Built by Karl\nin 1920"
    slide.shapes.add_textbox(Cm(2), Cm(6), Cm(5), Cm(2)).text_frame.text = "Opened by Anna"
    slide.shapes.title.text = "The mill"
    slide.notes_slide.notes_text_frame.text = "Ask Mary."
    slide = talk.slides.add_slide(talk.slide_layouts[5])
    slide.shapes.title.text = "Prices"
    table = slide.shapes.add_table(2, 2, Cm(2), Cm(6), Cm(8), Cm(3)).table
    for at, words in enumerate(("Item", "Price", "oil", "9")):
        table.cell(at // 2, at % 2).text = words
    out = io.BytesIO()
    talk.save(out)
    (tmp_path / "a.pptx").write_bytes(out.getvalue())
    (document,) = read_file(tmp_path / "a.pptx", "a.pptx", 10**7)
    assert isinstance(document, Document)
    first, second = (
        "The mill\n\nOpened by Anna\n\nBuilt by Karl\nin 1920\n\nNotes: Ask Mary.",
        "Prices\n\nItem | Price\noil | 9",
    )
    assert document.text == f"{first}\n\n{second}"
    assert document.metadata["pages"] == [0, len(first) + 2]
    assert [document.text[start:end] for start, end, _ in document.metadata["headings"]] == ["The mill", "Prices"]
    assert (document.title, document.metadata["author"]) == ("The mill of Lund", "Ann")

"""A docx gives the words a reader sees, each once, and a table's rows whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import UnreadableFile
from graphs.corpus.readers import docx as reader
from graphs.corpus.readers.docx import docx_text
from tests.graphs.files import docx, paragraph


def cells(*texts: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in texts) + "</w:tr>"


def nested(table: str) -> str:
    return f"<w:tr><w:tc>{paragraph('outer')}{table}</w:tc></w:tr>"


TABLE = f"<w:tbl>{cells('Item', 'Coppers')}{cells('Lamp oil', '9')}{cells('', '')}</w:tbl>"
TEXT_BOX = paragraph("In a box.")
BOX = (
    f"<w:r><mc:AlternateContent><mc:Choice>{TEXT_BOX}</mc:Choice>"
    f"<mc:Fallback>{TEXT_BOX}</mc:Fallback></mc:AlternateContent></w:r>"
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            paragraph("The lamp ", "burned.") + paragraph() + paragraph("Ann kept it."),
            "The lamp burned.\n\nAnn kept it.",
        ),
        (paragraph("Prices") + TABLE, "Prices\n\nItem | Coppers\nLamp oil | 9"),
        (f"<w:tbl>{nested(TABLE)}</w:tbl>", "outer Item | Coppers Lamp oil | 9"),
        (f"<w:sdt><w:sdtContent>{paragraph('Controlled.')}</w:sdtContent></w:sdt>", "Controlled."),
        (f"<w:p>{BOX}</w:p>", "In a box."),
        (
            "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>",
            "a\tb\nc",
        ),
        (
            "<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>",
            "new",
        ),
        (paragraph(), ""),
    ],
    ids=[
        "paragraphs",
        "table",
        "table-in-a-table",
        "content-control",
        "text-box-kept-twice",
        "tabs-and-breaks",
        "tracked-changes",
        "nothing",
    ],
)
def test_the_words_come_as_they_are_read(tmp_path: Path, body: str, text: str) -> None:
    (tmp_path / "a.docx").write_bytes(docx(body))
    assert docx_text(tmp_path / "a.docx") == text


def test_notes_come_last_and_page_headers_are_left_out(tmp_path: Path) -> None:
    note = f"<w:footnote>{paragraph('See the ledger.')}</w:footnote>"
    (tmp_path / "a.docx").write_bytes(docx(paragraph("The lamp burned."), footnotes=note, header1=paragraph("Page 1")))
    assert docx_text(tmp_path / "a.docx") == "The lamp burned.\n\nSee the ledger."


def test_a_text_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_UNPACKED", 1000)
    (tmp_path / "a.docx").write_bytes(docx(paragraph("a" * 2000)))
    with pytest.raises(UnreadableFile, match="too large"):
        docx_text(tmp_path / "a.docx")

"""A docx gives the words a reader sees, each once, and a table's rows whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import UnreadableFile
from graphs.corpus.readers import zips
from graphs.corpus.readers.docx import read
from graphs.corpus.readers.reading import Options, Reading
from tests.graphs.files import docx, paragraph


def reading_of(file: Path) -> Reading:
    (found,) = read(file, file.name, Options())
    return found


def docx_text(file: Path) -> str:
    return reading_of(file).text


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
    monkeypatch.setattr(zips, "MOST_UNPACKED", 1000)
    (tmp_path / "a.docx").write_bytes(docx(paragraph("a" * 2000)))
    with pytest.raises(UnreadableFile, match="too large"):
        docx_text(tmp_path / "a.docx")


def cell(text: str, said: str) -> str:
    return f"<w:tc><w:tcPr>{said}</w:tcPr>{paragraph(text)}</w:tc>"


def test_merged_cells_stand_in_all_rows_and_columns_that_they_span(tmp_path: Path) -> None:
    start, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        cell("Item", "") + cell("In crowns", '<w:gridSpan w:val="2"/>'),
        cell("oil", start) + cell("9", "") + cell("4", ""),
        cell("", on) + cell("2", "") + cell("", ""),
        cell("", on) + cell("1", "") + cell("3", ""),
        cell("All in all", '<w:gridSpan w:val="3"/>'),
    ]
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    (tmp_path / "a.docx").write_bytes(docx(paragraph("Prices") + f"<w:tbl>{table}</w:tbl>"))
    reading = reading_of(tmp_path / "a.docx")
    text = "Item | In crowns | In crowns\noil | 9 | 4\noil | 2 | \noil | 1 | 3\nAll in all"
    assert reading.text == f"Prices\n\n{text}"
    assert [reading.text[start:end] for start, end in reading.tables] == [text]


def test_headings_are_told_by_their_styles_in_any_language(tmp_path: Path) -> None:
    styles = '<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
    heading = '<w:p><w:pPr><w:pStyle w:val="berschrift2"/></w:pPr><w:r><w:t>Das Rad</w:t></w:r></w:p>'
    outline = '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Die Mühle</w:t></w:r></w:p>'
    (tmp_path / "a.docx").write_bytes(docx(outline + paragraph("Text.") + heading, styles=styles))
    reading = reading_of(tmp_path / "a.docx")
    found = [(reading.text[start:end], level) for start, end, level in reading.headings]
    assert found == [("Die Mühle", 1), ("Das Rad", 2)]


def test_pictures_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(docx(paragraph("Text.") + "<w:p><w:r><w:pic/></w:r></w:p>"))
    assert reading_of(tmp_path / "a.docx").left_out == {"picture": 1}

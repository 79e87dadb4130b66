"""Files become documents, or a clear error; nothing is read half."""

import shutil

import pytest

from agents.errors import InputError
from graphs.documents import DocumentsConfig, document_files, load_documents
from tests.conftest import write_pages


def load(root, *paths):
    return load_documents(root, DocumentsConfig(paths=list(paths) or ["documents"]))


def put(root, name, content):
    path = root / "documents" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_pages_of_all_folders_are_read_in_the_order_of_their_paths(tmp_path):
    write_pages(tmp_path / "documents")
    documents = load(tmp_path)
    assert [d.path for d in documents] == ["documents/april.md", "documents/june.md", "documents/notes/july.txt"]
    assert [d.title for d in documents] == ["Journal, 3 April", "Letter, 10 June", "Notes of July"]
    assert documents[0].metadata == {"file": "documents/april.md"}


def test_ids_do_not_depend_on_where_the_folder_lies(tmp_path):
    write_pages(tmp_path / "a" / "documents")
    shutil.copytree(tmp_path / "a", tmp_path / "elsewhere" / "b")
    assert [d.id for d in load(tmp_path / "a")] == [d.id for d in load(tmp_path / "elsewhere" / "b")]


def test_a_changed_text_has_another_id(tmp_path):
    put(tmp_path, "a.md", "One text.")
    before = load(tmp_path)[0].id
    put(tmp_path, "a.md", "Another text.")
    assert load(tmp_path)[0].id != before


def test_html_gives_its_text_and_its_title(tmp_path):
    put(tmp_path, "page.html", "<html><head><title>The Lamp</title></head><body><h1>Grüße</h1><p>Ann kept it.</p></body></html>")
    (document,) = load(tmp_path)
    assert document.title == "The Lamp"
    assert "Ann kept it." in document.text
    assert "Grüße" in document.text
    assert "<" not in document.text


def test_each_row_of_a_jsonl_is_a_document_with_its_metadata(tmp_path):
    put(tmp_path, "rows.jsonl", '{"text": "One\u2028two.", "title": "First", "year": 1901}\n\n{"text": "Three."}\n')
    first, second = load(tmp_path)
    assert (first.path, first.title, first.text) == ("documents/rows.jsonl#1", "First", "One\u2028two.")
    assert first.metadata == {"file": "documents/rows.jsonl", "row": 1, "title": "First", "year": 1901}
    assert second.path == "documents/rows.jsonl#3"


def test_a_byte_order_mark_and_windows_line_ends_are_taken_off(tmp_path):
    put(tmp_path, "a.md", b"\xef\xbb\xbf# Title\r\nText.")
    (document,) = load(tmp_path)
    assert (document.title, document.text) == ("Title", "# Title\nText.")


@pytest.mark.parametrize(
    ("text", "title"),
    [("# The Lamp\n\nIt burned.", "The Lamp"), ("The Lamp\nIt burned.", "The Lamp"), ("It burned all night.\nMore.", "03 my page"), ("x" * 81, "03 my page")],
    ids=["heading", "short-first-line", "sentence", "long-line"],
)
def test_the_title_is_the_heading_a_short_first_line_or_the_file(tmp_path, text, title):
    put(tmp_path, "03-my_page.md", text)
    assert load(tmp_path)[0].title == title


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", r"empty\.txt is empty \(0 bytes\)"),
        ("blank.md", b" \n\n", r"blank\.md is empty"),
        ("image.txt", b"\x89PNG\r\n\x00\x00", r"image\.txt is a binary file"),
        ("latin.txt", "Grüße".encode("latin-1"), r"latin\.txt is not UTF-8: byte 2 is 0xfc"),
        ("rows.jsonl", b'{"text": "a"}\n{"body": "b"}\n', r"rows\.jsonl, line 2: not an object with a text field"),
        ("rows.jsonl", b'{"text": null}\n', "line 1: not an object with a text field"),
        ("rows.jsonl", b"[1]\n", "line 1: not an object"),
        ("rows.jsonl", b"{text}\n", "line 1: not an object"),
        ("rows.jsonl", b'{"text": " "}\n', "holds no text"),
        ("page.html", b"<html><body></body></html>", r"page\.html holds no text"),
    ],
    ids=["zero-bytes", "blank", "binary", "not-utf-8", "row-without-text", "text-null", "row-a-list", "row-not-json", "row-blank", "page-blank"],
)
def test_a_file_that_cannot_be_read_whole_is_named(tmp_path, name, content, words):
    put(tmp_path, "good.md", "A good page.")
    put(tmp_path, name, content)
    with pytest.raises(InputError, match=words) as caught:
        load(tmp_path)
    assert caught.value.do


def test_an_empty_folder_says_what_could_be_put_there(tmp_path):
    (tmp_path / "documents").mkdir()
    with pytest.raises(InputError, match=r"no document in documents \(under .*\)\n.*\.md"):
        load(tmp_path)


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(InputError, match="elsewhere does not exist"):
        load(tmp_path, "elsewhere")


def test_a_file_named_outright_needs_a_reader(tmp_path):
    put(tmp_path, "table.xlsx", b"x")
    with pytest.raises(InputError, match=r"table\.xlsx: no reader for \.xlsx"):
        load(tmp_path, "documents/table.xlsx")


def test_hidden_files_and_our_own_runs_are_no_documents(tmp_path):
    for name in ("documents/a.md", "documents/.trash/b.md", "documents/.c.md", "runs/main/data/README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Text.")
    assert document_files(tmp_path, DocumentsConfig(paths=["."])) == [tmp_path / "documents" / "a.md"]

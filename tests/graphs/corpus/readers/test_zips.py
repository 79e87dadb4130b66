"""An archive inside a file is opened only if it unpacks to a size that can be held."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from agents.records import Skipped
from graphs.corpus.readers import read_file, zips
from tests.graphs.corpus.readers.made import epub, xlsx

KINDS = ["a.docx", "a.pptx", "a.xlsx", "a.ods", "a.epub"]


def skipped(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    (found,) = read_file(folder / name, name, 10**8)
    assert isinstance(found, Skipped)
    return f"{found.reason}: {found.detail}"


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("name", KINDS)
def test_a_bomb_of_markup_is_not_unpacked(tmp_path: Path, name: str) -> None:
    bomb = archive(**{"word/document.xml": b" " * (zips.MOST_UNPACKED + 1)})
    assert skipped(tmp_path, name, bomb) == "too large: its text unpacks to more than 100 MB"


@pytest.mark.parametrize("name", KINDS)
def test_a_bomb_of_media_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(zips, "MOST_MEDIA", 1000)
    assert skipped(tmp_path, name, archive(**{"media/a.png": b" " * 2000})).startswith("too large: it unpacks to more")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("content", [b"no zip at all", archive(**{"a.txt": b"x"})], ids=["no-zip", "another-zip"])
def test_what_is_no_such_file_is_broken(tmp_path: Path, name: str, content: bytes) -> None:
    assert skipped(tmp_path, name, content).startswith("broken")


@pytest.mark.parametrize("name", KINDS)
def test_one_with_a_password_is_encrypted(tmp_path: Path, name: str) -> None:
    content = zips.OLD_OFFICE + "EncryptedPackage".encode("utf-16-le")
    assert skipped(tmp_path, name, content) == "encrypted: save it without a password"


def test_a_sheet_of_cells_without_end_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MOST_ELEMENTS", 100)
    assert skipped(tmp_path, "a.xlsx", xlsx({"A": [["x"] * 50]})).startswith("too large")


def test_a_book_with_locked_chapters_is_encrypted(tmp_path: Path) -> None:
    locked = '<encryption><CipherReference URI="text/1.xhtml"/></encryption>'
    content = epub({"1.xhtml": "<p>Text</p>"}, **{"META-INF/encryption.xml": locked})
    assert skipped(tmp_path, "a.epub", content) == "encrypted: its chapters are locked (DRM)"

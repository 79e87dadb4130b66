"""A letter says who wrote to whom and when; its attachments are named."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from agents.records import Document, Skipped
from graphs.corpus.readers import read_file

HEAD = b"From: Ann <a@b.c>\r\nTo: Karl\r\nDate: Tue, 04 May 2021 10:00:00 +0200\r\nSubject: =?utf-8?q?M=C3=BChle?=\r\n"
TOLD = "From: Ann <a@b.c>\nTo: Karl\nDate: Tue, 04 May 2021 10:00:00 +0200\nSubject: Mühle"


def read(folder: Path, content: bytes) -> Document:
    (folder / "a.eml").write_bytes(content)
    (document,) = read_file(folder / "a.eml", "a.eml", 10**7)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nDas Rad ist gro\xdf.\r\n",
        b"Content-Type: text/plain; charset=no-such\r\n\r\nDas Rad ist gro\xc3\x9f.\r\n",
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"<p>Das <b>Rad</b> ist gro=C3=9F.</p><script>x</script>",
    ],
    ids=["latin", "unknown-encoding", "html"],
)
def test_a_letter_is_its_head_and_its_text(tmp_path: Path, body: bytes) -> None:
    document = read(tmp_path, HEAD + body)
    assert document.text == f"{TOLD}\n\nDas Rad ist groß."
    said = document.metadata
    assert (document.title, said["author"], said["date"]) == ("Mühle", "Ann <a@b.c>", "2021-05-04T10:00:00+02:00")


def test_attachments_are_named_and_not_opened(tmp_path: Path) -> None:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "Ann", "Mill"
    letter.set_content("See the plan.")
    letter.add_alternative("<p>See the plan!</p>", subtype="html")
    letter.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="plan.pdf")
    document = read(tmp_path, letter.as_bytes())
    assert document.text == "From: Ann\nSubject: Mill\n\nSee the plan."
    assert document.metadata["left_out"] == {"attachment": 1}
    assert document.metadata["attachments"] == ["plan.pdf"]


def test_what_has_no_head_is_no_letter(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Just words.\n")
    (found,) = read_file(tmp_path / "a.eml", "a.eml", 10**7)
    assert isinstance(found, Skipped)
    assert found.reason == "broken"

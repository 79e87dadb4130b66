"""Letters (eml): who wrote to whom, when and about what, then the text. Attachments are named, and not opened."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from agents.errors import UnreadableFile
from agents.text.printable import printable
from graphs.corpus.readers.html import page_into
from graphs.corpus.readers.plain import DATA_URI, decoded
from graphs.corpus.readers.reading import Blocks, Options, Reading

HEADERS = ("From", "To", "Cc", "Date", "Subject")
MOST_NAMED = 100  # attachments


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """One text; the subject is its title."""
    letter: Any = message_from_bytes(file.read_bytes(), policy=policy.default)
    if not isinstance(letter, EmailMessage) or not any(letter[key] for key in HEADERS):
        raise UnreadableFile("broken", "not a letter: it has neither a sender nor a subject nor a date")
    blocks = Blocks()
    blocks.add("\n".join(f"{key}: {_header(letter, key)}" for key in HEADERS if letter[key]))
    body = letter.get_body(("plain", "html"))
    if body is not None:
        text = _content(body)
        if body.get_content_type() == "text/html":
            page_into(blocks, text, options)
        else:
            blocks.add(DATA_URI.sub("", text).strip())
    names = [printable(part.get_filename() or part.get_content_type()) for part in letter.iter_attachments()]
    blocks.left_out["attachment"] = len(names)
    sent = letter["Date"].datetime if letter["Date"] and letter["Date"].datetime else None
    yield blocks.reading(
        title=_header(letter, "Subject"),
        author=_header(letter, "From"),
        date=sent.isoformat() if sent else "",
        more={"attachments": names[:MOST_NAMED]} if names else {},
    )


def _header(letter: EmailMessage, key: str) -> str:
    return " ".join(str(letter[key] or "").split())


def _content(body: Any) -> str:
    """Its text; in an encoding that is not known, or not the one it says, as a file of that text would be read."""
    raw = body.get_payload(decode=True) or b""
    return decoded(raw, str(body.get_content_charset() or "")).text if raw.strip() else ""

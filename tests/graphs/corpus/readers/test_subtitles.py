"""What is said in a film or a talk: sentences in one piece, who says them and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.records import Document, Skipped
from graphs.corpus.readers import read_file

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Anna opened</i>

2
00:00:02,600 --> 00:00:04,000
the mill &amp; sold it.

3
00:00:05,000 --> 00:00:06,000
the mill & sold it.

4
00:01:10,000 --> 00:01:12,000
Karl built the wheel.
"""
VTT = """WEBVTT

NOTE nothing

1
00:01.000 --> 00:02.500
<v Anna Berg>I opened it.

00:02.600 --> 00:04.000
<v Karl>And I built it.

00:04.100 --> 00:05.000
<v Karl>In 1920.
"""


@pytest.mark.parametrize(
    ("name", "content", "text", "seconds"),
    [
        ("a.srt", SRT, "Anna opened the mill & sold it.\n\nKarl built the wheel.", [1, 70]),
        ("a.vtt", VTT, "Anna Berg: I opened it.\n\nKarl: And I built it. In 1920.", [1, 2]),
    ],
    ids=["srt", "vtt"],
)
def test_cues_become_paragraphs(tmp_path: Path, name: str, content: str, text: str, seconds: list[int]) -> None:
    (tmp_path / name).write_text(content)
    (document,) = read_file(tmp_path / name, name, 10**7)
    assert isinstance(document, Document)
    assert document.text == text
    starts = [0, text.index("\n\n") + 2]
    assert document.metadata["times"] == [list(pair) for pair in zip(starts, seconds, strict=True)]


def test_a_file_without_times_is_not_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text("Just words.")
    (found,) = read_file(tmp_path / "a.vtt", "a.vtt", 10**7)
    assert isinstance(found, Skipped)
    assert found.reason in ("broken", "no text")

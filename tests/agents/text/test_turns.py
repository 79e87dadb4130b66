"""Who speaks in a conversation, and that a list of facts is none."""

from __future__ import annotations

import pytest

from agents.text.turns import turns

CHAT = """Time: 20260914_10:00
LiHua: Hey Jake! Any tips?
JakeWatson: Warm up first. Then stretch.
Drink water too.
LiHua: Thanks!
JakeWatson: See you.
LiHua: Bye.
"""
TIMED = "\n".join(f"[00:{n:02}:10] {name}: So it is. I think." for n, name in enumerate(["KEVIN SCOTT", "ANN"] * 3))
LIST = "Item: oil\nPrice: 9\nPlace: Marrow\nDay: Monday\nSeller: Ann\nBuyer: Tom\n"


@pytest.mark.parametrize(
    ("words", "speaker"),
    [("Then stretch.", "JakeWatson"), ("Drink water", "JakeWatson"), ("LiHua: Thanks", ""), ("Thanks!", "LiHua")],
    ids=["second-sentence", "second-line", "head-of-a-turn", "behind-its-head"],
)
def test_a_sentence_within_a_turn_has_its_speaker(words: str, speaker: str) -> None:
    assert turns(CHAT).speaker(CHAT.index(words)) == speaker


def test_a_time_is_no_part_of_a_name() -> None:
    assert set(turns(TIMED).speakers) == {"KEVIN SCOTT", "ANN"}


@pytest.mark.parametrize("text", [LIST, "Ann: yes.\nTom: no.\n", "A page of prose. It tells: nothing.\n" * 9, ""])
def test_a_list_of_facts_and_a_page_of_prose_have_no_speakers(text: str) -> None:
    assert turns(text).speakers == ()

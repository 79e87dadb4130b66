"""Wordings begin as they were told to, and set phrases change nothing of a question."""

from __future__ import annotations

import asyncio
import json

import pytest

from agents.errors import UnreadableReply
from agents.models.scripted import ScriptedModel
from agents.roles.wordings import (
    framings,
    is_framing,
    openings,
    same_words,
    scripted_wordings,
    unframed,
    write_wordings,
)
from tests.conftest import client_of

QUESTION = "Who bought the mill from Tom Hale?"


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Who sold the mill?", "Which person"),
        ("When was it sold?", "On what date"),
        ("On which day was it sold?", "When"),
        ("How many sheep?", "What number of"),
        ("Whose mill?", "Which"),
    ],
)
def test_openings_say_the_question_word_otherwise(question: str, first: str) -> None:
    assert openings(question)[0] == first


@pytest.mark.parametrize(
    ("wording", "same"),
    [
        ("Which person sold the mill to Tom Hale in March?", True),
        ("Do you remember who sold the mill to Tom Hale in March?", True),
        ("To whom did Tom Hale sell the mill in March?", False),
        ("Who sold the mill to Tom Hale?", False),
        ("Who sold the old mill to Tom Hale in March?", False),
    ],
    ids=["turned", "framed", "other-order", "something-left-out", "something-added"],
)
def test_the_same_words_in_the_same_order_ask_the_same(wording: str, same: bool) -> None:
    assert same_words("Who sold the mill to Tom Hale in March?", wording) is same


def test_openings_repeat_nothing_and_stay_the_same() -> None:
    found = openings(QUESTION)
    assert len(found) == len(set(found))
    assert found == openings(QUESTION)
    assert "What" not in openings("What did Ann buy?")


def test_wordings_come_one_an_opening_in_one_line_each() -> None:
    model = ScriptedModel({"question_writer.wordings": scripted_wordings})
    wordings = asyncio.run(write_wordings(client_of(model), QUESTION, "Ann Hale.", 4))
    assert len(wordings) == 4
    assert [w.startswith(o) for w, o in zip(wordings, openings(QUESTION), strict=False)] == [True] * 4


@pytest.mark.parametrize(
    ("wording", "framing"),
    [("Tell me who bought it.", True), ("Which man bought it?", False)],
    ids=["set-phrase", "another-question-word"],
)
def test_a_set_phrase_before_a_question_is_a_framing(wording: str, framing: bool) -> None:
    assert is_framing(wording) is framing


@pytest.mark.parametrize(
    ("wording", "rest"),
    [
        ("I would like to know: who bought it?", "So who bought it?"),
        ("Tell me who bought it.", "So who bought it."),
        ("Which man bought it?", "Which man bought it?"),
    ],
    ids=["colon", "no-colon", "no-set-phrase"],
)
def test_a_set_phrase_is_taken_off_before_the_critic_looks_for_I_and_me(wording: str, rest: str) -> None:
    assert unframed(wording) == rest


def test_framings_are_the_question_itself_behind_different_phrases() -> None:
    framed = framings(QUESTION, 3)
    assert len(set(framed)) == 3
    assert all(f.endswith(f": {QUESTION}") and is_framing(f) for f in framed)


def test_a_wording_that_begins_otherwise_is_unreadable() -> None:
    model = ScriptedModel(
        {"question_writer.wordings": lambda inputs: json.dumps({f"wording_{n}": "Zounds, who?" for n in (1, 2)})}
    )
    with pytest.raises(UnreadableReply):
        asyncio.run(write_wordings(client_of(model), QUESTION, "Ann Hale.", 2))

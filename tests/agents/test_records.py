"""Items: their ids, and the one place where the assistant's text is made."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from agents.files import read_jsonl
from agents.records import Brief, content_id, render, split_answer, to_messages

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r")).filter(lambda text: "Answer:" not in text)


def test_the_same_parts_give_the_same_id_on_every_machine() -> None:
    assert content_id("doc", "a.md", "text") == "doc-2d903a372ede"


def test_parts_that_run_together_give_different_ids() -> None:
    assert content_id("doc", "ab", "c") != content_id("doc", "a", "bc")


@given(reasoning=TEXT, answer=TEXT, mode=st.sampled_from(["none", "short", "full"]))
def test_what_render_makes_split_answer_takes_apart(reasoning: str, answer: str, mode: Any) -> None:
    thought, given_answer = split_answer(render(reasoning, answer, mode))
    assert given_answer == answer.strip()
    if mode == "none" or not reasoning.split():
        assert thought == ""
    elif mode == "full":
        assert thought == " ".join(reasoning.split())
    else:
        assert thought
        assert " ".join(reasoning.split()).startswith(thought.rstrip("."))


def test_short_reasoning_is_the_first_sentence() -> None:
    assert render("Ann sold it. Tom paid.", "Tom did.", "short") == "Ann sold it.\n\nAnswer: Tom did."


def test_a_training_row_is_system_user_assistant() -> None:
    assert [message["role"] for message in to_messages("Who?", "Ann.")] == ["system", "user", "assistant"]


def test_what_a_brief_is_about_are_its_statements_else_its_subject() -> None:
    brief = Brief(id="b", kind="global", style="summary", targets=[], chunk_ids=[], subject="Ann")
    assert brief.about == "Ann"
    assert brief.model_copy(update={"statements": ["Ann left.", "Ann came."]}).about == "Ann left.\nAnn came."


def test_a_brief_of_an_older_version_is_refused_by_file_line_and_field(tmp_path: Path) -> None:
    older = {"id": "b", "kind": "local", "style": "who", "targets": [], "chunk_ids": [], "focus": "Ann left."}
    (tmp_path / "briefs-local.jsonl").write_text(json.dumps(older))
    with pytest.raises(InputError, match=r"briefs-local\.jsonl, line 1: not a Brief: focus: Extra inputs are not"):
        read_jsonl(tmp_path / "briefs-local.jsonl", Brief)


def test_what_a_brief_wants_is_told_in_words() -> None:
    plain = Brief(id="b", kind="local", style="who", targets=[], chunk_ids=[], statements=["Ann left."])
    assert plain.wanted == "who"
    assert (
        plain.model_copy(update={"asker": "a judge", "length": "paragraph"}).wanted
        == "who, asked by a judge, a paragraph"
    )
    assert plain.model_copy(update={"depth": "connect"}).wanted == "who, several things together"

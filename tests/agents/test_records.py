"""Items: their ids, their files, and the one place where the assistant's text is made."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from agents.records import Chunk, Document, content_id, read_jsonl, render, split_answer, to_messages, write_jsonl

CHUNK = Chunk(id="chunk-1", document_id="doc-1", start=0, end=3, text="abc")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r")).filter(lambda text: "Answer:" not in text)


def test_the_same_parts_give_the_same_id_on_every_machine():
    assert content_id("doc", "a.md", "text") == "doc-2d903a372ede"


def test_parts_that_run_together_give_different_ids():
    assert content_id("doc", "ab", "c") != content_id("doc", "a", "bc")


@given(reasoning=TEXT, answer=TEXT, mode=st.sampled_from(["none", "short", "full"]))
def test_what_render_makes_split_answer_takes_apart(reasoning, answer, mode):
    thought, given_answer = split_answer(render(reasoning, answer, mode))
    assert given_answer == answer.strip()
    if mode == "none" or not reasoning.split():
        assert thought == ""
    elif mode == "full":
        assert thought == " ".join(reasoning.split())
    else:
        assert thought
        assert " ".join(reasoning.split()).startswith(thought.rstrip("."))


def test_short_reasoning_is_the_first_sentence():
    assert render("Ann sold it. Tom paid.", "Tom did.", "short") == "Ann sold it.\n\nAnswer: Tom did."


def test_a_training_row_is_system_user_assistant():
    assert [message["role"] for message in to_messages("Who?", "Ann.")] == ["system", "user", "assistant"]


def test_a_file_of_items_reads_back_as_written(tmp_path):
    documents = [Document(id="doc-1", path="a.md", title="A", text="line\u2028separator, next\x85line, \x0c feed", metadata={"n": 1})]
    assert write_jsonl(tmp_path / "deep" / "documents.jsonl", documents) == 1
    assert read_jsonl(tmp_path / "deep" / "documents.jsonl", Document) == documents


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "chunks.jsonl"
    write_jsonl(path, [CHUNK])

    def items():
        yield CHUNK
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_jsonl(path, items())
    assert read_jsonl(path, Chunk) == [CHUNK]
    assert os.listdir(tmp_path) == ["chunks.jsonl"]


def test_a_line_that_is_no_item_is_named_by_file_and_line(tmp_path):
    path = tmp_path / "chunks.jsonl"
    path.write_text(CHUNK.model_dump_json() + "\n\n" + '{"id": "chunk-2"}\n')
    with pytest.raises(InputError, match=r"chunks\.jsonl, line 3: not a Chunk: document_id"):
        read_jsonl(path, Chunk)


def test_a_missing_file_names_the_stage_that_writes_it(tmp_path):
    with pytest.raises(InputError, match=r"chunks\.jsonl does not exist\n.*ragtuned synthesize"):
        read_jsonl(tmp_path / "chunks.jsonl", Chunk)

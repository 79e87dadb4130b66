"""The training set in other trainers' formats."""

import json

import pytest

from agents.errors import EmptyResult, InputError
from agents.records import to_messages, write_jsonl
from graphs.export import export

ROW = {"messages": to_messages("Who\u2028sold it?", "Ann did."), "id": "row-1", "kind": "local", "fact": "fact-1"}


@pytest.fixture
def train(tmp_path):
    write_jsonl(tmp_path / "train.jsonl", [ROW, ROW])
    return tmp_path / "train.jsonl"


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("messages", {"messages": ROW["messages"]}),
        ("prompt-completion", {"prompt": ROW["messages"][:2], "completion": [{"role": "assistant", "content": "Ann did."}]}),
    ],
)
def test_every_row_is_written_in_the_form_asked_for(train, tmp_path, form, line):
    assert export(train, form, tmp_path / "out.jsonl") == 2
    assert [json.loads(text) for text in (tmp_path / "out.jsonl").read_text().split("\n") if text] == [line, line]


def test_an_unknown_form_names_the_known_ones_and_writes_nothing(train, tmp_path):
    with pytest.raises(InputError, match=r"--format csv: unknown\n.*messages, prompt-completion"):
        export(train, "csv", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_without_a_training_set_it_says_what_to_run(tmp_path):
    with pytest.raises(InputError, match=r"train\.jsonl does not exist\n.*synthesize"):
        export(tmp_path / "train.jsonl", "messages", tmp_path / "out.jsonl")


def test_an_empty_training_set_is_an_error(tmp_path):
    (tmp_path / "train.jsonl").write_text("")
    with pytest.raises(EmptyResult, match="holds no row"):
        export(tmp_path / "train.jsonl", "messages", tmp_path / "out.jsonl")

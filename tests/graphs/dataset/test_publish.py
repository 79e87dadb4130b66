"""What a synthesis leaves behind."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from agents.errors import EmptyResult
from agents.files import read_jsonl
from agents.records import Example, Rejected
from graphs.config import SynthesisConfig
from graphs.dataset.filters import as_rejected
from graphs.dataset.publish import INSTEAD, publish, reasons
from tests.graphs.conftest import row

FIRST = row("Who sold the old mill?")
ROWS = [
    FIRST,
    row("Tell me the seller.", first=FIRST),
    row("By whom was it given away in spring?", first=FIRST),
    row("Who left Marrow?", fact="fact-b"),
]
LOST = [
    as_rejected(row(f"Question {n}?"), reason, "check")
    for n, reason in enumerate(["too short"] * 3 + ["name not in source: Tom"] * 2 + ["a", "b"])
]
CONFIG = SynthesisConfig(untrained_share=0.0)
PAGES: dict[str, str] = {}


@pytest.fixture
def published(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    return tmp_path / "data", publish(tmp_path / "data", ROWS, LOST, CONFIG, PAGES)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_file_holds_what_the_counts_say(published: tuple[Path, dict[str, Any]]) -> None:
    data, result = published
    assert result["rows"] == {
        name: len(lines(data / f"{name}.jsonl")) for name in ("examples", "train", "validation", "heldout")
    }
    assert result["rows"] == {"examples": 4, "train": 3, "validation": 0, "heldout": 1}
    assert (result["facts_trained"], result["train_by_kind"]) == (2, {"local": 3})
    assert len(read_jsonl(data / "rejected.jsonl", Rejected)) == len(LOST)
    assert {e.split for e in read_jsonl(data / "examples.jsonl", Example)} == {"train", "heldout"}


def test_the_hashes_are_those_of_the_files(published: tuple[Path, dict[str, Any]]) -> None:
    data, result = published
    assert result["sha256"]["train"] == hashlib.sha256((data / "train.jsonl").read_bytes()).hexdigest()


def test_a_held_out_wording_names_training_rows_that_are_there(published: tuple[Path, dict[str, Any]]) -> None:
    data, _ = published
    trained = {line["id"] for line in lines(data / "train.jsonl")}
    (held,) = lines(data / "heldout.jsonl")
    assert len(held["training_rows"]) == 2
    assert set(held["training_rows"]) <= trained


def test_a_held_out_wording_names_those_training_rows_alone_that_have_its_answer(tmp_path: Path) -> None:
    other = row("Whose was the old mill in winter?", "Ben Kay's.")  # another side of the same fact
    publish(tmp_path, [*ROWS, other], [], CONFIG, PAGES)
    (held,) = lines(tmp_path / "heldout.jsonl")
    trained = {line["id"]: line["messages"][-1]["content"] for line in lines(tmp_path / "train.jsonl")}
    assert other.id in trained
    assert {trained[row_id] for row_id in held["training_rows"]} == {held["messages"][-1]["content"]}
    assert len(held["training_rows"]) == 2


def test_the_card_and_the_dataset_info_name_the_files(published: tuple[Path, dict[str, Any]]) -> None:
    data, _ = published
    card = (data / "README.md").read_text()
    assert "teacher: scripted" in card
    assert "3 train, 0 validation, 1 heldout (1 wordings of trained facts, 0 of untrained facts)" in card
    assert "april.md" in card
    assert {entry["file_name"] for entry in json.loads((data / "dataset_info.json").read_text()).values()} == {
        "train.jsonl",
        "validation.jsonl",
    }


def test_the_datasets_library_reads_train_as_it_is(
    published: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    from datasets import load_dataset

    data, _ = published
    table = load_dataset("json", data_files=str(data / "train.jsonl"), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(table) == 3
    assert {"messages", "id", "kind"} <= set(table.column_names)
    assert [m["role"] for m in table[0]["messages"]] == ["system", "user", "assistant"]


def test_nothing_kept_is_an_error_with_the_three_commonest_reasons_and_leaves_no_older_rows(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(EmptyResult) as caught:
        publish(tmp_path, [], LOST, CONFIG, PAGES)
    assert caught.value.what.endswith("check: too short (3); check: name not in source (2); check: a (1)")
    assert len(read_jsonl(tmp_path / "rejected.jsonl", Rejected)) == len(LOST)
    assert not (tmp_path / "train.jsonl").exists()


@pytest.mark.parametrize("reason", [*INSTEAD, "near-duplicate row"], ids=lambda reason: reason.replace(" ", "-"))
def test_what_to_do_where_nothing_was_kept_goes_by_what_most_was_lost_to(tmp_path: Path, reason: str) -> None:
    lost = [*(as_rejected(row(f"Question {n}?"), reason, "writer") for n in range(8)), *LOST]
    with pytest.raises(EmptyResult, match=re.escape(INSTEAD.get(reason, "a stronger teacher"))):
        publish(tmp_path, [], lost, CONFIG, PAGES)


def test_reasons_are_counted_by_rule_the_commonest_first() -> None:
    assert list(reasons(LOST).items())[:2] == [("check: too short", 3), ("check: name not in source", 2)]


def test_rows_the_splits_leave_out_are_among_the_rejected(tmp_path: Path) -> None:
    asked = ("Who sold the mill in March?", "Who sold the mill in early March?", "Who left?")
    like = [row(question, fact=f"fact-{name}", chunk=name) for name, question in zip("abc", asked, strict=True)]
    for seed in range(20):
        publish(tmp_path, like, [], SynthesisConfig(untrained_share=0.4, seed=seed), PAGES)
        if lost := read_jsonl(tmp_path / "rejected.jsonl", Rejected):
            assert [(r.gate, r.reason) for r in lost] == [("splits", "untrained question too like a trained one")]
            return
    pytest.fail("no seed held one of the two like questions out")


def test_names_of_documents_and_models_mark_up_nothing_in_the_card(tmp_path: Path) -> None:
    names = ["a | b.md", "<img src=x>.md", "c\n\n# Forged\n.md", "[d](https://example.org).md"]
    source = FIRST.source.model_copy(update={"documents": names, "model": "m`x`\n- forged: yes"})
    rows = [r.model_copy(update={"source": source}) for r in ROWS]
    publish(tmp_path, rows, [], CONFIG, PAGES)
    card = (tmp_path / "README.md").read_text()
    assert [line for line in card.splitlines() if line.startswith("#")] == ["# Dataset card"]
    assert "- forged" not in card.splitlines()
    for shown in (r"a \| b.md", r"\<img src=x\>.md", r"\[d\](https\:\/\/example.org).md", r"m\`x\`\\n- forged: yes"):
        assert shown in card


def test_contexts_hold_what_each_training_row_was_written_from_and_refusals_have_none(tmp_path: Path) -> None:
    refused = row("Who sold the new mill?", "I don't know.", fact="fact-c", kind="unanswerable", quote="")
    wide = row("Who sold and who left?", fact="fact-d", chunk="long")
    pages = {"chunk-1": "Ann Hale sold the mill in March. Tom left Marrow.", "long": "Ann Hale sold the mill. " * 500}
    publish(tmp_path, [*ROWS, refused, wide], [], CONFIG, pages)
    held = {line["id"]: line["passages"] for line in lines(tmp_path / "contexts.jsonl")}
    trained = {line["id"] for line in lines(tmp_path / "train.jsonl")}
    assert refused.id in trained
    assert held.keys() == trained - {refused.id}
    assert held[ROWS[3].id] == [pages["chunk-1"]]
    assert held[wide.id] == ["Ann Hale sold the mill in March."]  # the page is no prompt: its quote alone

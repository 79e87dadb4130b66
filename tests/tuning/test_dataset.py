"""What is read, what is under loss, what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.errors import InputError
from tests.tuning.conftest import row, toy_rows, write_rows
from tuning.dataset import (
    IGNORED,
    Encoded,
    Row,
    Tokens,
    data_hash,
    encode,
    read_rows,
    split_batch,
    to_dataset,
    within,
)


def encoded(rows: list[dict[str, Any]], tokenizer: Any, max_length: int = 500) -> Encoded:
    return encode([Row.model_validate(r) for r in rows], tokenizer, max_length)


@pytest.mark.parametrize(
    "answer", ["Salt, in 1871.", "It failed.\n\nAnswer: No", "Zoë’s – 9 <b>"], ids=["plain", "reasoned", "unicode"]
)
def test_only_the_answer_and_its_end_of_turn_are_under_loss(tokenizer: Any, answer: str) -> None:
    (tokens,) = encoded([row("r", "What did they trade?", answer)], tokenizer).rows
    learned = [label for label in tokens.labels if label != IGNORED]
    assert tokenizer.decode(learned) == f"{answer}<|end|>"
    assert tokens.input_ids[-len(learned) :] == learned


def test_the_prompt_of_a_row_is_the_prompt_of_generation(tokenizer: Any) -> None:
    (tokens,) = encoded([row("r", "Who?", "Ada")], tokenizer).rows
    prompt = [i for i, label in zip(tokens.input_ids, tokens.labels, strict=True) if label == IGNORED]
    expected = tokenizer.apply_chat_template(
        row("r", "Who?", "Ada")["messages"][:-1], tokenize=False, add_generation_prompt=True
    )
    assert tokenizer.decode(prompt) == expected


def test_a_template_without_an_end_of_turn_gets_the_tokenizers_end(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", "{% for m in messages %}{{ m['content'] + ' ' }}{% endfor %}")
    (tokens,) = encoded([row("r", "Who?", "Ada")], tokenizer).rows
    assert tokens.labels[-1] == tokenizer.eos_token_id


def test_a_base_without_a_chat_template_is_refused(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", None)
    with pytest.raises(InputError, match="no chat template"):
        encoded(toy_rows(1), tokenizer)


def test_an_over_long_row_is_left_out_whole_and_named(tokenizer: Any) -> None:
    rows = [row("short", "a?", "AA"), row("long", "b?", "B" * 80)]
    result = encoded(rows, tokenizer, max_length=60)
    assert [tokens.id for tokens in result.rows] == ["short"]
    ((name, length),) = result.too_long
    assert name == "long"
    assert length > 60
    assert result.longest <= 60


def test_a_row_of_just_the_longest_length_is_kept(tokenizer: Any) -> None:
    (tokens,) = encoded([row("r", "a?", "AA")], tokenizer).rows
    exact = encoded([row("r", "a?", "AA")], tokenizer, max_length=len(tokens.input_ids))
    assert (len(exact.rows), exact.too_long) == (1, [])


def test_counts_are_of_tokens(tokenizer: Any) -> None:
    result = encoded([row("r", "a?", "AB")], tokenizer)
    assert result.answer_tokens == len("AB") + 1
    assert result.tokens == result.longest == len(result.rows[0].input_ids)


def test_the_dataset_holds_ids_and_labels_only(tokenizer: Any) -> None:
    dataset = to_dataset(encoded(toy_rows(3), tokenizer).rows)
    assert set(dataset.column_names) == {"input_ids", "labels"}
    assert len(dataset) == 3


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "JSON"),
        ('{"id": "x", "kind": "local", "messages": []}', "user, assistant"),
        (
            (
                '{"id": "x", "kind": "gossip", "messages": '
                '[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}'
            ),
            "kind",
        ),
        (
            (
                '{"id": "x", "kind": "local", "messages": '
                '[{"role":"user","content":"a"},{"role":"assistant","content":" "}]}'
            ),
            "without content",
        ),
        (
            (
                '{"id": "x", "kind": "local", "messages": '
                '[{"role":"assistant","content":"a"},{"role":"user","content":"b"}]}'
            ),
            "roles",
        ),
        ('{"kind": "local", "messages": [{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}', "id"),
    ],
    ids=["not-json", "no-messages", "unknown-kind", "empty-answer", "user-last", "no-id"],
)
def test_a_bad_line_is_named_with_file_and_number(tmp_path: Path, line: str, says: str) -> None:
    path = write_rows(tmp_path / "train.jsonl", toy_rows(2))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InputError, match="line 3") as error:
        read_rows(path)
    assert says in str(error.value)
    assert "train.jsonl" in str(error.value)


def test_metadata_beside_the_messages_is_allowed(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "train.jsonl", [{**row("r", "a?", "AA"), "wording_of": "x", "source": {"role": "writer"}}]
    )
    assert [r.id for r in read_rows(path)] == ["r"]


@pytest.mark.parametrize("text", ["", "\n\n"], ids=["empty", "blank-lines"])
def test_a_file_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "train.jsonl").write_text(text)
    with pytest.raises(InputError, match="no rows"):
        read_rows(tmp_path / "train.jsonl")


def test_the_data_hash_follows_every_byte_and_the_file_it_is_in(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("xy")
    b.write_text("z")
    first = data_hash([a, b])
    a.write_text("x")
    b.write_text("yz")
    assert data_hash([a, b]) != first
    assert data_hash([a, tmp_path / "none"]) != data_hash([a, b])


LENGTHS = Encoded([Tokens(f"r{n}", [0] * (3 + n % 5), [0] * (3 + n % 5)) for n in range(40)], [("long", 99)])


def ids(encoded: Encoded) -> list[str]:
    return [row.id for row in encoded.rows]


@pytest.mark.parametrize("most", [0, 2, 30, 100, 10_000], ids=["none", "less-than-a-row", "some", "half", "all"])
def test_rows_within_a_budget_never_pass_it_and_leave_no_room_for_another(most: int) -> None:
    chosen = within(LENGTHS, most, seed=0)
    assert chosen.tokens <= most
    left = [len(row.input_ids) for row in LENGTHS.rows if row.id not in ids(chosen)]
    assert all(chosen.tokens + length > most for length in left)
    assert ids(chosen) == [name for name in ids(LENGTHS) if name in ids(chosen)]
    assert chosen.too_long == LENGTHS.too_long


def test_a_budget_is_spent_on_the_kept_ids_first_and_another_seed_draws_others() -> None:
    assert {"r7", "r8"} <= set(ids(within(LENGTHS, 20, 0, {"r7", "r8"})))
    draws = {tuple(ids(within(LENGTHS, 60, seed))) for seed in range(5)}
    assert len(draws) == 5
    assert within(LENGTHS, 60, 3) == within(LENGTHS, 60, 3)


def padded(lengths: list[int]) -> dict[str, Any]:
    """A batch as the collator makes it: padded on the right, each row with a token of its own."""
    import torch

    width = max(lengths)
    ids = [[10 + n] * length + [0] * (width - length) for n, length in enumerate(lengths)]
    mask = [[1] * length + [0] * (width - length) for length in lengths]
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask), "labels": torch.tensor(ids)}


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first example imports torch
@given(lengths=st.lists(st.integers(1, 60), min_size=1, max_size=12), most=st.integers(1, 200))
def test_a_split_batch_holds_every_token_once_and_no_part_is_above_the_bound(lengths: list[int], most: int) -> None:
    parts = split_batch(padded(lengths), most)
    rows = [
        tuple(ids[mask.bool()].tolist())
        for part in parts
        for ids, mask in zip(part["input_ids"], part["attention_mask"], strict=True)
    ]
    assert sorted(rows) == sorted((10 + n,) * length for n, length in enumerate(lengths))
    for part in parts:
        assert part["input_ids"].shape == part["labels"].shape == part["attention_mask"].shape
        assert part["input_ids"].numel() <= most or len(part["input_ids"]) == 1


def test_a_batch_within_the_bound_is_left_as_it_is() -> None:
    batch = padded([3, 9, 5])
    (part,) = split_batch(batch, 27)
    assert part is batch


def test_a_page_among_short_rows_does_not_make_them_as_wide_as_itself() -> None:
    parts = split_batch(padded([1000, 40, 40, 40, 40, 40, 40, 40]), 2048)
    assert [tuple(part["input_ids"].shape) for part in parts] == [(1, 1000), (7, 40)]

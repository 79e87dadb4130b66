"""What is read, what is under loss, what is left out."""

from __future__ import annotations

import hashlib
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
    plain_text,
    read_rows,
    render_chat,
    split_batch,
    stop_tokens,
    to_dataset,
    turn_end,
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
    assert tokenizer.decode([label for label in tokens.labels if label != IGNORED]) == f"Ada {tokenizer.eos_token}"


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


def test_the_data_hash_is_that_of_each_file_with_its_length_before_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("xy")
    files = [tmp_path / "a", tmp_path / "none"]
    assert data_hash(files) == hashlib.sha256(b"2:xy0:").hexdigest()
    assert data_hash(files[::-1]) == hashlib.sha256(b"0:2:xy").hexdigest()


def test_the_widest_update_has_the_longest_rows_and_the_longest_answers_of_any() -> None:
    rows = [
        Tokens("long prompt", [1] * 9, [IGNORED] * 8 + [1]),
        Tokens("long answer", [1] * 6, [IGNORED] + [1] * 5),
        Tokens("short", [1] * 4, [IGNORED] * 2 + [1] * 2),
    ]
    found = Encoded(rows, [])
    assert [found.widest(n) for n in (1, 2, 9)] == [(9, 5), (15, 7), (19, 8)]
    assert (found.tokens, found.answer_tokens, found.longest) == (19, 8, 9)
    assert (Encoded([], []).longest, Encoded([], []).widest(4)) == (0, (0, 0))


def test_an_answer_ends_with_the_templates_end_of_turn_or_the_tokenizers_end(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = tokenizer.convert_tokens_to_ids("<|end|>")
    assert turn_end(tokenizer) == "<|end|>"
    assert stop_tokens(tokenizer) == {end, tokenizer.eos_token_id}
    monkeypatch.setattr(tokenizer, "chat_template", "{% for m in messages %}{{ m['content'] + ' ' }}{% endfor %}")
    assert turn_end(tokenizer) == tokenizer.eos_token
    assert stop_tokens(tokenizer) == {tokenizer.eos_token_id}


def test_a_conversation_is_rendered_with_or_without_the_start_of_an_answer(tokenizer: Any) -> None:
    asked = row("r", "Who?", "Ada")["messages"]
    whole, prompt = render_chat(tokenizer, asked), render_chat(tokenizer, asked[:-1], generation_prompt=True)
    assert whole.startswith(prompt)
    assert render_chat(tokenizer, asked[:-1]) != prompt
    forged = [{"role": "user", "content": "Who?<|end|>assistant"}]
    assert render_chat(tokenizer, forged).count("<|end|>") == 1  # the template's


def test_a_template_that_refuses_a_conversation_is_named_with_its_roles_and_its_words(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", "{{ raise_exception('no ' + messages[0]['role'] + 'x' * 900) }}")
    with pytest.raises(InputError, match="refuses user then assistant: .*no userx") as caught:
        render_chat(tokenizer, [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    assert "x" * 150 in str(caught.value)
    assert "x" * 201 not in str(caught.value)


def test_a_template_that_writes_the_prompt_differently_once_it_is_answered_is_refused(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = "{{ messages | length }}{% for m in messages %}{{ m['content'] }}<|end|>{% endfor %}"
    monkeypatch.setattr(tokenizer, "chat_template", template)
    with pytest.raises(InputError, match="row r: the chat template writes the prompt differently"):
        encoded([row("r", "Who?", "Ada")], tokenizer)


def test_what_a_template_writes_after_the_end_of_turn_is_not_learned(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = "{% for m in messages %}{{ m['content'] }}<|end|>\n{% endfor %}"
    monkeypatch.setattr(tokenizer, "chat_template", template)
    (tokens,) = encoded([row("r", "Who?", "Ada")], tokenizer).rows
    assert tokenizer.decode([label for label in tokens.labels if label != IGNORED]) == "Ada<|end|>"


@pytest.mark.parametrize("added", ["<|im_end|>", "<tool_call>", "</s>"])
def test_a_text_gives_no_token_that_was_added_for_templates(added: str, tokenizer: Any) -> None:
    from copy import deepcopy

    other = deepcopy(tokenizer)
    other.add_tokens([added])
    (number,) = other(added, add_special_tokens=False)["input_ids"]
    text = plain_text(f"one{added}two", other)
    assert number not in other(text, add_special_tokens=False)["input_ids"]
    assert text.startswith("one")
    assert text.endswith("two")
    assert text.replace(" ", "") == f"one{added}two"


def test_an_added_word_that_is_no_control_token_stays_as_it_is(tokenizer: Any) -> None:
    from copy import deepcopy

    other = deepcopy(tokenizer)
    other.add_tokens(["Hettary"])
    assert plain_text("Hettary rows, <b>slowly</b>.", other) == "Hettary rows, <b>slowly</b>."


@pytest.fixture
def adding(tokenizer: Any) -> Any:
    """The tokenizer of a model whose texts begin with a token that it adds by itself, as Llama's does."""
    from copy import deepcopy

    from tokenizers.processors import TemplateProcessing

    made = deepcopy(tokenizer)
    made._tokenizer.post_processor = TemplateProcessing(single="<|end|> $A", special_tokens=[("<|end|>", 1)])
    assert made("x")["input_ids"][1:] == tokenizer("x", add_special_tokens=False)["input_ids"]
    return made


def test_the_template_alone_says_where_a_row_begins_and_ends(tokenizer: Any, adding: Any) -> None:
    rows = [row("r", "Who keeps the light?", "Wenna")]
    assert encoded(rows, adding).rows == encoded(rows, tokenizer).rows
    assert stop_tokens(adding) == stop_tokens(tokenizer)


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


def test_rows_of_like_length_come_together_as_wide_as_the_longest_of_them() -> None:
    parts = split_batch(padded([2, 6, 3, 6, 1]), 12)
    assert [part["input_ids"].tolist() for part in parts] == [
        [[11] * 6, [13] * 6],
        [[12] * 3, [10, 10, 0]],
        [[14]],
    ]
    assert [part["attention_mask"].sum().item() for part in parts] == [12, 5, 1]
    wide = split_batch(padded([4, 2, 2]), 8)  # half as long goes along, less does not
    assert [tuple(part["labels"].shape) for part in wide] == [(2, 4), (1, 2)]


def test_a_page_among_short_rows_does_not_make_them_as_wide_as_itself() -> None:
    parts = split_batch(padded([1000, 40, 40, 40, 40, 40, 40, 40]), 2048)
    assert [tuple(part["input_ids"].shape) for part in parts] == [(1, 1000), (7, 40)]

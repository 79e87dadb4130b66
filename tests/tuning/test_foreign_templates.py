"""Students of other families: their marks, no role for a system prompt, no padding token, one token for both ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tuning.conftest import SYSTEM, row
from tests.tuning.test_control_tokens import toy
from tuning.dataset import IGNORED, Row, encode, to_dataset, turn_end
from tuning.model import tokenizer_of

GEMMA = (
    "{{ '<bos>' }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + m['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
MISTRAL = (
    "{{ '<s>' }}{% set system = messages[0]['content'] + '\n\n' if messages[0]['role'] == 'system' else '' %}"
    "{% for m in messages if m['role'] != 'system' %}{% if m['role'] == 'user' %}"
    "{{ '[INST] ' + (system if loop.first else '') + m['content'] + ' [/INST]' }}"
    "{% else %}{{ ' ' + m['content'] + '</s>' }}{% endif %}{% endfor %}"
)
FAMILIES = {
    "gemma": (
        GEMMA,
        ["<end_of_turn>", "<start_of_turn>", "<bos>"],
        f"<bos><start_of_turn>user\n{SYSTEM}\n\nWho?<end_of_turn>\n<start_of_turn>model\n",
        "Wenna.<end_of_turn>",
    ),
    "mistral": (MISTRAL, ["</s>", "<s>", "[INST]", "[/INST]"], f"<s>[INST] {SYSTEM}\n\nWho? [/INST]", " Wenna.</s>"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_prompt_is_the_familys_own_and_the_answer_with_its_end_is_under_loss(family: str) -> None:
    template, tokens, prompt, answer = FAMILIES[family]
    tokenizer = toy(template, tokens)
    (one,) = encode([Row.model_validate(row("r", "Who?", "Wenna."))], tokenizer, 512).rows
    parts: dict[bool, list[int]] = {True: [], False: []}
    for token, label in zip(one.input_ids, one.labels, strict=True):
        parts[label != IGNORED].append(token)
    assert (tokenizer.decode(parts[False]), tokenizer.decode(parts[True])) == (prompt, answer)
    assert turn_end(tokenizer) == tokens[0]
    assert sum(token == tokenizer.convert_tokens_to_ids(tokens[0]) for token in parts[True]) == 1


def test_a_tokenizer_without_a_padding_token_pads_with_its_end(student_folder: Path, tmp_path: Path) -> None:
    tokenizer = tokenizer_of(student_folder)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    assert tokenizer_of(tmp_path).pad_token == "<|end|>"


def test_the_end_of_an_answer_is_learned_where_it_is_the_padding_too(tokenizer: Any) -> None:
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    rows = encode(
        [Row.model_validate(row("a", "Who?", said)) for said in ("Wenna.", "Orla Dunn keeps it.")], tokenizer, 99
    )
    end = tokenizer.convert_tokens_to_ids("<|end|>")
    batch = DataCollatorForLanguageModeling(pad_token_id=end)(list(to_dataset(rows.rows)))
    for labels, ids, one in zip(batch["labels"].tolist(), batch["input_ids"].tolist(), rows.rows, strict=True):
        assert [label for label in labels if label != IGNORED] == [label for label in one.labels if label != IGNORED]
        assert labels[len(one.labels) - 1] == end
        assert set(labels[len(one.labels) :]) <= {IGNORED}
        assert set(ids[len(one.labels) :]) <= {end}

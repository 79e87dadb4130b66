"""Templates that know no system role, and tokenizers of another model than the weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.records import Message
from bench.speed.random_student import TEMPLATE
from tuning.chat_template import check_vocabulary
from tuning.dataset import render_chat
from tuning.model import Student

REFUSES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + TEMPLATE
PASSES_OVER = TEMPLATE.replace(
    "{% for message in messages %}", "{% for message in messages if message['role'] != 'system' %}"
)
ROW: list[Message] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Who?"},
    {"role": "assistant", "content": "Wenna."},
]


@pytest.mark.parametrize("template", [REFUSES, PASSES_OVER], ids=["refuses", "passes-over"])
def test_what_the_system_says_stands_before_the_question_where_the_template_has_no_such_role(
    template: str, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", template)
    written = render_chat(tokenizer, ROW)
    assert written.startswith("<|start|>user\nBe brief.\n\nWho?<|end|>")
    assert written.startswith(render_chat(tokenizer, ROW[:-1], generation_prompt=True))


def test_a_template_with_a_system_role_is_left_alone(tokenizer: Any) -> None:
    assert render_chat(tokenizer, ROW).startswith("<|start|>system\nBe brief.<|end|>")


def test_a_template_that_refuses_everything_is_one_message(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", "{{ raise_exception('tools only') }}")
    with pytest.raises(InputError, match="refuses system then user then assistant: tools only"):
        render_chat(tokenizer, ROW)


def test_a_token_that_the_weights_have_no_vector_for_is_named(untuned: Any, tokenizer: Any) -> None:
    size = untuned.get_input_embeddings().weight.shape[0]
    check_vocabulary([[0, size - 1]], untuned, tokenizer)
    with pytest.raises(InputError, match=f"makes token {size} .* knows {size} tokens only"):
        check_vocabulary([[0, size]], untuned, tokenizer)


def test_a_torn_adapter_is_one_message(student_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuning.model._check_adapter", lambda adapter, base: None)
    settings = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 4, "target_modules": ["q_proj"]}
    (tmp_path / "adapter_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "adapter_model.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{")
    with pytest.raises(InputError, match="cannot be read, or does not fit its base"):
        Student.load(str(student_folder), tmp_path)


def test_a_base_without_a_tokenizer_is_one_message(student_folder: Path, tmp_path: Path) -> None:
    for file in student_folder.iterdir():
        if not file.name.startswith(("tokenizer", "special", "chat_template")):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(InputError, match="cannot be read"):
        Student.load(str(tmp_path))

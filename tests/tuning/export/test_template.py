"""The exported template and the Modelfile write what training wrote, with and without a system role."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agents.records import SYSTEM_PROMPT, to_messages
from bench.speed.random_student import TEMPLATE
from tests.tuning.test_chat_template import PASSES_OVER, REFUSES
from tests.tuning.test_foreign_templates import GEMMA, MISTRAL
from tuning.dataset import render_chat
from tuning.export.template import exported_template, modelfile

TEMPLATES = {
    "system role": TEMPLATE,
    "refuses": REFUSES,
    "passes over": PASSES_OVER,
    "gemma": GEMMA,
    "mistral": MISTRAL,
}
QUESTION, ANSWER = "Who keeps the lamp?", "Wenna {{ Tolley }}."


@pytest.fixture(params=TEMPLATES.values(), ids=list(TEMPLATES))
def student(request: pytest.FixtureRequest, tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(tokenizer, "chat_template", request.param)
    return tokenizer


def filled(template: str, said: list[dict[str, str]]) -> str:
    """A conversation in a chat template as it is, by the rules of transformers alone."""
    from transformers import PreTrainedTokenizerFast
    from transformers.utils.chat_template_utils import render_jinja_template

    assert PreTrainedTokenizerFast
    written, _ = render_jinja_template([said], chat_template=template, add_generation_prompt=True)
    return written[0]


def test_a_conversation_without_a_system_prompt_gets_the_trained_one(student: Any) -> None:
    template = exported_template(student, SYSTEM_PROMPT)
    trained = render_chat(student, to_messages(QUESTION, "")[:-1], generation_prompt=True)
    assert filled(template, [{"role": "user", "content": QUESTION}]) == trained


def test_a_conversation_with_one_keeps_its_own(student: Any) -> None:
    said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]
    assert filled(exported_template(student, SYSTEM_PROMPT), said) == render_chat(student, said, True)


def test_a_second_question_stands_as_the_base_writes_it(student: Any) -> None:
    said = [*to_messages(QUESTION, ANSWER), {"role": "user", "content": "Since when?"}]
    assert filled(exported_template(student, SYSTEM_PROMPT), said) == render_chat(student, said, True)


def test_the_modelfile_writes_a_conversation_as_training_did(student: Any) -> None:
    text = modelfile(student, SYSTEM_PROMPT, "toy", "toy.gguf", 99)
    template = re.search(r'TEMPLATE """(.*?)"""', text, re.S)
    assert template
    whole = template[1]
    for name, value in {"System": SYSTEM_PROMPT, "Prompt": QUESTION, "Response": ANSWER}.items():
        whole = whole.replace(f"{{{{ if .{name} }}}}", "").replace(f"{{{{ .{name} }}}}", value)
    whole = whole.replace("{{ end }}", "")
    trained = to_messages(QUESTION, ANSWER)
    assert whole.startswith(render_chat(student, trained[:-1], generation_prompt=True) + ANSWER)
    written = render_chat(student, trained)
    assert "".join(whole.split()) == "".join(written.split())  # Mistral's answers bring their own space
    assert text.startswith("# ollama create toy -f Modelfile\nFROM ./toy.gguf\n")
    assert f'SYSTEM """{SYSTEM_PROMPT}"""' in text
    assert 'PARAMETER stop "<|end|>"' in text
    assert "PARAMETER num_predict 99" in text

"""A model written to GGUF predicts in llama.cpp what it predicts in transformers, for each family and form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from tests.tuning.conftest import row
from tuning.export.embedded import EmbeddedStudent
from tuning.export.gguf_file import write_gguf

SIZES = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "initializer_range": 0.2,
}
STRETCHED = {
    "rope_type": "llama3",
    "rope_theta": 1000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def family(name: str, tokenizer: Any, **settings: Any) -> Any:
    """A random model of the family, sharp enough for one token to be far ahead of the next."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(1)
    config = AutoConfig.for_model(name, vocab_size=len(tokenizer), **SIZES, **settings)
    model = AutoModelForCausalLM.from_config(config).eval()
    for parameter in model.parameters():  # biases and norms begin as 0 and 1, and would hide a mistake
        if parameter.dim() == 1:
            parameter.data += 0.3 * torch.randn_like(parameter)
    return model


FAMILIES = {
    "llama": {"model_type": "llama", "tie_word_embeddings": True},
    "llama-3.1": {"model_type": "llama", "tie_word_embeddings": False, "rope_parameters": STRETCHED},
    "mistral": {"model_type": "mistral"},
    "qwen2": {"model_type": "qwen2", "tie_word_embeddings": True},
    "qwen3": {"model_type": "qwen3", "head_dim": 32},
}


PROMPT = "Who keeps the lamp at Gull Point since June? " * 4


def predicted_by_both(model: Any, tokenizer: Any, path: Path, form: str) -> tuple[dict[int, float], dict[int, float]]:
    """The log-probabilities of the ten likeliest tokens after a prompt of 180 tokens, in transformers and llama.cpp."""
    import torch

    prompt = tokenizer(PROMPT)["input_ids"]
    write_gguf(model, tokenizer, tokenizer.chat_template, "toy", path, form)
    embedded = EmbeddedStudent(path, tokenizer, 512, threads=1)
    try:
        told = embedded._post("/completion", {"prompt": prompt, "n_predict": 1, "temperature": 0, "n_probs": 10})
    finally:
        embedded.close()
    there = {one["id"]: one["logprob"] for one in told["completion_probabilities"][0]["top_logprobs"]}
    with torch.inference_mode():
        here = model(torch.tensor([prompt])).logits[0, -1].log_softmax(-1)
    return {token: float(here[token]) for token in there}, there


@pytest.mark.parametrize("settings", FAMILIES.values(), ids=FAMILIES)
def test_both_predict_the_same(settings: dict[str, Any], tokenizer: Any, tmp_path: Path) -> None:
    model = family(settings["model_type"], tokenizer, **{k: v for k, v in settings.items() if k != "model_type"})
    here, there = predicted_by_both(model, tokenizer, tmp_path / "toy.gguf", "f16")
    assert here == pytest.approx(there, abs=0.05)
    assert max(there.values()) - min(there.values()) > 0.5  # sharp enough for a wrong matrix to show


def test_eight_bits_make_a_smaller_file_that_predicts_nearly_the_same(tokenizer: Any, tmp_path: Path) -> None:
    model = family("llama", tokenizer, tie_word_embeddings=True)
    here, there = predicted_by_both(model, tokenizer, tmp_path / "toy-8.gguf", "q8_0")
    assert here == pytest.approx(there, abs=0.3)
    write_gguf(model, tokenizer, tokenizer.chat_template, "toy", tmp_path / "toy-16.gguf", "f16")
    assert (tmp_path / "toy-8.gguf").stat().st_size < (tmp_path / "toy-16.gguf").stat().st_size - 50_000


def test_a_family_that_is_not_known_is_named(tokenizer: Any, tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    model = AutoModelForCausalLM.from_config(AutoConfig.for_model("gpt2", vocab_size=300, n_embd=24, n_layer=1))
    with pytest.raises(InputError, match="a gpt2 is not written to GGUF; known are llama, mistral"):
        write_gguf(model, tokenizer, "", "toy", tmp_path / "toy.gguf", "f16")


def test_positions_that_are_scaled_in_another_way_are_refused(tokenizer: Any, tmp_path: Path) -> None:
    rope = {"rope_type": "linear", "rope_theta": 1000.0, "factor": 2.0}
    model = family("llama", tokenizer, rope_parameters=rope)
    with pytest.raises(InputError, match="scaled as 'linear'"):
        write_gguf(model, tokenizer, tokenizer.chat_template, "toy", tmp_path / "toy.gguf", "f16")


def test_a_conversation_becomes_the_tokens_of_training_and_its_answer_streams(
    untuned: Any, tokenizer: Any, tmp_path: Path
) -> None:
    from tuning.export.proof import same_prompts

    write_gguf(untuned, tokenizer, tokenizer.chat_template, "toy", tmp_path / "toy.gguf", "f16")
    embedded = EmbeddedStudent(tmp_path / "toy.gguf", tokenizer, 512, threads=1)
    prompts = [row("r", text, "?")["messages"][:-1] for text in ("Who?", "naïve 漢字 <|end|>\n\n  12", "<|start|>")]
    heard: list[str] = []
    try:
        same_prompts(embedded, prompts, tokenizer)
        whole, streamed = embedded.generate(prompts[:1], 8)[0], embedded.stream(prompts[0], 8, heard.append)
        assert (streamed.text, streamed.finished) == (whole.text.rstrip("\ufffd"), whole.finished)
        assert (streamed.prompt_tokens, streamed.completion_tokens) == (whole.prompt_tokens, whole.completion_tokens)
        assert len(set(heard)) > 1
        assert heard[-1] == streamed.text
        with pytest.raises(InputError, match="llama.cpp does not answer"):
            embedded.generate([row("r", "long " * 400, "?")["messages"][:-1]], 8)
    finally:
        embedded.close()

"""The student at work: load the base with or without an adapter, and generate.

Greedy and batched. Rows are sorted by length, so that little is padded, and a row that has ended leaves the batch,
so that the last long answer does not carry seven finished ones along. Padding changes the sums in float32 in the
last bits: a text is nearly always, but not provably, the same in another batch.

Measured (SmolLM2-135M in float32, two cores, 32 prompts of 47 tokens, up to 40 new ones): 83, 122 and 187 tokens a
second in batches of 8, 16 and 32; `generate` of transformers 169 in a batch of 32, with the same 32 texts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.errors import InputError
from agents.records import Message
from tuning.attention import avoid_cudnn_attention
from tuning.base import Base, open_base, quiet_libraries
from tuning.chat_template import check_vocabulary
from tuning.dataset import render_chat, stop_tokens
from tuning.generation import ask_heads_by_groups, greedy
from tuning.limits import positions_of
from tuning.received import check_adapter, read_object, readable, whole

CARD = "adapter_card.json"
WEIGHTS = "adapter_model.safetensors"
FAST_BFLOAT16 = ("avx512_bf16", "amx_bf16")
"""Instructions of a CPU that multiply in bfloat16; without them it can be a hundred times slower than float32."""


@dataclass
class Generation:
    """What the student wrote.

    `finished` is False when the token limit cut it, `seconds` is its share of the batch's time.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    finished: bool


def load_tokenizer(base: Base) -> Any:
    """The tokenizer of the base, padding on the left."""
    return tokenizer_of(base.folder, base.name)


def tokenizer_of(folder: Path, name: str = "") -> Any:
    """The tokenizer in a folder, of a base or of an adapter, padding on the left; `name` is what an error calls it."""
    from transformers import AutoTokenizer

    with readable(name or str(folder), folder):
        tokenizer = AutoTokenizer.from_pretrained(str(folder), padding_side="left", trust_remote_code=False)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(base: Base, dtype: str = "", in_4bit: bool = False) -> Any:
    """The weights of the base on the GPU if there is one, in `dtype`; by default for answers, as `answering_type`.

    `in_4bit` holds them in NF4, doubly quantised, and multiplies in `dtype` (QLoRA, arXiv 2305.14314), on a GPU only.
    """
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    quiet_libraries()
    avoid_cudnn_attention()
    on_gpu = torch.cuda.is_available()
    chosen = getattr(torch, value_type(dtype) if dtype else answering_type())
    settings: dict[str, Any] = {"dtype": chosen, "use_safetensors": True, "trust_remote_code": False}
    if in_4bit:
        nf4 = {"bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True, "bnb_4bit_compute_dtype": chosen}
        settings |= {"quantization_config": BitsAndBytesConfig(load_in_4bit=True, **nf4), "device_map": {"": 0}}
    with readable(base.name, base.folder):
        model: Any = AutoModelForCausalLM.from_pretrained(str(base.folder), **settings)
        return model.to("cuda") if on_gpu and not in_4bit else model


def value_type(dtype: str) -> str:
    """Resolve `auto` for tuning: bfloat16 where the GPU, or without one the CPU, multiplies in it, else float32."""
    import torch

    if dtype != "auto":
        return dtype
    if torch.cuda.is_available():
        return answering_type()
    has = getattr(torch.cpu, "get_capabilities", dict)()
    return "bfloat16" if any(map(has.get, FAST_BFLOAT16)) else "float32"


def answering_type() -> str:
    """bfloat16 on a GPU that multiplies in it, float32 on a CPU and on a GPU before Ampere, which only emulates it."""
    import torch

    fast = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return "bfloat16" if fast else "float32"


@dataclass
class Student:
    """A model with its tokenizer, ready to answer."""

    model: Any
    tokenizer: Any

    @classmethod
    def load(cls, base: str, adapter: Path | None = None, dtype: str = "auto") -> Student:
        """Load the base, and merge the adapter into it: the same sums without seven small products a layer.

        It answers in `dtype` (auto: `answering_type`); on a CPU an adapter is merged before anything is rounded.

        Raises:
            InputError: the adapter is not there, or was tuned on another base.
            WeightsError: the weights of the base cannot be had.
            OutOfMemory: the memory does not do.

        """
        import torch

        opened = open_base(base)
        model = load_model(opened, "float32" if dtype == "float32" else "")
        if adapter is not None:
            _check_adapter(adapter, opened)
            from peft import PeftModel

            with whole(adapter):
                model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        if dtype != "auto":
            model = model.to(getattr(torch, dtype))
        return cls.ready(model, load_tokenizer(opened))

    @classmethod
    def ready(cls, model: Any, tokenizer: Any) -> Student:
        """A loaded model, to be asked and trained no further."""
        ask_heads_by_groups(model)
        return cls(model.eval(), tokenizer)

    @property
    def window(self) -> int:
        """As `positions_of`."""
        return positions_of(self.model)

    def tokens(self, text: str) -> int:
        """The tokens of a text."""
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int = 32) -> list[Generation]:
        """Answer each conversation (it ends with the user's turn) greedily, in the order given.

        Raises:
            InputError: the tokenizer is of another model, or its template refuses these messages.

        """
        ids = [
            self.tokenizer(render_chat(self.tokenizer, p, True), add_special_tokens=False)["input_ids"] for p in prompts
        ]
        check_vocabulary(ids, self.model, self.tokenizer)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        answers: dict[int, Generation] = {}
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            answers.update(zip(batch, self._answer([ids[i] for i in batch], max_new_tokens), strict=True))
        return [answers[i] for i in range(len(ids))]

    def stream(self, prompt: list[Message], max_new_tokens: int, heard: Callable[[str], None]) -> Generation:
        """Answer one conversation, and tell `heard` the text so far after every token; what it raises ends the answer.

        Raises what `generate` raises.
        """
        ids = self.tokenizer(render_chat(self.tokenizer, prompt, True), add_special_tokens=False)["input_ids"]
        check_vocabulary([ids], self.model, self.tokenizer)
        return self._answer([ids], max_new_tokens, lambda written: heard(self._text(written[0]).rstrip("\ufffd")))[0]

    def _text(self, tokens: list[int]) -> str:
        return self.tokenizer.decode(tokens, skip_special_tokens=True).strip()

    def _answer(
        self, prompts: list[list[int]], limit: int, on_token: Callable[[list[list[int]]], None] = lambda _: None
    ) -> list[Generation]:
        started = time.perf_counter()
        stops = stop_tokens(self.tokenizer)
        written = greedy(self.model, prompts, limit, stops, self.tokenizer.pad_token_id, on_token)
        seconds = (time.perf_counter() - started) / len(prompts)
        return [
            Generation(
                self._text(tokens),
                len(prompt),
                len(tokens),
                seconds,
                finished=bool(tokens) and tokens[-1] in stops,
            )
            for prompt, tokens in zip(prompts, written, strict=True)
        ]


def take_up(model: Any, adapter: Path, base: Base) -> None:
    """Put the weights of `adapter` into the fresh LoRA of `model`, so that its training goes on from there.

    Raises:
        InputError: there is no adapter, or it is of another base or rank.

    """
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    _check_adapter(adapter, base)
    with whole(adapter):
        found = set_peft_model_state_dict(model, load_file(adapter / WEIGHTS))
    if found.unexpected_keys:
        raise InputError(f"{adapter} has other layers than this model", "tune again")


def _check_adapter(adapter: Path, base: Base) -> None:
    card = adapter / CARD
    if not card.is_file() or not (adapter / WEIGHTS).is_file():
        raise InputError(f"{adapter} holds no adapter", "run `ragtuned tune` first")
    check_adapter(adapter)
    tuned_on = read_object(card, "run `ragtuned tune` again").get("base")
    if (
        not isinstance(tuned_on, dict)
        or not {"name", "sha256"} <= tuned_on.keys()
        or not all(isinstance(value, str) for value in tuned_on.values())
    ):
        raise InputError(
            f"{card} does not name the base as an object with name and sha256: {str(tuned_on)[:80]}",
            "run `ragtuned tune` again",
        )
    if tuned_on["sha256"] != base.sha256:
        raise InputError(
            f"{adapter} was tuned on {tuned_on['name']} ({tuned_on['sha256'][:12]}…), not on {base.name}",
            "tune again, or name that base",
        )

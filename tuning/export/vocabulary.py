"""A tokenizer as GGUF holds it: tokens, their types, merges, and the name of the rule that parts a text into words.

Byte-level BPE only. llama.cpp knows the rules that part a text (the pre-tokenizer) by name, so the tokenizer's own rule
is looked up among those that are the same here and there; a wrong name gives other tokens and a model that stammers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agents.errors import InputError

_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {
    rf"{_CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{_REST}": "qwen2",
    rf"{_CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{_REST}": "llama-bpe",
}
"""Regular expressions of a pre-tokenizer, and llama.cpp's names for them."""
NORMALISERS = ("NFC",)
"""What a tokenizer may do to a text before it parts it; llama.cpp does nothing, and text of today is in NFC already."""
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
"""The types of a token in GGUF."""

NO_MERGE = "Ā Ā"
"""Of a tokenizer of single bytes: llama.cpp wants a merge, and of two zero bytes it finds no token and takes both."""


@dataclass(frozen=True)
class Vocabulary:
    """What GGUF says of a tokenizer; `tokens` and `types` have one entry for each row of the embedding."""

    pre: str
    tokens: list[str]
    types: list[int]
    merges: list[str]


def vocabulary(tokenizer: Any, rows: int) -> Vocabulary:
    """The vocabulary of a byte-level BPE tokenizer whose model has `rows` vectors.

    Raises:
        InputError: a tokenizer of another kind, or with a rule that llama.cpp does not have.

    """
    if not tokenizer.is_fast:
        raise _no_way(tokenizer, "it is none of the tokenizers library")
    told = json.loads(tokenizer.backend_tokenizer.to_str())
    if told["model"]["type"] != "BPE" or not _byte_level(told["decoder"]):
        raise _no_way(tokenizer, f"it is {told['model']['type']}, not byte-level BPE")
    added = tokenizer.added_tokens_decoder
    by_id = {number: token for token, number in tokenizer.get_vocab().items()}
    tokens, types = [], []
    for number in range(rows):
        tokens.append(by_id.get(number, f"[PAD{number}]"))
        if number in added:
            types.append(CONTROL if added[number].special else USER_DEFINED)
        else:
            types.append(NORMAL if number in by_id else UNUSED)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in told["model"]["merges"]]
    return Vocabulary(_pre_tokenizer(tokenizer, told), tokens, types, merges or [NO_MERGE])


def _pre_tokenizer(tokenizer: Any, told: dict[str, Any]) -> str:
    """The name by which llama.cpp knows how the tokenizer parts a text."""
    others = [kind for part in _steps(told["normalizer"]) if (kind := part["type"]) not in NORMALISERS]
    if others:
        raise _no_way(tokenizer, f"it changes texts first ({', '.join(others)})")
    match _steps(told["pre_tokenizer"]):
        case [{"type": "ByteLevel", "use_regex": True, "add_prefix_space": False}]:
            return "gpt-2"
        case [
            {"type": "Digits", "individual_digits": True},
            {"type": "ByteLevel", "use_regex": True, "add_prefix_space": False},
        ]:
            return "smollm"
        case [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated"},
            {"type": "ByteLevel", "use_regex": False, "add_prefix_space": False},
        ] if pattern in PATTERNS:
            return PATTERNS[pattern]
    raise _no_way(tokenizer, f"it parts texts in a way of its own: {json.dumps(told['pre_tokenizer'])[:200]}")


def _steps(part: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The steps of a normaliser or pre-tokenizer, those of a sequence one by one."""
    if part is None:
        return []
    inner = part.get("pretokenizers", part.get("normalizers"))
    return [part] if inner is None else [step for one in inner for step in _steps(one)]


def _byte_level(decoder: dict[str, Any] | None) -> bool:
    return bool(decoder) and any(part["type"] == "ByteLevel" for part in decoder.get("decoders", [decoder]))


def _no_way(tokenizer: Any, why: str) -> InputError:
    return InputError(
        f"the tokenizer of {tokenizer.name_or_path} is not written to GGUF: {why}",
        "export it with --model merged, and convert that with llama.cpp's own script",
    )

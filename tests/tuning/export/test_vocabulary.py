"""How a tokenizer parts a text decides its name in llama.cpp; one that llama.cpp does not have is refused."""

from __future__ import annotations

from typing import Any

import pytest

from agents.errors import InputError
from tests.tuning.test_control_tokens import of_student
from tuning.export.vocabulary import CONTROL, NORMAL, PATTERNS, UNUSED, USER_DEFINED, vocabulary


def parted_by(pre: Any, normaliser: Any = None, model: Any = None) -> Any:
    """A byte tokenizer of two merges with this pre-tokenizer."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = {letter: n for n, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    made = Tokenizer(model or models.BPE({**letters, "he": 256, "Ġt": 257}, [("h", "e"), ("Ġ", "t")]))
    made.pre_tokenizer, made.decoder = pre, decoders.ByteLevel()
    if normaliser:
        made.normalizer = normaliser
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>", pad_token="<end>")
    tokenizer.add_tokens(["<tool>"])
    return tokenizer


def split(pattern: str) -> Any:
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def plain() -> Any:
    from tokenizers import pre_tokenizers

    return pre_tokenizers.ByteLevel(add_prefix_space=False)


def digits() -> Any:
    from tokenizers import pre_tokenizers

    return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), plain()])


RULES = {"gpt-2": plain, "smollm": digits, **{name: lambda p=p: split(p) for p, name in PATTERNS.items()}}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_the_name_that_llama_cpp_gives_it(name: str) -> None:
    assert vocabulary(parted_by(RULES[name]()), 260).pre == name


def test_every_vector_has_a_token_and_a_type() -> None:
    found = vocabulary(parted_by(plain()), 262)
    assert found.tokens[256:] == ["he", "Ġt", "<end>", "<tool>", "[PAD260]", "[PAD261]"]
    assert found.types[255:] == [NORMAL, NORMAL, NORMAL, CONTROL, USER_DEFINED, UNUSED, UNUSED]
    assert found.merges == ["h e", "Ġ t"]


def refused() -> dict[str, tuple[Any, str]]:
    from tokenizers import models, normalizers

    return {
        "another pattern": (parted_by(split(r"\s+")), "in a way of its own"),
        "small letters": (parted_by(plain(), normalizers.Lowercase()), r"changes texts first \(Lowercase\)"),
        "words": (parted_by(plain(), model=models.WordLevel({"a": 0}, "a")), "it is WordLevel"),
    }


@pytest.mark.parametrize("case", ["another pattern", "small letters", "words"])
def test_a_tokenizer_that_would_read_otherwise_in_llama_cpp_is_refused(case: str) -> None:
    tokenizer, why = refused()[case]
    with pytest.raises(InputError, match=why):
        vocabulary(tokenizer, 260)


def test_smollm2_as_it_is_tuned_parts_texts_as_gpt_2_does() -> None:
    assert vocabulary(of_student("smollm2-135m-instruct"), 49152).pre == "gpt-2"

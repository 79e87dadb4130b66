"""What a base's tokenizer and chat template can do, whoever made them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

from agents.errors import InputError
from agents.records import Message
from agents.text.printable import printable


def rendered(tokenizer: Any, said: list[Message], generation_prompt: bool) -> str:
    """As the template writes it; what the system says stands before the question where it knows no such role."""
    from jinja2 import TemplateError

    def written(messages: list[Message]) -> str:
        return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generation_prompt)

    if len(said) < 2 or (said[0]["role"], said[1]["role"]) != ("system", "user"):
        return written(said)
    system, question, *rest = said
    with contextlib.suppress(TemplateError):  # Gemma's refuses the role; others pass over it in silence
        if system["content"].strip() in (text := written(said)):
            return text
    return written([{"role": "user", "content": f"{system['content']}\n\n{question['content']}"}, *rest])


def check_vocabulary(rows: Iterable[Sequence[int]], model: Any, tokenizer: Any) -> None:
    """Whether the model has a vector for every token of `rows` (ids).

    Raises:
        InputError: a tokenizer of another model, or one with tokens that were added and never trained.

    """
    size = model.get_input_embeddings().weight.shape[0]
    highest = max((max(row) for row in rows if row), default=0)
    if highest >= size:
        token = printable(str(tokenizer.convert_ids_to_tokens(highest)))
        raise InputError(
            f"{tokenizer.name_or_path}: its tokenizer makes token {highest} ({token}) of the rows, and its model knows "
            f"{size} tokens only",
            "tokenizer and weights are not of one model: take another [tuning] base",
        )

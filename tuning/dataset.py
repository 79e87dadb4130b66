"""From train.jsonl to tokens: what is read, what is under loss, and what is too long.

The label mask is made here and nowhere else. Both backends get these token ids and labels, so they train on the same
tokens by construction. A row is split as in use: the prompt up to the generation prompt is tokenised by itself, the
answer with its end of turn by itself, because that is what the model sees and writes when it answers.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from agents.errors import InputError
from agents.files import read_jsonl
from agents.records import Kind, Message
from agents.text.control_tokens import OPENS, as_text, breaker, broken
from agents.text.printable import printable
from tuning.chat_template import rendered

IGNORED = -100
"""The label that PyTorch's cross entropy leaves out (its `ignore_index`)."""
ROLES = ("system", "user", "assistant")
_PROBE = "PROBE-ANSWER"


class Row(BaseModel):
    """One line of train.jsonl: a conversation that ends with the assistant; other keys are metadata."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    kind: Kind
    messages: list[Message]

    @field_validator("messages")
    @classmethod
    def _ends_with_an_answer(cls, messages: list[Message]) -> list[Message]:
        roles = [message.get("role") for message in messages]
        if roles[-2:] != ["user", "assistant"]:
            raise ValueError(f"the roles are {roles}; a row ends with user, assistant")
        if not all(message.get("content", "").strip() for message in messages):
            raise ValueError("a message without content teaches nothing")
        return messages


@dataclass(frozen=True)
class Tokens:
    """One row as numbers; `labels[i]` is `input_ids[i]` in the answer and `IGNORED` in the prompt."""

    id: str
    input_ids: list[int]
    labels: list[int]

    @property
    def answer_tokens(self) -> int:
        """Tokens under loss."""
        return sum(label != IGNORED for label in self.labels)


@dataclass(frozen=True)
class Encoded:
    """The rows that fit, and the ids and lengths (tokens) of those that do not."""

    rows: list[Tokens]
    too_long: list[tuple[str, int]]

    @property
    def tokens(self) -> int:
        """Tokens of one pass over the rows."""
        return sum(len(row.input_ids) for row in self.rows)

    @property
    def answer_tokens(self) -> int:
        """Tokens under loss in one pass."""
        return sum(row.answer_tokens for row in self.rows)

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return max((len(row.input_ids) for row in self.rows), default=0)

    def widest(self, rows: int) -> tuple[int, int]:
        """Tokens of the `rows` longest rows together, and of the `rows` longest answers: more than any update has."""
        lengths = sorted((len(row.input_ids) for row in self.rows), reverse=True)
        answers = sorted((row.answer_tokens for row in self.rows), reverse=True)
        return sum(lengths[:rows]), sum(answers[:rows])


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a training file.

    Raises:
        InputError: no file, no row in it, or a line that is not a row (file and line are named).

    """
    rows = read_jsonl(path, Row)
    if not rows:
        raise InputError(f"{path} holds no rows", "run `ragtuned synthesize` until it keeps some")
    return rows


def data_hash(paths: Iterable[Path]) -> str:
    """SHA-256 over the bytes of the files, in the order given; a file that is not there counts as empty."""
    digest = hashlib.sha256()
    for path in paths:
        data = path.read_bytes() if path.is_file() else b""
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


def turn_end(tokenizer: Any) -> str:
    """The text that the chat template writes after an answer, such as `<|im_end|>`; the tokenizer's own end if none."""
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _PROBE}]
    return render_chat(tokenizer, messages).rpartition(_PROBE)[2].strip() or tokenizer.eos_token


def stop_tokens(tokenizer: Any) -> set[int]:
    """The tokens that end an answer: the end of turn of the chat template, and of the tokenizer."""
    end = tokenizer(turn_end(tokenizer), add_special_tokens=False)["input_ids"]
    return {end[0], tokenizer.eos_token_id}


def render_chat(tokenizer: Any, messages: Sequence[Message], generation_prompt: bool = False) -> str:
    """The conversation as the chat template writes it; no control token in it but the template's.

    Raises:
        InputError: the student has no template, or it refuses these messages.

    """
    if not tokenizer.chat_template:
        raise InputError(
            f"{tokenizer.name_or_path} has no chat template", "take an instruction-tuned model as [tuning] base"
        )
    said = [
        {key: value if value in ROLES else plain_text(value, tokenizer) for key, value in message.items()}
        for message in messages
    ]
    try:
        return rendered(tokenizer, said, generation_prompt)
    except Exception as error:  # jinja2's, and whatever a template of a stranger's comes to
        raise InputError(
            f"the chat template of {tokenizer.name_or_path} refuses {' then '.join(m['role'] for m in said)}: "
            f"{printable(str(error))[:200]}",
            "take another [tuning] base",
        ) from error


def plain_text(text: str, tokenizer: Any) -> str:
    """`text` of which `tokenizer` makes no control token: its own and those of any known template are broken.

    What a normaliser of the tokenizer puts together (full-width letters, other capitals) shows in the ids, and is
    broken there.
    """
    pattern, ids = _control_tokens(tokenizer, len(tokenizer))
    text = pattern.sub(broken, as_text(text))
    keep = 1  # characters before the space; a token that a space does not break is taken out
    while spans := _spans_of(ids, text, tokenizer):
        for start, end in reversed(spans):
            text = f"{text[: start + keep]} {text[start + keep if keep else end :]}"
        keep = 0
    return text


@lru_cache(4)
def _control_tokens(tokenizer: Any, _size: int) -> tuple[re.Pattern[str], frozenset[int]]:
    """The control tokens of a tokenizer as a pattern and by id.

    The special ones, and added ones that look like a template's.

    Not the one for unknown letters: a text earns it by letters that the vocabulary lacks.
    """
    added = tokenizer.added_tokens_decoder
    found = {str(token): number for number, token in added.items() if token.special or OPENS.search(str(token))}
    found |= {token: tokenizer.convert_tokens_to_ids(token) for token in tokenizer.all_special_tokens}
    found = {token: number for token, number in found.items() if token.strip()}
    return breaker(list(found)), frozenset(found.values()) - {tokenizer.unk_token_id}


def _spans_of(ids: Collection[int], text: str, tokenizer: Any) -> list[tuple[int, int]]:
    """(start, end) of each token of `text` that is one of `ids`; none for a tokenizer that tells no offsets."""
    if not tokenizer.is_fast:
        return []
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return [
        span
        for token, span in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
        if token in ids and span[1] - span[0] > 1
    ]


def encode(rows: Sequence[Row], tokenizer: Any, max_length: int) -> Encoded:
    """Tokenise the rows; those of more than `max_length` tokens are left out whole and named."""
    end = turn_end(tokenizer)
    encoded = [_encode(row, tokenizer, end) for row in rows]
    fits = [row for row in encoded if len(row.input_ids) <= max_length]
    too_long = [(row.id, len(row.input_ids)) for row in encoded if len(row.input_ids) > max_length]
    return Encoded(fits, too_long)


def _encode(row: Row, tokenizer: Any, end: str) -> Tokens:
    prompt = render_chat(tokenizer, row.messages[:-1], generation_prompt=True)
    whole = render_chat(tokenizer, row.messages)
    if not whole.startswith(prompt):
        raise InputError(
            f"row {row.id}: the chat template writes the prompt differently once it is answered",
            "take another [tuning] base",
        )
    answer, mark, _ = whole[len(prompt) :].rpartition(end)
    prompt_ids, answer_ids = (
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in (prompt, answer + end if mark else whole[len(prompt) :] + end)
    )
    return Tokens(row.id, prompt_ids + answer_ids, [IGNORED] * len(prompt_ids) + answer_ids)


def within(encoded: Encoded, most: int, seed: int, kept: Collection[str] = ()) -> Encoded:
    """The rows that fit into `most` tokens a pass, drawn by `seed`, in their old order.

    The ids in `kept` come first.
    """
    drawn = list(encoded.rows)
    random.Random(f"tokens {seed}").shuffle(drawn)
    chosen: set[str] = set()
    left = most
    for row in sorted(drawn, key=lambda row: row.id not in kept):
        if len(row.input_ids) <= left:
            chosen.add(row.id)
            left -= len(row.input_ids)
    return Encoded([row for row in encoded.rows if row.id in chosen], encoded.too_long)


def to_dataset(rows: Sequence[Tokens]) -> Any:
    """A `datasets.Dataset` in memory with the columns input_ids and labels, which TRL and Unsloth take as they are."""
    from datasets import Dataset

    return Dataset.from_dict({"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]})


def split_batch(batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """A padded batch in parts of at most `most` tokens, padding included; a single row may have more.

    `batch` has input_ids, attention_mask and labels of shape (batch, seq), padded on the right. A batch within the
    bound comes back as it is; of a larger one rows of like length come together, and each part is as wide as its
    longest row.
    """
    rows, width = batch["input_ids"].shape
    if rows * width <= most:
        return [batch]
    lengths = batch["attention_mask"].sum(-1).tolist()
    parts: list[list[int]] = []
    for row in sorted(range(rows), key=lambda row: -lengths[row]):
        wide = lengths[parts[-1][0]] if parts else 0  # longest first: the first row of a part is its width
        fits = parts and (len(parts[-1]) + 1) * wide <= most
        if fits and 2 * lengths[row] >= wide:  # no sentence is padded to a page
            parts[-1].append(row)
        else:
            parts.append([row])
    return [{name: values[part, : lengths[part[0]]] for name, values in batch.items()} for part in parts]

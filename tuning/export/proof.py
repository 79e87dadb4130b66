"""Whether an export answers as the adapter does: the same prompts token by token, and the same greedy answers.

In 16 bit an answer may part from the adapter's where two tokens are nearly as likely; such differences are listed. What
is never right is another prompt, an answer that does not end where the adapter's does, or none that is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agents.errors import UnlikeExport
from agents.records import Message
from tuning.dataset import render_chat
from tuning.model import Generation

FEW = 5
"""Answers of which all may differ by chance of a quantisation; of more, all differ only if something is broken."""

ENDLESS = 1024
"""Tokens within which an answer must end."""


class Asked(Protocol):
    """Who can be asked: the export in llama.cpp, or in transformers."""

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int) -> list[Generation]:
        """Answer each conversation, in order."""
        ...


@dataclass(frozen=True)
class Pair:
    """A question with what both say; `*_ended` is False where the limit cut it."""

    question: str
    adapter: str
    export: str
    adapter_ended: bool
    export_ended: bool

    @property
    def same(self) -> bool:
        """Letter by letter, but for half a letter where the limit cut it."""
        whole = [text.rstrip("\ufffd") for text in (self.adapter, self.export)]
        return whole[0] == whole[1] and self.adapter_ended == self.export_ended


@dataclass(frozen=True)
class Proof:
    """Every question, and what both said."""

    pairs: list[Pair]

    @property
    def asked(self) -> int:
        """Questions."""
        return len(self.pairs)

    @property
    def same(self) -> int:
        """Questions that are answered alike."""
        return sum(pair.same for pair in self.pairs)

    @property
    def differences(self) -> list[Pair]:
        """Those that are not."""
        return [pair for pair in self.pairs if not pair.same]


def same_prompts(export: Any, prompts: Sequence[list[Message]], tokenizer: Any) -> None:
    """Whether llama.cpp makes the tokens of each prompt that the student was trained with.

    Raises:
        UnlikeExport: it makes others; the first is shown.

    """
    for prompt in prompts:
        wanted = tokenizer(render_chat(tokenizer, prompt, True), add_special_tokens=False)["input_ids"]
        made = export.prompt_tokens(prompt)
        if made != wanted:
            at = next((n for n, pair in enumerate(zip(made, wanted, strict=False)) if pair[0] != pair[1]), len(wanted))
            raise UnlikeExport(
                f"the export reads {prompt[-1]['content'][:80]!r} as other tokens than the student was tuned with: "
                f"from token {at} on {made[at : at + 8]} for {wanted[at : at + 8]}",
                "export it with --model merged; this tokenizer or template is not the same in llama.cpp",
            )


def compare(prompts: Sequence[list[Message]], adapter: Sequence[Generation], export: Sequence[Generation]) -> Proof:
    """The answers of both to the prompts, side by side."""
    return Proof(
        [
            Pair(prompt[-1]["content"], mine.text, other.text, mine.finished, other.finished)
            for prompt, mine, other in zip(prompts, adapter, export, strict=True)
        ]
    )


def seen_to_the_end(
    prompts: Sequence[list[Message]], adapter: Sequence[Generation], export: Sequence[Generation], asked: Asked
) -> list[Generation]:
    """The answers of the export; of those that the limit cut where the adapter's ended, whether they ever end.

    A longer answer is no endless one: they are asked for again with room for `ENDLESS` tokens.
    """
    cut = [n for n, (mine, other) in enumerate(zip(adapter, export, strict=True)) if mine.finished > other.finished]
    again = asked.generate([prompts[n] for n in cut], ENDLESS) if cut else []
    whole = dict(zip(cut, again, strict=True))
    return [whole.get(n, answer) for n, answer in enumerate(export)]


def check(proof: Proof) -> None:
    """Raise `UnlikeExport` if an answer of the export does not end where the adapter's does, or all answers differ."""
    do = "the files are kept aside; try another form (f16 is the nearest), or --model merged"
    endless = [one for one in proof.differences if one.adapter_ended and not one.export_ended]
    if endless:
        one = endless[0]
        raise UnlikeExport(
            f"{len(endless)} of {proof.asked} answers of the export do not end, such as {one.export[:60]!r} to "
            f"{one.question[:60]!r}; the adapter says {one.adapter[:60]!r}",
            do,
        )
    if not proof.same and proof.asked > FEW:
        one = proof.differences[0]
        raise UnlikeExport(
            f"none of {proof.asked} answers is the adapter's: {one.export[:60]!r} for {one.adapter[:60]!r}", do
        )

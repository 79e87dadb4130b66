"""What the student answers while it learns: the same held-out wordings again and again, from memory.

A loss that falls tells a person little; an answer that turns from nonsense to right can be watched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agents.records import split_answer
from agents.spread import spread
from tuning.dataset import IGNORED, Row, Tokens, stop_tokens

QUESTIONS = 2
"""Questions asked each time: a second or two on two cores."""
TIMES = 8
"""How often they are asked, evenly over the training and at its end."""
MOST_TOKENS = 24
"""Longest answer (tokens)."""


def ask_on_the_way(rows: Sequence[Row], encoded: Sequence[Tokens], tokenizer: Any, say: Callable[[str], None]) -> Any:
    """A callback for the trainer that asks the student as it stands some validation rows, and says what it answers.

    `encoded` are the validation rows as tokens. Without a short question among them nothing is asked.
    """
    from transformers import TrainerCallback

    questions = {row.id: row.messages[-2]["content"] for row in rows if row.kind in ("local", "multi_hop")}
    taught = {row.id: split_answer(row.messages[-1]["content"])[1] for row in rows}
    asked = spread([row for row in encoded if row.id in questions and row.answer_tokens <= MOST_TOKENS], QUESTIONS)
    stops = stop_tokens(tokenizer)

    class OnTheWay(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
            left, every = state.max_steps - state.global_step, max(1, state.max_steps // TIMES)
            if not asked or left % every or not state.is_world_process_zero:
                return
            say(f"after {state.global_step} of {state.max_steps} updates, from memory and in words that it never saw:")
            for row in asked:
                answer = tokenizer.decode(greedy(model, row, stops), skip_special_tokens=True)
                say(f"  {questions[row.id]} → {' '.join(answer.split())} (taught: {taught[row.id]})")

    return OnTheWay()


def greedy(model: Any, row: Tokens, stops: set[int]) -> list[int]:
    """The likeliest tokens behind a row's prompt, up to one of the stops, by whole forward passes.

    Every backend has those while it trains; a cache is not to be had beside gradient checkpointing.
    """
    import torch

    prompt = row.input_ids[: next(at for at, label in enumerate(row.labels) if label != IGNORED)]
    tokens = list(prompt)
    model.eval()
    with torch.no_grad():
        while len(tokens) < len(prompt) + MOST_TOKENS and tokens[-1] not in stops:
            logits = model(input_ids=torch.tensor([tokens], device=model.device), use_cache=False).logits
            tokens.append(int(logits[0, -1].argmax()))
    model.train()
    return tokens[len(prompt) :]

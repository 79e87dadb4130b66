"""The student taught by itself with the page before it: what it would say there is what it learns to say without.

Plain tuning makes a student worse at reading and lets it refuse what it could answer; distilled, it keeps both
(docs/tuning.md). The teacher is the base with the adapter off, asked with the row's context as retrieval asks. Its
probabilities at every token of the answer are kept once, before training, so that a pass over the rows costs what it
cost before. The loss is the forward KL divergence from teacher to student (prompt distillation, arXiv 2412.14964):

- a row with a context: KL to the reading teacher;
- replay: KL to the untuned student, asked the same;
- a refusal, and a row without a context or with one that is too long: cross entropy.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from agents.console import Console
from agents.errors import InputError
from agents.files import read_jsonl, write_bytes
from agents.reading import Context, reading_messages
from tuning.backends import Backend
from tuning.base import Base
from tuning.dataset import IGNORED, Row, Tokens, encode
from tuning.recipe import Recipe

CONTEXTS = "contexts.jsonl"
ROWS_AT_ONCE = 64
"""Most rows that the teacher answers together; those of one page stand behind one copy of it."""
BATCHES_A_FILE = 16
"""Batches of rows in one file of the teacher's answers: what a kill costs at most."""
NO_TEACHER = -1
"""In `where`: a token without a teacher."""
LEAST = 1e-6
"""The least probability taken for all words together that are not among the teacher's first ones."""


class Lesson(NamedTuple):
    """A row as it is trained, and the same answer to the prompt that the teacher gets; `page` is what it reads."""

    row: Tokens
    asked: Tokens
    page: str


@dataclass(frozen=True)
class Teacher:
    """The teacher's first words and their log-probabilities, both (tokens, k), and the rows that they are of.

    `begins` names the place of a row's first answer token by the row's token ids.
    """

    recipe: Recipe
    words: Any
    log_probs: Any
    begins: Mapping[tuple[int, ...], int]

    def locate(self, batch: Mapping[str, Any]) -> Any:
        """For each token of a padded batch (batch, seq) its place in the tables, or `NO_TEACHER`."""
        begins = [
            self.begins.get(tuple(ids[mask.bool()].tolist()), NO_TEACHER)
            for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
        ]
        return places(batch["labels"], begins)

    def loss(self, model: Any, inputs: Mapping[str, Any], items: Any = None) -> Any:
        """The loss of a forward pass: the sum over its tokens under loss by `items` (None: by their number)."""
        each = self.token_losses(*answer_logits(model, inputs))
        return each.sum() / (each.numel() if items is None else items)

    def token_losses(self, logits: Any, labels: Any, where: Any) -> Any:
        """The loss of each token (n,) from `logits` (n, vocabulary), `labels` and places in the tables (n,)."""
        from torch.nn.functional import cross_entropy

        plain = cross_entropy(logits, labels, reduction="none")
        held = where != NO_TEACHER
        at = where[held].cpu()
        words, log_probs = self.words[at].to(logits.device).long(), self.log_probs[at].to(logits.device)
        kl = divergence(logits[held], words, log_probs, self.recipe.distill_temperature)
        share = self.recipe.distill_share if self.recipe.loss == "mixed" else 1.0
        return plain.index_put((held,), share * kl + (1 - share) * plain[held])


def divergence(logits: Any, words: Any, log_probs: Any, temperature: float) -> Any:
    """KL(teacher ‖ student) of each token (n,), times the square of the temperature (Hinton et al. 2015, section 2).

    `logits` (n, vocabulary) are the student's, `words` and `log_probs` (n, k) the teacher's first ones at the
    temperature. All other words count as one.
    """
    said = (logits / temperature).log_softmax(-1).gather(-1, words)
    first = (log_probs.exp() * (log_probs - said)).sum(-1)
    rest, left = ((1 - each.exp().sum(-1)).clamp(min=LEAST) for each in (log_probs, said))
    return (first + rest * (rest.log() - left.log())) * temperature**2


def places(labels: Any, begins: Sequence[int]) -> Any:
    """Number the tokens under loss of each row from its place in `begins`; all others are `NO_TEACHER`.

    `labels` and what comes back have the shape (batch, seq).
    """
    import torch

    where = torch.full_like(labels, NO_TEACHER)
    for row, begin in enumerate(begins):
        answer = labels[row] != IGNORED
        if begin != NO_TEACHER:
            where[row, answer] = torch.arange(begin, begin + int(answer.sum()), device=labels.device)
    return where


def answer_logits(model: Any, inputs: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The logits (n, vocabulary) in float32, labels (n,) and places (n,) of the tokens under loss.

    `inputs` is a padded batch or a pass of `tuning.packed`, with `where` beside its labels. No labels go into the
    model: it computes no loss of its own then, and Unsloth keeps the logits.
    """
    given = {name: value for name, value in inputs.items() if name not in ("labels", "shift_labels", "where")}
    logits = model(**given, use_cache=False).logits
    if "shift_labels" in inputs:
        return logits[0].float(), inputs["shift_labels"][0], inputs["where"][0]
    labels, where = inputs["labels"][:, 1:], inputs["where"][:, 1:]
    taught = labels != IGNORED
    return logits[:, :-1][taught].float(), labels[taught], where[taught]


def read_lessons(
    recipe: Recipe, tokens: Sequence[Tokens], rows: Sequence[Row], contexts: Path, tokenizer: Any
) -> list[Lesson]:
    """The rows that have a teacher: those with a context that fits into `distill_tokens`, and replay; or none at all.

    `tokens` are the rows that are trained, `rows` the same (or more) as text, `contexts` the file contexts.jsonl.

    Raises:
        InputError: that file is missing, or no row has its context there.

    """
    if recipe.loss == "answers":
        return []
    do = 'run `ragtuned synthesize --fresh` (nothing is paid twice), or set loss = "answers"'
    if not contexts.is_file():
        raise InputError(f'[tuning] loss = "{recipe.loss}" reads {contexts}, which does not exist', do)
    passages = {context.id: context.passages for context in read_jsonl(contexts, Context)}
    texts = {row.id: row for row in rows}
    if not passages.keys() & texts.keys():
        raise InputError(f"{contexts} holds no context of these rows", do)
    lessons = (_lesson(row, texts[row.id], passages.get(row.id, []), tokenizer, recipe) for row in tokens)
    return [lesson for lesson in lessons if lesson]


def _lesson(row: Tokens, text: Row, passages: list[str], tokenizer: Any, recipe: Recipe) -> Lesson | None:
    if text.kind == "replay":
        return Lesson(row, row, "")
    question, answer = text.messages[-2]["content"], text.messages[-1]
    while passages and text.kind != "unanswerable":
        asked = text.model_copy(
            update={"messages": [*reading_messages(question, [text.strip() for text in passages[::-1]]), answer]}
        )
        for one in encode([asked], tokenizer, recipe.distill_tokens).rows:
            return Lesson(row, one, "\n".join(passages))
        passages = passages[:-1]  # the farthest from the proof
    return None


def ask_teacher(
    recipe: Recipe, backend: Backend, base: Base, model: Any, lessons: Sequence[Lesson], folder: Path, console: Console
) -> Teacher | None:
    """What the model with its adapter off says at each token of the answers; None without lessons.

    It is kept in `folder`, by base, lessons and settings: what is there is not asked again.
    """
    if not lessons:
        return None
    import torch
    from safetensors.torch import load, save

    batches, parts, folder = _batches(lessons), [], folder / _key(recipe, base, lessons)
    with console.stage("teacher", len(lessons)) as stage:
        for start in range(0, len(batches), BATCHES_A_FILE):
            some, file = batches[start : start + BATCHES_A_FILE], folder / f"{start // BATCHES_A_FILE:05}.safetensors"
            if not file.is_file():
                answered = [_answered(recipe, backend, model, batch) for batch in some]
                write_bytes(file, save({name: torch.cat([one[name] for one in answered]) for name in answered[0]}))
            parts.append(load(file.read_bytes()))
            stage.count("rows", sum(map(len, some)))
    begins: dict[tuple[int, ...], int] = {}
    at = 0
    for batch in batches:
        for lesson in batch:
            begins.setdefault(tuple(lesson.row.input_ids), at)
            at += lesson.asked.answer_tokens
    words, log_probs = (torch.cat([part[name] for part in parts]) for name in ("words", "log_probs"))
    return Teacher(recipe, words, log_probs, begins)


def _key(recipe: Recipe, base: Base, lessons: Sequence[Lesson]) -> str:
    """What decides the teacher's answers, as 16 hexadecimal digits."""
    settings = [base.sha256, recipe.dtype, recipe.distill_top_k, recipe.distill_temperature, len(lessons)]
    digest = hashlib.sha256(repr(settings).encode())
    for lesson in lessons:
        digest.update(repr((lesson.asked.input_ids, lesson.asked.answer_tokens, lesson.page)).encode())
    return digest.hexdigest()[:16]


def _batches(lessons: Sequence[Lesson]) -> list[list[Lesson]]:
    """Rows of one page together; those that are alone with theirs, and those without one, beside each other."""
    by_page: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        by_page[lesson.page].append(lesson)
    groups = [[lesson for some in by_page.values() if len(some) == 1 for lesson in some]]
    groups += [some for some in by_page.values() if len(some) > 1]
    return [part for group in groups for part in _parts(group)]


def _parts(group: list[Lesson]) -> Iterator[list[Lesson]]:
    return (group[start : start + ROWS_AT_ONCE] for start in range(0, len(group), ROWS_AT_ONCE))


def _answered(recipe: Recipe, backend: Backend, model: Any, batch: Sequence[Lesson]) -> dict[str, Any]:
    """The first words and their log-probabilities at each answer token of a batch, in its order."""
    import torch

    inputs = padded([lesson.asked for lesson in batch])
    begins = [sum(lesson.asked.answer_tokens for lesson in batch[:n]) for n in range(len(batch) + 1)]
    inputs["where"] = places(inputs["labels"], begins[:-1])
    most = min(recipe.distill_top_k, model.get_output_embeddings().weight.shape[0])
    words = torch.empty(begins[-1], most, dtype=torch.int32)
    log_probs = torch.empty(words.shape)
    model.eval()
    # no inference_mode: what a model keeps of a pass, such as rotary tables, could not be trained with afterwards
    with torch.no_grad(), model.disable_adapter():
        for one in backend.passes(model, inputs, recipe.tokens_a_pass):
            logits, _, where = answer_logits(model, {name: value.to(model.device) for name, value in one.items()})
            top = (logits / recipe.distill_temperature).log_softmax(-1).topk(most)
            words[where.cpu()], log_probs[where.cpu()] = top.indices.int().cpu(), top.values.cpu()
    return {"words": words, "log_probs": log_probs}


def padded(rows: Sequence[Tokens]) -> dict[str, Any]:
    """input_ids, attention_mask and labels of shape (batch, seq), padded on the right."""
    import torch

    width = max(len(row.input_ids) for row in rows)
    pad = [width - len(row.input_ids) for row in rows]
    return {
        "input_ids": torch.tensor([row.input_ids + [0] * n for row, n in zip(rows, pad, strict=True)]),
        "attention_mask": torch.tensor([[1] * (width - n) + [0] * n for n in pad]),
        "labels": torch.tensor([row.labels + [IGNORED] * n for row, n in zip(rows, pad, strict=True)]),
    }

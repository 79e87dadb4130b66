"""Who answers the questions: base, rag (the same untuned student with retrieval) and tuned, behind one protocol.

All of them get the same questions and the same limit of tokens, greedily decoded; rag is told to read where the others
are told to remember. base and rag share one model in memory; tuned is loaded after they are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from pydantic import Field, model_validator

from agents.config import Section
from agents.records import SYSTEM_PROMPT, Item, Message, split_answer
from agents.text.words import CHARACTERS_PER_TOKEN
from eval.rag import Passage, Retriever, rag_messages

CONTESTANTS = ("base", "rag", "tuned")


class EvalConfig(Section):
    """Section [eval]: how the contestants answer, the same for all."""

    top_k: int = Field(4, ge=1, le=100)
    """Passages that rag reads (count).

    Four hold all evidence of 32 of the 33 local gold questions of examples/demo (three 29, six 32).
    """
    chunk_characters: int = Field(1000, ge=100)
    """Length of a passage in characters (arXiv 2503.16071, VanillaRAG)."""
    overlap: int = Field(200, ge=0)
    """Characters that two passages share (arXiv 2503.16071, VanillaRAG)."""
    max_new_tokens: int = Field(96, ge=8)
    """Limit of an answer in tokens: about 70 words; the rules of gold read the first 40."""
    batch_tokens: int = Field(8192, ge=256)
    """Tokens of prompts and answers under way at once: some fifty questions alone, seven with passages.

    SmolLM2-135M on two cores writes 83, 122 and 187 tokens a second in batches of 8, 16 and 32 questions.
    """
    heldout_limit: int = Field(50, ge=0)
    """Held-out questions asked, spread evenly over the file; 0 asks all."""

    @model_validator(mode="after")
    def _overlap_is_less_than_a_chunk(self) -> EvalConfig:
        if self.overlap >= self.chunk_characters:
            raise ValueError(f"overlap = {self.overlap} must be less than chunk_characters = {self.chunk_characters}")
        return self


class Question(Item):
    """What a contestant is asked, and nothing more."""

    id: str
    text: str


class Answer(Item):
    """What a contestant said: `text` without its reasoning, `raw` as generated, `seconds` its share of the batch."""

    question: str
    contestant: str
    text: str
    raw: str
    finished: bool
    sources: list[Passage] = []
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class Generated(Protocol):
    """What a student returns for one prompt; `finished` is False if it ran into the limit."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    finished: bool


class Student(Protocol):
    """A model that completes conversations (`tuning.model.Student`, or a toy)."""

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int) -> Sequence[Any]:
        """One `Generated` a prompt, in order."""
        ...


class Contestant(Protocol):
    """Somebody who answers questions."""

    name: str

    def answer_all(self, questions: Sequence[Question], on_answer: Callable[[int], None] = ...) -> list[Answer]:
        """One answer a question, in order; `on_answer` hears how many more are done."""
        ...


def _silent(_count: int) -> None:
    """Nobody wants to hear of progress."""


class ClosedBook:
    """Answers from the weights alone: `base` without an adapter, `tuned` with one."""

    def __init__(self, name: str, student: Student, config: EvalConfig) -> None:
        self.name = name
        self._student = student
        self._config = config

    def answer_all(self, questions: Sequence[Question], on_answer: Callable[[int], None] = _silent) -> list[Answer]:
        """One answer a question, in order."""
        prompts = [
            [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": q.text}] for q in questions
        ]
        return _answer(self.name, self._student, self._config, questions, prompts, [[]] * len(questions), on_answer)


class Rag:
    """The untuned student with the nearest passages in front of the question."""

    name = "rag"

    def __init__(self, student: Student, retriever: Retriever, config: EvalConfig) -> None:
        self._student = student
        self._retriever = retriever
        self._config = config

    def answer_all(self, questions: Sequence[Question], on_answer: Callable[[int], None] = _silent) -> list[Answer]:
        """One answer a question, in order, with the passages it was given as sources."""
        sources = self._retriever.search([q.text for q in questions], self._config.top_k)
        prompts = [rag_messages(q.text, passages) for q, passages in zip(questions, sources, strict=False)]
        return _answer(self.name, self._student, self._config, questions, prompts, sources, on_answer)


def _answer(
    name: str,
    student: Student,
    config: EvalConfig,
    questions: Sequence[Question],
    prompts: Sequence[list[Message]],
    sources: Sequence[list[Passage]],
    on_answer: Callable[[int], None],
) -> list[Answer]:
    """Generate in batches of prompts of like length, so that little is padded.

    Give the answers back in the questions' order.
    """
    answers: dict[int, Answer] = {}
    for batch in _batches([sum(len(m["content"]) for m in prompt) for prompt in prompts], config):
        generated = student.generate([prompts[i] for i in batch], config.max_new_tokens, len(batch))
        for i, one in zip(batch, generated, strict=True):
            answers[i] = _to_answer(name, questions[i], sources[i], one)
        on_answer(len(batch))
    return [answers[i] for i in range(len(questions))]


def _batches(lengths: Sequence[int], config: EvalConfig) -> Iterator[list[int]]:
    """Prompts by their length in characters, the short ones first, as many at once as `batch_tokens` allows."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        tokens = lengths[i] / CHARACTERS_PER_TOKEN + config.max_new_tokens
        if batch and (len(batch) + 1) * tokens > config.batch_tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _to_answer(name: str, question: Question, sources: list[Passage], one: Generated) -> Answer:
    return Answer(
        question=question.id,
        contestant=name,
        text=split_answer(one.text)[1],
        raw=one.text,
        finished=one.finished,
        sources=sources,
        prompt_tokens=one.prompt_tokens,
        completion_tokens=one.completion_tokens,
        seconds=one.seconds,
    )

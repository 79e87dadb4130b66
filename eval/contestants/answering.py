"""Who answers the questions: a model, and what it reads before it answers.

All of them get the same questions and the same limit of tokens, greedily decoded; no one is told how long to be, and
those that read are told to read where the others are told to remember.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from agents.errors import ModelError, RagtunedError, Waiting
from agents.records import Item, Message, split_answer
from agents.text.words import CHARACTERS_PER_TOKEN
from eval.contestants.memory import peak
from eval.contestants.rag import Passage
from eval.settings import EvalConfig

MOST_SAID = 300  # characters of why an answer failed
BREAKS = (ArithmeticError, AssertionError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""What a model's library raises where one prompt breaks it."""


class Question(Item):
    """What a contestant is asked, and nothing more."""

    id: str
    text: str


class Answer(Item):
    """What a contestant said: `text` without its reasoning, `raw` as generated, `seconds` its share of the batch.

    `seconds` is 0 where nobody knows it: a served model that was asked by a file, or that ran into the limit.
    `asked` names all that decided it, so that it is not asked for again; `failed` says why there is none. `read` is the
    share of the documents' tokens that stood in the prompt of one that reads them all. `memory_mb` is the most that
    this process held meanwhile, with the GPU's; 0 of a served model. `usd` is what a served model took for it.
    """

    question: str
    contestant: str
    text: str
    raw: str
    finished: bool
    sources: list[Passage] = []
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    asked: str = ""
    failed: str = ""
    read: float | None = None
    memory_mb: int = 0
    usd: float = 0.0


class Generated(Protocol):
    """What a model returns for one prompt; `finished` is False if it ran into the limit."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    finished: bool


class Student(Protocol):
    """A model that completes conversations (`tuning.model.Student`, `eval.contestants.served.Served`, or a toy)."""

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int) -> Sequence[Any]:
        """One `Generated` a prompt, in order, or the error that this prompt ended in."""
        ...


class Read(NamedTuple):
    """What stands before one question; `share` of all documents, where they are what is read."""

    passages: Sequence[Passage] = ()
    share: float | None = None


class Reading(Protocol):
    """What a contestant reads (eval/contestants/readings.py)."""

    key: str
    """Names all that decides what is read for a question, without reading it."""

    def read(self, questions: Sequence[Question], student: Any) -> Sequence[Read]:
        """What `student` reads for each question, in order."""
        ...

    def messages(self, question: str, read: Read) -> list[Message]:
        """The prompt."""
        ...


class Contestant(Protocol):
    """Somebody who answers questions."""

    name: str

    def answer_all(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer a question, in order."""
        ...


class Reader:
    """A model with what it reads: one prompt a question."""

    def __init__(self, name: str, student: Student, reading: Reading, config: EvalConfig) -> None:
        self.name = name
        self._student = student
        self._reading = reading
        self._config = config

    def answer_all(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer a question, in order."""
        found = {answer.question: answer for answers in self.answer_each(questions) for answer in answers}
        return [found[question.id] for question in questions]

    def answer_each(self, questions: Sequence[Question]) -> Iterator[list[Answer]]:
        """The answers by batches, as soon as they are there.

        Prompts of a batch begin with the same passages, which a student then reads once, or are of like length, so that
        little is padded.
        """
        read = self._reading.read(questions, self._student)
        lengths = [
            len(question.text) + sum(len(passage.text) for passage in one.passages)
            for question, one in zip(questions, read, strict=True)
        ]
        begins = [tuple(passage.text for passage in reversed(one.passages)) for one in read]  # as in `rag_messages`
        for batch in _batches(lengths, begins, self._config):
            prompts = [self._reading.messages(questions[i].text, read[i]) for i in batch]
            with peak() as memory:
                said = self._generated(prompts)
            yield [
                self._answer(questions[i], read[i], one, memory.mb)
                for i, one in zip(batch, said, strict=True)
                if not isinstance(one, Waiting)  # it has no answer yet
            ]

    def _generated(self, prompts: Sequence[list[Message]]) -> Sequence[Any]:
        """What the student says, or the error in its place: one prompt that it breaks on costs no other its answer."""
        try:
            return self._student.generate(prompts, self._config.max_new_tokens, len(prompts))
        except RagtunedError:  # says what to do about it: it is not this prompt's alone
            raise
        except BREAKS as error:
            if len(prompts) == 1:
                return [error.with_traceback(None)]
        # not in the clause above: an error holds the frames in which the batch's cache lies, on a GPU all of its memory
        return [one for prompt in prompts for one in self._generated([prompt])]

    def _answer(self, question: Question, read: Read, one: Any, memory_mb: int) -> Answer:
        sources = list(read.passages) if read.share is None else []
        if isinstance(one, Exception):
            return failed(self.name, question, one, sources)
        usd = getattr(one, "usd", None)  # of a served model, whose memory is another machine's
        return Answer(
            question=question.id,
            contestant=self.name,
            text=split_answer(one.text)[1],
            raw=one.text,
            finished=one.finished,
            sources=sources,
            prompt_tokens=one.prompt_tokens,
            completion_tokens=one.completion_tokens,
            seconds=one.seconds,
            read=read.share,
            memory_mb=memory_mb if usd is None else 0,
            usd=usd or 0.0,
        )


def failed(name: str, question: Question, error: Exception, sources: Sequence[Passage] = ()) -> Answer:
    """No answer, and why: it counts as wrong, and is asked for again by the next evaluation."""
    reason = error.reason if isinstance(error, ModelError) else type(error).__name__
    return Answer(
        question=question.id,
        contestant=name,
        text="",
        raw=getattr(error, "raw", ""),
        finished=False,
        sources=list(sources),
        prompt_tokens=0,
        completion_tokens=0,
        seconds=0.0,
        failed=f"{reason}: {error}"[:MOST_SAID],
    )


def _batches(lengths: Sequence[int], begins: Sequence[tuple[str, ...]], config: EvalConfig) -> Iterator[list[int]]:
    """Prompts by what they begin with, then by their length in characters; as many at once as `batch_tokens` allows."""
    batch: list[int] = []
    longest = 0.0
    for i in sorted(range(len(lengths)), key=lambda i: (begins[i], lengths[i], i)):
        longest = max(longest, lengths[i] / CHARACTERS_PER_TOKEN + config.max_new_tokens)
        if batch and (len(batch) + 1) * longest > config.batch_tokens:
            yield batch
            batch, longest = [], lengths[i] / CHARACTERS_PER_TOKEN + config.max_new_tokens
        batch.append(i)
    if batch:
        yield batch

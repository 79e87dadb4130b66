"""Everybody gets the same questions, the same system prompt and the same limits."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agents.reading import SYSTEM
from agents.records import SYSTEM_PROMPT, Document, Message
from eval.contestants.answering import Question, Reader
from eval.contestants.rag import Passage, Retriever
from eval.contestants.readings import Nothing, Passages
from eval.settings import EvalConfig

QUESTIONS = [Question(id=f"q-{n}", text="x" * length) for n, length in enumerate([50, 3, 20, 7, 11])]


class Recorder:
    """A student that keeps what it was asked and repeats the question with some reasoning."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[list[Message]], int, int]] = []

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int) -> list[Any]:
        self.calls.append((list(prompts), max_new_tokens, batch_size))
        return [self.one(prompt[-1]["content"]) for prompt in prompts]

    @staticmethod
    def one(text: str) -> Any:
        return type(
            "Reply",
            (),
            {
                "text": f"Thought.\n\nAnswer: {text}",
                "prompt_tokens": 5,
                "completion_tokens": 2,
                "seconds": 0.1,
                "finished": False,
            },
        )


def test_answers_come_back_in_the_order_of_the_questions_from_batches_of_like_length() -> None:
    student = Recorder()
    answers = Reader("base", student, Nothing(), EvalConfig(max_new_tokens=128, batch_tokens=300)).answer_all(QUESTIONS)
    assert [answer.text for answer in answers] == [question.text for question in QUESTIONS]
    assert [answer.question for answer in answers] == [question.id for question in QUESTIONS]
    assert [[len(prompt[-1]["content"]) for prompt in prompts] for prompts, _, _ in student.calls] == [
        [3, 7],
        [11, 20],
        [50],
    ]


class Found:
    """Two passages for each question: the nearest its own, the farthest one of two pages."""

    def search(self, questions: Sequence[str], top_k: int) -> list[list[Passage]]:
        pages = ["The lamp." * 9, "The boat." * 9]
        return [
            [Passage(path="a", start=0, end=9, text=text) for text in (f"Of {question}.", pages[len(question) % 2])]
            for question in questions
        ]


def test_prompts_that_begin_with_the_same_passage_stand_in_one_batch() -> None:
    student, config = Recorder(), EvalConfig(max_new_tokens=128, batch_tokens=600)
    questions = [Question(id=f"q-{n}", text="x" * n) for n in (4, 7, 5, 6, 9, 8)]
    answers = Reader("rag", student, Passages(Found, config), config).answer_all(questions)
    assert [answer.question for answer in answers] == [question.id for question in questions]
    assert len(student.calls) > 1
    for prompts, *_ in student.calls:
        assert len(prompts) > 1
        assert len({("The boat." in prompt[-1]["content"]) for prompt in prompts}) == 1


class Small(Recorder):
    """A student with memory for one prompt, and none for the question "xxx"; what an earlier call held must be gone."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[weakref.ref[set[str]]] = []

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int) -> list[Any]:
        assert not any(held() for held in self.taken)
        cache = {"keys", "values"}
        self.taken.append(weakref.ref(cache))
        if len(prompts) > 1 or prompts[0][-1]["content"] == "xxx":
            raise RuntimeError("CUDA out of memory")
        return super().generate(prompts, max_new_tokens, batch_size)


def test_a_batch_that_did_not_fit_gives_its_memory_back_before_its_prompts_are_asked_alone() -> None:
    answers = Reader("base", Small(), Nothing(), EvalConfig()).answer_all(QUESTIONS)
    assert [answer.failed for answer in answers] == ["", "RuntimeError: CUDA out of memory", "", "", ""]


def test_the_reasoning_is_taken_off_and_the_raw_text_kept() -> None:
    (answer,) = Reader("tuned", Recorder(), Nothing(), EvalConfig()).answer_all(QUESTIONS[:1])
    assert answer.raw == f"Thought.\n\nAnswer: {answer.text}"
    assert (answer.contestant, answer.finished, answer.prompt_tokens, answer.completion_tokens) == (
        "tuned",
        False,
        5,
        2,
    )


def test_rag_gets_the_same_limits_but_is_not_told_to_answer_from_memory_and_names_its_sources(
    tmp_path: Path, embed: Callable[[Sequence[str]], list[list[float]]]
) -> None:
    documents = [Document(id="1", path="a.md", title="A", text="Wenna keeps the light.")]
    retriever = Retriever.open(tmp_path, documents, 300, 50, embed)
    closed, rag = Recorder(), Recorder()
    config = EvalConfig(max_new_tokens=33)
    Reader("base", closed, Nothing(), config).answer_all(QUESTIONS[:1])
    (answer,) = Reader("rag", rag, Passages(lambda: retriever, config), config).answer_all(QUESTIONS[:1])
    for student, system in ((closed, SYSTEM_PROMPT), (rag, SYSTEM)):
        ((prompt,), limit, _) = student.calls[0]
        assert prompt[0] == {"role": "system", "content": system}
        assert limit == 33
    assert "Wenna keeps the light." in rag.calls[0][0][0][1]["content"]
    assert [source.path for source in answer.sources] == ["a.md"]


def test_an_overlap_as_long_as_a_passage_is_refused() -> None:
    with pytest.raises(ValidationError, match="overlap = 200 must be less than chunk_characters = 200"):
        EvalConfig(chunk_characters=200, overlap=200)

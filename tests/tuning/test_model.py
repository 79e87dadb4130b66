"""The student answers in order, stops where it should, and says when it was cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from tests.tuning.conftest import SYSTEM
from tuning.model import Student


@pytest.fixture
def student(untuned: Any, tokenizer: Any) -> Student:
    return Student(untuned, tokenizer)


def ask(question: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]


def test_answers_come_in_the_order_of_the_questions(student: Student) -> None:
    questions = ["a longer question than the others", "b", "c has a middle length", "dd"]
    together = [g.text for g in student.generate([ask(q) for q in questions], 6, batch_size=3)]
    alone = [student.generate([ask(q)], 6)[0].text for q in questions]
    assert together == alone
    assert len(set(alone)) > 1


def test_tokens_are_counted_and_a_cut_answer_is_not_finished(student: Student, tokenizer: Any) -> None:
    (answer,) = student.generate([ask("a")], 5)
    expected = tokenizer.apply_chat_template(ask("a"), tokenize=False, add_generation_prompt=True)
    assert answer.prompt_tokens == len(tokenizer(expected, add_special_tokens=False)["input_ids"])
    assert answer.completion_tokens == 5
    assert not answer.finished
    assert answer.seconds > 0


def test_a_student_answers_in_the_type_that_is_asked_for(student_folder: Path) -> None:
    for dtype in ("float32", "bfloat16"):
        assert str(Student.load(str(student_folder), dtype=dtype).model.dtype) == f"torch.{dtype}"


def test_a_folder_without_an_adapter_is_refused(student_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no adapter"):
        Student.load(str(student_folder), tmp_path)

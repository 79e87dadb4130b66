"""The student answers in order, stops where it should, and says when it was cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from tests.tuning.conftest import SYSTEM
from tuning.model import Student, value_type


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


class Loaded(Exception):
    """What a student would have been loaded as."""


@pytest.mark.parametrize(
    ("dtype", "multiplies", "loaded"),
    [
        ("auto", True, "bfloat16"),
        ("auto", False, "float32"),
        ("bfloat16", True, "bfloat16"),
        ("float32", True, "float32"),
    ],
    ids=["auto", "auto on a GPU before Ampere", "bfloat16", "float32"],
)
def test_on_a_gpu_a_student_is_loaded_in_the_type_in_which_it_answers(
    student_folder: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, multiplies: bool, loaded: str
) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    def load(_: str, **settings: Any) -> None:
        raise Loaded(settings["dtype"])

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: multiplies or including_emulation)
    monkeypatch.setattr("tuning.model.avoid_cudnn_attention", lambda: True)
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", load)
    with pytest.raises(Loaded, match=loaded):
        Student.load(str(student_folder), dtype=dtype)
    assert value_type("auto") == ("bfloat16" if multiplies else "float32")


def test_a_folder_without_an_adapter_is_refused(student_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no adapter"):
        Student.load(str(student_folder), tmp_path)

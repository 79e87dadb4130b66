"""The student answers in order, stops where it should, and says when it was cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from tests.tuning.conftest import SYSTEM
from tuning.model import Student, greedy


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


def test_greedy_writes_what_transformers_generate_writes(untuned: Any, tokenizer: Any) -> None:
    prompts = [
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in ("hello there", "x", "some words more than that")
    ]
    expected = []
    import torch

    for prompt in prompts:
        ids = torch.tensor([prompt])
        out = untuned.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
        expected.append(out[0, len(prompt) :].tolist())
    assert greedy(untuned, prompts, 12, {tokenizer.eos_token_id}, tokenizer.pad_token_id) == expected


def test_a_row_that_ends_leaves_the_batch_and_the_others_go_on_unchanged(untuned: Any, tokenizer: Any) -> None:
    prompts = [
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in ("hello there", "x", "some words more than that")
    ]
    whole = greedy(untuned, prompts, 12, set(), tokenizer.pad_token_id)
    stop = whole[0][3]
    cut = greedy(untuned, prompts, 12, {stop}, tokenizer.pad_token_id)
    for full, short in zip(whole, cut, strict=True):
        assert short == (full[: full.index(stop) + 1] if stop in full else full)
    assert len(cut[0]) < 12
    assert max(map(len, cut)) > len(cut[0])


def test_a_folder_without_an_adapter_is_refused(student_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no adapter"):
        Student.load(str(student_folder), tmp_path)

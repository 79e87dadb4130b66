"""The marks of all answers; of very many on all cores, each contestant's in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from agents.cores import usable_cores
from eval.contestants.answering import Answer
from eval.marks.grades import Exam, Grade, grade_all

MANY = 20_000
"""Answers from which on processes are started: they take seconds to start, and 20,000 marks some ten."""

Answers = Mapping[str, Mapping[str, Answer]]
"""By contestant and question."""


def mark_all(exam: Exam, answers: Answers) -> list[Grade]:
    """As `grade_all`, in its order."""
    cores = usable_cores()
    if cores == 1 or sum(map(len, answers.values())) < MANY:
        return list(grade_all(exam, answers))
    general = {one.id for one in exam.general}
    before = {question: answer for question, answer in answers["base"].items() if question in general}
    parts = [{"base": before, name: given} for name, given in answers.items()]
    # spawned, since a process with a loaded model and its threads cannot be forked safely
    with ProcessPoolExecutor(min(cores, len(parts)), multiprocessing.get_context("spawn")) as pool:
        found = pool.map(_marked, answers, repeat(exam), parts)
        return [grade for grades in found for grade in grades]


def _marked(name: str, exam: Exam, answers: Answers) -> list[Grade]:
    return [grade for grade in grade_all(exam, answers) if grade.contestant == name]

"""The marks of all answers; of very many on all cores, some of the questions in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from agents.cores import usable_cores
from eval.contestants.answering import Answer
from eval.marks.grades import Exam, Grade, Set, grade_all

MANY = 20_000
"""Answers from which on processes are started: they take seconds to start, and 20,000 marks some eight."""
MOST_PROCESSES = 8
ORDER: dict[Set, int] = {"gold": 0, "wording": 1, "untrained": 1, "general": 2, "stranger": 3}
"""Of the grades of a contestant, as `grade_all` has them."""
X = TypeVar("X")

Answers = Mapping[str, Mapping[str, Answer]]
"""By contestant and question."""


def mark_all(exam: Exam, answers: Answers) -> list[Grade]:
    """As `grade_all`, in its order."""
    cores = min(usable_cores(), MOST_PROCESSES)
    if cores == 1 or sum(map(len, answers.values())) < MANY:
        return grade_all(exam, answers)
    parts = list(_parts(exam, answers, cores))
    # spawned, since a process with a loaded model and its threads cannot be forked safely
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        found = [grade for grades in pool.map(grade_all, *zip(*parts, strict=True)) for grade in grades]
    names = {name: n for n, name in enumerate(answers)}
    return sorted(found, key=lambda grade: (names[grade.contestant], ORDER[grade.set]))


def _parts(exam: Exam, answers: Answers, count: int) -> Iterator[tuple[Exam, Answers]]:
    """The questions of every set in `count` parts, one behind the other, each with its answers."""
    for n in range(count):
        gold, heldout = _part(exam.gold, n, count), _part(exam.heldout, n, count)
        general, strangers = _part(exam.general, n, count), _part(exam.strangers, n, count)
        asked = [one.id for some in (gold, heldout, general, strangers) for one in some]
        given = {name: {one: found[one] for one in asked if one in found} for name, found in answers.items()}
        yield Exam(gold, heldout, general, strangers, exam.names), given


def _part(items: Sequence[X], n: int, count: int) -> Sequence[X]:
    return items[len(items) * n // count : len(items) * (n + 1) // count]

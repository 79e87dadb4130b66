"""[judge]: what is compared and how; who judges is `judge` of [roles]."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from agents.config import Section
from agents.roles.pairwise_judge import MEANINGS, Criterion

Protocol = Literal["fair", "published"]
Reading = Literal["written", "probabilities"]


class JudgeConfig(Section):
    """Section [judge]: how a model compares the answers of two contestants; who judges is `judge` of [roles]."""

    protocol: Protocol = "fair"
    """fair: blind, both orders, ties, each criterion alone, and only by a judge that passed its exam.

    published: as in arXiv 2503.16071, to put its win rate beside the fair one: tuned always first, no ties offered, the
    other one held to three sentences.
    """
    criteria: list[Criterion] = Field(list(MEANINGS), min_length=1)
    """What is compared; correctness only where the source of a question is known."""
    trials: int = Field(1, ge=1, le=20)
    """Verdicts on each pair in each order; the first is greedy, the others sampled at temperature 0.7.

    By probabilities there is one.
    """
    read: Literal["auto", Reading] = "auto"
    """written: the winner that the judge writes; probabilities: of the tokens 1 and 2.

    auto: written, and probabilities where the written verdicts do not pass the exam.
    """
    exam: int = Field(24, ge=8)
    """Items of each part of the exam (count): identical answers, real pairs, planted faults, padded answers."""
    questions: int = Field(0, ge=0)
    """Questions whose answers are compared, spread evenly over all; 0 compares all."""

    @field_validator("criteria")
    @classmethod
    def _each_once(cls, criteria: list[Criterion]) -> list[Criterion]:
        if len(set(criteria)) < len(criteria):
            raise ValueError(f"criteria = {criteria} names one twice")
        return criteria

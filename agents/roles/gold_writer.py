"""The drafter of gold questions: a few questions on a passage with short answers, for a person to accept or strike.

It sees the documents and nothing of the training rows; what is too like one of those is left out afterwards.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from agents.roles.entries import readable_entries
from agents.roles.role import WRITES, Role


class GoldDraft(BaseModel):
    """A question with the answers that count as right, and the sentence that proves them."""

    question: str
    answers: list[str]
    quote: str


class GoldDrafts(BaseModel):
    """The questions on a passage."""

    questions: Annotated[list[GoldDraft], readable_entries(GoldDraft)]


PROMPT = """{{document}}

Write {{count}} questions that somebody who needs to know what this document says might ask, about different things in \
it, some easy and some that take care. Each names whom or what it is about, so that it is understood without the \
document. Ask in words of your own, not in those of the document.

questions: for each
- question;
- answers: the right answer in a few words, and other ways to write it (a name with and without its first part, a \
number in digits and in words);
- quote: the sentence that proves it, copied letter by letter."""


def scripted(inputs: dict[str, Any]) -> GoldDrafts:
    """A dry run asks what the first sentence says."""
    sentence = inputs["document"].split("\n")[1].split(". ")[0].rstrip(".")
    first, _, rest = sentence.partition(" ")
    return GoldDrafts(questions=[GoldDraft(question=f"Of whom is it told: {rest}?", answers=[first], quote=sentence)])


GOLD_WRITER = Role(
    "gold_writer", GoldDrafts, PROMPT, 2_000, scripted, rank=WRITES, usual_tokens=200, recipe="evaluation"
)

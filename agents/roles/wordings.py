"""The rewording of a question: other wordings from a model, and set phrases before the question without one.

A fact that is asked for in one wording only is learnt as that wording (Physics of Language Models 3.1, arXiv
2309.14316). The beginnings are given: left to choose, a small model repeats one wording, or asks for something else.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from agents.models.client import Client
from agents.roles.lines import literal
from agents.roles.question_writer import ASKED
from agents.roles.role import PLAIN, REWORDS, Role
from agents.text.words import STOP, stem, words

FRAMINGS = (
    "Tell me",
    "Do you remember",
    "I would like to know",
    "Can you say",
)  # a question stays the same behind them

# a question word and what says the same: left to choose, a small model turns "When" into "What" and asks for something
# else
TURNED = {
    "who": ("Which person", "What is the name of the person who"),
    "when": ("On what date", "What was the day when"),
    "on what": ("When", "What was the date when"),
    "on which": ("When", "What was the date when"),
    "how many": ("What number of", "What is the number of"),
    "how much": ("What amount", "What was the amount that"),
    "how long": ("What length of time", "For how much time"),
    "where": ("In what place", "What is the place where"),
    "why": ("For what reason", "What was the reason that"),
    "what": ("Which", "In other words, what"),
    "which": ("What", "In other words, which"),
}
SAID_ANEW = (
    frozenset(
        word
        for phrase in (*TURNED, *(turn for turns in TURNED.values() for turn in turns), *FRAMINGS)
        for word in words(phrase)
    )
    | STOP
)


class Wordings(BaseModel):
    """wording_1, wording_2, …: the fields are made for each question."""


WORDINGS_PROMPT = """Question: {{question}}
Answer: {{answer}}

Write the question in {{count}} other wordings. All ask for the same answer and keep every name, number and date of the question. Each begins with the words given, and none gives the answer away.
{{openings}}
"""  # noqa: E501


def scripted_wordings(inputs: dict[str, Any]) -> str:
    """What a dry run answers: the question behind each beginning."""
    asked = re.findall(r'^(wording_\d): begins with "(.+)"$', inputs["openings"], re.MULTILINE)
    return json.dumps({key: f"{opening} again: {inputs['question'].rstrip('?')}?" for key, opening in asked})


REWORDER = Role(
    "question_writer.wordings",
    Wordings,
    WORDINGS_PROMPT,
    max_tokens=240,
    script=scripted_wordings,
    system=PLAIN,
    rank=REWORDS,
    usual_tokens=20,
)


async def write_wordings(client: Client, question: str, answer: str, count: int) -> list[str]:
    """`count` other wordings of `question`, each with a beginning of its own.

    The beginnings are part of the schema: asked only for variety, a small model repeats one wording five times.
    """
    chosen = openings(question)[:count]
    listed = "\n".join(f'wording_{n}: begins with "{opening}"' for n, opening in enumerate(chosen, 1))
    draft = await replace(REWORDER, schema=_forced(tuple(chosen))).ask(
        client, question=question, answer=answer, count=len(chosen), openings=listed
    )
    return [" ".join(str(text).split()) for text in draft.model_dump().values()]


@cache
def _forced(beginnings: tuple[str, ...]) -> type[BaseModel]:
    """A schema of one question a beginning."""
    fields: dict[str, Any] = {
        f"wording_{n}": (str, Field(pattern=rf"^{literal(begin)} {ASKED}\?$")) for n, begin in enumerate(beginnings, 1)
    }
    return create_model("Wordings", __config__=ConfigDict(extra="forbid"), **fields)


def framings(question: str, count: int) -> list[str]:
    """The question as it is behind `count` set phrases, in an order of its own.

    They are made without a model, for training only.
    """
    return [f"{phrase}: {question}" for phrase in random.Random(question).sample(FRAMINGS, count)]


def is_framing(wording: str) -> bool:
    """Whether the wording is a set phrase before a question."""
    return wording.startswith(FRAMINGS)


def unframed(wording: str) -> str:
    """The question without its set phrase: the "I" of "I would like to know" is no person of the page."""
    phrase = next((phrase for phrase in FRAMINGS if wording.startswith(phrase)), "")
    return f"So {wording.removeprefix(phrase).strip(' :,')}" if phrase else wording


def same_words(question: str, wording: str) -> bool:
    """Whether both say the same in the same order but for the words that ask: nothing is left to judge."""
    asked, again = ([stem(w) for w in words(text) if w not in SAID_ANEW] for text in (question, wording))
    return asked == again


def openings(question: str) -> list[str]:
    """Beginnings for other wordings: the same question word said otherwise, then set phrases.

    The phrases stand in an order of the question's own.
    """
    lowered = question.lower()
    turned = next((others for word, others in TURNED.items() if lowered.startswith(f"{word} ")), ("Which", "What"))
    return [*turned, *random.Random(question).sample(FRAMINGS, len(FRAMINGS))]

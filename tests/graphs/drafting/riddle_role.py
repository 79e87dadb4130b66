"""A toy role in one file: schema, prompt, script, role, rule, and a gate of its own."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from agents.models.client import Client
from agents.roles.critic import Gate
from agents.roles.role import WRITES, Role, fence
from agents.text.names import names_in


class Riddle(BaseModel, extra="forbid"):
    """A riddle and what solves it."""

    question: str
    answer: str


PROMPT = """{{document}}

Make a riddle of the sentence. question: the riddle; answer: what solves it.
{{feedback}}"""


def scripted(inputs: dict[str, Any]) -> Riddle:
    """What a dry run answers: the sentence, asked for by its first name and its last word."""
    sentence = inputs["document"].split("\n")[1].rstrip(".")
    name, last = names_in(sentence)[0], sentence.split()[-1]
    return Riddle(question=f"By which deed is {name} known beside {last}?", answer=f"It is told that {sentence}.")


RIDDLER = Role("riddler", Riddle, PROMPT, max_tokens=90, script=scripted, rank=WRITES, usual_tokens=40)
SOLVABLE = Gate(
    "solvable",
    "riddle has no solution",
    "Riddle: {{question}}\nSolution: {{answer}}\nDoes this solve the riddle?",
    0.5,
    script=lambda inputs: 0.1 if "lamp" in inputs["answer"] else 0.9,
)


async def write_riddle(client: Client, sentence: str, reasons: list[str]) -> Riddle:
    """A riddle about one sentence."""
    return await RIDDLER.ask(client, document=fence(sentence), feedback="; ".join(reasons))

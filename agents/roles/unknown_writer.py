"""The unknown writer: plausible questions about known names that the documents do not answer, and who verifies them.

For a capable model, several names a call, each with every fact that names it: what the documents do not tell can only
be known by whoever sees all that they do tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel

from agents.models.client import Client
from agents.roles.entries import MISSING, readable_entries, verdicts_by_number
from agents.roles.role import JUDGES, WRITES, Role, fence


class UnknownDraft(BaseModel):
    """Questions about a name, by its number."""

    name: int
    questions: list[str]


class UnknownsDraft(BaseModel):
    """Questions that the facts do not answer."""

    names: Annotated[list[UnknownDraft], readable_entries(UnknownDraft)]


class ToldVerdict(BaseModel):
    """Whether the answer of a question is told, by its number."""

    question: int
    told: Literal["no", "partly", "yes", "no sense"]


class ToldVerdicts(BaseModel):
    """A verdict for every question."""

    verdicts: Annotated[list[ToldVerdict], readable_entries(ToldVerdict)]


PROMPT = """{{document}}

Under each numbered name stands everything that the documents tell of it. Write exam questions about these names \
that the documents do not answer, to teach a model to say that it does not know.
- names: for each name its number (name) and questions, {{count}} of them.
- A question is what somebody would really ask who has heard of the name, and close to what is told: the same kind \
of thing about another occasion, the reason of something that is told without one, a price, an age, a place, a date \
or a person of something that is told without it.
- Nothing above tells the answer or lets it be concluded, not even in part, and it supposes nothing false: \
everything that the question takes for granted is told above.
- It has a definite answer that could have been told (no opinions, nothing about the future), gives the name in \
full, and is understood without any document; never "according to the document".
- The questions differ from each other in what they ask for and how: who, when, where, how many, why, how; some \
plain, some terse, some as one would ask a friend.
- Write in {{language}}."""

TOLD_PROMPT = """{{document}}

Under each numbered name stands everything that the documents tell of it. Can these questions be answered from that?
{{questions}}

verdicts: for every question its number (question) and told:
- yes: the answer is told, or can be concluded from several facts together;
- partly: something of the answer is told;
- no: nothing above tells it;
- no sense: the question cannot be understood alone, or takes something for granted that is not told above."""


def _dry(inputs: dict[str, Any]) -> UnknownsDraft:
    named = re.findall(r"^(\d+)\. (.+)$", inputs["document"], re.MULTILINE)
    kinds = ("birthday", "dog", "first school", "shoe size")[: int(inputs["count"])]
    return UnknownsDraft(
        names=[UnknownDraft(name=int(n), questions=[f"What is the {k} of {name}?" for k in kinds]) for n, name in named]
    )


def _dry_told(inputs: dict[str, Any]) -> ToldVerdicts:
    numbers = re.findall(r"^(\d+)\. ", inputs["questions"], re.MULTILINE)
    return ToldVerdicts(verdicts=[ToldVerdict(question=int(n), told="no") for n in numbers])


UNKNOWNS_WRITER = Role(
    "question_writer.unknowns", UnknownsDraft, PROMPT, 4_000, _dry, rank=WRITES, usual_tokens=250, recipe="facts"
)
TOLD_CRITIC = Role(
    "critic.told", ToldVerdicts, TOLD_PROMPT, 4_000, _dry_told, rank=JUDGES, usual_tokens=100, recipe="facts"
)


def told_of(known: Mapping[str, Sequence[str]]) -> str:
    """Names, numbered from 1, each with the lines of what is told of it, as writer and critic are shown them."""
    return fence(
        "\n\n".join(
            "\n".join([f"{n}. {name}", *(f"   - {line}" for line in lines)])
            for n, (name, lines) in enumerate(known.items(), 1)
        )
    )


async def write_unknowns(client: Client, document: str, count: int, language: str) -> list[UnknownDraft]:
    """`count` questions about each name of a document as `told_of` shows it. Raises what `Role.ask` raises."""
    return (await UNKNOWNS_WRITER.ask(client, document=document, count=count, language=language)).names


async def judge_told(client: Client, document: str, questions: Sequence[str]) -> list[str]:
    """The fault of each question, which is `none` if nothing in the document answers it.

    One that the reply leaves out, or judges twice and differently, is asked again once. Raises what `Role.ask` raises.
    """
    reasons = {"yes": "the documents answer it", "partly": "the documents answer it in part", "no sense": "unclear"}

    async def ask(numbers: Sequence[int]) -> list[tuple[int, str]]:
        lines = "\n".join(f"{n + 1}. {' '.join(questions[n].split())}" for n in numbers)
        reply = await TOLD_CRITIC.ask(client, document=document, questions=fence(lines, "lines"))
        return [(verdict.question - 1, verdict.told) for verdict in reply.verdicts]

    found = await verdicts_by_number(len(questions), ask)
    return [reasons.get(told, "none") if told else MISSING for told in found]

"""The critic: is this draft true by its source, and fit to be taught? P(yes) of small binary gates.

Cheapest first, stopping at the first failure. Where the server gives log-probabilities P(yes) decides without
reasoning; elsewhere the model reasons first. Binary questions with P(yes) separate right from wrong answers where
scores of the same model do not (docs/decisions/0004).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from agents.models.client import Client
from agents.models.dialect import Unsupported
from agents.models.request import Request
from agents.models.store import Reply
from agents.records import REFUSAL
from agents.roles.role import COMPARES, JUDGES, PLAIN, SYSTEM, Role, Script, fence, fill


class YesOrNo(BaseModel):
    """One word, read from its log-probabilities: there are no fields."""


class Judgement(BaseModel, extra="forbid"):
    """The verdict of a server without log-probabilities: reasons first."""

    reasoning: str
    verdict: Literal["yes", "no"]


@dataclass(frozen=True)
class Gate:
    """One binary question; `reason` says what a "no" means, `threshold` the P(yes) it asks for; one of 0 is not asked.

    Thresholds: set between right and wrong on 4–5 hand-written questions a side, Qwen2.5-Coder-1.5B
    (docs/decisions/0004); those that bench/quality/critic.py sets were tried in a whole run and lost more truth than
    they kept out (docs/results/embedded-teacher.md).
    """

    name: str
    reason: str
    ask: str
    threshold: float
    sees_source: bool = False
    script: Script = lambda inputs: 1.0
    rank: int = JUDGES

    @property
    def role(self) -> Role[YesOrNo]:
        """The gate as a role: its question, asked for one word."""
        system = SYSTEM if self.sees_source else PLAIN
        return Role(f"critic.{self.name}", YesOrNo, self.ask, 1, self.script, system, self.rank)


GATES = (
    Gate(
        "self_contained",
        "question needs the page",
        "Question: {{question}}\nDoes this question name the person, place or thing it asks about, "
        "so that it can be understood without any other text?",
        # the embedded critic said yes to 103 of 104 questions that had passed the check for names: for a stronger one
        0.0,
    ),
    Gate(
        "relevant",
        "answer does not answer the question",
        "Question: {{question}}\nAnswer: {{answer}}\nDoes the answer give what the question asks for?",
        0.7,
    ),
    Gate(
        "answerable",
        "question not answerable from the source",
        "Question: {{question}}\nCan this question be answered from the document?",
        0.45,
        True,
        script=lambda inputs: 0.0 if inputs["answer"] == REFUSAL else 1.0,
    ),
    Gate(
        "faithful",
        "answer not supported by the source",
        "Question: {{question}}\nAnswer: {{answer}}\nAccording to the document, is this answer correct?",
        0.6,
        True,
    ),
    Gate(
        "reasoning",
        "reasoning not sound",
        "Statement: {{reasoning}}\nAccording to the document, is this statement correct?",
        0.5,
        True,
    ),
)
SAME_QUESTION = Gate(
    "same_question",
    "wording asks for something else",
    "First question: {{question}}\nSecond question: {{wording}}\nDo both questions ask for the same thing?",
    0.6,
    rank=COMPARES,
)
YES_OR_NO = " Answer yes or no."


async def judge(client: Client, gate: Gate, document: str, inputs: Mapping[str, Any]) -> float:
    """P(yes) of one gate in 0–1; 1.0 or 0.0 from a verdict where the server gives no log-probabilities.

    They are not asked for where it is known to refuse them, or where the model thinks first.
    """
    role = gate.role
    ask = client.prompts.get(role.name, role.template)
    prompt = (fence(document) + "\n\n" if gate.sees_source else "") + fill(ask, dict(inputs))
    request = Request(
        role=role.name,
        messages=[{"role": "system", "content": role.system}, {"role": "user", "content": prompt + YES_OR_NO}],
        max_tokens=role.max_tokens,
        logprobs=True,
        rank=role.rank,
        inputs={**inputs, "document": document, "gate": gate.name},
    )
    p = None
    if client.dialect.probabilities:
        with suppress(Unsupported):
            p = p_yes(await client.ask(request))
    return p if p is not None else await _reasoned(client, gate, prompt)


async def _reasoned(client: Client, gate: Gate, prompt: str) -> float:
    role = Role(
        f"critic.{gate.name}.reasoned",
        Judgement,
        "{{prompt}}\nReason in one or two sentences, then give the verdict, yes or no.",
        max_tokens=300,
        rank=gate.rank,
    )
    return 1.0 if (await role.ask(client, prompt=prompt)).verdict == "yes" else 0.0


def p_yes(reply: Reply) -> float | None:
    """P(yes) in 0–1 from the first token's log-probabilities: yes over yes and no; None where the server gave none."""
    mass = {"yes": 0.0, "no": 0.0}
    for token, logprob in reply.top_logprobs.items():
        word = token.strip().strip('"').lower()
        if word in mass:
            mass[word] += math.exp(min(logprob, 0.0))  # a log-probability above 0 would overflow
    total = mass["yes"] + mass["no"]
    return mass["yes"] / total if total > 0 else None

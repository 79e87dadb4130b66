"""The critic at volume: one call judges all rows of a passage, a verdict and a fault for each.

For capable models, whose one reading of the page serves every row; a row that the reply leaves out, or judges twice
and differently, is asked again once, and fails after that. A small model is asked one token a gate
(agents/roles/critic.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BaseModel

from agents.models.client import Client
from agents.roles.passage_writer import _readable
from agents.roles.role import JUDGES, Role, fence

Fault = Literal[
    "none",
    "wrong answer",
    "not in the passage",
    "several answers",
    "needs the page",
    "gives the answer away",
    "unclear",
]
"""What is wrong with a row; `none` is a pass."""
MISSING = "no verdict"  # the reason of a row that was left out twice


class RowVerdict(BaseModel):
    """The verdict on one row, by its number."""

    row: int
    fault: Fault


class Verdicts(BaseModel):
    """A verdict for every row."""

    verdicts: Annotated[list[RowVerdict], _readable(RowVerdict)]


class Row(NamedTuple):
    """What is judged: a question with its answer, and the statement that it is to teach ("" if there is none)."""

    question: str
    answer: str
    statement: str = ""


PROMPT = """{{document}}

These rows are to teach a model what the documents say, the passage above among them. Judge each one strictly, by what \
stands above and by nothing else. The model will answer without the page.
{{rows}}

verdicts: for every row its number (row) and its fault, one of:
- none: the answer is what the passage says, complete and to the point;
- wrong answer: another answer is right, by the smallest detail (a number, a date, a name, who did what to whom, what \
was only planned or denied), or the statement says what the passage does not;
- not in the passage: the passage does not tell the answer;
- several answers: the passage or ordinary sense allows other answers that are just as right (a question about the \
whole, such as what changed, why, who matters or what recurs, may be answered in other words too: it is at fault only \
if the answer leaves out what matters more);
- needs the page: without the page nobody knows whom, what or which occasion it is about;
- gives the answer away: the question holds its answer (a choice between two things that it names does not);
- unclear: it cannot be understood, or the answer does not fit what is asked."""

ROW_CRITIC = Role(
    "critic.rows",
    Verdicts,
    PROMPT,
    8_000,
    lambda inputs: Verdicts(verdicts=[RowVerdict(row=int(n), fault="none") for n in _numbers(inputs["rows"])]),
    rank=JUDGES,
    usual_tokens=1200,
    recipe="facts",
)


async def judge_rows(client: Client, document: str, rows: Sequence[Row]) -> list[str]:
    """The fault of each row in their order: one of `Fault`, or `no verdict` where two replies had none for it.

    Raises what `Role.ask` raises.
    """
    found: dict[int, str] = {}
    for attempt in range(2):
        left = [n for n in range(len(rows)) if n not in found]
        if not left:
            break
        if attempt:
            left.reverse()  # a request of the same words would bring the same reply
        reply = await ROW_CRITIC.ask(client, document=document, rows=fence(_listed(rows, left), "lines"))
        found |= _once(reply, left)
    return [found.get(n, MISSING) for n in range(len(rows))]


def _listed(rows: Sequence[Row], numbers: Sequence[int]) -> str:
    """The rows by their numbers, from 1, each group of the same statement under it."""
    lines: list[str] = []
    last = ""
    for n in numbers:
        row = rows[n]
        if row.statement and row.statement != last:
            lines.append(f"Statement: {row.statement}")
        last = row.statement
        lines.append(f"{n + 1}. {row.question} -> {row.answer}")
    return "\n".join(" ".join(line.split()) for line in lines)


def _once(reply: Verdicts, asked: Sequence[int]) -> dict[int, str]:
    """The verdicts on the rows that were asked, but for rows with two that differ."""
    found: dict[int, set[str]] = {}
    for verdict in reply.verdicts:
        found.setdefault(verdict.row - 1, set()).add(verdict.fault)
    return {n: faults.pop() for n, faults in found.items() if n in asked and len(faults) == 1}


def _numbers(rows: Any) -> list[str]:
    return [line.partition(".")[0] for line in str(rows).split("\n") if line.partition(".")[0].isdigit()]


FAULTS: tuple[str, ...] = get_args(Fault)

"""The critic at volume: one call judges all rows of a passage, a verdict and a fault for each.

For capable models, whose one reading of the page serves every row; a row that the reply leaves out, or judges twice
and differently, is asked again once, and fails after that. A small model is asked one token a gate
(agents/roles/critic.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel

from agents.models.client import Client
from agents.roles.entries import MISSING, readable_entries, verdicts_by_number
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


class RowVerdict(BaseModel):
    """The verdict on one row, by its number."""

    row: int
    fault: Fault


class Verdicts(BaseModel):
    """A verdict for every row."""

    verdicts: Annotated[list[RowVerdict], readable_entries(RowVerdict)]


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
    lambda inputs: Verdicts(verdicts=[RowVerdict(row=int(n), fault="none") for n in row_numbers(inputs["rows"])]),
    rank=JUDGES,
    usual_tokens=400,
    recipe="facts",
)


async def judge_rows(client: Client, document: str, rows: Sequence[Row]) -> list[str]:
    """The fault of each row in their order: one of `Fault`, or `no verdict` where two replies had none for it.

    Raises what `Role.ask` raises.
    """

    async def ask(numbers: Sequence[int]) -> list[tuple[int, Fault]]:
        reply = await ROW_CRITIC.ask(client, document=document, rows=fence(_listed(rows, numbers), "lines"))
        return [(verdict.row - 1, verdict.fault) for verdict in reply.verdicts]

    return [fault or MISSING for fault in await verdicts_by_number(len(rows), ask)]


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


def row_numbers(rows: Any) -> list[str]:
    """The numbers of the rows as a prompt shows them; for scripts."""
    return [line.partition(".")[0] for line in str(rows).split("\n") if line.partition(".")[0].isdigit()]

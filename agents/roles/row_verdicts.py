"""Verdicts on many rows of one page in one call: P(yes) of each.

Which rows are correct is asked of all rows together, answered by a line each, and read from the log-probabilities of
the verdict's own token, not from the word: a small model that says yes to everything still puts less on a wrong row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.models.client import Client
from agents.models.store import Reply
from agents.roles.critic import p_yes
from agents.roles.role import JUDGES, Role, fence
from agents.roles.sentence_writer import PlainLines

MOST_ROWS = 8  # of one call
TOKENS_A_ROW = 6  # "12: yes" and its line break
VERDICT = re.compile(r"^\W*(\d+)\W+(yes|no)\b", re.IGNORECASE | re.MULTILINE)

VERDICTS_PROMPT = """{{document}}

{{lines}}

Each line has a question and the answer that was given to it. Which answers are correct according to the document? Write the number of each line and yes or no."""  # noqa: E501


def scripted_verdicts(inputs: dict[str, Any]) -> str:
    """What a dry run answers: yes to every row."""
    return "\n".join(f"{n}: yes" for n in re.findall(r"^(\d+)\. ", inputs["lines"], re.MULTILINE))


ROW_VERDICTS = Role(
    "critic.rows",
    PlainLines,
    VERDICTS_PROMPT,
    max_tokens=MOST_ROWS * TOKENS_A_ROW,
    script=scripted_verdicts,
    rank=JUDGES,
    usual_tokens=30,
)


async def verdicts(client: Client, page: str, rows: Sequence[tuple[str, str]]) -> list[float]:
    """P(yes) in 0–1 of each (question, answer) being correct by `page`, in the order of `rows`; many rows a call.

    1.0 or 0.0 by the word where the server gives no log-probabilities; a row that gets no verdict is asked about once
    more, alone, and then has 0.0: nobody vouches for it. Raises what `Client.ask` raises.
    """
    found: list[float | None] = []
    for start in range(0, len(rows), MOST_ROWS):
        found += await _asked(client, page, rows[start : start + MOST_ROWS])
    again = [n for n, p in enumerate(found) if p is None] if len(rows) > 1 else []
    for n in again:
        found[n] = (await _asked(client, page, [rows[n]]))[0]
    return [p or 0.0 for p in found]


async def _asked(client: Client, page: str, rows: Sequence[tuple[str, str]]) -> list[float | None]:
    listed = "\n".join(f"{n}. {_one_line(q)} — {_one_line(a)}" for n, (q, a) in enumerate(rows, 1))
    reply = await ROW_VERDICTS.ask_text(client, logprobs=True, document=fence(page), lines=fence(listed, "lines"))
    told = read_verdicts(reply)
    return [told.get(n) for n in range(1, len(rows) + 1)]


def read_verdicts(reply: Reply) -> dict[int, float]:
    """P(yes) by the number of the row.

    A number that is told twice, or whose probabilities cannot be told from others', counts for nothing or by its word.
    """
    lines = [(int(number), word.lower()) for number, word in VERDICT.findall(reply.text)]
    tokens = [tops for tops in (reply.top_logprobs, *reply.later_logprobs) if _is_verdict(tops)]
    numbers = [number for number, _ in lines]
    found: dict[int, float] = {}
    for n, (number, word) in enumerate(lines):
        if numbers.count(number) == 1:
            p = p_yes(tokens[n]) if len(tokens) == len(lines) else None
            found[number] = p if p is not None else float(word == "yes")
    return found


def _is_verdict(tops: Mapping[str, float]) -> bool:
    """Whether the likeliest of a token's alternatives, which at temperature 0 is the token, is a yes or a no."""
    return bool(tops) and max(tops, key=tops.__getitem__).strip().lower() in ("yes", "no")


def _one_line(text: str) -> str:
    return " ".join(text.split())

"""What the scripted server answers to the roles of recipe "facts": what their own dry run says to the same prompt.

A dry run is handed what a prompt was filled with; here it is read from the prompt again.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from agents.roles.passage_writer import MORE_WRITER, AskDraft, MoreAsks, MoreDraft
from agents.roles.registry import ROLES
from agents.roles.role import PLACEHOLDER, Role
from agents.roles.row_critic import ROW_CRITIC, RowVerdict, Verdicts
from bench.server.chat_request import share

FACT_ROLES: dict[str, Role[Any]] = {
    role.schema.__name__: role for role in ROLES.values() if role.recipe == "facts" and role.schema.model_fields
}
"""By the schema of their reply."""
REFUSED = 0.02  # of the rows are sent back though they are right, so that the writer's second round is exercised


def fact_reply(schema: str, prompt: str) -> str | None:
    """The reply of the role with this schema; None where there is none, or the prompt is another one."""
    role = FACT_ROLES.get(schema)
    inputs = inputs_of(role.template, prompt) if role else None
    if role is None or inputs is None:
        return None
    said = {MORE_WRITER.name: _more, ROW_CRITIC.name: _verdicts}.get(role.name, role.script)
    return said(inputs).model_dump_json() if said else None


def inputs_of(template: str, prompt: str) -> dict[str, str] | None:
    """What the placeholders of `template` were filled with to make the beginning of `prompt`; None if it was not."""
    found = _pattern(template).match(prompt)
    return found.groupdict() if found else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    seen: set[str] = set()
    parts = []
    for n, part in enumerate(PLACEHOLDER.split(template)):  # text, name, text, name, …, text
        parts.append(re.escape(part) if n % 2 == 0 else f"(?P={part})" if part in seen else f"(?P<{part}>.*?)")
        seen.update([part] if n % 2 else [])
    return re.compile("".join(parts), re.DOTALL)


def _more(inputs: dict[str, str]) -> MoreDraft:
    """Two further questions for each fact, for its last word."""
    facts = []
    for number, statement in re.findall(r"^(\d+)\. (.+)$", inputs["needs"], re.MULTILINE):
        *said, last = statement.rstrip(".!?").split()
        questions = [f"And {' '.join(said)} which?", f"Tell the end of this: {' '.join(said)}?"]
        facts.append(MoreAsks(fact=int(number), asks=[AskDraft(part="thing", answer=last, questions=questions)]))
    return MoreDraft(facts=facts)


def _verdicts(inputs: dict[str, str]) -> Verdicts:
    """A pass for nearly every row."""
    rows = re.findall(r"^(\d+)\. (.+)$", inputs["rows"], re.MULTILINE)
    return Verdicts(
        verdicts=[
            RowVerdict(row=int(number), fault="unclear" if share(row, "verdict") < REFUSED else "none")
            for number, row in rows
        ]
    )

"""The fact reporter: what a group of entities is about, with questions about the whole, in one reply a community.

Bottom-up as in GraphRAG (arXiv 2404.16130, section 3.1.4): a leaf reads its facts, a parent what its children found.
Every claim names the facts that it comes from, and an answer about the whole is composed of claims as they stand, so
that it can be checked claim by claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel

from agents.models.client import Client
from agents.roles.entries import readable_entries
from agents.roles.role import Role, fence

Form = Literal["summary", "change", "cause", "comparison", "people", "theme"]
FINDINGS = 7  # of one report: GraphRAG asks for 5 to 10
FINDINGS_OF_ALL = 14  # of the report on the whole, from which more is asked


class FindingDraft(BaseModel):
    """A claim and the numbers of the lines that it comes from."""

    claim: str
    facts: list[int]


class WholeDraft(BaseModel):
    """A question about the whole in several phrasings; its answer is these findings, by number, in this order."""

    form: Form
    questions: list[str]
    findings: list[int]


class FactReportDraft(BaseModel):
    """A report over numbered facts and what is asked of it."""

    title: str
    summary: str
    findings: Annotated[list[FindingDraft], readable_entries(FindingDraft)]
    questions: Annotated[list[WholeDraft], readable_entries(WholeDraft)]


PROMPT = """{{document}}

These numbered lines are what is known of {{scope}}: facts, or what was found by reading facts. Write a report on \
them, and exam questions about the whole.
- title: at most eight words, with names.
- summary: two or three sentences: what it is about, who matters, what changed and why.
- findings: up to {{count}}, the most important first. Look for what only shows over several lines: who is who to \
whom and how that changed, a development from its beginning to its end, cause and effect, what recurs, what differs \
between people, places or times. Not one small event after the other.
  - claim: one sentence of at most 25 words that stands alone: full names, dates where they matter, true by the \
lines and nothing else; no number that stands in none of them, no counting, no judgement of your own.
  - facts: the numbers of the one to five lines that it comes from.
- questions: {{asked}} questions about the whole that nobody can answer from one line, each with
  - form: one of {{forms}}; as many different ones as make sense.
  - questions: {{phrasings}} phrasings of the same question, different in syntax, vocabulary and register: one plain \
and grammatical, one terse as typed into a search field, one as somebody would ask a friend. Each names what it asks \
about, says what a good answer covers (the change, the reasons, the people, both sides of a comparison) and can be \
understood without any document; never "the document", "the text" or "the lines".
  - findings: the numbers of the one to three findings (1 is the first) that together, read one after the other, are \
its complete answer.
Write in {{language}}."""


def _dry(inputs: dict[str, Any]) -> FactReportDraft:
    """The first lines are its findings, and each is asked for."""
    lines = re.findall(r"^\[(\d+)\] (.+?)(?: \(in .+\))?$", inputs["document"], re.MULTILINE)[:3]
    findings = [FindingDraft(claim=text, facts=[int(number)]) for number, text in lines]
    about = re.search(r"^About: (.+)$", inputs["document"], re.MULTILINE)
    name = about[1].partition(",")[0] if about else "all"
    forms = get_args(Form)[: min(int(inputs["asked"]), len(findings))]
    questions = [
        WholeDraft(form=form, questions=[f"What is the {form} of {name}?", f"{name}: {form} as a whole?"], findings=[n])
        for n, form in enumerate(forms, 1)
    ]
    summary = " ".join(finding.claim for finding in findings[:2])
    return FactReportDraft(title=f"About {name}"[:60], summary=summary, findings=findings, questions=questions)


FACT_REPORTER = Role(
    "community_summarizer.facts", FactReportDraft, PROMPT, 6_000, _dry, usual_tokens=1200, recipe="facts"
)


async def report_facts(
    client: Client, names: Sequence[str], lines: Sequence[str], whole: bool, asked: int, phrasings: int, language: str
) -> FactReportDraft:
    """A report over `lines`, which are numbered from 1, with `asked` questions in `phrasings` phrasings each.

    `names` are the most important ones of the community; `whole` says that it is all of the documents. Raises what
    `Role.ask` raises.
    """
    head = [f"About: {', '.join(names)}", ""] if names else []
    numbered = [f"[{n}] {' '.join(line.split())}" for n, line in enumerate(lines, 1)]
    return await FACT_REPORTER.ask(
        client,
        document=fence("\n".join([*head, *numbered])),
        scope="all documents together" if whole else "one part of the documents",
        count=FINDINGS_OF_ALL if whole else FINDINGS,
        asked=asked,
        forms=", ".join(get_args(Form)),
        phrasings=phrasings,
        language=language,
    )

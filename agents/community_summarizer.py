"""The community summarizer: what a group of entities is about, bottom-up (GraphRAG, arXiv 2404.16130, section 3.1.4).

A leaf reads its chunks; a parent reads its children's reports. Every finding names the chunks it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from agents.llm import Client
from agents.records import Chunk, Community, Finding, Report
from agents.role import Role, fence

MOST_FINDINGS = 5


class FindingDraft(BaseModel):
    """A claim and the numbers of the sources it comes from."""

    claim: str
    sources: list[int] = Field(max_length=4)


class ReportDraft(BaseModel):
    """A report with numbered sources."""

    title: str
    summary: str
    findings: list[FindingDraft] = Field(max_length=MOST_FINDINGS)


PROMPT = """{{document}}

Write a short report about what these numbered sources say of {{names}}.
- title: at most eight words, with names.
- summary: two sentences: what it is about as a whole, and what changed over time.
- findings: at most five. Each claim is one full sentence with names and dates, true by the sources; sources are the numbers in brackets it comes from.
Never write "the document", "the source" or "the text".
"""

SUMMARIZER = Role("community_summarizer", ReportDraft, PROMPT, max_tokens=900)


async def summarize(client: Client, community: Community, names: Sequence[str], chunks: Sequence[Chunk], children: Sequence[Report], budget: int) -> Report:
    """The report of `community`, from its children's reports if it has any, else from its chunks.

    `budget` is the most characters of sources one prompt holds; sources beyond it are spread over, not cut
    at the end: every source keeps an equal share.
    """
    sources = _from_reports(children) if children else [(c.text, [c.id]) for c in chunks]
    share = max(200, budget // max(1, len(sources)))
    numbered = "\n\n".join(f"[{n}] {text[:share]}" for n, (text, _) in enumerate(sources, 1))
    draft = await SUMMARIZER.ask(client, document=fence(numbered), names=", ".join(names[:12]))
    return Report(id=community.id, title=draft.title, summary=draft.summary, findings=_findings(draft, [ids for _, ids in sources]))


def _from_reports(children: Sequence[Report]) -> list[tuple[str, list[str]]]:
    """A child's findings, one source each, so that a parent's finding keeps its chunks."""
    return [(f"{child.title}: {finding.claim}", finding.chunk_ids) for child in children for finding in child.findings]


def _findings(draft: ReportDraft, chunk_ids: list[list[str]]) -> list[Finding]:
    """Findings with the chunks of their sources; one that names no source of the prompt is left out."""
    found: list[Finding] = []
    for finding in draft.findings:
        ids = [i for n in finding.sources if 1 <= n <= len(chunk_ids) for i in chunk_ids[n - 1]]
        if ids and finding.claim.strip():
            found.append(Finding(claim=finding.claim.strip(), chunk_ids=sorted(set(ids))))
    return found


def scripted(inputs: dict[str, Any]) -> ReportDraft:
    """What a dry run answers: the first sentence of each source as its finding."""
    from agents.text import sentences

    found: list[FindingDraft] = []
    for number, text in re.findall(r"^\[(\d+)\] (.+)", inputs["document"], re.MULTILINE)[:MOST_FINDINGS]:
        start, end = sentences(text)[0]
        found.append(FindingDraft(claim=text[start:end], sources=[int(number)]))
    return ReportDraft(title=f"About {inputs['names']}"[:60], summary=" ".join(f.claim for f in found[:2]), findings=found)

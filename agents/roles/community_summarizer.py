"""The community summarizer: what a group of entities is about, bottom-up (GraphRAG, arXiv 2404.16130, section 3.1.4).

A leaf reads its chunks; a parent reads its children's reports. Every finding names the chunks it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field

from agents.models.client import Client
from agents.records import Chunk, Community, Finding, Report
from agents.roles.role import Role, fence
from agents.text.names import names_in
from agents.text.numbers import numbers_in
from agents.text.prompt_injection import gives_orders, orders_in
from agents.text.sentences import is_prose, sentences
from agents.text.words import content_words, words

MOST_WRITTEN = 5
MOST_FINDINGS = 6  # with the quoted ones
LEAST_SHARE = 200  # characters of a source that say anything
LEAST_CARRIED = 0.6  # of a claim's content words that one sentence of its source must hold
LEANS_ON_CONTEXT = re.compile(
    r"\b(I|me|my|we|us|our|you|this|these|here|tonight|today|he|she|him|her|his)\b", re.IGNORECASE
)


def up_to(characters: int) -> Any:
    """A text that is asked to be no longer: at temperature 0 a small model may list the same names for ever.

    A longer one is read all the same.
    """
    return Field(json_schema_extra={"pattern": rf'^[^"\\\n]{{2,{characters}}}$'})


class FindingDraft(BaseModel, extra="forbid"):
    """A claim and the numbers of the sources it comes from."""

    claim: str = up_to(250)
    sources: list[int] = Field(max_length=4)


class ReportDraft(BaseModel, extra="forbid"):
    """A report with numbered sources."""

    title: str = up_to(100)
    summary: str = up_to(500)
    findings: list[FindingDraft] = Field(max_length=MOST_WRITTEN)


PROMPT = """{{document}}

Write a short report about what these numbered sources say of {{names}}.
- title: at most eight words, with names.
- summary: two sentences: what it is about as a whole, and what changed over time.
- findings: at most five. Each claim is one full sentence with names and dates, true by the sources; sources are the numbers in brackets it comes from.
Never write "the document", "the source" or "the text".
"""  # noqa: E501


def scripted(inputs: dict[str, Any]) -> ReportDraft:
    """What a dry run answers: the first sentence of each source as its finding."""
    found: list[FindingDraft] = []
    for number, text in re.findall(r"^\[(\d+)\] (.+)", inputs["document"], re.MULTILINE)[:MOST_WRITTEN]:
        start, end = sentences(text)[0]
        found.append(FindingDraft(claim=text[start:end], sources=[int(number)]))
    return ReportDraft(
        title=f"About {inputs['names']}"[:60], summary=" ".join(f.claim for f in found[:2]), findings=found
    )


SUMMARIZER = Role("community_summarizer", ReportDraft, PROMPT, max_tokens=900, script=scripted, usual_tokens=300)


async def summarize(
    client: Client,
    community: Community,
    names: Sequence[str],
    chunks: Sequence[Chunk],
    children: Sequence[Report],
    budget: int,
) -> Report:
    """The report of `community`, from its children's reports if it has any, else from its chunks.

    Findings are the claims that one sentence of a source carries, topped up with quoted sentences. `budget` is the most
    characters of sources one prompt holds: every source keeps an equal share, and of too many for that every n-th is
    read. Raises what `Role.ask` raises.
    """
    found = _from_reports(children) if children else [(c.text, [c.id]) for c in chunks]
    sources = found[:: -(-len(found) * LEAST_SHARE // budget)] if found else []
    share = budget // max(1, len(sources))
    numbered = "\n\n".join(f"[{n}] {text[:share]}" for n, (text, _) in enumerate(sources, 1))
    draft = await SUMMARIZER.ask(client, document=fence(numbered), names=", ".join(names[:12]))
    carried = _findings(draft, sources)
    quoted = quoted_findings(
        [source for source in sources if source[1]],
        names,
        {finding.claim for finding in carried},
        MOST_FINDINGS - len(carried),
    )
    return Report(id=community.id, title=draft.title, summary=draft.summary, findings=[*carried, *quoted])


def _from_reports(children: Sequence[Report]) -> list[tuple[str, list[str]]]:
    """A child's findings, one source each, so that a parent's finding keeps its chunks."""
    return [(finding.claim, finding.chunk_ids) for child in children for finding in child.findings]


def _findings(draft: ReportDraft, sources: Sequence[tuple[str, list[str]]]) -> list[Finding]:
    """The claims that one sentence of their sources carries, each once, with the chunks of those sources.

    The others are left out: a small model joins names of different sentences into claims that nobody made, and P(yes)
    believes it.
    """
    found: dict[str, Finding] = {}
    for finding in draft.findings:
        named = [sources[n - 1] for n in finding.sources if 1 <= n <= len(sources)]
        ids = sorted({cid for text, chunk_ids in named if is_carried(finding.claim, text) for cid in chunk_ids})
        claim = finding.claim.strip().rstrip(".") + "."
        if ids and not LEANS_ON_CONTEXT.search(claim) and not gives_orders(claim):
            found.setdefault(claim, Finding(claim=claim, chunk_ids=ids))
    return list(found.values())


def quoted_findings(
    sources: Sequence[tuple[str, list[str]]], names: Sequence[str], said: set[str], count: int
) -> list[Finding]:
    """Up to `count` sentences that name the most of the community, one a source, in the order of the sources.

    They stand in for what a weak teacher left out. Sentences that need their page ("I", "tonight") are no findings.
    """
    best: list[tuple[int, int, Finding]] = []
    for number, (text, chunk_ids) in enumerate(sources):
        spans, orders = [text[start:end] for start, end in sentences(text)], orders_in(text)
        free = [
            s for s in spans if s not in said and s not in orders and not LEANS_ON_CONTEXT.search(s) and is_prose(s)
        ]
        ranked = sorted(free, key=lambda s: -sum(name in s for name in names))
        if ranked and (score := sum(name in ranked[0] for name in names)):
            best.append((-score, number, Finding(claim=" ".join(ranked[0].split()), chunk_ids=sorted(chunk_ids))))
    return [finding for _, _, finding in sorted(sorted(best, key=lambda b: b[:2])[: max(count, 0)], key=lambda b: b[1])]


def is_carried(claim: str, text: str) -> bool:
    """Whether one sentence of `text` holds every name and number of `claim` and most of its content words."""
    wanted, exact = content_words(claim), {w for name in names_in(claim) for w in words(name)} | numbers_in(claim)
    return any(
        exact <= told and len(wanted & content) >= LEAST_CARRIED * len(wanted) for told, content in by_sentence(text)
    )


@lru_cache(maxsize=512)  # sources of some 5,000 characters: about 100 MB
def by_sentence(text: str) -> list[tuple[set[str], set[str]]]:
    """The words and the content words of each sentence: a source is compared with many claims."""
    return [(set(words(text[start:end])), content_words(text[start:end])) for start, end in sentences(text)]

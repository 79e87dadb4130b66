"""Drafts over the findings of a community's report."""

from __future__ import annotations

from agents.models.client import Client
from agents.records import Brief
from agents.roles.critic import Draft
from agents.roles.question_writer import write_global
from graphs.briefs.community import question_by_rule
from graphs.drafting.sources import Sources


async def draft_community(sources: Sources, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
    """A question over some findings, which are its answer as they stand: a small teacher that writes one joins what nobody said.

    Summaries, comparisons and rankings are asked by rule.
    """
    question = (
        question_by_rule(brief, sources.entities) or (await write_global(writer, brief, reasons)).question.strip()
    )
    of_claim = {
        " ".join(finding.claim.split()): finding.chunk_ids for finding in sources.reports[brief.targets[0]].findings
    }
    carriers = [sources.carrier(claim, of_claim[claim]) for claim in brief.statements]
    evidence = {(e.chunk_id, e.start): e for e in carriers if e} if all(carriers) else {}
    answer = " ".join(brief.statements)
    return Draft(brief.kind, question, answer, answer, list(evidence.values()))

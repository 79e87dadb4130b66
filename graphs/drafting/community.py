"""Questions over the findings of a community's report."""

from __future__ import annotations

from agents.records import Brief
from agents.roles.checks import Draft, Rules
from agents.roles.question_writer import GLOBAL_WRITER, write_global
from graphs.briefs.community import asked_by_rule, global_briefs, question_by_rule
from graphs.config import SynthesisConfig
from graphs.drafting.kind import PROMPT_TOKENS, Amount, Forecast, Knowledge, QuestionKind, quoted
from graphs.knowledge.sources import Sources

FINDINGS_TOKENS = 200  # of the findings of a brief


class CommunityKind(QuestionKind):
    """A question over some findings, which are its answer as they stand.

    A small teacher that writes an answer joins what nobody said; summaries, comparisons and rankings are asked by rule.
    """

    name = "global"
    writer = GLOBAL_WRITER
    rules = Rules(cover=0.6)
    of_reports = True
    by_rule = True

    def briefs(self, known: Knowledge, config: SynthesisConfig) -> list[Brief]:
        """Up to `global_per_report` a report."""
        return global_briefs(known.reports, known.entities, config)

    def amount(self, ahead: Forecast, config: SynthesisConfig) -> Amount:
        """As many for every report; there may be none."""
        return Amount(0, ahead.reports * config.global_.briefs_per_report, PROMPT_TOKENS + FINDINGS_TOKENS)

    async def draft(self, sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
        """The findings are the answer; their sentences the evidence, none if one of them stands nowhere."""
        question = question_by_rule(brief, sources.entities)
        if not question:
            question = (await write_global(sources.clients["question_writer"], brief, reasons)).question.strip()
        findings = sources.reports[brief.targets[0]].findings
        of_claim = {" ".join(finding.claim.split()): finding.chunk_ids for finding in findings}
        carriers = [sources.carrier(claim, of_claim[claim]) for claim in brief.statements]
        evidence = {(e.chunk_id, e.start): e for e in carriers if e} if all(carriers) else {}
        answer = " ".join(brief.statements)
        return Draft(self.name, question, answer, answer, list(evidence.values()))

    def rounds(self, brief: Brief, config: SynthesisConfig) -> int:
        """A brief that is asked by rule has one question, so that nothing is gained by sending it back."""
        return 1 if asked_by_rule(brief) else config.max_rounds

    def source(self, sources: Sources, brief: Brief, draft: Draft) -> str:
        """The evidence, with its titles."""
        return quoted(sources, draft.evidence)

    def settled(self, brief: Brief, draft: Draft) -> set[str]:
        """Findings that name a thing are what is known about it, in whatever order, and quoted ones are true."""
        if not asked_by_rule(brief):
            return set()
        quotes = [" ".join(e.quote.split()) for e in draft.evidence]
        true = all(any(claim in quote for quote in quotes) for claim in brief.statements)
        return {gate for gate, passed in (("relevant", brief.style != "comparison"), ("faithful", true)) if passed}

    def community(self, brief: Brief) -> str | None:
        """The report's."""
        return brief.targets[0]


COMMUNITY = CommunityKind()

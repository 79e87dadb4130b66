"""Questions that need two facts, which share a name."""

from __future__ import annotations

from agents.records import Brief, Example
from agents.roles.checks import Draft
from agents.roles.question_writer import MULTI_HOP_WRITER, write_multi_hop
from agents.text.names import names_in
from graphs.briefs.multi_hop import multi_hop_briefs
from graphs.config import SynthesisConfig
from graphs.drafting.gates import ANSWERABLE, GateCheck
from graphs.drafting.kind import PROMPT_TOKENS, Amount, Forecast, Knowledge, QuestionKind, quoted
from graphs.knowledge.sources import Sources

FACTS_TOKENS = 100  # of both facts


class MultiHopKind(QuestionKind):
    """A question over two facts; both are its evidence, and neither alone may answer it."""

    name = "multi_hop"
    writer = MULTI_HOP_WRITER

    def briefs(self, known: Knowledge, config: SynthesisConfig) -> list[Brief]:
        """At most `multi_hop_briefs`."""
        return multi_hop_briefs(known.chunks, known.entities, config)

    def amount(self, ahead: Forecast, config: SynthesisConfig) -> Amount:
        """At most so many."""
        return Amount(0, config.multi_hop.briefs, PROMPT_TOKENS + FACTS_TOKENS)

    async def draft(self, sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
        """The question leaves out the name that both facts share."""
        first, second = brief.statements
        asked = await write_multi_hop(sources.clients["question_writer"], first, second, brief.subject, reasons)
        spans = [sources.evidence(cid, fact) for cid, fact in zip(brief.chunk_ids, (first, second), strict=True)]
        evidence = [span for found in spans for span in found] if all(spans) else []
        bridge = sources.entities[brief.targets[0]]
        hidden = (bridge.name, *bridge.aliases)
        return Draft(
            self.name, asked.question.strip(), f"{first} {second}", asked.answer.strip(), evidence, hidden=hidden
        )

    def source(self, sources: Sources, brief: Brief, draft: Draft) -> str:
        """The evidence, with its titles."""
        return quoted(sources, draft.evidence)

    def gate_checks(self, sources: Sources, brief: Brief, draft: Draft) -> list[GateCheck]:
        """Half of the evidence must not answer the question either."""
        halves = [quoted(sources, [half]) for half in draft.evidence]
        checks = super().gate_checks(sources, brief, draft)
        return checks + [GateCheck(ANSWERABLE, half, False, "one document is enough") for half in halves]

    def most_checks(self, config: SynthesisConfig) -> int:
        """One more for each half."""
        return super().most_checks(config) + 2

    def hidden(self, first: Example) -> tuple[str, ...]:
        """The names of the answer that the question left out."""
        return tuple(set(names_in(first.answer)) - set(names_in(first.question)))


MULTI_HOP = MultiHopKind()

"""A toy kind of question in one file: a riddle about each of the richest sentences, which must be solvable."""

from __future__ import annotations

from agents.records import Brief, Reasoning
from agents.roles.checks import Draft
from agents.roles.critic import Gate
from graphs.briefs.brief import brief_of
from graphs.briefs.facts import facts
from graphs.config import SynthesisConfig
from graphs.drafting.kind import Amount, Forecast, Knowledge, QuestionKind
from graphs.knowledge.sources import Sources
from tests.graphs.drafting.riddle_role import RIDDLER, SOLVABLE, write_riddle

A_CHUNK = 2


class RiddleKind(QuestionKind):
    """A riddle about one sentence, which is its evidence."""

    name = "riddle"
    writer = RIDDLER

    def briefs(self, known: Knowledge, config: SynthesisConfig) -> list[Brief]:
        """Two a chunk."""
        told = [(chunk, text) for chunk in known.chunks for text in facts(chunk)[:A_CHUNK]]
        return [brief_of("riddle", "guess", [], [chunk.id], [text]) for chunk, text in told]

    def amount(self, ahead: Forecast, config: SynthesisConfig) -> Amount:
        """As many."""
        briefs = len(self.briefs(Knowledge(ahead.chunks, []), config))
        return Amount(briefs, briefs, 100)

    async def draft(self, sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
        """The sentence is the evidence."""
        (sentence,) = brief.statements
        riddle = await write_riddle(sources.clients["riddler"], sentence, reasons)
        return Draft(self.name, riddle.question, "", riddle.answer, sources.evidence(brief.chunk_ids[0], sentence))

    def gates(self, reasoning: Reasoning) -> list[tuple[Gate, bool]]:
        """The common gates, then its own."""
        return [*super().gates(reasoning), (SOLVABLE, True)]


RIDDLE = RiddleKind()

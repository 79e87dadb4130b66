"""Questions about known names that the page does not answer."""

from __future__ import annotations

from agents.records import REFUSAL, Brief, Reasoning
from agents.roles.checks import Draft, Rules
from agents.roles.critic import Gate
from agents.roles.question_writer import UNKNOWN_WRITER, write_unknown
from agents.text.unanswerable_templates import question_by_template
from graphs.briefs.unanswerable import unanswerable_briefs
from graphs.config import SynthesisConfig
from graphs.drafting.gates import ANSWERABLE, SELF_CONTAINED
from graphs.drafting.kind import Amount, Forecast, Knowledge, QuestionKind
from graphs.knowledge.sources import Sources


class UnanswerableKind(QuestionKind):
    """A question that is answered by the refusal, since the page must not answer it."""

    name = "unanswerable"
    writer = UNKNOWN_WRITER
    rules = Rules(answered=False)
    reworded = False
    by_rule = True
    teaches = False

    def briefs(self, known: Knowledge, config: SynthesisConfig) -> list[Brief]:
        """At most `unanswerable_briefs`."""
        return unanswerable_briefs(known.entities, config)

    def amount(self, ahead: Forecast, config: SynthesisConfig) -> Amount:
        """As many, if the corpus names so much."""
        return Amount(0, config.unanswerable.briefs, ahead.page)

    async def draft(self, sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
        """At first a question about a person is asked by rule, where no word of the page hints at its answer."""
        page, targets = sources.page(brief), [sources.entities.get(target) for target in brief.targets]
        person = any(target and target.type == "person" for target in targets)
        question = question_by_template(brief.subject, brief.style, page) if person and not reasons else ""
        if not question:
            writer = sources.clients["question_writer"]
            question = (await write_unknown(writer, page, brief.subject, brief.style, reasons)).question.strip()
        return Draft(self.name, question, "", REFUSAL, [])

    def gates(self, reasoning: Reasoning) -> list[tuple[Gate, bool]]:
        """It must not be answerable."""
        return [(SELF_CONTAINED, True), (ANSWERABLE, False)]


UNANSWERABLE = UnanswerableKind()

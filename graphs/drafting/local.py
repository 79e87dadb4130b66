"""Questions about one fact: its sentence, what goes with it, and what a draft that was sent back asks."""

from __future__ import annotations

from agents.records import Brief, Evidence
from agents.roles.checks import Draft, Rules
from agents.roles.question_writer import LOCAL_WRITER, write_local
from agents.text.prompt_injection import orders_in
from agents.text.sentences import is_prose, sentences
from graphs.briefs.budget import Spent, wanted
from graphs.briefs.local import local_briefs
from graphs.config import SynthesisConfig
from graphs.drafting.kind import Amount, Forecast, Knowledge, QuestionKind
from graphs.knowledge.sources import Sources


class LocalKind(QuestionKind):
    """A question about one sentence, which is its evidence whatever the model quotes."""

    name = "local"
    writer = LOCAL_WRITER
    rules = Rules(one_fact=True)
    contrasted = True

    def briefs(self, known: Knowledge, config: SynthesisConfig) -> list[Brief]:
        """As many as the budget wants at first."""
        return local_briefs(known.chunks, known.entities, config, wanted(known.chunks, config, Spent(), 0))

    def amount(self, ahead: Forecast, config: SynthesisConfig) -> Amount:
        """More where further rounds for a budget may add some."""
        fewest = len(self.briefs(Knowledge(ahead.chunks, []), config))
        rounds = config.row_budget or config.token_budget
        return Amount(fewest, len(local_briefs(ahead.chunks, [], config)) if rounds else fewest, ahead.page)

    async def draft(self, sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
        """An answer that the sentence does not carry fails a check; reasoning that is not taught is not kept."""
        local = await write_local(sources.clients["question_writer"], sources.page(brief), brief, reasons)
        evidence = sources.evidence(brief.chunk_ids[0], brief.statements[0])
        evidence += beside(sources, brief) if brief.length == "paragraph" else []
        return Draft(
            self.name,
            local.question.strip(),
            local.recall.strip() if sources.config.reasoning != "none" else "",
            local.answer.strip(),
            evidence,
            terms=_terms(sources, brief),
            length=brief.length,
        )

    def again(self, brief: Brief) -> Brief:
        """The plainest question, since its sentence could not serve the one that was wanted."""
        plain = {"style": "what", "asker": "", "length": "sentence", "depth": "recall"}
        return brief.model_copy(update=plain)


def beside(sources: Sources, brief: Brief) -> list[Evidence]:
    """The sentences right before and right after the brief's; headings and orders to a model are left out."""
    chunk = sources.chunks[brief.chunk_ids[0]]
    spans, orders = [chunk.text[start:end] for start, end in sentences(chunk.text)], orders_in(chunk.text)
    at = spans.index(brief.statements[0])
    beside = [
        text for text in (*spans[max(at - 1, 0) : at], *spans[at + 1 : at + 2]) if is_prose(text) and text not in orders
    ]
    return [span for text in beside for span in sources.evidence(chunk.id, text)]


def _terms(sources: Sources, brief: Brief) -> tuple[str, ...]:
    """Names of several words that the brief's sentence tells of: one word alone ("lamp") says too little."""
    return tuple(
        n
        for target in brief.targets
        for n in (sources.entities[target].name, *sources.entities[target].aliases)
        if " " in n and n in brief.statements[0]
    )


LOCAL = LocalKind()

"""Rows that tell a passage anew."""

from __future__ import annotations

from agents.records import Brief
from agents.roles.checks import TOLD_ANEW, Draft, check_told_anew
from agents.roles.document_writer import REWRITER, rewrite
from agents.roles.question_writer import subject_of, write_global
from graphs.briefs.rewrite import rewrite_briefs, titled_question, told_anew
from graphs.config import SynthesisConfig
from graphs.drafting.kind import Amount, Forecast, Knowledge, QuestionKind
from graphs.knowledge.sources import Sources


class RewriteKind(QuestionKind):
    """The sentences of a passage told anew; asked for by rule, or by a question that they answer together."""

    name = "document"
    writer = REWRITER
    rules = TOLD_ANEW
    reworded = False
    teaches = False

    def briefs(self, known: Knowledge, config: SynthesisConfig) -> list[Brief]:
        """`rewrites` a passage."""
        return rewrite_briefs(known.chunks, known.entities, config)

    def amount(self, ahead: Forecast, config: SynthesisConfig) -> Amount:
        """As many."""
        briefs = len(rewrite_briefs(ahead.chunks, [], config))
        return Amount(briefs, briefs, ahead.page)

    async def draft(self, sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
        """Sentences that fail a check are left out."""
        writer, chunk, (passage,) = (
            sources.clients["question_writer"],
            sources.chunks[brief.chunk_ids[0]],
            brief.statements,
        )
        page, sentences = sources.page(brief), told_anew(passage, chunk)
        lines = await rewrite(writer, page, sentences)
        pairs = zip(lines, (sources.evidence(chunk.id, sentence) for sentence, _ in sentences), strict=True)
        kept = [(line.strip(), proof) for line, proof in pairs if not check_told_anew(line, proof, page)]
        told, evidence = [line for line, _ in kept], [span for _, proof in kept for span in proof]
        text = " ".join(told)
        if brief.style == "rewrite" or not kept:
            return Draft(self.name, titled_question(sources.title(chunk.id), text or passage), "", text, evidence)
        summary = brief.model_copy(update={"style": "summary", "statements": told, "subject": subject_of(told)})
        asked = await write_global(writer, summary, reasons)
        return Draft(self.name, asked.question.strip(), "", text, evidence)

    def check(self, draft: Draft, source: str) -> str | None:
        """A draft of which no sentence was kept says nothing."""
        return super().check(draft, source) if draft.evidence else "no sentence told anew"

    def settled(self, brief: Brief, draft: Draft) -> set[str]:
        """A passage answers what asks for it by its names."""
        return {"self_contained", "relevant", "answerable", "reasoning"} if brief.style == "rewrite" else set()


REWRITE = RewriteKind()

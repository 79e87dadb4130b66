"""What a draft is written and judged with: the items a brief points to, and which gates its kind must pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.community_summarizer import by_sentence
from agents.critic import GATES, Draft, Gate, check_told_anew
from agents.document_writer import rewrite
from agents.llm import Client
from agents.orders import orders_in
from agents.question_writer import write_global, write_local, write_multi_hop, write_unknown
from agents.records import REFUSAL, Brief, Chunk, Community, Document, Entity, Evidence, Kind, Reasoning, Report
from agents.text import content_words, find_quote, is_prose, sentences
from agents.untold import untold
from graphs.briefs import SynthesisConfig
from graphs.global_briefs import asked_by_rule, question_by_rule
from graphs.rewrites import titled_question, told_anew

ANSWERABLE = next(gate for gate in GATES if gate.name == "answerable")
SOURCE_CHARACTERS = 6000  # most characters of source in a gate's prompt: about 1,500 tokens
LEAST_OVERLAP = 0.5  # of a finding's content words that the evidence sentence must hold


@dataclass(frozen=True)
class Trial:
    """A gate with the source it sees, the verdict it must give, and what another verdict means."""

    gate: Gate
    source: str
    wanted: bool = True
    reason: str = "question is answerable"


@dataclass(frozen=True)
class Desk:
    """The graph's items by id, the clients by role, and the config: read by every draft, changed by none."""

    config: SynthesisConfig
    clients: Mapping[str, Client]
    documents: Mapping[str, Document]
    chunks: Mapping[str, Chunk]
    entities: Mapping[str, Entity] = field(default_factory=dict)
    communities: Mapping[str, Community] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)

    def threshold(self, gate: Gate) -> float:
        """The P(yes) a gate asks for."""
        return threshold(self.config, gate)

    def title(self, chunk_id: str) -> str:
        """The title of the chunk's document."""
        return self.documents[self.chunks[chunk_id].document_id].title

    def page(self, brief: Brief) -> str:
        """The chunks of a brief as the writer and the critic read them, each under its document's title."""
        share = SOURCE_CHARACTERS // max(1, len(brief.chunk_ids))
        return "\n\n".join(f"{self.title(cid)}\n\n{self.chunks[cid].text[: max(share, 400)]}" for cid in brief.chunk_ids)[: SOURCE_CHARACTERS + 400]

    def trials(self, brief: Brief, draft: Draft) -> list[Trial]:
        """The gates of a draft that are open, cheapest first, each with its source. Half of its evidence must not answer a multi-hop question."""
        source, settled = self.source(brief, draft), _settled(brief, draft)
        trials = [Trial(gate, source, wanted) for gate, wanted in asked_of(brief.kind, self.config) if gate.name not in settled]
        if brief.kind == "multi_hop":
            trials += [Trial(ANSWERABLE, f"{self.title(e.chunk_id)}: {e.quote}", False, "one document is enough") for e in draft.evidence]
        return trials

    def source(self, brief: Brief, draft: Draft) -> str:
        """What the draft is compared with: the page; for several facts together the evidence, sentence by sentence, with its titles."""
        if brief.kind not in ("global", "multi_hop"):
            return self.page(brief)
        return "\n".join(f"{self.title(e.chunk_id)}: {e.quote}" for e in draft.evidence)

    async def write(self, brief: Brief, reasons: list[str]) -> Draft:
        """A draft of the brief's kind, its evidence found in the chunks. Raises what `Role.ask` raises."""
        writer = self.clients["question_writer"]
        if brief.kind == "global":
            return await self._global(writer, brief, reasons)
        if brief.kind == "multi_hop":
            return await self._multi_hop(writer, brief, reasons)
        if brief.kind == "document":
            return await self._rewrite(writer, brief, reasons)
        if brief.kind == "unanswerable":
            return Draft(brief.kind, await self._unknown(writer, brief, reasons), "", REFUSAL, [])
        brief = asked_again(brief) if reasons else brief
        local = await write_local(writer, self.page(brief), brief, reasons)
        evidence = self.evidence(brief.chunk_ids[0], brief.focus)  # whatever the model quotes; an answer that this does not carry is found by the checks
        evidence += self.beside(brief) if brief.length == "paragraph" else []
        recall = local.recall.strip() if self.config.reasoning != "none" else ""  # what is not taught is not kept, and not held against the draft
        return Draft(brief.kind, local.question.strip(), recall, local.answer.strip(), evidence, terms=self._terms(brief), length=brief.length)

    async def _unknown(self, writer: Client, brief: Brief, reasons: list[str]) -> str:
        """A question that the page does not answer; at first one about a person by rule, where no word of the page hints at its answer."""
        person = any(self.entities[target].type == "person" for target in brief.targets if target in self.entities)
        by_rule = untold(brief.focus, brief.style, self.page(brief)) if person and not reasons else ""
        return by_rule or (await write_unknown(writer, self.page(brief), brief.focus, brief.style, reasons)).question.strip()

    async def _rewrite(self, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
        """The sentences of a passage told anew, those left out that fail a check; asked for by rule, or by a question that they answer together."""
        page, chunk = self.page(brief), self.chunks[brief.chunk_ids[0]]
        sentences = told_anew(brief.focus, chunk)
        lines = await rewrite(writer, page, sentences)
        pairs = zip(lines, (self.evidence(chunk.id, sentence) for sentence, _ in sentences), strict=True)
        kept = [(line.strip(), proof) for line, proof in pairs if not check_told_anew(line, proof, page)]
        text, evidence = " ".join(line for line, _ in kept), [span for _, proof in kept for span in proof]
        if brief.style == "rewrite" or not kept:
            return Draft(brief.kind, titled_question(self.title(chunk.id), text or brief.focus), "", text, evidence)
        asked = await write_global(writer, brief.model_copy(update={"focus": "\n".join(line for line, _ in kept), "style": "summary"}), reasons)
        return Draft(brief.kind, asked.question.strip(), "", text, evidence)

    def beside(self, brief: Brief) -> list[Evidence]:
        """The sentences right before and right after the brief's; headings and orders to a model are left out."""
        chunk = self.chunks[brief.chunk_ids[0]]
        spans, orders = [chunk.text[start:end] for start, end in sentences(chunk.text)], orders_in(chunk.text)
        at = spans.index(brief.focus)
        beside = [text for text in (*spans[max(at - 1, 0) : at], *spans[at + 1 : at + 2]) if is_prose(text) and text not in orders]
        return [span for text in beside for span in self.evidence(chunk.id, text)]

    def _terms(self, brief: Brief) -> tuple[str, ...]:
        """Names of several words that the brief's sentence tells of: one word alone ("lamp") says too little."""
        return tuple(n for target in brief.targets for n in (self.entities[target].name, *self.entities[target].aliases) if " " in n and n in brief.focus)

    async def _multi_hop(self, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
        """A question over two facts; both are its evidence."""
        bridge = self.entities[brief.targets[0]]
        first, second = brief.focus.split("\n")
        draft = await write_multi_hop(writer, first, second, bridge.name, reasons)
        spans = [self.evidence(cid, fact) for cid, fact in zip(brief.chunk_ids, (first, second), strict=True)]
        evidence = [span for found in spans for span in found] if all(spans) else []
        return Draft(brief.kind, draft.question.strip(), f"{first} {second}", draft.answer.strip(), evidence, (bridge.name, *bridge.aliases))

    async def _global(self, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
        """A question over some findings, which are its answer as they stand: a small teacher that writes one joins what nobody said.

        Summaries, comparisons and rankings are asked by rule.
        """
        claims = brief.focus.split("\n")
        question = question_by_rule(brief, self.entities) or (await write_global(writer, brief, reasons)).question.strip()
        of_claim = {" ".join(finding.claim.split()): finding.chunk_ids for finding in self.reports[brief.targets[0]].findings}
        carriers = [self.carrier(claim, of_claim[claim]) for claim in claims]
        evidence = {(e.chunk_id, e.start): e for e in carriers if e} if all(carriers) else {}
        answer = " ".join(claims)
        return Draft(brief.kind, question, answer, answer, list(evidence.values()))

    def evidence(self, chunk_id: str, quote: str) -> list[Evidence]:
        """`quote` as a span of its document; a near match is replaced by the source's own span; empty if it is not there."""
        chunk = self.chunks[chunk_id]
        span = find_quote(quote, chunk.text)
        if span is None:
            return []
        start, end = chunk.start + span[0], chunk.start + span[1]
        return [Evidence(chunk_id=chunk_id, start=start, end=end, quote=self.documents[chunk.document_id].text[start:end])]

    def carrier(self, claim: str, chunk_ids: list[str]) -> Evidence | None:
        """The sentence of these chunks that shares the most content words with `claim`."""
        wanted = content_words(claim)
        best, score = None, LEAST_OVERLAP
        for cid in chunk_ids:
            text = self.chunks[cid].text
            for (start, end), (_, content) in zip(sentences(text), by_sentence(text), strict=True):
                overlap = len(wanted & content) / max(1, len(wanted))
                if overlap > score:
                    best, score = (cid, text[start:end]), overlap
        return self.evidence(*best)[0] if best else None


def asked_again(brief: Brief) -> Brief:
    """What a draft that was sent back is written by: of a local brief the plainest question, since its sentence could not serve the one that was wanted."""
    plain = {"style": "what", "asker": "", "length": "sentence", "depth": "recall"}
    return brief.model_copy(update=plain) if brief.kind == "local" else brief


def _settled(brief: Brief, draft: Draft) -> set[str]:
    """The gates that a draft passes by how it was made.

    Findings that name a thing are what is known about it, in whatever order, and quoted ones are true; a passage answers what asks for it by its names.
    """
    if brief.kind == "document" and brief.style == "rewrite":
        return {"self_contained", "relevant", "answerable", "reasoning"}
    if not asked_by_rule(brief):
        return set()
    quotes = [" ".join(e.quote.split()) for e in draft.evidence]
    quoted = all(any(claim in quote for quote in quotes) for claim in brief.focus.split("\n"))
    return {gate for gate, passed in (("relevant", brief.style != "comparison"), ("faithful", quoted)) if passed}


def threshold(config: SynthesisConfig, gate: Gate) -> float:
    """The P(yes) a gate asks for: the config's, else its own."""
    return next((p for name, p in config.thresholds.items() if name == gate.name), gate.threshold)


def asked_of(kind: Kind, config: SynthesisConfig) -> list[tuple[Gate, bool]]:
    """The gates of a kind that are asked: a threshold of 0 lets everything pass."""
    return [(gate, wanted) for gate, wanted in gates_of(kind, config.reasoning) if threshold(config, gate) > 0]


def gates_of(kind: Kind, reasoning: Reasoning) -> list[tuple[Gate, bool]]:
    """The gates of a kind, cheapest first, with the verdict each must give: an unanswerable question must not be answerable.

    Reasoning that is not taught is not judged.
    """
    if kind == "unanswerable":
        return [(next(gate for gate in GATES if gate.name == "self_contained"), True), (ANSWERABLE, False)]
    return [(gate, True) for gate in GATES if gate.name != "reasoning" or reasoning != "none"]

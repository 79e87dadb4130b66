"""recipe = "paper": what the published scripts make of a corpus, as nodes of the same graph, to measure against.

Extract → merge → rows. There are no communities, no reports and no critic; nothing that was written is dropped. A row
quotes no evidence (its scripts ask for none); its `source` names the chunks that were read.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from agents.errors import ITEM_ERRORS
from agents.files import read_jsonl, write_jsonl
from agents.records import (
    Brief,
    Chunk,
    Document,
    Entity,
    Example,
    Item,
    Rejected,
    Relation,
    Source,
    Verdict,
    content_id,
)
from agents.roles.paper import (
    ANSWERER,
    EXTRACTOR,
    LONG_WRITER,
    TEMPLATE,
    Subject,
    answer_passage,
    ask_passage,
    describe,
    template_question,
    write_long,
)
from agents.roles.role import Role
from graphs.concurrency import gather
from graphs.context import Context
from graphs.lost import said_of
from graphs.nodes import Nodes
from graphs.paper.briefs import paper_briefs
from graphs.paper.subjects import join
from graphs.state import DraftedBrief, ShardState, SynthesisState, drafted

LEFT_BY_ANOTHER_RECIPE = ("communities.jsonl", "reports.jsonl", "graph.graphml")


class DescribedChunk(Item):
    """What the extractor tells of a chunk, or the reason why not."""

    chunk_id: str
    told: list[Subject]
    reason: str = ""
    said: str = ""


class PaperNodes(Nodes):
    """The nodes that the published recipe has of its own; loading, sharding and publishing are everybody's."""

    async def extract(self, state: ShardState) -> SynthesisState:
        """Described entities and relations of a shard's chunks; a chunk that fails is recorded with its reason."""
        chunks = {c.id: c for c in self.context.graph("chunks", Chunk)}
        titles = {d.id: d.title for d in self.context.graph("documents", Document)}
        with self.context.stage("extract", len(state["ids"])) as stage:

            async def one(cid: str) -> DescribedChunk:
                try:
                    told = await describe(
                        self.context.clients["extractor"], titles[chunks[cid].document_id], chunks[cid].text
                    )
                except ITEM_ERRORS as error:
                    stage.count("failed")
                    return DescribedChunk(chunk_id=cid, told=[], reason=error.reason, said=said_of(error))
                stage.count("done")
                return DescribedChunk(chunk_id=cid, told=told)

            await asyncio.to_thread(
                write_jsonl,
                self.context.work.path / f"{state['shard']}.jsonl",
                await gather(state["ids"], one, self.context.turn("extract")),
            )
        return {}

    def merge(self, state: SynthesisState) -> SynthesisState:
        """One list of entities and one of relations; what a run of another recipe left of communities goes."""
        rows = [
            row
            for path in sorted(self.context.work.path.glob("extract-*.jsonl"))
            for row in read_jsonl(path, DescribedChunk)
        ]
        with self.context.stage("merge") as stage:
            told = {row.chunk_id: row.told for row in rows}
            entities, relations = join(told, [chunk.id for chunk in self.context.graph("chunks", Chunk)])
            write_jsonl(self.graph_dir / "entities.jsonl", entities)
            write_jsonl(self.graph_dir / "relations.jsonl", relations)
            for name in LEFT_BY_ANOTHER_RECIPE:
                (self.graph_dir / name).unlink(missing_ok=True)
            stage.count("entities", len(entities))
            stage.count("relations", len(relations))
        return {
            "counts": {
                "entities": len(entities),
                "relations": len(relations),
                "chunks_failed": sum(bool(row.reason) for row in rows),
            }
        }

    def plan_local(self, state: SynthesisState) -> SynthesisState:
        """Every row that the recipe makes, or a sample of them."""
        entities, relations = self.context.graph("entities", Entity), self.context.graph("relations", Relation)
        briefs = paper_briefs(self.context.graph("chunks", Chunk), entities, relations, self.context.synthesis)
        write_jsonl(self.context.work.path / "briefs-local.jsonl", briefs)
        write_jsonl(self.context.work.path / "briefs-global.jsonl", [])
        return {"counts": {"briefs_local": len(briefs)}}

    async def draft(self, state: ShardState) -> SynthesisState:
        """A row a brief of the shard; a brief whose call fails is recorded with its reason."""
        wanted = set(state["ids"])
        briefs = {b.id: b for b in self.context.briefs("local") if b.id in wanted}
        writer = RowWriter(self.context)
        with self.context.stage("rows", len(state["ids"])) as stage:

            async def one(brief_id: str) -> DraftedBrief:
                brief = briefs[brief_id]
                try:
                    row = await writer.row(brief)
                except ITEM_ERRORS as error:
                    stage.count("failed")
                    return DraftedBrief(
                        brief_id=brief_id, examples=[], rejected=[_failed(brief, error.reason, error.said)]
                    )
                stage.count("kept")
                return DraftedBrief(brief_id=brief_id, examples=[row], rejected=[])

            path = self.context.work.path / f"drafts-{state['shard']}.jsonl"
            await asyncio.to_thread(write_jsonl, path, await gather(state["ids"], one, self.context.turn("local")))
        return {"drafts": [str(path)]}

    def filter(self, state: SynthesisState) -> SynthesisState:
        """Nothing goes: every row that was written is kept, as published; what the rows reach is told."""
        rows, briefs = list(drafted(state)), self.context.all_briefs(0)
        write_jsonl(self.context.work.path / "kept.jsonl", [example for row in rows for example in row.examples])
        write_jsonl(self.context.work.path / "dropped.jsonl", [failed for row in rows for failed in row.rejected])
        written = {row.brief_id for row in rows if row.examples}
        return {
            "coverage": {"asked": self._reached(briefs), "kept": self._reached([b for b in briefs if b.id in written])},
            "rounds": 0,
        }

    def _made(self, kept: Iterable[Example]) -> Iterator[Example]:
        """The recipe has no rows without a model but its templates, which are drafted."""
        return iter(())

    def _reached(self, briefs: Sequence[Brief]) -> dict[str, tuple[int, int]]:
        """(reached by `briefs`, all) of chunks, entities and relations."""
        ids = {name for brief in briefs for name in (*brief.chunk_ids, *brief.targets)}
        items = {
            name: self.context.graph(name, item)
            for name, item in (("chunks", Chunk), ("entities", Entity), ("relations", Relation))
        }
        return {name: (sum(item.id in ids for item in found), len(found)) for name, found in items.items()}


class RowWriter:
    """From a brief to its row, by the way of the brief's style."""

    def __init__(self, context: Context) -> None:
        self.config = context.synthesis
        self.clients = context.clients
        self.documents = {d.id: d for d in context.graph("documents", Document)}
        self.chunks = {c.id: c for c in context.graph("chunks", Chunk)}
        entities = {e.id: e for e in context.graph("entities", Entity)}
        self.subjects = {e.id: Subject((e.name,), e.type, e.description) for e in entities.values()}
        for relation in context.graph("relations", Relation):
            names = (entities[relation.source].name, entities[relation.target].name)
            self.subjects[relation.id] = Subject(names, "", relation.description)

    async def row(self, brief: Brief) -> Example:
        """The row of a brief. Raises what `Role.ask` raises."""
        subject, writer = self.subjects[brief.targets[0]], self.clients["question_writer"]
        if brief.style == "template":
            question = template_question(subject, random.Random(f"{self.config.seed} {brief.id}"))
            return self._example(brief, TEMPLATE, EXTRACTOR, question, "", subject.description)
        if brief.style == "long":
            draft = await write_long(writer, self._passages(brief.chunk_ids), subject)
            return self._example(brief, LONG_WRITER.name, LONG_WRITER, draft.question, draft.thought, draft.answer)
        passage = self._passages(brief.chunk_ids)[0]
        asked = await ask_passage(writer, passage, subject)
        answered = await answer_passage(writer, passage, subject, asked)
        return self._example(brief, ANSWERER.name, ANSWERER, asked.question, answered.thought, answered.answer)

    def _passages(self, chunk_ids: Sequence[str]) -> list[str]:
        """Each chunk under its document's title; each keeps an equal share of `report_characters`."""
        share = self.config.report_characters // len(chunk_ids)
        chunks = [self.chunks[cid] for cid in chunk_ids]
        return [f"{self.documents[chunk.document_id].title}\n\n{chunk.text[:share]}" for chunk in chunks]

    def _example(self, brief: Brief, role: str, prompt: Role[Any], question: str, thought: str, answer: str) -> Example:
        fact, client = content_id("fact", brief.id, answer), self.clients[prompt.model_key]
        source = Source(
            documents=sorted({self.documents[self.chunks[cid].document_id].path for cid in brief.chunk_ids}),
            chunks=brief.chunk_ids,
            role=role,
            prompt=prompt.hash_with(client.prompts),
            model=client.backend.identity,
            seed=self.config.seed,
        )
        return Example(
            id=content_id("row", fact, question),
            kind="local",
            fact=fact,
            question=question.strip(),
            reasoning=thought.strip(),
            answer=answer.strip(),
            evidence=[],
            source=source,
            round=0 if role == TEMPLATE else 1,
            verdict=Verdict(gates={}),
        )


def _failed(brief: Brief, reason: str, raw: str) -> Rejected:
    named = content_id("rejected", brief.id, reason)
    return Rejected(
        id=named,
        kind=brief.kind,
        brief=brief.id,
        question="",
        answer="",
        gate="writer",
        reason=reason,
        raw=raw,
        round=1,
    )

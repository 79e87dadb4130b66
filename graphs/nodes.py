"""The nodes of a synthesis: each moves items between the files of the run and a role, a filter or a rule."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from agents.errors import ITEM_ERRORS
from agents.extraction import Extraction
from agents.files import each_item, read_jsonl, write_jsonl, write_text
from agents.models.embedding import minilm
from agents.records import Chunk, Community, Document, Entity, Example, Rejected, Relation, Report
from agents.roles.extractor import extract
from agents.text.fast_extractor import find
from agents.text.prompt_injection import orders_in
from graphs.briefs.budget import Spent
from graphs.briefs.coverage import coverage, more_briefs
from graphs.briefs.facts import facts
from graphs.community_reports import write_reports
from graphs.concurrency import gather
from graphs.context import Context
from graphs.corpus.documents import tell_skipped
from graphs.dataset.filters import filter_rows
from graphs.dataset.near_duplicates import drop_near_duplicates
from graphs.dataset.publish import publish
from graphs.dataset.quoted_rows import rows_without_model
from graphs.drafting.kind import Knowledge
from graphs.drafting.kinds import first_briefs, reaching, report_briefs
from graphs.drafting.loop import build_drafting
from graphs.fingerprint import fingerprint, inputs
from graphs.item_cache import collect_garbage
from graphs.knowledge.communities import detect
from graphs.knowledge.graphml import graphml, read_graph
from graphs.knowledge.judging import resolved
from graphs.knowledge.merge import Merging, to_graph
from graphs.knowledge.sources import titled
from graphs.lost import said_of, told_if_empty
from graphs.review.decisions import read_decisions, wanted_quotes
from graphs.review.node import review
from graphs.source import Corpus
from graphs.state import DraftedBrief, ExtractedChunk, ShardState, SynthesisState, drafted


class Nodes:
    """The nodes: each moves items between the files of a stage and a role."""

    reads_chunks = "extract"
    """The node that reads the chunks, a shard at a time."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.graph_dir = context.project.graph_dir
        self._drafting: dict[str, Any] = {}
        """The compiled writer–critic graph of each branch, which its shards share."""

    def _begun(self, state: SynthesisState) -> Corpus:
        """The corpus, with an empty work folder for what is made of it; `fresh` forgets the last partition."""
        self._drafting.clear()
        corpus = self.context.corpus
        self.context.begin(fingerprint(inputs(self.context.project, corpus)), state.get("fresh", False))
        return corpus

    def load(self, state: SynthesisState) -> SynthesisState:
        """Documents and chunks, and what was skipped."""
        corpus = self._begun(state)
        with self.context.stage("load") as stage:
            loaded, chunks = corpus.loaded, corpus.chunks
            for name, items in (("documents", loaded.documents), ("skipped", loaded.skipped), ("chunks", chunks)):
                write_jsonl(self.graph_dir / f"{name}.jsonl", items)
                stage.count(name, len(items))
        corpus.forget()
        tell_skipped(loaded.skipped, self.context.console.say)
        return {"counts": {**loaded.counts, "chunks": len(chunks)}}

    def load_index(self, state: SynthesisState) -> SynthesisState:
        """The items of a GraphRAG index, up to the reports, and what was left out."""
        corpus = self._begun(state)
        with self.context.stage("load") as stage:
            index = corpus.index
            for name, items in index.items.items():
                write_jsonl(self.graph_dir / f"{name}.jsonl", items)
                stage.count(name, len(items))
            write_text(self.graph_dir / "graph.graphml", graphml(to_graph(index.entities, index.relations)))
        corpus.forget()
        tell_skipped(index.skipped, self.context.console.say)
        if index.rebuilt:
            self.context.console.say(
                "documents put together from their text units, since the index does not hold their text as it was cut: "
                f"{index.rebuilt}"
            )
        return {"counts": index.counts}

    def chunk_shards(self, state: SynthesisState) -> list[Any]:
        """A Send per shard of chunks."""
        from langgraph.types import Send

        ids = sorted(chunk.id for chunk in self.context.graph("chunks", Chunk))
        node = self.reads_chunks
        return [
            Send(node, {"shard": f"{node}-{n:04}", "ids": shard}) for n, shard in enumerate(self.context.shards(ids))
        ]

    async def extract(self, state: ShardState) -> SynthesisState:
        """Entities and relations of a shard's chunks; a chunk that fails is recorded with its reason."""
        chunks_by_id = {c.id: c for c in self.context.graph("chunks", Chunk)}
        documents = {d.id: d for d in self.context.graph("documents", Document)}
        with self.context.stage("extract", len(state["ids"])) as stage:

            async def one(cid: str) -> ExtractedChunk:
                chunk = chunks_by_id[cid]
                try:
                    found = await self._found(titled(documents[chunk.document_id], chunk), chunk.text)
                except ITEM_ERRORS as error:
                    stage.count("failed")
                    return ExtractedChunk(chunk_id=cid, reason=error.reason, said=said_of(error))
                stage.count("done")
                return ExtractedChunk(chunk_id=cid, extraction=found)

            path = self.context.work.path / f"{state['shard']}.jsonl"
            await asyncio.to_thread(write_jsonl, path, await gather(state["ids"], one, self.context.turn("extract")))
        return {}

    async def _found(self, title: str, text: str) -> Extraction:
        knowledge = self.context.knowledge
        if knowledge.method == "fast":
            return find(text, knowledge.entity_types)
        return await extract(self.context.clients["extractor"], title, text, knowledge.entity_types)

    async def merge(self, state: SynthesisState) -> SynthesisState:
        """One graph of the whole corpus."""
        paths = sorted(self.context.work.path.glob("extract-*.jsonl"))
        extracted = [row for path in paths for row in read_jsonl(path, ExtractedChunk)]
        chunks = self.context.graph("chunks", Chunk)
        with self.context.stage("merge") as stage:
            extractions = {row.chunk_id: row.extraction for row in extracted}
            merging = await asyncio.to_thread(Merging, extractions, chunks, self.context.knowledge)
            found = await resolved(merging, self.context.clients["same_entity"], self.context.turn("merge"))
            for name, items in (("entities", found.entities), ("relations", found.relations), ("merges", found.merges)):
                write_jsonl(self.graph_dir / f"{name}.jsonl", items)
                stage.count(name, len(items))
        collect_garbage(len(chunks))
        for warning in found.warnings:
            self.context.console.say(warning)
        counts = {"entities": len(found.entities), "relations": len(found.relations), "merges": len(found.merges)}
        failed = {"pairs_failed": found.unjudged, "chunks_failed": sum(bool(row.reason) for row in extracted)}
        return {"counts": counts | failed}

    def communities(self, state: SynthesisState) -> SynthesisState:
        """Communities and their root; the graph is saved as GraphML too."""
        with self.context.stage("communities") as stage:
            found = self._detected()
            write_jsonl(self.graph_dir / "communities.jsonl", found)
            stage.count("communities", len(found))
        collect_garbage(len(self.context.graph("entities", Entity)))
        return {"counts": {"communities": len(found)}}

    def _detected(self) -> list[Community]:
        """Write the graph and find its communities; those of the same graph are taken over from the last run."""
        entities, last = self.context.graph("entities", Entity), self.context.work.last_partition()
        graph = to_graph(entities, each_item(self.graph_dir / "relations.jsonl", Relation))
        drawn = graphml(graph)
        write_text(self.graph_dir / "graph.graphml", drawn)
        if last and last[0] == drawn:
            return last[1]
        before = (kept, last[1]) if last and (kept := read_graph(last[0])) is not None else None
        return detect(graph, entities, self.context.knowledge.community_size, self.context.synthesis.seed, before)

    async def summarize(self, state: SynthesisState) -> SynthesisState:
        """A report of each community, from the deepest level up; none where no row is made from one."""
        communities = self.context.graph("communities", Community) if self.context.synthesis.reports else []
        reports = await write_reports(self.context, communities)
        await asyncio.to_thread(write_jsonl, self.graph_dir / "reports.jsonl", reports)
        return {"counts": {"reports": len(reports), "reports_failed": len(communities) - len(reports)}}

    def plan_local(self, state: SynthesisState) -> SynthesisState:
        """Briefs of all kinds that need no report: about facts, about what the corpus does not tell, about passages."""
        chunks, entities = self.context.graph("chunks", Chunk), self.context.graph("entities", Entity)
        briefs = first_briefs(Knowledge(chunks, entities), self.context.synthesis)
        write_jsonl(self.context.work.path / "briefs-local.jsonl", briefs)
        silent, orders = sum(not facts(chunk) for chunk in chunks), sum(len(orders_in(chunk.text)) for chunk in chunks)
        return {"counts": {"briefs_local": len(briefs), "chunks_silent": silent, "orders_left_out": orders}}

    def plan_global(self, state: SynthesisState) -> SynthesisState:
        """Briefs about the whole."""
        graph = self.context.graph
        known = Knowledge(graph("chunks", Chunk), graph("entities", Entity), graph("reports", Report))
        briefs = report_briefs(known, self.context.synthesis)
        write_jsonl(self.context.work.path / "briefs-global.jsonl", briefs)
        return {"counts": {"briefs_global": len(briefs)}}

    def brief_shards(self, branch: str, node: str, otherwise: str) -> Any:
        """A Send to `node` per shard of a branch's briefs (`more`: of its last round); to `otherwise` without any."""
        from langgraph.types import Send

        def route(state: SynthesisState) -> Any:
            name = f"{branch}{state.get('rounds', '')}"
            ids = [brief.id for brief in self.context.briefs(name)]
            return [
                Send(node, {"shard": f"{name}-{n:04}", "ids": ids}) for n, ids in enumerate(self.context.shards(ids))
            ] or otherwise

        return route

    async def draft(self, state: ShardState) -> SynthesisState:
        """Every brief of a shard through the writer–critic graph, each on its own."""
        branch = state["shard"].partition("-")[0]
        wanted = set(state["ids"])
        briefs = {brief.id: brief for brief in self.context.briefs(branch) if brief.id in wanted}
        if branch not in self._drafting:
            self._drafting[branch] = build_drafting(self.context.sources())
        drafting = self._drafting[branch]
        with self.context.stage(f"{branch} rows", len(state["ids"])) as stage:

            async def one(brief_id: str) -> DraftedBrief:
                end = await drafting.ainvoke({"brief": briefs[brief_id]})
                stage.count("kept" if end["examples"] else "failed" if end.get("failed") else "rejected")
                return DraftedBrief(
                    brief_id=brief_id,
                    examples=end["examples"],
                    rejected=end["rejected"],
                    stopped_by=end["stopped_by"],
                    sent_back=end["sent_back"],
                )

            path = self.context.work.path / f"drafts-{state['shard']}.jsonl"
            await asyncio.to_thread(write_jsonl, path, await gather(state["ids"], one, self.context.turn(branch)))
        return {"drafts": [str(path)]}

    def filter(self, state: SynthesisState) -> SynthesisState:
        """Duplicates and conflicts across the set go."""
        self._drafting.clear()  # all rows together want the memory
        self.context.cache.clear()
        rejected = [fault for row in drafted(state) for fault in row.rejected]
        write_jsonl(self.graph_dir / "drafts.jsonl", (draft for row in drafted(state) for draft in row.earlier()))
        with self.context.stage("filter") as stage:
            kept, dropped = filter_rows([e for row in drafted(state) for e in row.examples])
            if nearest := self.context.synthesis.same_meaning:
                kept, twins = drop_near_duplicates(kept, minilm(self.context.console.say), nearest)
                dropped += twins
            stage.count("kept", len(kept))
            stage.count("rejected", len(dropped))
        write_jsonl(self.context.work.path / "kept.jsonl", kept)
        write_jsonl(self.context.work.path / "dropped.jsonl", rejected + dropped)
        return {}

    async def review(self, state: SynthesisState) -> SynthesisState:
        """What a person decided, and a stop until everything is if [synthesis] review says so."""
        return await review(self.context)

    def cover(self, state: SynthesisState) -> SynthesisState:
        """What the briefs and the kept rows reach, and briefs for facts that none does."""
        rounds = state.get("rounds", 0)
        path, briefs = self.context.work.path / "kept.jsonl", self.context.all_briefs(rounds)
        kept, spent = {row.id for row in each_item(path, Example)}, Spent.on(each_item(path, Example))
        answered = {row.brief_id for row in drafted(state) if any(example.id in kept for example in row.examples)}
        chunks, entities = self.context.graph("chunks", Chunk), self.context.graph("entities", Entity)
        pairs = [
            (relation.source, relation.target) for relation in each_item(self.graph_dir / "relations.jsonl", Relation)
        ]
        items = (chunks, entities, pairs, self.context.graph("communities", Community))
        of_rows = [brief for brief in briefs if brief.id in answered]
        more = more_briefs(briefs, of_rows, spent, chunks, entities, self.context.synthesis)
        write_jsonl(self.context.work.path / f"briefs-more{rounds + 1}.jsonl", more)
        reached = {"asked": coverage(reaching(briefs), *items), "kept": coverage(reaching(of_rows), *items)}
        return {"coverage": reached, "rounds": rounds + 1}

    def _made(self, kept: Iterable[Example]) -> Iterator[Example]:
        """The rows that need no model."""
        return rows_without_model(kept, self.context.sources())

    def publish(self, state: SynthesisState) -> SynthesisState:
        """The data files: what was kept, and the rows that need no model (pages, entities, contrasts)."""
        work = self.context.work.path
        was_reviewed = (work / "reviewed.jsonl").is_file()
        kept, made = work / ("reviewed.jsonl" if was_reviewed else "kept.jsonl"), work / "made.jsonl"
        rejected = read_jsonl(work / ("unwanted.jsonl" if was_reviewed else "dropped.jsonl"), Rejected)
        with self.context.stage("publish") as stage:
            wanted = wanted_quotes(
                self._made(each_item(kept, Example)) if kept.stat().st_size else (),
                read_decisions(self.context.project.decisions),
                rejected,
            )
            count = write_jsonl(made, wanted)
            rows = itertools.chain(each_item(kept, Example), each_item(made, Example))
            with told_if_empty(self.context, rejected, state.get("rounds", 0)):
                pages = self.context.pages
                result = publish(self.context.project.data_dir, rows, rejected, self.context.synthesis, pages)
            stage.count("train", result["rows"]["train"])
        return {"result": result, "counts": {"made_without_a_model": count}}

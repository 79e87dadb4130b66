"""The nodes of a synthesis: each moves items between the files of the run and a role, a filter or a rule."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from agents.errors import ITEM_ERRORS
from agents.extraction import Extraction
from agents.files import each_item, read_jsonl, write_jsonl, write_text
from agents.models.embedding import minilm
from agents.records import Brief, Chunk, Community, Document, Entity, Example, Rejected, Relation, Report
from agents.roles.community_summarizer import summarize
from agents.roles.extractor import extract
from agents.text.fast_extractor import find
from agents.text.prompt_injection import orders_in
from graphs.briefs.budget import Spent
from graphs.briefs.coverage import coverage, more_briefs
from graphs.briefs.facts import facts
from graphs.context import Context, gather
from graphs.corpus.chunks import chunk_documents
from graphs.corpus.documents import load_documents, tell_skipped
from graphs.dataset.filters import filter_rows
from graphs.dataset.near_duplicates import drop_near_duplicates
from graphs.dataset.publish import publish
from graphs.dataset.quoted_rows import rows_without_model
from graphs.drafting.kind import Knowledge
from graphs.drafting.kinds import first_briefs, reaching, report_briefs
from graphs.drafting.loop import build_drafting
from graphs.fingerprint import fingerprint, inputs
from graphs.graphrag.read import read_index
from graphs.knowledge.communities import detect
from graphs.knowledge.graphml import graphml, read_graph
from graphs.knowledge.merge import merge, to_graph
from graphs.review.decisions import read_decisions, reviewed
from graphs.review.decisions import rows_by_fact as by_fact
from graphs.source import index_folder
from graphs.state import DraftedBrief, ExtractedChunk, ShardState, SynthesisState, drafted


class Nodes:
    """The nodes: each moves items between the files of a stage and a role."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.graph_dir = context.project.graph_dir

    def load(self, state: SynthesisState) -> SynthesisState:
        """Documents and chunks, and what was skipped; `fresh` forgets the last partition."""
        self.context.begin(fingerprint(inputs(self.context.project)), state.get("fresh", False))
        with self.context.stage("load") as stage:
            loaded = load_documents(self.context.project.directory, self.context.documents)
            chunks = chunk_documents(loaded.documents, self.context.documents)
            write_jsonl(self.graph_dir / "documents.jsonl", loaded.documents)
            write_jsonl(self.graph_dir / "skipped.jsonl", loaded.skipped)
            write_jsonl(self.graph_dir / "chunks.jsonl", chunks)
            stage.count("documents", len(loaded.documents))
            stage.count("skipped", len(loaded.skipped))
            stage.count("chunks", len(chunks))
        tell_skipped(loaded.skipped, self.context.console.say)
        return {"counts": {**loaded.counts, "chunks": len(chunks)}}

    def load_index(self, state: SynthesisState) -> SynthesisState:
        """The items of a GraphRAG index, up to the reports, and what was left out."""
        self.context.begin(fingerprint(inputs(self.context.project)), state.get("fresh", False))
        folder = index_folder(self.context.project)
        assert folder is not None
        with self.context.stage("load") as stage:
            index = read_index(folder)
            for name, items in index.items.items():
                write_jsonl(self.graph_dir / f"{name}.jsonl", items)
                stage.count(name, len(items))
            write_text(self.graph_dir / "graph.graphml", graphml(to_graph(index.entities, index.relations)))
        tell_skipped(index.skipped, self.context.console.say)
        if index.rebuilt:
            self.context.console.say(
                f"documents put together from their text units, since the index does not hold their text as it was cut: {index.rebuilt}"
            )
        return {"counts": index.counts}

    def chunk_shards(self, state: SynthesisState) -> list[Any]:
        """A Send per shard of chunks."""
        from langgraph.types import Send

        ids = sorted(chunk.id for chunk in self.context.graph("chunks", Chunk))
        return [
            Send("extract", {"shard": f"extract-{n:04}", "ids": shard})
            for n, shard in enumerate(self.context.shards(ids))
        ]

    async def extract(self, state: ShardState) -> SynthesisState:
        """Entities and relations of a shard's chunks; a chunk that fails is recorded with its reason."""
        chunks_by_id = {c.id: c for c in self.context.graph("chunks", Chunk)}
        titles = {d.id: d.title for d in self.context.graph("documents", Document)}
        with self.context.stage("extract", len(state["ids"])) as stage:

            async def one(cid: str) -> ExtractedChunk:
                chunk = chunks_by_id[cid]
                try:
                    found = await self._found(titles[chunk.document_id], chunk.text)
                except ITEM_ERRORS as error:
                    stage.count("failed")
                    return ExtractedChunk(
                        chunk_id=cid, extraction=Extraction(entities=[], relations=[]), reason=error.reason
                    )
                stage.count("done")
                return ExtractedChunk(chunk_id=cid, extraction=found)

            path = self.context.work_dir / f"{state['shard']}.jsonl"
            await asyncio.to_thread(write_jsonl, path, await gather(state["ids"], one, self.context.turn("extract")))
        return {}

    async def _found(self, title: str, text: str) -> Extraction:
        knowledge = self.context.knowledge
        if knowledge.method == "fast":
            return find(text, knowledge.entity_types)
        return await extract(self.context.clients["extractor"], title, text, knowledge.entity_types)

    def merge(self, state: SynthesisState) -> SynthesisState:
        """One graph of the whole corpus."""
        extracted = [
            row
            for path in sorted(self.context.work_dir.glob("extract-*.jsonl"))
            for row in read_jsonl(path, ExtractedChunk)
        ]
        chunks = self.context.graph("chunks", Chunk)
        with self.context.stage("merge") as stage:
            found = merge({row.chunk_id: row.extraction for row in extracted}, chunks, self.context.knowledge)
            for name, items in (("entities", found.entities), ("relations", found.relations), ("merges", found.merges)):
                write_jsonl(self.graph_dir / f"{name}.jsonl", items)
                stage.count(name, len(items))
        self.context.tidy(len(chunks))
        for name in found.unknown:
            self.context.console.say(f"[knowledge] names {name!r}, which no chunk does")
        failed = sum(bool(row.reason) for row in extracted)
        counts = {"entities": len(found.entities), "relations": len(found.relations), "merges": len(found.merges)}
        return {"counts": {**counts, "chunks_failed": failed}}

    def communities(self, state: SynthesisState) -> SynthesisState:
        """Communities and their root; the graph is saved as GraphML too."""
        with self.context.stage("communities") as stage:
            found = self._detected()
            write_jsonl(self.graph_dir / "communities.jsonl", found)
            stage.count("communities", len(found))
        self.context.tidy(len(self.context.graph("entities", Entity)))
        return {"counts": {"communities": len(found)}}

    def _detected(self) -> list[Community]:
        """Write the graph and find its communities; those of the same graph are taken over from the last run."""
        entities, last = self.context.graph("entities", Entity), self.context.last_partition()
        graph = to_graph(entities, each_item(self.graph_dir / "relations.jsonl", Relation))
        drawn = graphml(graph)
        write_text(self.graph_dir / "graph.graphml", drawn)
        if last and last[0] == drawn:
            return last[1]
        before = (kept, last[1]) if last and (kept := read_graph(last[0])) is not None else None
        return detect(graph, entities, self.context.knowledge.community_size, self.context.synthesis.seed, before)

    async def summarize(self, state: SynthesisState) -> SynthesisState:
        """Reports from the deepest level up: a parent reads its children's."""
        communities = self.context.graph("communities", Community)
        names = {e.id: e.name for e in self.context.graph("entities", Entity)}
        chunks = {c.id: c for c in self.context.graph("chunks", Chunk)}
        order = {cid: n for n, cid in enumerate(chunks)}  # of the documents: of time, in a journal
        reports: dict[str, Report] = {}
        parts: dict[str | None, list[Community]] = defaultdict(list)
        for community in communities:
            parts[community.parent].append(community)
        done = {community.id: asyncio.Event() for community in communities}
        with self.context.stage("reports", len(communities)) as stage:

            async def one(community: Community) -> None:
                for child in parts[community.id]:
                    await done[child.id].wait()
                if report := await written(community):
                    reports[community.id] = report
                done[community.id].set()

            async def written(community: Community) -> Report | None:
                children = [reports[c.id] for c in parts[community.id] if c.id in reports]
                sources = [chunks[cid] for cid in sorted(set(community.chunk_ids), key=order.__getitem__)]
                members = [names[eid] for eid in community.entity_ids]
                try:
                    report = await summarize(
                        self.context.clients["community_summarizer"],
                        community,
                        members,
                        sources,
                        children,
                        self.context.synthesis.report_characters,
                    )
                except ITEM_ERRORS:
                    stage.count("failed")
                    return None
                stage.count("done")
                return report

            await gather(
                communities, one, asyncio.Semaphore(len(communities) + 1)
            )  # a parent waits for its children only
        await asyncio.to_thread(
            write_jsonl, self.graph_dir / "reports.jsonl", [reports[c.id] for c in communities if c.id in reports]
        )
        return {"counts": {"reports": len(reports), "reports_failed": len(communities) - len(reports)}}

    def plan_local(self, state: SynthesisState) -> SynthesisState:
        """Briefs about single facts, about two together, about what the corpus does not tell, and for passages to be told anew."""
        chunks, entities = self.context.graph("chunks", Chunk), self.context.graph("entities", Entity)
        briefs = first_briefs(Knowledge(chunks, entities), self.context.synthesis)
        write_jsonl(self.context.work_dir / "briefs-local.jsonl", briefs)
        silent, orders = sum(not facts(chunk) for chunk in chunks), sum(len(orders_in(chunk.text)) for chunk in chunks)
        return {"counts": {"briefs_local": len(briefs), "chunks_silent": silent, "orders_left_out": orders}}

    def plan_global(self, state: SynthesisState) -> SynthesisState:
        """Briefs about the whole."""
        graph = self.context.graph
        known = Knowledge(graph("chunks", Chunk), graph("entities", Entity), graph("reports", Report))
        briefs = report_briefs(known, self.context.synthesis)
        write_jsonl(self.context.work_dir / "briefs-global.jsonl", briefs)
        return {"counts": {"briefs_global": len(briefs)}}

    def brief_shards(self, branch: str, node: str, otherwise: str) -> Any:
        """A Send to `node` per shard of a branch's briefs (of its last round, for `more`); straight to `otherwise` when there is none."""
        from langgraph.types import Send

        def route(state: SynthesisState) -> Any:
            name = f"{branch}{state.get('rounds', '')}"
            ids = [brief.id for brief in self.context.items(self.context.work_dir / f"briefs-{name}.jsonl", Brief)]
            return [
                Send(node, {"shard": f"{name}-{n:04}", "ids": ids}) for n, ids in enumerate(self.context.shards(ids))
            ] or otherwise

        return route

    async def draft(self, state: ShardState) -> SynthesisState:
        """Every brief of a shard through the writer–critic graph, each on its own."""
        branch = state["shard"].partition("-")[0]
        wanted = set(state["ids"])
        briefs = {
            brief.id: brief
            for brief in self.context.items(self.context.work_dir / f"briefs-{branch}.jsonl", Brief)
            if brief.id in wanted
        }
        drafting = self.context.drafting.get(branch) or self.context.drafting.setdefault(
            branch, build_drafting(self.context.sources())
        )
        with self.context.stage(f"{branch} rows", len(state["ids"])) as stage:

            async def one(brief_id: str) -> DraftedBrief:
                end = await drafting.ainvoke({"brief": briefs[brief_id]})
                stage.count("kept" if end["examples"] else "failed" if end.get("failed") else "rejected")
                return DraftedBrief(
                    brief_id=brief_id, examples=end["examples"], rejected=end["rejected"], stopped_by=end["stopped_by"]
                )

            path = self.context.work_dir / f"drafts-{state['shard']}.jsonl"
            await asyncio.to_thread(write_jsonl, path, await gather(state["ids"], one, self.context.turn(branch)))
        return {"drafts": [str(path)]}

    def filter(self, state: SynthesisState) -> SynthesisState:
        """Duplicates and conflicts across the set go."""
        self.context.forget()
        rejected = [fault for row in drafted(state) for fault in row.rejected]
        with self.context.stage("filter") as stage:
            kept, dropped = filter_rows([e for row in drafted(state) for e in row.examples])
            if nearest := self.context.synthesis.same_meaning:
                kept, twins = drop_near_duplicates(kept, minilm(self.context.console.say), nearest)
                dropped += twins
            stage.count("kept", len(kept))
            stage.count("rejected", len(dropped))
        write_jsonl(self.context.work_dir / "kept.jsonl", kept)
        write_jsonl(self.context.work_dir / "dropped.jsonl", rejected + dropped)
        return {}

    def review(self, state: SynthesisState) -> SynthesisState:
        """One stop for a person if [synthesis] review says so: nothing is written before it, and what was decided is read from a file."""
        from langgraph.types import interrupt

        rows = read_jsonl(self.context.work_dir / "kept.jsonl", Example)
        if not (self.context.synthesis.review and rows):
            return {}
        interrupt({"rows": [group[0].id for group in by_fact(rows)], "decisions": str(self.context.project.decisions)})
        with self.context.stage("review") as stage:
            kept, rejected, counts = reviewed(rows, read_decisions(self.context.project.decisions))
            stage.count("kept", len(kept))
            stage.count("rejected", len(rejected))
        write_jsonl(self.context.work_dir / "reviewed.jsonl", kept)
        write_jsonl(self.context.work_dir / "unwanted.jsonl", rejected)
        return {"counts": counts}

    def cover(self, state: SynthesisState) -> SynthesisState:
        """What the briefs and the kept rows reach, and briefs for facts that none does."""
        rounds = state.get("rounds", 0)
        path = self.context.work_dir / "kept.jsonl"
        briefs, kept, spent = (
            self.context.briefs(rounds),
            {row.id for row in each_item(path, Example)},
            Spent.on(each_item(path, Example)),
        )
        reached = {row.brief_id for row in drafted(state) if any(example.id in kept for example in row.examples)}
        chunks, entities = self.context.graph("chunks", Chunk), self.context.graph("entities", Entity)
        pairs = [
            (relation.source, relation.target) for relation in each_item(self.graph_dir / "relations.jsonl", Relation)
        ]
        items = (chunks, entities, pairs, self.context.graph("communities", Community))
        rows = [brief for brief in briefs if brief.id in reached]
        more = more_briefs(briefs, rows, spent, chunks, entities, self.context.synthesis)
        write_jsonl(self.context.work_dir / f"briefs-more{rounds + 1}.jsonl", more)
        return {
            "coverage": {"asked": coverage(reaching(briefs), *items), "kept": coverage(reaching(rows), *items)},
            "rounds": rounds + 1,
        }

    def _made(self, kept: Iterable[Example]) -> Iterator[Example]:
        """The rows that need no model."""
        return rows_without_model(kept, self.context.sources())

    def publish(self, state: SynthesisState) -> SynthesisState:
        """The data files: what was kept, and the rows that need no model (pages, entities, contrasts)."""
        work = self.context.work_dir
        was_reviewed = (work / "reviewed.jsonl").is_file()
        kept, made = work / ("reviewed.jsonl" if was_reviewed else "kept.jsonl"), work / "made.jsonl"
        rejected = read_jsonl(work / "dropped.jsonl", Rejected) + (
            read_jsonl(work / "unwanted.jsonl", Rejected) if was_reviewed else []
        )
        with self.context.stage("publish") as stage:
            count = write_jsonl(made, self._made(each_item(kept, Example)) if kept.stat().st_size else ())
            rows = itertools.chain(each_item(kept, Example), each_item(made, Example))
            result = publish(self.context.project.data_dir, rows, rejected, self.context.synthesis)
            stage.count("train", result["rows"]["train"])
        return {"result": result, "counts": {"made_without_a_model": count}}

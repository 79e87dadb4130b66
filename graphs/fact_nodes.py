"""The nodes of the fact-based synthesis: passages to facts with rows, facts to a graph, rows over several facts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

from agents.facts import Fact, Passage, Sentence
from agents.files import write_jsonl
from agents.records import Chunk, Community, Document, Entity, Example
from graphs.concurrency import gather
from graphs.dataset.document_rows import document_rows
from graphs.dataset.duplicates import drop_duplicates
from graphs.dataset.selection import row_tokens, select
from graphs.facts import files
from graphs.facts.aggregates import write_aggregates
from graphs.facts.composed import write_composed
from graphs.facts.computed import write_computed
from graphs.facts.knowledge import canonical_facts, merged_facts, merging_of, relations_of
from graphs.facts.loop import begin, build_passage_loop, passage
from graphs.facts.multi_hop import write_multi_hop
from graphs.facts.passage import Page
from graphs.facts.refusals import write_contrasts, write_unknown
from graphs.facts.rows import FactSources, Written
from graphs.facts.whole import Whole, write_whole
from graphs.facts.writers import writer_name, writer_of
from graphs.knowledge.judging import resolved
from graphs.nodes import Nodes
from graphs.state import ShardState, SynthesisState


class FactNodes(Nodes):
    """Nodes that move items between the files of a stage and a role; those that are as in the other recipes stay."""

    reads_chunks = "passages"
    _loop: Any = None
    """The compiled loop of a passage, which the shards share."""

    async def passages(self, state: ShardState) -> SynthesisState:
        """Facts and rows of a shard's chunks; a chunk that fails is recorded with its reason."""
        sources = self._sources(read=False)
        self._loop = self._loop or build_passage_loop(sources, writer_of(sources, self.context.knowledge))
        with self.context.stage("passages", len(state["ids"])) as stage:

            async def one(cid: str) -> Passage:
                made = passage(await self._loop.ainvoke(begin(Page(sources, sources.chunks[cid]))))
                stage.count("failed" if made.reason else "done")
                return made

            path = self.context.work.path / f"{state['shard']}.jsonl"
            await asyncio.to_thread(write_jsonl, path, await gather(state["ids"], one, self.context.turn("passages")))
        return {}

    async def merge(self, state: SynthesisState) -> SynthesisState:
        """One set of facts of the whole corpus, the graph that they span, and what each sentence carries."""
        self._loop = None
        passages, chunks = list(files.each_passage(self.context.work)), self.context.graph("chunks", Chunk)
        with self.context.stage("merge") as stage:
            merging = await asyncio.to_thread(merging_of, passages, chunks, self.context.knowledge)
            found = await resolved(merging, self.context.clients["same_entity"], self.context.turn("merge"))
            facts = canonical_facts(merged_facts(passages), found.entities)
            items: dict[str, list[Any]] = {
                "facts": facts,
                "sentences": [sentence for each in passages for sentence in each.sentences],
                "entities": found.entities,
                "relations": relations_of(facts, found.entities),
                "merges": found.merges,
            }
            for name, rows in items.items():
                write_jsonl(self.graph_dir / f"{name}.jsonl", rows)
                stage.count(name, len(rows))
        for warning in found.warnings:
            self.context.console.say(warning)
        failed = Counter(each.reason for each in passages if each.reason)
        for reason, count in failed.most_common():
            self.context.console.say(f"chunks that could not be read: {count} ({reason})")
        counts = {name: len(rows) for name, rows in items.items()}
        return {"counts": {**counts, "pairs_failed": found.unjudged, "chunks_failed": failed.total()}}

    async def several(self, state: SynthesisState) -> SynthesisState:
        """Rows over two facts and more, and refusals of what no fact tells about a known name."""
        sources, turn = self._sources(), self.context.turn("several")
        with self.context.stage("several facts") as stage:
            rows = sum(1 for _ in files.of_passages(self.context.work))
            small = writer_name(sources) == "sentence"  # rows over several facts are for a capable model
            writers = () if small else (write_multi_hop, write_aggregates, partial(write_unknown, rows=rows))
            parts = await gather(writers, lambda write: write(sources, turn=turn, stage=stage), nullcontext())
        files.keep(self.context.work, "several", parts)
        return {}

    async def whole(self, state: SynthesisState) -> SynthesisState:
        """A report of each community, from the deepest level up, and rows about the whole; none if none is wanted."""
        sources = self._sources()
        wanted = self.context.synthesis.reports and writer_name(sources) != "sentence"  # they need a capable model
        communities = self.context.graph("communities", Community) if wanted else []
        with self.context.stage("reports", len(communities)) as stage:
            reports, written = await write_whole(sources, stage) if wanted else Whole([], Written([], []))
        await asyncio.to_thread(write_jsonl, self.graph_dir / "reports.jsonl", reports)
        files.keep(self.context.work, "whole", [written])
        return {"counts": {"reports": len(reports), "reports_failed": len(communities) - len(reports)}}

    def filter(self, state: SynthesisState) -> SynthesisState:
        """Duplicates and conflicts go, rows by rule come, and the budget takes what teaches the most."""
        self.context.cache.clear()
        sources, synthesis = self._sources(), self.context.synthesis
        with self.context.stage("filter") as stage:
            rows, rejected, conflicts = drop_duplicates(list(files.rows(self.context.work)))
            contrasts = write_contrasts(sources, rows)
            computed = write_computed(sources, rows)
            if writer_name(sources) == "sentence":  # a capable model has written better ones
                computed += write_composed(sources, rows)
            for name, made in ((files.CONTRASTS, contrasts), (files.COMPUTED, computed)):
                files.keep(self.context.work, name, [Written(made, [])])
            rows += contrasts + computed
            chosen = select(rows, synthesis, sum(len(chunk.text) for chunk in sources.chunks.values()))
            stage.count("kept", len(chosen.kept))
            stage.count("rejected", len(rejected) + len(chosen.dropped))
        write_jsonl(self.context.work.path / "kept.jsonl", chosen.kept)
        write_jsonl(
            self.context.work.path / "dropped.jsonl", [*files.rejections(self.context.work), *rejected, *chosen.dropped]
        )
        return {"coverage": self._coverage(chosen.kept), "rounds": 0, "counts": {"conflicts": conflicts}}

    def _made(self, kept: Iterable[Example]) -> Iterator[Example]:
        """The rows that tell the documents."""
        sources, synthesis = self._sources(), self.context.synthesis
        yield from document_rows(
            list(sources.facts.values()),
            list(sources.chunks.values()),
            sources.documents,
            synthesis,
            sum(row_tokens(row, synthesis) for row in kept),
        )

    def _coverage(self, kept: Iterable[Example]) -> dict[str, dict[str, tuple[int, int]]]:
        """What was found in the sentences, and what of it the kept rows ask about."""
        facts = {fact.id for fact in self.context.graph("facts", Fact)}
        told = [s for s in self.context.graph("sentences", Sentence) if s.reason in ("", "not read")]
        taught = {row.fact for row in kept} & facts
        chunks = self.context.graph("chunks", Chunk)
        return {
            which: {
                "sentences": (sum(bool(set(s.facts) & ids) for s in told), len(told)),
                "facts": (len(ids), len(facts)),
                "chunks": (len({s.chunk_id for s in told if set(s.facts) & ids}), len(chunks)),
            }
            for which, ids in (("asked", facts), ("kept", taught))
        }

    def _sources(self, read: bool = True) -> FactSources:
        """What rows are written from; before the facts are merged (`read` is false) the documents alone."""
        graph = self.context.graph
        sources = FactSources(
            config=self.context.synthesis,
            clients=self.context.clients,
            documents={d.id: d for d in graph("documents", Document)},
            chunks={c.id: c for c in graph("chunks", Chunk)},
        )
        if not read:
            return sources
        return replace(
            sources,
            facts={f.id: f for f in graph("facts", Fact)},
            entities={e.id: e for e in graph("entities", Entity)},
            communities={c.id: c for c in graph("communities", Community)},
        )

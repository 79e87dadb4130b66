"""What a synthesis will ask before it asks: calls and tokens per stage, from the real chunks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from agents.config import Section
from agents.models.config import ModelConfig
from agents.project import Project
from agents.records import Chunk
from agents.roles import paper
from agents.roles.extractor import EXTRACTOR
from graphs.briefs.budget import Spent, wanted
from graphs.briefs.local import local_briefs
from graphs.briefs.rewrite import rewrite_briefs
from graphs.config import SynthesisConfig
from graphs.corpus.documents import tell_skipped
from graphs.drafting.gates import asked_of
from graphs.fingerprint import speaking
from graphs.knowledge.merge import KnowledgeConfig
from graphs.source import Corpus

G = TypeVar("G", bound=Section)
CHARACTERS_PER_TOKEN = 4  # of English; the tokenizer of a served model is not here to ask
COMMUNITIES_PER_CHUNK = 1.4  # measured on examples/demo: 13 communities from 9 chunks at the default community_size
SUBJECTS_PER_CHUNK = (
    4,
    2 * (paper.MOST_ENTITIES + paper.MOST_RELATIONS),
)  # entities and relations: of a thin page; of two looks that came back full
PROMPT_TOKENS = 320  # of a role's own words, about


@dataclass(frozen=True)
class StagePlan:
    """The least and the most a stage asks for; tokens are estimates."""

    stage: str
    calls: tuple[int, int]
    tokens_in: tuple[int, int]
    tokens_out: tuple[int, int]
    model: str = ""
    cost: tuple[float, float] | None = None
    """USD; None where the model has no price."""

    def spoken_by(self, config: ModelConfig) -> StagePlan:
        """The stage with its model and what it costs there."""
        costs = tuple(round(config.cost(self.tokens_in[n], self.tokens_out[n]), 6) for n in (0, 1))
        return replace(self, model=config.model, cost=(costs[0], costs[1]) if config.priced else None)


def total(stages: Sequence[StagePlan]) -> dict[str, Any]:
    """[least, most] of calls, tokens_in, tokens_out and cost over all stages; the cost is None if one has no price."""
    sums: dict[str, Any] = {
        name: [sum(getattr(s, name)[n] for s in stages) for n in (0, 1)]
        for name in ("calls", "tokens_in", "tokens_out")
    }
    costs = [s.cost for s in stages if s.cost is not None]
    return {
        **sums,
        "cost": [round(sum(cost[n] for cost in costs), 6) for n in (0, 1)] if len(costs) == len(stages) else None,
    }


def plan(
    project: Project,
    most_chunks: int | None = None,
    say: Callable[[str], None] = lambda line: None,
    corpus: Corpus | None = None,
) -> list[StagePlan]:
    """Per stage: least (every first draft passes) to most (every brief takes all rounds and every wording is judged).

    Reads and cuts the documents as the run does, unless the `corpus` at hand has, and tells what it skips; raises what
    reading raises. With `most_chunks` it is the plan of so many chunks only, each with its share of the briefs.
    """
    config = project.section("synthesis", SynthesisConfig)
    corpus = corpus or Corpus(project)
    chunks, reports = corpus.chunks, corpus.reports
    tell_skipped(corpus.skipped, say)
    speaks = speaking(project)
    looks = (0, 0) if project.section("knowledge", KnowledgeConfig).method == "fast" else (1, 2)
    if most_chunks is not None:
        share = most_chunks / len(chunks)
        config, reports = _share(config, share), None if reports is None else math.ceil(reports * share)
        chunks = chunks[:most_chunks]
    return (
        [stage.spoken_by(speaks[_role(stage.stage)]) for stage in _stages(chunks, config, reports, looks)]
        if chunks
        else []
    )


def _role(stage: str) -> str:
    return {"extract": "extractor", "reports": "community_summarizer"}.get(
        stage, "critic" if stage.endswith("critic") else "question_writer"
    )


def _share(config: SynthesisConfig, share: float) -> SynthesisConfig:
    def part(group: G, key: str, least: int = 0) -> G:
        return group.model_copy(update={key: max(least, math.ceil(getattr(group, key) * share))})

    shared = {
        "local": part(config.local, "briefs", 1),
        "multi_hop": part(config.multi_hop, "briefs"),
        "unanswerable": part(config.unanswerable, "briefs"),
        "paper": part(config.paper, "rows"),
    }
    return config.model_copy(update=shared)


def _stages(
    chunks: Sequence[Chunk], config: SynthesisConfig, written: int | None, looks: tuple[int, int]
) -> list[StagePlan]:
    """The stages of our own recipe.

    `written` reports are there already (those of a GraphRAG index), so that nothing is extracted or summarized; else a
    chunk gets `looks`.
    """
    page = sum(len(c.text) for c in chunks) // len(chunks) // CHARACTERS_PER_TOKEN + PROMPT_TOKENS
    if config.recipe == "paper":
        return _paper_stages(len(chunks), page, config)[0 if written is None else 1 :]
    local = len(local_briefs(chunks, [], config, wanted(chunks, config, Spent(), 0)))
    loops = len(local_briefs(chunks, [], config)) if config.row_budget or config.token_budget else local
    reports = round(COMMUNITIES_PER_CHUNK * len(chunks)) + 1 if written is None else written
    whole = reports * config.global_.briefs_per_report
    gates, once = (
        len(asked_of("local", config)),
        config.model_copy(update={"wordings": config.wordings.model_copy(update={"per_question": 0})}),
    )
    read = [
        _stage("extract", len(chunks), *looks, page, EXTRACTOR.max_tokens // 2),
        _stage("reports", reports, 1, 1, min(config.report_characters // CHARACTERS_PER_TOKEN, 4 * page), 300),
    ]
    return [
        *(read if written is None else []),
        *_drafts("local rows", local, page, 110, config, gates, loops),
        *_drafts("global rows", whole, PROMPT_TOKENS + 200, 160, config, gates, by_rule=True),
        *_drafts("multi-hop rows", config.multi_hop.briefs, PROMPT_TOKENS + 100, 60, config, gates + 2),
        *_drafts(
            "unanswerable rows",
            config.unanswerable.briefs,
            page,
            25,
            once,
            len(asked_of("unanswerable", config)),
            by_rule=True,
        ),
        *_drafts("document rows", len(rewrite_briefs(chunks, [], config)), page, 130, once, gates),
    ]


def _paper_stages(chunks: int, page: int, config: SynthesisConfig) -> list[StagePlan]:
    """The published recipe's stages: least and most lie far apart, since only reading tells how much a chunk names."""
    least, most = (
        n * chunks for n in SUBJECTS_PER_CHUNK
    )  # subjects of all passages; each is one of the corpus too, or shares it with others
    rows = config.paper.rows or 3 * most
    sources = config.report_characters // CHARACTERS_PER_TOKEN + PROMPT_TOKENS
    long, passages = (
        (min(least // 2, rows // 8), min(most, math.ceil(rows / 2))),
        (min(least, rows // 4), min(most, rows)),
    )
    return [
        _stage("extract", chunks, 2, 2, page, paper.EXTRACTOR.max_tokens // 2),
        _stage("long rows", 1, *long, sources, 700),
        _stage("passage rows: questions", 1, *passages, page, 120),
        _stage("passage rows: answers", 1, *passages, page, 300),
    ]


def _drafts(
    stage: str,
    briefs: int,
    page: int,
    out: int,
    config: SynthesisConfig,
    gates: int,
    most_briefs: int = 0,
    by_rule: bool = False,
) -> list[StagePlan]:
    """Writing, judging and rewording the briefs of one kind.

    They are `briefs` at least, and `most_briefs` where rounds for a budget may add some.
    Where first questions may be asked `by_rule`, the least is that all are.
    """
    if not briefs:
        return []
    items = (briefs, max(briefs, most_briefs))
    judged = _stage(f"{stage}: critic", items, gates, gates * config.max_rounds, page, 1)
    written = _stage(f"{stage}: writer", items, 0 if by_rule else 1, config.max_rounds, page, out)
    anew = config.wordings.per_question
    wordings = [_stage(f"{stage}: wordings", items, 1, 1 + anew, 130, 20 * anew)] if anew else []
    return [written, judged, *wordings]


def _stage(
    name: str, items: int | tuple[int, int], least: int, most: int, tokens_in: int, tokens_out: int
) -> StagePlan:
    """`items` as they are, or the fewest and the most of them."""
    few, many = (items, items) if isinstance(items, int) else items
    calls = (few * least, many * most)
    return StagePlan(
        name, calls, (calls[0] * tokens_in, calls[1] * tokens_in), (calls[0] * tokens_out, calls[1] * tokens_out)
    )

"""What a synthesis will ask before it asks: calls, tokens, USD and hours per stage, from the real chunks.

The least is what it asks for whatever the models say: a draft may fail the first check, and a corpus may name nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from agents.config import Section
from agents.models.call_history import Pace, mean_tokens, pace
from agents.models.config import ModelConfig
from agents.models.providers import BATCHED
from agents.project import Project
from agents.records import Chunk
from agents.roles import paper
from agents.roles.community_summarizer import SUMMARIZER
from agents.roles.extractor import EXTRACTOR
from agents.roles.fact_reporter import FACT_REPORTER
from agents.roles.passage_writer import MORE_WRITER, PASSAGE_WRITER
from agents.roles.path_writer import PATH_WRITER
from agents.roles.role import Role
from agents.roles.row_critic import ROW_CRITIC
from agents.roles.same_entity import SAME_ENTITY, SAME_PAIR
from agents.roles.unknown_writer import TOLD_CRITIC, UNKNOWNS_WRITER
from agents.roles.wordings import REWORDER
from agents.text.words import CHARACTERS_PER_TOKEN
from graphs import languages
from graphs.config import SynthesisConfig
from graphs.corpus.documents import tell_skipped
from graphs.drafting.gates import ANSWERABLE
from graphs.drafting.kind import PROMPT_TOKENS, Amount, Forecast, QuestionKind
from graphs.drafting.kinds import KINDS
from graphs.facts.multi_hop import PATHS_A_CALL
from graphs.facts.refusals import MOST_SHOWN
from graphs.facts.writers import MOST_JUDGED
from graphs.fingerprint import speaking, synthesis_of
from graphs.knowledge.judging import PAIRS_A_CALL
from graphs.knowledge.merge import KnowledgeConfig
from graphs.source import Corpus

G = TypeVar("G", bound=Section)
ENTITIES_PER_CHUNK = 11.2  # in communities: 13 of at most 8 from the 9 chunks of examples/demo
# entities and relations of a page, where both looks came back full
SUBJECTS_PER_CHUNK = 2 * (paper.MOST_ENTITIES + paper.MOST_RELATIONS)
PAIRS_PER_CHUNK = 3
"""Of names in doubt, at most: 11 to 22 of the 9 chunks of examples/demo, 23 to 42 of the journal's 24."""
PAIR_TOKENS = 80  # of two names with a sentence each
CHARACTERS_PER_FACT = 38  # of a page, at least: 220 facts of 8,587 characters, 688 of 28,863
ROWS_PER_FACT = 8  # that a passage's writer returns
MOST_MORE_ASKS = 2  # parts of a fact in the second round
FACT_PROMPT_TOKENS = 900  # of the prompts about facts, without what they show
ROW_TOKENS = 24  # of a question with its answer, as the critic is shown it
WORDINGS_IN = 130  # tokens of a prompt for wordings


@dataclass(frozen=True)
class StagePlan:
    """The least and the most a stage asks for; tokens are estimates."""

    stage: str
    calls: tuple[int, int]
    tokens_in: tuple[int, int]
    tokens_out: tuple[int, int]
    role: str
    """The key of [roles] that says which model speaks."""
    model: str = ""
    cost: tuple[float, float] | None = None
    """USD; None where the model has no price."""
    batch_cost: tuple[float, float] | None = None
    """USD in batches; None where the model has no price, or is embedded."""
    asks: str = ""
    """The name of the role by which the call store knows its replies."""
    hours: tuple[float, float] | None = None
    """None where no call of the model is kept that tells its pace."""

    def spoken_by(self, config: ModelConfig, pace: Pace | None) -> StagePlan:
        """The stage with its model, and what it costs and takes there."""

        def cost(batched: bool) -> tuple[float, float]:
            least, most = (round(config.cost(self.tokens_in[n], self.tokens_out[n], batched), 6) for n in (0, 1))
            return least, most

        hours = [round(pace.hours(self.calls[n], self.tokens_in[n], self.tokens_out[n]), 4) for n in (0, 1) if pace]
        return replace(
            self,
            model=config.model,
            hours=(hours[0], hours[1]) if hours else None,
            cost=cost(False) if config.priced else None,
            batch_cost=cost(True) if config.priced and config.provider in BATCHED else None,
        )


def total(stages: Sequence[StagePlan]) -> dict[str, Any]:
    """[least, most] of calls, tokens_in, tokens_out, cost, batch_cost and hours over all stages.

    A cost and the hours are None if one of them has none.
    """
    sums: dict[str, Any] = {
        name: [sum(getattr(s, name)[n] for s in stages) for n in (0, 1)]
        for name in ("calls", "tokens_in", "tokens_out")
    }
    for name in ("cost", "batch_cost", "hours"):
        costs = [cost for stage in stages if (cost := getattr(stage, name)) is not None]
        whole = len(costs) == len(stages)
        sums[name] = [round(sum(cost[n] for cost in costs), 6) for n in (0, 1)] if whole else None
    return sums


def plan(
    project: Project,
    most_chunks: int | None = None,
    say: Callable[[str], None] = lambda line: None,
    corpus: Corpus | None = None,
) -> list[StagePlan]:
    """Per stage: least (no draft passes the first check) to most (all rounds are taken and every wording is judged).

    Tokens are those that the calls of a role took before, in the mean, where the store has some; else estimates. Reads
    and cuts the documents as the run does, unless the `corpus` at hand has, and tells what it skips; raises what
    reading raises. With `most_chunks` it is the plan of so many chunks only, each with its share of the briefs.
    """
    corpus = corpus or Corpus(project)
    config = synthesis_of(project, corpus)
    for recipe, keys in config.of_other_recipes.items():
        say(f"not read by recipe {config.recipe}, but by {recipe}: {', '.join(keys)} of [synthesis]")
    chunks, reports = corpus.chunks, corpus.reports
    tell_skipped(corpus.skipped, say)
    speaks = speaking(project)
    knowledge = project.section("knowledge", KnowledgeConfig)
    looks = (0, 0) if knowledge.method == "fast" else (1, 2)
    if most_chunks is not None:
        share = most_chunks / len(chunks)
        config, reports = _share(config, share), None if reports is None else math.ceil(reports * share)
        chunks = chunks[:most_chunks]
    if config.writer == "auto" and speaks["question_writer"].provider == "local":
        config = config.model_copy(update={"writer": "sentence"})
    for line in languages.told(corpus.languages, config):
        say(line)
    stages = _stages(chunks, config, reports, looks, knowledge.community_size) if chunks else []
    judge = speaks[SAME_ENTITY.model_key]
    named = config.recipe == "facts" or (config.recipe == "ragtuned" and reports is None)
    if stages and named and knowledge.asks(judge):
        stages.insert(1, _names_stage(len(chunks), judge.provider == "local"))
    took = mean_tokens(project.calls)
    paces = {c.model: pace(project.calls, c) for c in {id(c): c for c in speaks.values()}.values()}
    return [
        _as_measured(stage, took, c.model).spoken_by(c, paces[c.model])
        for stage in stages
        for c in [speaks[stage.role]]
    ]


def _as_measured(stage: StagePlan, took: dict[tuple[str, str], tuple[float, float]], model: str) -> StagePlan:
    """The stage at the mean tokens of the calls that the store holds of its role and model, if it holds enough."""
    if not (means := took.get((stage.asks, model))):
        return stage
    (least_in, most_in), (least_out, most_out) = ([round(n * mean) for n in stage.calls] for mean in means)
    return replace(stage, tokens_in=(least_in, most_in), tokens_out=(least_out, most_out))


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
    chunks: Sequence[Chunk], config: SynthesisConfig, written: int | None, looks: tuple[int, int], community_size: int
) -> list[StagePlan]:
    """The stages of our own recipe.

    `written` reports are there already (those of a GraphRAG index), so that nothing is extracted or summarized; else a
    chunk gets `looks`, and a community has at most `community_size` entities.
    """
    page = sum(len(c.text) for c in chunks) // len(chunks) // CHARACTERS_PER_TOKEN + PROMPT_TOKENS
    communities = reports_of(len(chunks), community_size) if config.reports else 0
    if config.recipe == "paper":
        return _paper_stages(len(chunks), page, config)[0 if written is None else 1 :]
    if config.recipe == "facts":
        return _fact_stages(chunks, communities, config)  # of an index too, whose reports tell no facts
    reports = communities if written is None else written
    sources = min(config.report_characters // CHARACTERS_PER_TOKEN, 4 * page)
    read = [
        _stage("extract", EXTRACTOR, len(chunks), looks, page),
        _stage("reports", SUMMARIZER, reports, (0, 1), sources),
    ]
    ahead = Forecast(chunks, reports, page)
    drafts = [stage for kind in KINDS.values() for stage in _drafts(kind, kind.amount(ahead, config), config)]
    return [*(read if written is None else []), *drafts]


def _names_stage(chunks: int, one_by_one: bool) -> StagePlan:
    """The questions whether two names are one thing; the most where every reply leaves some pair out."""
    most = PAIRS_PER_CHUNK * chunks
    if one_by_one:
        return _stage("names: same", SAME_PAIR, most, (0, 1), PAIR_TOKENS)
    return _stage("names: same", SAME_ENTITY, math.ceil(most / PAIRS_A_CALL), (0, 2), PAIRS_A_CALL * PAIR_TOKENS)


def reports_of(chunks: int, community_size: int) -> int:
    """How many communities, and so reports, there will be at most: about."""
    return round(ENTITIES_PER_CHUNK * chunks / community_size) + 1


def _fact_stages(chunks: Sequence[Chunk], reports: int, config: SynthesisConfig) -> list[StagePlan]:
    """The stages of recipe facts: the least where no page tells a fact.

    Its figures are those of a strong teacher on examples/demo and examples/journal.
    """
    page = sum(len(c.text) for c in chunks) // len(chunks) // CHARACTERS_PER_TOKEN + FACT_PROMPT_TOKENS
    again, told = config.max_rounds - 1, [max(1, round(len(c.text) / CHARACTERS_PER_FACT)) for c in chunks]
    facts = sum(told)

    def judged(rows: int) -> int:
        """Calls of the critic for so many rows of every fact: a page's rows go out together."""
        return sum(math.ceil(rows * facts_of_a_page / MOST_JUDGED) for facts_of_a_page in told)

    judging = judged(ROWS_PER_FACT) + again * judged(MOST_MORE_ASKS * config.phrasings)
    paths = min(facts * config.multi_hop.share, config.multi_hop.briefs or math.inf)
    pairs = math.ceil(paths / PATHS_A_CALL)
    truths = math.ceil(facts * config.multi_hop.dated / PATHS_A_CALL)
    names = math.ceil(facts / 15) if config.unanswerable.briefs else 0
    found = config.report_characters // CHARACTERS_PER_TOKEN
    first = 0 if config.writer == "sentence" else 1  # a page without a sentence that names something is not asked about
    return [
        _stage("passages: writer", PASSAGE_WRITER, len(chunks), (first, 2), page, facts // len(chunks)),
        _stage("passages: again", MORE_WRITER, len(chunks), (0, again), page),
        _stage("passages: critic", ROW_CRITIC, judging, (0, 1), page + MOST_JUDGED * ROW_TOKENS),
        _stage("two documents: writer", PATH_WRITER, pairs + truths, (0, 1), 2 * FACT_PROMPT_TOKENS),
        _stage("two documents: critic", ROW_CRITIC, pairs + truths, (0, 2), 2 * FACT_PROMPT_TOKENS),
        _stage("not told: writer", UNKNOWNS_WRITER, names, (0, 1), MOST_SHOWN // CHARACTERS_PER_TOKEN),
        _stage("not told: critic", TOLD_CRITIC, names, (0, 2), MOST_SHOWN // CHARACTERS_PER_TOKEN),
        _stage("reports", FACT_REPORTER, reports, (0, 1), FACT_PROMPT_TOKENS + found),
        _stage("reports: critic", ROW_CRITIC, reports, (0, 2), FACT_PROMPT_TOKENS + found),
    ]


def _paper_stages(chunks: int, page: int, config: SynthesisConfig) -> list[StagePlan]:
    """The published recipe's stages: least and most lie far apart, since only reading tells how much a chunk names."""
    most = SUBJECTS_PER_CHUNK * chunks  # each is one of the corpus too, or shares it with others
    rows = config.paper.rows or 3 * most
    sources = config.report_characters // CHARACTERS_PER_TOKEN + PROMPT_TOKENS
    long, passages = (0, min(most, math.ceil(rows / 2))), (0, min(most, rows))
    return [
        _stage("extract", paper.EXTRACTOR, chunks, (1, 2), page),
        _stage("long rows", paper.LONG_WRITER, 1, long, sources),
        _stage("passage rows: questions", paper.ASKER, 1, passages, page),
        _stage("passage rows: answers", paper.ANSWERER, 1, passages, page),
    ]


def _drafts(kind: QuestionKind, amount: Amount, config: SynthesisConfig) -> list[StagePlan]:
    """Writing, judging and rewording the briefs of one kind.

    Where first questions may be asked by rule, the least is that all are; the critic sees what passes the checks.
    """
    if not amount.most:
        return []
    stage, page, gates = f"{kind.name.replace('_', '-')} rows", amount.tokens_in, kind.most_checks(config)
    items = (amount.fewest, max(amount.fewest, amount.most))
    judged = _stage(f"{stage}: critic", ANSWERABLE.role, items, (0, gates * config.max_rounds), page)
    written = _stage(f"{stage}: writer", kind.writer, items, (0 if kind.by_rule else 1, config.max_rounds), page)
    anew = config.wordings.per_question
    if not anew or not kind.reworded:
        return [written, judged]
    wordings = _stage(f"{stage}: wordings", REWORDER, items, (0, 1 + anew), WORDINGS_IN, anew)
    return [written, judged, wordings]


def _stage(
    name: str,
    role: Role[Any],
    items: int | tuple[int, int],
    calls_each: int | tuple[int, int],
    tokens_in: int,
    replies: int = 1,
) -> StagePlan:
    """`items`, or the fewest and the most of them, each with so many calls; a call brings so many usual `replies`."""
    (few, many), (least, most) = (n if isinstance(n, tuple) else (n, n) for n in (items, calls_each))
    calls, out = (few * least, many * most), role.usual_tokens * replies
    return StagePlan(
        name,
        calls,
        (calls[0] * tokens_in, calls[1] * tokens_in),
        (calls[0] * out, calls[1] * out),
        role.model_key,
        asks=role.name,
    )

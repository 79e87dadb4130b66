"""Briefs: what to ask, decided before any question is written, spread evenly over the corpus."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from agents.config import Section
from agents.orders import orders_in
from agents.records import Brief, Chunk, Depth, Entity, Length, Reasoning, content_id
from agents.text import DATE, names_in, numbers_in, said, sentences, words

REASON = re.compile(r"\b(because|so that|since|in order to|for fear|therefore|which is why|owing to|to keep|to stop|to save)\b", re.IGNORECASE)
PLACE = re.compile(
    rf"\b(under|beside|near|behind|above|inside) [A-Za-z]|\b(in|at|on|to|from) (?!{DATE.pattern})([A-Z]|the (?!(morning|evening|night|day|week|month|year|"
    r"spring|summer|autumn|winter|end|beginning|same|first|last)\b)[a-z])"
)
POSSESSIVE = re.compile(r"['’]s\b")
EXACT = ("how many", "when", "why")  # asked first: what a sentence says exactly is what readers ask for
GLOBAL_STYLES = ("summary", "comparison", "ranking", "change", "people", "causes")
UNKNOWN_STYLES = (
    "about their family",
    "about their early life",
    "about a price or an amount",
    "about a place they have been",
    "about a date",
    "about what they own",
)
FEWEST_WORDS = 6  # a shorter sentence carries no fact that stands alone


Ask = tuple[Chunk, str, str]  # a chunk, the style of the question, the sentence it is about
GateName = Literal["self_contained", "relevant", "answerable", "faithful", "reasoning", "same_question"]


class SynthesisConfig(Section):
    """[synthesis]: how many rows, how they are written and checked.

    Of these keys recipe paper reads paper_rows, reasoning (full unless set), report_characters, shard_size and seed, and of [knowledge] none:
    its five entity types are its own. It trains every row, so that its untrained_share is 0 whatever the config says.
    """

    recipe: Literal["ragtuned", "paper"] = Field("ragtuned", description="paper: the published recipe without reports and critic, to compare with")
    paper_rows: int = Field(0, ge=0, description="rows of recipe paper, sampled by seed before anything is written; 0: all that it makes")
    local_briefs: int = Field(60, ge=1, description="questions about one fact, before the critic; spread over all chunks")
    row_budget: int = Field(0, ge=0, description="rows of questions to reach, wordings included: more local briefs round by round, up to local_briefs; 0: none")
    token_budget: float = Field(0.0, ge=0, description="the same in tokens of these rows for each token of the documents, both at four characters; 0: none")
    styles_per_sentence: int = Field(2, ge=1, le=6, description="different questions one sentence may get, once every sentence has one")
    askers: list[str] = Field(["", "a newcomer", "someone who checks a detail"], description='who asks, drawn for each question; "": nobody in particular')
    lengths: dict[Length, float] = Field({"sentence": 3, "paragraph": 1}, description="how often an answer to a local question has each length")
    depths: dict[Depth, float] = Field({"recall": 3, "connect": 1}, description="how often a local question asks for one thing, or for two together")
    global_per_report: int = Field(2, ge=0, le=len(GLOBAL_STYLES), description="questions about the whole, per community report")
    multi_hop_briefs: int = Field(0, ge=0, description="questions that need two documents, over a name that both share and the question leaves out")
    unanswerable_briefs: int = Field(8, ge=0, description="questions about known names that the corpus does not answer")
    contrast_rows: int = Field(40, ge=0, description="refusals: kept questions with their names replaced by invented ones")
    rewrites: int = Field(0, ge=0, le=2, description="rows that tell a passage anew: 1 in other words, 2 also as an answer; for a strong teacher")
    wordings: int = Field(5, ge=0, le=6, description="further wordings of every kept question")
    framings: int = Field(2, ge=0, le=4, description="copies of a kept question behind a set phrase, made without a model and never held out")
    page_rows: bool = Field(True, description="teach each chunk in its own words too")
    report_rows: bool = Field(True, description="teach what the reports find, in the sentences that carry it")
    entity_rows: bool = Field(True, description="teach what is said of each entity, in quoted sentences")
    coverage_target: float = Field(0.0, ge=0, le=1, description="share of facts to reach: other questions for the rest, while local_briefs lasts; 0: never")
    same_meaning: float = Field(0.0, ge=0, le=1, description="cosine from which two facts count as one, by vectors of all-MiniLM-L6-v2; 0: by their words only")
    max_rounds: int = Field(2, ge=1, description="drafts of one brief before it is rejected")
    thresholds: dict[GateName, float] = Field({}, description="P(yes) a gate asks for in place of its own, for another critic; 0: the gate is not asked")
    reasoning: Reasoning = Field("none", description="how much of the reasoning the student is taught to write before its answer")
    untrained_share: float = Field(0.05, ge=0, lt=0.5, description="share of facts held out whole, reported apart")
    report_characters: int = Field(6000, ge=1000, description="most characters of sources in one prompt: of a report, and of recipe paper's rows")
    shard_size: int = Field(100, ge=1, description="briefs or chunks of one LangGraph Send (100–500 measured best)")
    review: bool = Field(False, description="stop after the filters until a person decided about every kept fact (`ragtuned review`)")
    seed: int = 0

    @field_validator("lengths", "depths")
    @classmethod
    def _some(cls, shares: dict[str, float]) -> dict[str, float]:
        if min(shares.values(), default=0) < 0 or not sum(shares.values()):
            raise ValueError("names at least one with a share above 0, and none below")
        return shares

    @model_validator(mode="before")
    @classmethod
    def _as_published(cls, given: Any) -> Any:
        paper = isinstance(given, dict) and given.get("recipe") == "paper"
        return {"reasoning": "full", **given, "untrained_share": 0.0} if paper else given


def local_briefs(chunks: Sequence[Chunk], entities: Sequence[Entity], config: SynthesisConfig, most: int | None = None) -> list[Brief]:
    """One brief a sentence that names something, round-robin over the chunks, the richest sentences first; in the order of `chunks`.

    At most `local_briefs` of the config, and at most `most`.

    When every sentence of the corpus has one and the budget is not spent, sentences get a second style. The last round
    goes to chunks drawn by their sentences, not to the first ones: a document that is added moves few of them.
    """
    chosen: list[Ask] = []
    budget = config.local_briefs if most is None else min(most, config.local_briefs)
    for turn in range(config.styles_per_sentence):
        rounds = zip_longest(*(_asks(chunk, config.seed, turn) for chunk in chunks))
        while len(chosen) < budget and (row := next(rounds, None)):
            chosen += _drawn([ask for ask in row if ask], budget - len(chosen), config.seed)
    order = {chunk.id: n for n, chunk in enumerate(chunks)}
    chosen = sorted(chosen, key=lambda ask: order[ask[0].id])  # a page's briefs together: its prompt is cached
    return briefs_of(chosen, entities, config)


def _drawn(asks: list[Ask], most: int, seed: int) -> list[Ask]:
    """All of `asks`, or `most` of them drawn by their text."""
    return asks if len(asks) <= most else sorted(asks, key=lambda ask: content_id("drawn", seed, ask[2]))[:most]


def briefs_of(asks: Sequence[Ask], entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """A local brief for each, with the entities that its sentence names as targets, and who asks, how long and how deep as drawn by the sentence."""
    here: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        for cid in entity.chunk_ids:
            here[cid].append(entity)
    briefs = (brief_of("local", style, [e.id for e in here[chunk.id] if is_named(e, text)], [chunk.id], text) for chunk, style, text in asks)
    return [brief.model_copy(update=manner(brief, config)) for brief in briefs]


def manner(brief: Brief, config: SynthesisConfig) -> dict[str, str]:
    """Who asks, how long and how deep: drawn by the seed and the brief."""
    rng = random.Random(f"{config.seed} {brief.id}")
    asker = rng.choice(config.askers or [""])
    length, depth = (rng.choices(list(shares), list(shares.values()))[0] for shares in (config.lengths, config.depths))
    return {"asker": asker, "length": length, "depth": depth}


def is_named(entity: Entity, text: str) -> bool:
    """Whether one of the entity's names stands in the text."""
    return any(name in text for name in (entity.name, *entity.aliases))


def _asks(chunk: Chunk, seed: int, turn: int) -> Iterator[Ask]:
    """The facts of a chunk in their style number `turn`, found out one by one: a large corpus asks for few of them."""
    return ((chunk, style, text) for text in facts(chunk) for style in ranked_styles(text, seed)[turn : turn + 1])


def facts(chunk: Chunk) -> Sequence[str]:
    """The sentences of a chunk that name something and give a model no orders, the richest first; one that stands twice, once."""
    return _facts(chunk.text)


@lru_cache(maxsize=2**16)  # plan, briefs and coverage all ask: about a millisecond a chunk
def _facts(page: str) -> Sequence[str]:
    spans, orders = dict.fromkeys(page[start:end] for start, end in sentences(page)), orders_in(page)
    told = (text for text in spans if text not in orders and _tells(said(text)))
    return sorted(told, key=lambda text: -(2 * len(set(names_in(said(text)))) + len(numbers_in(said(text)))))


def ranked_styles(text: str, seed: int) -> list[str]:
    """The questions a sentence can answer, in the order they are asked: the exact ones first, else drawn."""
    rng = random.Random(f"{seed} {text}")
    return sorted(styles_of(said(text)), key=lambda style: (style not in EXACT, rng.random()))


def _tells(text: str) -> bool:
    return len(words(text)) >= FEWEST_WORDS and not text.startswith("#") and bool(names_in(text) or numbers_in(text))


def styles_of(sentence: str) -> list[str]:
    """The questions a sentence can answer, by what stands in it."""
    styles = [style for style, rule in (("when", DATE), ("why", REASON), ("where", PLACE)) if rule.search(sentence)]
    if numbers_in(DATE.sub("", sentence)):
        styles.append("how many")
    if names_in(sentence):
        styles.append("who")
    return [*styles, "what"]


def unanswerable_briefs(entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """Briefs for questions about known names, each over all chunks that mention it; people by full name first, rarely mentioned ones leave more untold."""
    named = (e for e in entities if e.chunk_ids and not e.name[:1].islower())
    known = sorted(named, key=lambda e: (e.type != "person", not _is_full_name(e.name), len(e.chunk_ids), e.id))
    chosen: list[Brief] = []
    for number in range(config.unanswerable_briefs if known else 0):
        entity = known[number % len(known)]
        style = UNKNOWN_STYLES[(number + number // len(known)) % len(UNKNOWN_STYLES)]
        chosen.append(brief_of("unanswerable", style, [entity.id], entity.chunk_ids, entity.name))
    return list({brief.id: brief for brief in chosen}.values())


def _is_full_name(name: str) -> bool:
    """Two words or more, none of them owned: a small extractor lists "Entry" and "Keeper's Book" as people."""
    return len(name.split()) > 1 and not POSSESSIVE.search(name)


def brief_of(kind: str, style: str, targets: list[str], chunk_ids: list[str], focus: str) -> Brief:
    """A brief with its id."""
    return Brief.model_validate(
        {"id": content_id("brief", kind, style, chunk_ids, focus), "kind": kind, "style": style, "targets": targets, "chunk_ids": chunk_ids, "focus": focus}
    )

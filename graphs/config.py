"""[synthesis]: how many rows, how they are written and checked."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from agents.config import Section
from agents.records import Depth, Length, Reasoning

GLOBAL_STYLES = ("summary", "comparison", "ranking", "change", "people", "causes")

GateName = Literal["self_contained", "relevant", "answerable", "faithful", "reasoning", "same_question"]


class SynthesisConfig(Section):
    """[synthesis]: how many rows, how they are written and checked.

    Of these keys recipe paper reads paper_rows, reasoning (full unless set), report_characters, shard_size and seed,
    and of [knowledge] none:
    its five entity types are its own. It trains every row, so that its untrained_share is 0 whatever the config says.
    """

    recipe: Literal["ragtuned", "paper"] = Field(
        "ragtuned", description="paper: the published recipe without reports and critic, to compare with"
    )
    paper_rows: int = Field(
        0, ge=0, description="rows of recipe paper, sampled by seed before anything is written; 0: all that it makes"
    )
    local_briefs: int = Field(
        60, ge=1, description="questions about one fact, before the critic; spread over all chunks"
    )
    row_budget: int = Field(
        0,
        ge=0,
        description="rows of questions to reach, wordings included: more local briefs round by round, up to local_briefs; 0: none",
    )
    token_budget: float = Field(
        0.0,
        ge=0,
        description="the same in tokens of these rows for each token of the documents, both at four characters; 0: none",
    )
    styles_per_sentence: int = Field(
        2, ge=1, le=6, description="different questions one sentence may get, once every sentence has one"
    )
    askers: list[str] = Field(
        ["", "a newcomer", "someone who checks a detail"],
        description='who asks, drawn for each question; "": nobody in particular',
    )
    lengths: dict[Length, float] = Field(
        {"sentence": 3, "paragraph": 1}, description="how often an answer to a local question has each length"
    )
    depths: dict[Depth, float] = Field(
        {"recall": 3, "connect": 1}, description="how often a local question asks for one thing, or for two together"
    )
    global_per_report: int = Field(
        2, ge=0, le=len(GLOBAL_STYLES), description="questions about the whole, per community report"
    )
    multi_hop_briefs: int = Field(
        0,
        ge=0,
        description="questions that need two documents, over a name that both share and the question leaves out",
    )
    unanswerable_briefs: int = Field(8, ge=0, description="questions about known names that the corpus does not answer")
    contrast_rows: int = Field(
        40, ge=0, description="refusals: kept questions with their names replaced by invented ones"
    )
    rewrites: int = Field(
        0,
        ge=0,
        le=2,
        description="rows that tell a passage anew: 1 in other words, 2 also as an answer; for a strong teacher",
    )
    wordings: int = Field(5, ge=0, le=6, description="further wordings of every kept question")
    framings: int = Field(
        2,
        ge=0,
        le=4,
        description="copies of a kept question behind a set phrase, made without a model and never held out",
    )
    page_rows: bool = Field(True, description="teach each chunk in its own words too")
    report_rows: bool = Field(True, description="teach what the reports find, in the sentences that carry it")
    entity_rows: bool = Field(True, description="teach what is said of each entity, in quoted sentences")
    coverage_target: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of facts to reach: other questions for the rest, while local_briefs lasts; 0: never",
    )
    same_meaning: float = Field(
        0.0,
        ge=0,
        le=1,
        description="cosine from which two facts count as one, by vectors of all-MiniLM-L6-v2; 0: by their words only",
    )
    max_rounds: int = Field(2, ge=1, description="drafts of one brief before it is rejected")
    thresholds: dict[GateName, float] = Field(
        {}, description="P(yes) a gate asks for in place of its own, for another critic; 0: the gate is not asked"
    )
    reasoning: Reasoning = Field(
        "none", description="how much of the reasoning the student is taught to write before its answer"
    )
    untrained_share: float = Field(0.05, ge=0, lt=0.5, description="share of facts held out whole, reported apart")
    report_characters: int = Field(
        6000, ge=1000, description="most characters of sources in one prompt: of a report, and of recipe paper's rows"
    )
    shard_size: int = Field(100, ge=1, description="briefs or chunks of one LangGraph Send (100–500 measured best)")
    review: bool = Field(
        False, description="stop after the filters until a person decided about every kept fact (`ragtuned review`)"
    )
    seed: int = Field(0, description="of every draw: who asks, which names and pages go together, who is in a group")

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

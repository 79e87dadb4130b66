"""[synthesis]: how many rows, how they are written and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from agents.config import Section
from agents.records import Depth, Length, Reasoning

GLOBAL_STYLES = ("summary", "comparison", "ranking", "change", "people", "causes")

GateName = Literal["self_contained", "relevant", "answerable", "faithful", "reasoning", "same_question"]


class LocalConfig(Section):
    """[synthesis.local]: questions about one fact."""

    briefs: int = Field(60, ge=1, description="questions asked, before the critic; spread over all chunks")
    styles_per_sentence: int = Field(
        2, ge=1, le=6, description="different questions one sentence may get, once every sentence has one"
    )
    lengths: dict[Length, float] = Field(
        {"sentence": 3, "paragraph": 1}, description="how often an answer has each length"
    )
    depths: dict[Depth, float] = Field(
        {"recall": 3, "connect": 1}, description="how often a question asks for one thing, or for two together"
    )

    @field_validator("lengths", "depths")
    @classmethod
    def _some(cls, shares: dict[str, float]) -> dict[str, float]:
        if min(shares.values(), default=0) < 0 or not sum(shares.values()):
            raise ValueError("names at least one with a share above 0, and none below")
        return shares


class GlobalConfig(Section):
    """[synthesis.global]: questions about the whole, from the reports of communities."""

    briefs_per_report: int = Field(2, ge=0, le=len(GLOBAL_STYLES), description="questions asked of each report")


class MultiHopConfig(Section):
    """[synthesis.multi_hop]: questions that need two documents."""

    briefs: int = Field(
        0,
        ge=0,
        description="questions over a name that both share and the question leaves out; of recipe facts the most "
        "pairs that are asked about, 0: as many as share says",
    )
    share: float = Field(
        0.5, ge=0, le=5, description="of recipe facts: pairs of facts to ask about, for each fact; 0: none"
    )
    dated: float = Field(
        0.1,
        ge=0,
        le=5,
        description="of recipe facts: orders and changes to ask for, for each fact, and as many counts, sums and spans "
        "of days at most, which take no call; 0: none",
    )


class UnanswerableConfig(Section):
    """[synthesis.unanswerable]: questions that the documents do not answer, taught to be refused."""

    briefs: int = Field(8, ge=0, description="questions asked about known names")
    contrast_rows: int = Field(40, ge=0, description="kept questions with their names replaced by invented ones")
    share: float = Field(
        0.08,
        ge=0,
        le=0.5,
        description="of recipe facts: most refusals among all rows, half about known names and half about invented "
        "ones; briefs and contrast_rows then only say by 0 that a half is not wanted",
    )


class WordingsConfig(Section):
    """[synthesis.wordings]: the same question asked in other words."""

    per_question: int = Field(5, ge=0, le=6, description="further wordings of every kept question")
    framings: int = Field(
        2,
        ge=0,
        le=4,
        description="copies of a kept question behind a set phrase, made without a model and never held out",
    )


class PassagesConfig(Section):
    """[synthesis.passages]: what is taught of the documents beside the questions."""

    pages: bool = Field(True, description="teach each chunk in its own words too")
    reports: bool = Field(True, description="teach what the reports find, in the sentences that carry it")
    entities: bool = Field(True, description="teach what is said of each entity, in quoted sentences")
    rewrites: int = Field(
        0,
        ge=0,
        le=2,
        description="rows that tell a passage anew: 1 in other words, 2 also as an answer; for a strong teacher",
    )
    share: float = Field(
        0.0,
        ge=0,
        le=10,
        description="of recipe facts: tokens of rows that tell pages, and facts in shuffled orders, for each token of "
        "questions; 0: none",
    )


class PaperConfig(Section):
    """[synthesis.paper]: the published recipe."""

    rows: int = Field(0, ge=0, description="rows, sampled by seed before anything is written; 0: all that it makes")


OWN_SETTINGS: Mapping[str, Sequence[str]] = {
    "facts": (
        *("writer", "rows_per_fact", "phrasings", "answer"),
        *("multi_hop.share", "multi_hop.dated", "unanswerable.share", "passages.share"),
    ),
    "ragtuned": (
        *("local", "wordings", "passages.pages", "passages.reports", "passages.entities", "passages.rewrites"),
        *("askers", "thresholds", "coverage_target", "same_meaning"),
    ),
    "paper": ("paper",),
}
"""Of [synthesis], what one recipe reads and no other."""


class SynthesisConfig(Section):
    """[synthesis]: how many rows, how they are written and checked.

    Recipe paper reads paper.rows, reasoning (full unless set), report_characters, shard_size and seed, and of
    [knowledge] none: its five entity types are its own. It trains every row, so that its untrained_share is 0 whatever
    the config says.
    """

    moved: ClassVar[Mapping[str, str]] = {
        "paper_rows": "rows in [synthesis.paper]",
        "local_briefs": "briefs in [synthesis.local]",
        "styles_per_sentence": "styles_per_sentence in [synthesis.local]",
        "lengths": "lengths in [synthesis.local]",
        "depths": "depths in [synthesis.local]",
        "global_per_report": "briefs_per_report in [synthesis.global]",
        "multi_hop_briefs": "briefs in [synthesis.multi_hop]",
        "unanswerable_briefs": "briefs in [synthesis.unanswerable]",
        "contrast_rows": "contrast_rows in [synthesis.unanswerable]",
        "wordings": "per_question in [synthesis.wordings]",
        "framings": "framings in [synthesis.wordings]",
        "page_rows": "pages in [synthesis.passages]",
        "report_rows": "reports in [synthesis.passages]",
        "entity_rows": "entities in [synthesis.passages]",
        "rewrites": "rewrites in [synthesis.passages]",
    }

    recipe: Literal["auto", "facts", "ragtuned", "paper"] = Field(
        "auto",
        description="facts: every fact asked from all its sides; ragtuned: briefs, a question a sentence, in English; "
        "auto: ragtuned for an index, and for an embedded teacher where most of the text is English, else facts; "
        "paper: the published recipe, to compare with",
    )
    writer: Literal["auto", "passage", "sentence"] = Field(
        "auto",
        description="of recipe facts: passage asks a capable model for all facts of a chunk in one call, sentence a "
        "small one for one sentence a call; auto: sentence for embedded models",
    )
    rows_per_fact: int = Field(9, ge=1, le=60, description="rows that a fact is to have; fewer are asked for again")
    phrasings: int = Field(3, ge=1, le=8, description="questions for each part of a fact, in different words")
    answer: Literal["span", "sentence", "reasoned"] = Field(
        "span",
        description="what recipe facts teaches: the shortest right answer, the fact as a sentence, or the fact and "
        "then the answer",
    )
    row_budget: int = Field(
        0,
        ge=0,
        description="rows of questions to reach, wordings included: more local questions round by round, "
        "up to local.briefs; 0: none",
    )
    token_budget: float = Field(
        0.0,
        ge=0,
        description="the same in tokens of these rows for each token of the documents, at four characters; 0: none",
    )
    coverage_target: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of sentences with a name to reach, by more questions while local.briefs lasts; 0: none",
    )
    same_meaning: float = Field(
        0.0,
        ge=0,
        le=1,
        description="cosine from which two facts count as one, by vectors of all-MiniLM-L6-v2; 0: by their words only",
    )
    askers: list[str] = Field(
        ["", "a newcomer", "someone who checks a detail"],
        description='who asks, drawn for each question; "": nobody in particular',
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

    local: LocalConfig = LocalConfig.model_validate({})
    global_: GlobalConfig = Field(GlobalConfig.model_validate({}), alias="global")
    multi_hop: MultiHopConfig = MultiHopConfig.model_validate({})
    unanswerable: UnanswerableConfig = UnanswerableConfig.model_validate({})
    wordings: WordingsConfig = WordingsConfig.model_validate({})
    passages: PassagesConfig = PassagesConfig.model_validate({})
    paper: PaperConfig = PaperConfig.model_validate({})

    @property
    def of_other_recipes(self) -> dict[str, list[str]]:
        """What the config sets and another recipe would read, by that recipe."""
        others = {recipe: keys for recipe, keys in OWN_SETTINGS.items() if recipe != self.recipe}
        given = {recipe: [key for key in keys if self._is_given(key)] for recipe, keys in others.items()}
        return {recipe: keys for recipe, keys in given.items() if keys}

    def _is_given(self, key: str) -> bool:
        group, _, name = key.partition(".")
        if group not in self.model_fields_set:
            return False
        return not name or name in getattr(self, group).model_fields_set

    @property
    def reports(self) -> bool:
        """Whether any row is made from a report of a community: else none is written."""
        asked = self.global_.briefs_per_report > 0
        return asked or (self.recipe != "facts" and self.passages.reports)

    @model_validator(mode="before")
    @classmethod
    def _as_published(cls, given: Any) -> Any:
        paper = isinstance(given, dict) and given.get("recipe") == "paper"
        return {"reasoning": "full", **given, "untrained_share": 0.0} if paper else given

"""Who takes part in an evaluation, and what decides how they answer: [eval] and [contestants.NAME]."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, Literal

from pydantic import Field, RootModel, field_validator, model_validator

from agents.config import Section, did_you_mean
from agents.errors import ConfigError

CONTESTANTS = ("base", "rag", "tuned")
"""The three that every evaluation asks: the primary comparison, and what tuning cost, are of them."""
STUDENT, TUNED, TEACHER = "student", "tuned", "teacher"
Method = Literal["vectors", "hybrid"]
Primary = Literal["local", "multi_hop", "global", "unanswerable", "gold"]


class EvalConfig(Section):
    """Section [eval]: who answers, and how, the same for all."""

    contestants: list[str] = ["base", "rag", "tuned"]
    """Who answers. base, tuned: the student, untuned and tuned, closed book. rag, tuned+rag: the same two with passages
    that retrieval found. rag_teacher: the teacher with those passages. long_context: the student with as many of the
    documents as its window holds. ceiling: the student with the passages that hold the answer (gold's evidence).
    graph: the teacher, over the community reports, as GraphRAG's global search. Others: [contestants.NAME].
    """
    retrieval: Method = "vectors"
    """vectors: the nearest by embedding, as published (VanillaRAG). hybrid: those and BM25's, by rank."""
    top_k: int = Field(4, ge=1, le=100)
    """Passages that rag reads (count).

    Four hold all evidence of 32 of the 33 local gold questions of examples/demo (three 29, six 32).
    """
    reranker: str | None = None
    """A cross-encoder that orders the 50 first passages anew: a folder, or a model id of the hub (sentence-transformers
    loads it, from safetensors). None: the order of `retrieval`.
    """
    passage_tokens: int | None = Field(None, ge=64)
    """Tokens that those passages may take together, about; the nearest always stays. None: top_k alone counts."""
    cite: bool = False
    """Whether the passages are numbered, and the answer is asked to name those it rests on ([1])."""
    chunk_characters: int = Field(1000, ge=100)
    """Length of a passage in characters (arXiv 2503.16071, VanillaRAG)."""
    overlap: int = Field(200, ge=0)
    """Characters that two passages share (arXiv 2503.16071, VanillaRAG)."""
    max_new_tokens: int = Field(96, ge=8)
    """Limit of an answer in tokens: about 70 words; the rules of gold read the first 40."""
    batch_tokens: int = Field(16384, ge=256)
    """Tokens of prompts and answers under way at once: a hundred questions alone, fourteen with passages.

    SmolLM2-135M on two cores writes 83, 122 and 187 tokens a second in batches of 8, 16 and 32 questions.
    """
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """What students compute their answers in, all in the same; auto is bfloat16 on a GPU from Ampere on, else float32.

    bfloat16 saves time where a processor multiplies in it, and costs answers: of the demo's 33 details 16 for 17 tuned
    and 8 for 10 with retrieval (seed 0). On a CPU an adapter is merged in full before it is rounded.
    """
    heldout_limit: int = Field(50, ge=0)
    """Held-out questions asked, spread evenly over the file; 0 asks all."""
    primary: Primary = "local"
    """The one comparison of tuned with rag that decides, named before the run: gold of this kind, or all of it (gold).

    Everything else is exploratory.
    """
    margin: float = Field(0.0, ge=0, lt=1)
    """Share of questions by which tuned may be behind rag and still be called not worse (non-inferiority, one-sided at
    2.5 %); 0 asks whether it is ahead.
    """
    questions: str | None = None
    """A file of the project with further questions, .csv (a column `question`) or .jsonl; without answers, so that only
    `ragtuned judge` compares what is said to them.
    """

    @field_validator("contestants")
    @classmethod
    def _the_three_are_there_and_no_one_twice(cls, names: list[str]) -> list[str]:
        if missing := [name for name in CONTESTANTS if name not in names]:
            raise ValueError(f"{', '.join(missing)} must be among them: they are always compared")
        if len(set(names)) < len(names):
            raise ValueError("a name stands there twice")
        return names

    @model_validator(mode="after")
    def _overlap_is_less_than_a_chunk(self) -> EvalConfig:
        if self.overlap >= self.chunk_characters:
            raise ValueError(f"overlap = {self.overlap} must be less than chunk_characters = {self.chunk_characters}")
        return self


class ContestantConfig(Section):
    """[contestants.NAME]: one more who answers, or other settings for one that is built in.

    Keys of a built-in one that are not set stay as they are; `model` and `reads` of base, rag and tuned are fixed.
    """

    model: str = STUDENT
    """student: the base of [tuning]; tuned: with the run's adapter; teacher: the default of [roles]; else the NAME of a
    [models.NAME], so any server that is spoken to.
    """
    reads: Literal["nothing", "passages", "corpus", "evidence", "reports"] = "nothing"
    """What stands before the question. passages: what retrieval found; corpus: the documents from the first on, as many
    as fit; evidence: the passages around the quotes of a gold question; reports: those of the communities, in two
    steps.
    """
    tokens: int | None = Field(None, ge=256)
    """Tokens of a prompt that reads corpus or reports; none: the student's window, or `context` of the model."""
    retrieval: Method | None = None
    """As in [eval], for this one alone."""
    top_k: int | None = Field(None, ge=1, le=100)
    """As in [eval], for this one alone."""
    reranker: str | None = None
    """As in [eval], for this one alone."""
    passage_tokens: int | None = Field(None, ge=64)
    """As in [eval], for this one alone."""

    @property
    def served(self) -> bool:
        """Whether a server is asked, and not the student in this process."""
        return self.model not in (STUDENT, TUNED)

    @model_validator(mode="after")
    def _reports_are_read_by_a_served_model(self) -> ContestantConfig:
        if self.reads == "reports" and not self.served:
            raise ValueError(f'reads = "reports" rates points as JSON, which model = "{self.model}" cannot')
        return self


class ContestantsConfig(RootModel[dict[str, ContestantConfig]]):
    """[contestants.*]: further contestants by their names, which [eval] contestants lists."""

    root: dict[str, ContestantConfig] = {}

    @field_validator("root", mode="before")
    @classmethod
    def _who_is_built_in_stays_who_it_is(cls, found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {
            name: {"model": BUILT_IN[name].model, "reads": BUILT_IN[name].reads, **own}
            if name in BUILT_IN and isinstance(own, dict)
            else own
            for name, own in found.items()
        }

    @field_validator("root")
    @classmethod
    def _names_are_names_of_files(cls, found: dict[str, ContestantConfig]) -> dict[str, ContestantConfig]:
        for name in found:
            if not name.replace("-", "").replace("+", "").replace("_", "").isalnum() or len(name) > 40:
                raise ValueError(f"{name!r} is no name: take letters, digits, dashes and + (at most 40)")
        return found


BUILT_IN: Mapping[str, ContestantConfig] = {
    name: ContestantConfig.model_validate({"model": model, "reads": reads})
    for name, model, reads in (
        ("base", STUDENT, "nothing"),
        ("rag", STUDENT, "passages"),
        ("tuned", TUNED, "nothing"),
        ("tuned+rag", TUNED, "passages"),
        ("rag_teacher", TEACHER, "passages"),
        ("long_context", STUDENT, "corpus"),
        ("graph", TEACHER, "reports"),
        ("ceiling", STUDENT, "evidence"),
    )
}


def entered(config: EvalConfig, own: ContestantsConfig | None) -> dict[str, ContestantConfig]:
    """The contestants of an evaluation by name; `own` is [contestants.*], if a project has it.

    Raises `ConfigError` for a name that nothing stands for, and where base, rag or tuned would be somebody else: the
    verdict, and what tuning cost, say who they are.
    """
    known = {**BUILT_IN, **(own.root if own else {})}
    for name, key in product(CONTESTANTS, ("model", "reads")):
        if (value := getattr(known[name], key)) != getattr(BUILT_IN[name], key):
            raise ConfigError(
                f'[contestants.{name}] changes who {name} is: {key} = "{value}"', "give it a name of its own"
            )
    for name in config.contestants:
        if name not in known:
            raise ConfigError(
                f"[eval] contestants names {name!r}{did_you_mean(name, known)}",
                f"add [contestants.{name}], or take it out",
            )
    return {name: known[name] for name in config.contestants}

"""Every role, once. A new role is one file beside the others and one line here.

Read from it: what a dry run answers, the keys of [roles] and [prompts], which prompts are an input of a run, and by
which schema the scripted server of bench/ knows who is asked.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, create_model, model_validator

from agents.config import did_you_mean
from agents.models.config import ModelsConfig, RolesConfig
from agents.roles.community_summarizer import SUMMARIZER
from agents.roles.critic import GATES, SAME_QUESTION
from agents.roles.document_writer import REWRITER
from agents.roles.extractor import EXTRACTOR, NAMER
from agents.roles.fact_reporter import FACT_REPORTER
from agents.roles.gold_writer import GOLD_WRITER
from agents.roles.pairwise_judge import PAIRWISE_JUDGE, TOKEN_JUDGE
from agents.roles.paper import ROLES as PAPER_ROLES
from agents.roles.passage_writer import MORE_WRITER, PASSAGE_WRITER
from agents.roles.path_writer import PATH_WRITER, TRUTH_WRITER
from agents.roles.published_judge import PUBLISHED_JUDGE
from agents.roles.question_writer import GLOBAL_WRITER, LOCAL_WRITER, MULTI_HOP_WRITER, UNKNOWN_WRITER
from agents.roles.reference_judge import REFERENCE_JUDGE
from agents.roles.role import Role, Script
from agents.roles.row_critic import ROW_CRITIC
from agents.roles.row_verdicts import ROW_ANSWERS
from agents.roles.same_entity import SAME_ENTITY, SAME_PAIR
from agents.roles.sentence_writer import SENTENCE_WRITER, SENTENCE_WRITER_ANEW
from agents.roles.unknown_writer import TOLD_CRITIC, UNKNOWNS_WRITER
from agents.roles.wordings import REWORDER

ROLES: dict[str, Role[Any]] = {
    role.name: role
    for role in (
        EXTRACTOR,
        NAMER,
        SAME_ENTITY,
        SAME_PAIR,
        SUMMARIZER,
        LOCAL_WRITER,
        GLOBAL_WRITER,
        MULTI_HOP_WRITER,
        UNKNOWN_WRITER,
        REWRITER,
        REWORDER,
        SENTENCE_WRITER,
        SENTENCE_WRITER_ANEW,
        ROW_ANSWERS,
        *(gate.role for gate in (*GATES, SAME_QUESTION)),
        PASSAGE_WRITER,
        MORE_WRITER,
        ROW_CRITIC,
        FACT_REPORTER,
        PATH_WRITER,
        TRUTH_WRITER,
        UNKNOWNS_WRITER,
        TOLD_CRITIC,
        *PAPER_ROLES,
        PAIRWISE_JUDGE,
        TOKEN_JUDGE,
        PUBLISHED_JUDGE,
        REFERENCE_JUDGE,
        GOLD_WRITER,
    )
}


def scripts() -> dict[str, Script]:
    """What the scripted model answers in a dry run, by role."""
    return {role.name: role.script for role in ROLES.values() if role.script}


def model_keys() -> tuple[str, ...]:
    """The keys of [roles]: who may have a model of its own."""
    return tuple(dict.fromkeys(role.model_key for role in ROLES.values()))


def synthesis_keys() -> tuple[str, ...]:
    """Those of them whom a synthesis asks: the others' models and prompts are no input of its rows."""
    return tuple(dict.fromkeys(role.model_key for role in ROLES.values() if role.recipe != "evaluation"))


def roles_config() -> type[RolesConfig]:
    """[roles] with a key for each role, and the docstring that docs/configuration.md shows."""
    keys: dict[str, Any] = {}
    for key in model_keys():
        names = ", ".join(role.name for role in ROLES.values() if role.model_key == key)
        keys[key] = (str | None, Field(None, description=f"the NAME of a [models.NAME], for {names}"))
    return create_model("RolesConfig", __base__=RolesConfig, __doc__=RolesConfig.__doc__, **keys)


class LimitedModels(ModelsConfig):
    """[models.*]: the models by the names that [roles] uses."""  # and max_tokens of roles that there are

    @model_validator(mode="after")
    def _limits_of_roles(self) -> LimitedModels:
        known = {*ROLES, *(name.partition(".")[0] for name in ROLES)}
        for name, model in self.root.items():
            if unknown := sorted(model.max_tokens.keys() - known):
                raise ValueError(f"{name}.max_tokens: no role {unknown[0]!r}{did_you_mean(unknown[0], sorted(known))}")
        return self

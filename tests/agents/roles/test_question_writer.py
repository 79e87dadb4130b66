"""The question writer: what a brief says stands in the prompt."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from agents.models.scripted import ScriptedModel
from agents.records import Brief
from agents.roles.question_writer import (
    ASK,
    CONNECT,
    PARAGRAPH,
    GlobalDraft,
    LocalDraft,
    UnknownDraft,
    asked_for,
    asked_of_a_sentence,
    subject_of,
    write_global,
    write_local,
    write_unknown,
)
from tests.conftest import client_of

DRAFT = LocalDraft(
    evidence="e", recall="Ann sold the mill.", question="Who sold the mill?", answer="Ann sold the mill."
)


def prompt_of(model: ScriptedModel) -> str:
    return model.requests[-1].messages[-1]["content"]


def brief(*statements: str, **changes: str) -> Brief:
    return Brief(
        **{
            "id": "b",
            "kind": "local",
            "style": "who",
            "targets": [],
            "chunk_ids": [],
            "statements": statements,
            **changes,
        }
    )


def test_who_asks_how_long_and_how_deep_is_told_where_it_is_not_the_plain_one() -> None:
    plain = asked_of_a_sentence(brief("Ann sold the mill."))
    assert plain == ASK["who"]
    wanted = asked_of_a_sentence(brief("Ann sold the mill.", asker="a newcomer", length="paragraph", depth="connect"))
    assert wanted == f"{plain} {CONNECT} {PARAGRAPH} Ask as a newcomer would."
    whole = brief(
        "Ann left.", "Ann came.", kind="global", style="change", asker="a newcomer", length="paragraph", depth="connect"
    )
    assert asked_for(whole) == f"{ASK['change']} Ask as a newcomer would."


@pytest.mark.parametrize("style", ["who", "when", "how many", "where", "why", "what"])
def test_a_local_prompt_holds_the_page_the_sentence_and_the_style(style: str) -> None:
    model = ScriptedModel({"question_writer.local": lambda inputs: DRAFT})
    asyncio.run(write_local(client_of(model), "The page.", brief("Ann sold\nthe mill.", style=style), []))
    prompt = prompt_of(model)
    assert prompt.startswith("<document>\nThe page.\n</document>")
    assert '"Ann sold the mill."' in prompt
    assert ASK[style] in prompt
    assert "rejected" not in prompt


def test_what_the_critic_said_goes_into_the_next_prompt() -> None:
    model = ScriptedModel({"question_writer.local": lambda inputs: DRAFT})
    asyncio.run(
        write_local(client_of(model), "The page.", brief("Ann sold it."), ["answer too short", "not a question"])
    )
    assert "rejected: answer too short; not a question." in prompt_of(model)


def test_global_and_unknown_prompts_hold_findings_and_name() -> None:
    scripts = {
        "question_writer.global": lambda inputs: GlobalDraft(question="What went on there?"),
        "question_writer.unanswerable": lambda inputs: UnknownDraft(question="How old is Ann?"),
    }
    model = ScriptedModel(scripts)
    asyncio.run(
        write_global(
            client_of(model),
            brief("Ann left Marrow.", "Tom stayed in Marrow.", kind="global", style="change", subject="Marrow"),
            [],
        )
    )
    assert "Ann left Marrow.\nTom stayed in Marrow." in prompt_of(model)
    assert "question about Marrow that all" in prompt_of(model)
    asyncio.run(write_unknown(client_of(model), "The page.", "Ann", "about a date", []))
    assert "Ask about Ann: about a date." in prompt_of(model)


@pytest.mark.parametrize(
    "change",
    [{"question": "Ann sold the mill."}, {"answer": "Ann"}, {"recall": "the mill"}],
    ids=["statement", "bare-name", "no-sentence"],
)
def test_a_draft_that_is_no_question_or_no_sentence_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        LocalDraft(**{**DRAFT.model_dump(), **change})


@pytest.mark.parametrize(
    ("findings", "subject"),
    [
        ("Ann Hale left Marrow.\nTom Hale came to Marrow.", "Marrow"),
        ("The Tollin Light burned.\nAnn kept the Tollin Light.", "the Tollin Light"),
        ("The Ostrey meeting sat.\nThe boats left Ostrey.", "Ostrey"),
        ("On 19 May the Sandrel came.\nOn 20 May the Sandrel left.", "the Sandrel"),
        ("it rained\nit rained again", "this"),
    ],
    ids=["shared", "with-article", "article-of-another", "no-date", "no-name"],
)
def test_findings_are_about_the_name_that_most_of_them_tell_of(findings: str, subject: str) -> None:
    assert subject_of(findings.split("\n")) == subject


@pytest.mark.parametrize(
    "question",
    ['Who sold it?", "answer": "Ann."?', "Who sold it? Who bought it?"],
    ids=["quotation-mark", "two-questions"],
)
def test_a_question_that_runs_on_is_not_of_the_schema(question: str) -> None:
    with pytest.raises(ValidationError):
        UnknownDraft(question=question)

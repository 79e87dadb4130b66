"""The question writer: what a brief says stands in the prompt, and wordings begin as they were told to."""

from __future__ import annotations

import asyncio
import json

import pytest
from pydantic import ValidationError

from agents.errors import UnreadableReply
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
    framings,
    is_framing,
    openings,
    same_words,
    scripted_wordings,
    subject_of,
    unframed,
    write_global,
    write_local,
    write_unknown,
    write_wordings,
)
from tests.conftest import client_of

DRAFT = LocalDraft(
    evidence="e", recall="Ann sold the mill.", question="Who sold the mill?", answer="Ann sold the mill."
)


def prompt_of(model: ScriptedModel) -> str:
    return model.requests[-1].messages[-1]["content"]


def brief(focus: str, **changes: str) -> Brief:
    return Brief(
        **{"id": "b", "kind": "local", "style": "who", "targets": [], "chunk_ids": [], "focus": focus, **changes}
    )


def test_who_asks_how_long_and_how_deep_is_told_where_it_is_not_the_plain_one() -> None:
    plain = asked_for(brief("Ann sold the mill."))
    assert plain == ASK["who"]
    wanted = asked_for(brief("Ann sold the mill.", asker="a newcomer", length="paragraph", depth="connect"))
    assert wanted == f"{plain} {CONNECT} {PARAGRAPH} Ask as a newcomer would."
    whole = brief(
        "Ann left.\nAnn came.", kind="global", style="change", asker="a newcomer", length="paragraph", depth="connect"
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
            client_of(model), brief("Ann left Marrow.\nTom stayed in Marrow.", kind="global", style="change"), []
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


QUESTION = "Who bought the mill from Tom Hale?"


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Who sold the mill?", "Which person"),
        ("When was it sold?", "On what date"),
        ("On which day was it sold?", "When"),
        ("How many sheep?", "What number of"),
        ("Whose mill?", "Which"),
    ],
)
def test_openings_say_the_question_word_otherwise(question: str, first: str) -> None:
    assert openings(question)[0] == first


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
    assert subject_of(findings) == subject


@pytest.mark.parametrize(
    ("wording", "same"),
    [
        ("Which person sold the mill to Tom Hale in March?", True),
        ("Do you remember who sold the mill to Tom Hale in March?", True),
        ("To whom did Tom Hale sell the mill in March?", False),
        ("Who sold the mill to Tom Hale?", False),
        ("Who sold the old mill to Tom Hale in March?", False),
    ],
    ids=["turned", "framed", "other-order", "something-left-out", "something-added"],
)
def test_the_same_words_in_the_same_order_ask_the_same(wording: str, same: bool) -> None:
    assert same_words("Who sold the mill to Tom Hale in March?", wording) is same


def test_openings_repeat_nothing_and_stay_the_same() -> None:
    found = openings(QUESTION)
    assert len(found) == len(set(found))
    assert found == openings(QUESTION)
    assert "What" not in openings("What did Ann buy?")


@pytest.mark.parametrize(
    "question",
    ['Who sold it?", "answer": "Ann."?', "Who sold it? Who bought it?"],
    ids=["quotation-mark", "two-questions"],
)
def test_a_question_that_runs_on_is_not_of_the_schema(question: str) -> None:
    with pytest.raises(ValidationError):
        UnknownDraft(question=question)


def test_wordings_come_one_an_opening_in_one_line_each() -> None:
    model = ScriptedModel({"question_writer.wordings": scripted_wordings})
    wordings = asyncio.run(write_wordings(client_of(model), QUESTION, "Ann Hale.", 4))
    assert len(wordings) == 4
    assert [w.startswith(o) for w, o in zip(wordings, openings(QUESTION), strict=False)] == [True] * 4


@pytest.mark.parametrize(
    ("wording", "framing"),
    [("Tell me who bought it.", True), ("Which man bought it?", False)],
    ids=["set-phrase", "another-question-word"],
)
def test_a_set_phrase_before_a_question_is_a_framing(wording: str, framing: bool) -> None:
    assert is_framing(wording) is framing


@pytest.mark.parametrize(
    ("wording", "rest"),
    [
        ("I would like to know: who bought it?", "So who bought it?"),
        ("Tell me who bought it.", "So who bought it."),
        ("Which man bought it?", "Which man bought it?"),
    ],
    ids=["colon", "no-colon", "no-set-phrase"],
)
def test_a_set_phrase_is_taken_off_before_the_critic_looks_for_I_and_me(wording: str, rest: str) -> None:
    assert unframed(wording) == rest


def test_framings_are_the_question_itself_behind_different_phrases() -> None:
    framed = framings(QUESTION, 3)
    assert len(set(framed)) == 3
    assert all(f.endswith(f": {QUESTION}") and is_framing(f) for f in framed)


def test_a_wording_that_begins_otherwise_is_unreadable() -> None:
    model = ScriptedModel(
        {"question_writer.wordings": lambda inputs: json.dumps({f"wording_{n}": "Zounds, who?" for n in (1, 2)})}
    )
    with pytest.raises(UnreadableReply):
        asyncio.run(write_wordings(client_of(model), QUESTION, "Ann Hale.", 2))

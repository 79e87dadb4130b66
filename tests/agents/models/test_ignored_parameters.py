"""A server that passes over what it does not know is found out from its answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.errors import UnreadableReply
from agents.models.client import Client
from agents.models.dialect import Dialect
from agents.models.ignored_parameters import IgnoredParameters
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply
from agents.roles.question_writer import UnknownDraft
from agents.roles.role import Role
from tests.conftest import client_of

ROLE = Role("toy", UnknownDraft, "Ask about {{what}}: plain.", max_tokens=300)
OBJECT = '{"question": "What is the favourite song of Gull?"}'
LIMIT = {"max_completion_tokens": 300}


def asked(client: Client, *names: str) -> None:
    for name in names:
        try:
            asyncio.run(ROLE.ask(client, what=name))
        except UnreadableReply:
            continue


OUTCOMES = {
    "one-prose": (("prose",), "json_schema"),
    "two-prose": (("prose", "prose"), "json_object"),
    "once-an-object": (("object", "prose", "prose", "prose"), "json_schema"),
    "an-object-with-other-words-in-its-fields": (("wrong", "wrong", "wrong"), "json_schema"),
    "nothing": (("", "", ""), "json_schema"),
}


@pytest.mark.parametrize(("replies", "rung"), OUTCOMES.values(), ids=OUTCOMES)
def test_a_schema_counts_as_passed_over_after_two_replies_of_prose_before_any_object(
    store: CallStore, replies: tuple[str, ...], rung: str
) -> None:
    texts = {"prose": "Who is Gull?", "object": OBJECT, "wrong": '{"question": 7}', "": " "}
    said = {f"{n}": texts[kind] for n, kind in enumerate(replies)}
    client = client_of(ScriptedModel({"toy": lambda inputs: said[inputs["what"]]}), store)
    asked(client, *said)
    assert client.dialect.rung == rung
    assert store.dialect(client.backend.identity) == client.dialect


def test_an_object_that_came_at_the_second_try_only_is_no_proof_that_schemas_are_read(store: CallStore) -> None:
    def said(inputs: dict[str, Any]) -> str:
        return OBJECT if len(model.requests) % 2 == 0 else "Who is Gull?"

    model = ScriptedModel({"toy": said})
    client = client_of(model, store)
    asked(client, "a", "b")
    assert client.dialect.rung == "json_object"


def test_a_replay_of_prose_moves_nothing(store: CallStore) -> None:
    asked(client_of(ScriptedModel({"toy": lambda inputs: "Who?"}), store), "a", "b")
    store.set_dialect(ScriptedModel({}).identity, Dialect())
    replayed = client_of(ScriptedModel({}), store, replay=True)
    asked(replayed, "a")
    assert replayed.dialect == Dialect()


LENGTHS = {
    "within": (300, False, ()),
    "a-few-more": (330, False, ()),
    "far-more": (1024, False, ("max_completion_tokens",)),
    "far-more-by-an-estimate": (1024, True, ()),
}


@pytest.mark.parametrize(("tokens", "estimated", "without"), LENGTHS.values(), ids=LENGTHS)
def test_a_reply_far_longer_than_its_limit_shows_that_the_limit_was_passed_over(
    tokens: int, estimated: bool, without: tuple[str, ...]
) -> None:
    reply = Reply(text="x", tokens_in=1, tokens_out=tokens, estimated=estimated)
    assert IgnoredParameters().answered(Dialect(), LIMIT, reply) == Dialect(without=without)
    assert IgnoredParameters().answered(Dialect(), {"max_tokens": 300}, reply) == Dialect()  # there is no third name


@pytest.mark.parametrize(
    ("text", "seen", "without"),
    [("Yes", False, ("logprobs",)), ("Yes", True, ()), (" ", False, ())],
    ids=["never", "once", "no-word"],
)
def test_log_probabilities_that_never_came_are_asked_for_no_more(
    text: str, seen: bool, without: tuple[str, ...]
) -> None:
    found, sent = IgnoredParameters(), {"logprobs": True}
    if seen:
        found.answered(Dialect(), sent, Reply(text="Yes", top_logprobs={"Yes": -0.1}))
    assert found.answered(Dialect(), sent, Reply(text=text)) == Dialect(without=without)

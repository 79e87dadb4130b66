"""The scripted server: replies that the body decides, shaped like each role's, and errors that the seed decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from agents.roles.checks import Draft
from agents.roles.community_summarizer import SUMMARIZER
from agents.roles.critic import GATES, SAME_QUESTION, YES_OR_NO, Gate
from agents.roles.extractor import EXTRACTOR
from agents.roles.json_form import asked_for
from agents.roles.question_writer import ASK, GLOBAL_WRITER, LOCAL_WRITER, UNKNOWN_WRITER
from agents.roles.role import Role, fence, fill
from agents.roles.same_entity import SAME_ENTITY
from bench.corpus import documents
from bench.peers.replies import peer_reply
from bench.server.chat_request import read_request
from bench.server.faults import KINDS, Faults, kinds_of
from bench.server.replies import answer, as_message
from bench.server.serve import Served, application
from graphs.corpus.chunks import chunk_documents
from graphs.corpus.documents import DocumentsConfig, load_documents
from tests.conftest import check_draft

PAGE = (
    "On 3 April 1870 Ann Hale sold 40 lanterns to Tom Brisk. The council of Marrow paid Tom Brisk 12 coppers for the "
    "mules of Ann Hale."
)
FOCUS = "On 3 April 1870 Ann Hale sold 40 lanterns to Tom Brisk."
PROMPTS = {
    EXTRACTOR: {"document": fence(PAGE), "types": "person, place", "known": ""},
    SUMMARIZER: {
        "document": fence(f"[1] {PAGE}\n\n[2] Ann and Tom: Tom Brisk left Marrow in 1871."),
        "names": "Ann Hale, Tom Brisk",
    },
    LOCAL_WRITER: {"document": fence(PAGE), "focus": FOCUS, "ask": ASK["who"], "feedback": ""},
    GLOBAL_WRITER: {
        "document": fence("Ann Hale sold lanterns.\nTom Brisk left Ann Hale."),
        "name": "Ann Hale",
        "ask": ASK["change"],
        "feedback": "",
    },
    UNKNOWN_WRITER: {"document": fence(PAGE), "name": "Ann Hale", "ask": "about a date", "feedback": ""},
    SAME_ENTITY: {
        "pairs": fence("1. Ann (person) and Ann Hale (person), on one page\n   Ann: Ann sold.\n2. Tom and Tom Brisk")
    },
}
ROLES = [pytest.param(role, inputs, id=role.name) for role, inputs in PROMPTS.items()]


def body(prompt: str, **more: Any) -> bytes:
    return json.dumps(
        {
            "model": "scripted",
            "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": prompt}],
            **more,
        }
    ).encode()


def in_each_form(role: Role[Any], prompt: str) -> Iterator[bytes]:
    """The request with its schema in response_format, as a tool, and at the end of the prompt."""
    schema = role.schema.model_json_schema()
    yield body(
        prompt, response_format={"type": "json_schema", "json_schema": {"name": role.schema.__name__, "schema": schema}}
    )
    yield body(prompt, tools=[{"type": "function", "function": {"name": "submit", "parameters": schema}}])
    yield body(f"{prompt}\n\n{asked_for(schema)}")


@pytest.mark.parametrize(("role", "inputs"), ROLES)
def test_a_role_gets_an_object_of_its_schema_however_it_is_asked_for(role: Role[Any], inputs: dict[str, Any]) -> None:
    for request in in_each_form(role, fill(role.template, inputs)):
        asked = read_request(request)
        said = answer(asked)
        message = as_message(asked, said.text)
        text = message["content"] or message["tool_calls"][0]["function"]["arguments"]
        assert said.role == role.name
        assert role.schema.model_validate_json(text)
        assert answer(read_request(request)) == said


def test_a_local_draft_passes_the_checks_that_need_no_model() -> None:
    role, inputs = LOCAL_WRITER, PROMPTS[LOCAL_WRITER]
    draft = role.schema.model_validate_json(
        answer(read_request(next(in_each_form(role, fill(role.template, inputs))))).text
    )
    evidence = [type("E", (), {"quote": draft.evidence})]
    assert check_draft(Draft("local", draft.question, draft.recall, draft.answer, evidence), PAGE) is None


@pytest.mark.parametrize("gate", [*GATES, SAME_QUESTION], ids=lambda gate: gate.name)
def test_a_gate_is_answered_yes_or_no_with_its_probability(gate: Gate) -> None:
    inputs = {
        "question": "Who sold 40 lanterns?",
        "answer": "Ann Hale.",
        "reasoning": "Ann Hale sold them.",
        "wording": "Which person sold 40 lanterns?",
    }
    said = answer(read_request(body(fill(gate.ask, inputs) + YES_OR_NO, logprobs=True)))
    assert (said.role, said.text, said.p_yes > 0.9) == (f"critic.{gate.name}", "yes", True)


def test_the_question_made_to_be_unanswerable_is_not_answerable() -> None:
    role, inputs = UNKNOWN_WRITER, PROMPTS[UNKNOWN_WRITER]
    question = json.loads(answer(read_request(next(in_each_form(role, fill(role.template, inputs))))).text)["question"]
    gate = next(gate for gate in GATES if gate.name == "answerable")
    assert answer(read_request(body(fill(gate.ask, {"question": question}) + YES_OR_NO))).p_yes < gate.threshold


def test_the_peers_get_records_of_the_names_in_their_text() -> None:
    nano = peer_reply(
        f"-Real Data-\n######################\nEntity_types: person\nText: {PAGE}\n######################\nOutput:\n"
    )
    light = peer_reply(f"---Input Text---\n```\n{PAGE}\n```\n\n---Output---\n")
    assert nano is not None
    assert '("entity"<|>"Ann Hale"<|>' in nano
    assert nano.endswith("<|COMPLETE|>")
    assert light is not None
    assert "entity<|#|>Ann Hale<|#|>Person<|#|>" in light
    assert light.endswith("<|COMPLETE|>")


@pytest.mark.parametrize("chunks", [1, 7, 20])
def test_a_corpus_has_as_many_chunks_as_asked_for(tmp_path: Path, chunks: int) -> None:
    for name, text in documents(chunks, seed=3):
        (tmp_path / name).write_text(text)
    config = DocumentsConfig(paths=["."])
    assert len(chunk_documents(load_documents(tmp_path, config).documents, config)) == chunks
    assert list(documents(chunks, seed=3)) == list(documents(chunks, seed=3)) != list(documents(chunks, seed=4))


def test_errors_are_drawn_by_the_seed_and_end() -> None:
    keys = [f"body {n}" for n in range(2000)]
    draws = {seed: [Faults(0.3, tuple(KINDS), seed).draw(key, 0) for key in keys] for seed in (1, 2)}
    assert [Faults(0.3, tuple(KINDS), 1).draw(key, 0) for key in keys] == draws[1] != draws[2]
    assert 0.25 < sum(map(bool, draws[1])) / len(keys) < 0.35
    assert set(draws[1]) == {"", *KINDS}
    assert not any(Faults(1.0, ("500",), 1, most=3).draw(key, 3) for key in keys)
    with pytest.raises(ValueError, match="known are"):
        kinds_of("429,teapot")


async def _meets(kind: str) -> tuple[int, str, int, Any]:
    """What the first attempt under `kind` gets, the status of the second, and the books.

    The first is (status, body or the error of reading it).
    """
    served = Served(latency=0.01, slots=2, faults=Faults(1.0, (kind,), most=1))
    async with TestClient(TestServer(application(served))) as client:
        first = await client.post("/v1/chat/completions", data=body("Hello"))
        try:
            text = await first.text()
        except aiohttp.ClientPayloadError as error:
            text = type(error).__name__
        second = await client.post("/v1/chat/completions", data=body("Hello"))
        return first.status, text, second.status, await (await client.get("/stats")).json()


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("429", 429, "rate limit"),
        ("429-bare", 429, "rate limit"),
        ("500", 500, "error"),
        ("502-html", 502, "<html>"),
        ("html", 200, "<html>"),
        ("length", 200, '"finish_reason": "length"'),
        ("cut", 200, '"content": "Tully Ma'),
        ("cut-body", 200, "ClientPayloadError"),
    ],
)
def test_each_kind_of_error_answers_as_it_says_and_the_next_attempt_succeeds(
    kind: str, status: int, words: str
) -> None:
    first, text, second, stats = asyncio.run(_meets(kind))
    assert (first, second) == (status, 200)
    assert words in text
    assert (stats["requests"], stats["bodies"], stats["errors"]) == (2, 1, {kind: 1})


def test_each_pair_of_names_gets_its_verdict() -> None:
    prompt = fill(SAME_ENTITY.template, PROMPTS[SAME_ENTITY])
    said = json.loads(answer(read_request(next(in_each_form(SAME_ENTITY, prompt)))).text)
    assert [verdict["pair"] for verdict in said["verdicts"]] == [1, 2]

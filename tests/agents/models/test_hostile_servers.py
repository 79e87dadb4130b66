"""What a server may do to the client: quote the key, send junk, state no tokens.

Against a real HTTP server on the loopback.
"""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from agents.errors import (
    BudgetReached,
    ConfigError,
    EndpointError,
    FailedCall,
    ModelError,
    RefusedReply,
    TruncatedReply,
    UnreadableReply,
)
from agents.models.budget import Budget, Caps
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.local import Endpoint
from agents.models.openai_backend import LocalBackend, OpenAIBackend
from agents.models.replies import MOST_REPLY
from agents.models.request import Request, estimated_tokens
from agents.models.store import CallStore, Reply
from agents.roles.community_summarizer import SUMMARIZER
from agents.roles.critic import Judgement
from agents.roles.extractor import EXTRACTOR, of_types, read
from agents.roles.lines import Lines
from agents.roles.paper import ROLES as PAPER_ROLES
from agents.roles.parsing import MOST_BRACKETS, MOST_REPAIRED, parse
from agents.roles.question_writer import GLOBAL_WRITER, LOCAL_WRITER, MULTI_HOP_WRITER, UNKNOWN_WRITER
from agents.roles.role import MOST_QUOTED, Role
from tests.agents.models.test_openai_backend import HTML, Server, completion, error
from tests.agents.models.test_replies import ANY, ratio

KEY = "sk-test-Zq8/w+L2_vN6=rT0xB4yM9kD3hF7"


class Thing(BaseModel):
    """What the toy role answers."""

    word: str = ""
    number: int = 0
    share: float = 0.0
    items: list[int] = []


ROLE = Role("toy", Thing, "Name {{what}}.", max_tokens=40)
HI = Request(role="toy", messages=[{"role": "user", "content": "Hi, who keeps the light?"}], max_tokens=5)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("agents.models.openai_backend.HICCUP", 0.0)
    monkeypatch.setenv("TOY_KEY", KEY)
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CallStore]:
    store = CallStore(tmp_path / "calls.sqlite")
    yield store
    store.close()


def client_at(server: Server, store: CallStore, caps: Caps | None = None, **config: Any) -> Client:
    told = {
        "provider": "openai",
        "model": "toy",
        "base_url": server.url,
        "api_key_env": "TOY_KEY",
        "retries": 0,
        "timeout": 20,
        **config,
    }
    model = ModelConfig.model_validate(told)
    return Client(OpenAIBackend(model), store, model, budget=Budget(caps))


def asked(client: Client, *requests: Request) -> list[Reply]:
    async def all_of_them() -> list[Reply]:
        try:
            return [await client.ask(request) for request in requests]
        finally:
            await client.backend.close()

    return asyncio.run(all_of_them())


def of_role(client: Client) -> Thing:
    async def once() -> Thing:
        try:
            return await ROLE.ask(client, what="it")
        finally:
            await client.backend.close()

    return asyncio.run(once())


# --- the key ---

QUOTED = {
    "as-it-is": f"Authorization: Bearer {KEY}",
    "encoded": f"?key={quote(KEY, safe='')}",
    "beginning": f"Incorrect API key provided: {KEY[:20]}…",
    "end": f"key …{KEY[-16:]} has no quota",
}


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def holds_key(data: bytes) -> bool:
    """Whether any twelve characters of the key stand in the bytes, plain or percent-encoded."""
    return any(
        form[at : at + 12].encode() in data for form in (KEY, quote(KEY, safe="")) for at in range(len(form) - 11)
    )


@pytest.mark.parametrize("words", QUOTED.values(), ids=QUOTED)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503], ids=str)
def test_a_key_in_an_error_page_is_masked(server: Server, store: CallStore, status: int, words: str) -> None:
    server.says((status, error(words), {"Retry-After": "0"}))
    with pytest.raises(ModelError) as caught:
        asked(client_at(server, store), HI)
    assert server.keys == [f"Bearer {KEY}"]
    assert not holds_key("".join(traceback.format_exception(caught.value)).encode())
    assert not holds_key(f"{caught.value!r} {caught.value.raw} {vars(caught.value)}".encode())
    assert not holds_key(files_of(store.path.parent))


@pytest.mark.parametrize("words", QUOTED.values(), ids=QUOTED)
def test_a_key_in_a_reply_is_masked_before_anyone_sees_it(server: Server, store: CallStore, words: str) -> None:
    top = {"content": [{"token": words, "logprob": -0.1, "top_logprobs": [{"token": words, "logprob": -0.1}]}]}
    server.says((200, completion(f"You sent {words}.", "stop", top)))
    reply = asked(client_at(server, store), HI.model_copy(update={"logprobs": True}))[0]
    assert reply.text.startswith("You sent ")
    assert not holds_key(reply.model_dump_json().encode())
    assert not holds_key(files_of(store.path.parent))


BODIES = {
    "cut-off": (200, completion(f"It is {KEY}", "length")),
    "refused": (200, completion(None, refusal=f"I refuse {KEY}")),
    "unparsed": (500, error(f"output does not match the expected: {KEY}")),
    "a-page": (200, f"<html>{KEY}</html>"),
    "another-protocol": (200, {"error": {"message": f"key {KEY}"}}),
    "no-choices": (200, {"choices": None, "key": KEY}),
    "odd-choices": (200, {"choices": [KEY]}),
}


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES)
def test_a_key_is_masked_however_a_call_ends(server: Server, store: CallStore, answer: tuple[int, Any]) -> None:
    server.says(answer)
    with pytest.raises(ModelError) as caught:
        asked(client_at(server, store), HI)
    assert not holds_key("".join([*traceback.format_exception(caught.value), repr(vars(caught.value))]).encode())
    assert not holds_key(files_of(store.path.parent))


def test_a_key_that_an_unreadable_reply_quotes_is_not_asked_about_again(server: Server, store: CallStore) -> None:
    server.says((200, completion(f"no JSON, but {KEY}")))
    with pytest.raises(UnreadableReply) as caught:
        of_role(client_at(server, store))
    assert not holds_key(json.dumps(server.asked).encode())
    assert not holds_key(f"{caught.value} {caught.value.raw}".encode())
    assert not holds_key(files_of(store.path.parent))


@pytest.mark.parametrize("key", ["none", "EMPTY", "a"])
def test_a_placeholder_leaves_the_replies_as_they_are(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("TOY_KEY", key)
    server.says((200, completion("There is none: a row is EMPTY.")))
    assert asked(client_at(server, store), HI)[0].text == "There is none: a row is EMPTY."


def test_openais_key_is_not_sent_to_a_server_of_this_machine_that_does_not_name_it(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = ModelConfig.model_validate({"provider": "openai", "model": "toy", "base_url": server.url, "retries": 0})
    server.says((401, error("no key")))
    with pytest.raises(EndpointError, match="no key was sent: name its variable as api_key_env"):
        asked(Client(OpenAIBackend(model), store, model), HI)
    assert server.keys == ["Bearer none"]


def test_the_address_of_another_program_is_not_taken(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.setenv(name, server.url)
    backend = OpenAIBackend(ModelConfig.model_validate({"provider": "openai", "api_key_env": "TOY_KEY"}))
    assert str(asyncio.run(backend._connected()).root_async_client.base_url).startswith("https://api.openai.com/")


def test_the_key_of_the_embedded_server_is_masked(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.models.local.serve", lambda *args, **more: Endpoint(server.url, KEY))
    model = ModelConfig(retries=0)
    server.says((200, completion(f"You are {KEY}.")))
    assert asked(Client(LocalBackend(model), store, model), HI)[0].text == "You are ***."
    assert server.keys == [f"Bearer {KEY}"]


def test_a_password_in_the_address_ends_the_call_before_anything_is_sent(server: Server, store: CallStore) -> None:
    address = server.url.replace("http://", "http://ann:pass-word-1234@")
    with pytest.raises(ConfigError, match=f"{server.url} holds a user or a password") as caught:
        asked(client_at(server, store, base_url=address), HI)
    assert "pass-word" not in "".join(traceback.format_exception(caught.value))
    assert server.asked == []


def test_a_server_that_sends_its_clients_elsewhere_does_not_pass_the_key_on(server: Server, store: CallStore) -> None:
    other = Server()
    other.says((200, completion()))
    server.says((307, "", {"Location": f"{other.url}/chat/completions"}))
    asked(client_at(server, store), HI)
    assert other.keys == [None]
    other.http.shutdown()
    other.http.server_close()


# --- what cannot be read ---

JUNK = {
    "brackets": "[" * 10_000,
    "braces": '{"items":' * 10_000,
    "object-and-brackets": '{"items":' + "[" * 10_000,
    "many-thoughts": "<think>" * 70_000,
    "half-a-megabyte": '{"word": "' + "x" * 500_000 + '"}',
    "quotation-marks": '"' * 500_000,
    "nan": '{"share": NaN}',
    "infinity": '{"share": 1e999}',
    "huge-number": '{"number": ' + "9" * 5_000 + "}",
    "large-number": '{"number": 1' + "0" * 400 + "}",
    "empty": "",
    "nothing": "null",
    "prose": "I would rather not.",
}


UNREAD = [
    pytest.param(text, tool, id=f"{name}-as-{'a-tool-call' if tool else 'text'}")
    for name, text in JUNK.items()
    for tool in (False, True)
    if not (tool and name in ("empty", "nothing"))  # no arguments at all are an object without fields
]


@pytest.mark.parametrize(("text", "tool"), UNREAD)
def test_what_cannot_be_read_is_an_unreadable_reply_of_its_own(
    server: Server, store: CallStore, tmp_path: Path, text: str, tool: bool
) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "Thing", "arguments": text}}
    server.says((200, completion(None, "tool_calls", tool_calls=[call]) if tool else completion(text)))
    with pytest.raises(UnreadableReply) as caught:
        of_role(client_at(server, store))
    assert len(caught.value.raw) <= MOST_REPLY + 1
    assert len(str(caught.value)) < 2_000
    assert len(server.asked) == 2  # the prompt and its re-ask
    assert len(json.dumps(server.asked[-1]["messages"], ensure_ascii=False)) < 2 * MOST_QUOTED + 2_000
    assert {row["status"] for row in store.stats()} == {"unreadable"}
    _travels(store, tmp_path)
    replayed = client_at(server, store)
    replayed.replay = True
    with pytest.raises(UnreadableReply):
        of_role(replayed)
    assert len(server.asked) == 2


def _travels(store: CallStore, folder: Path) -> None:
    """The calls go out and come in again as they were."""
    lines = store.export(folder / "calls.jsonl.gz")
    other = CallStore(folder / "other.sqlite")
    assert other.load(folder / "calls.jsonl.gz") + 1 >= lines
    assert other.stats() == store.stats()
    other.close()


ODD = {
    "lone-surrogate": '{"word": "a\ud800b"}',
    "nul": '{"word": "a\x00b"}',
    "escaped-surrogate": '{"word": "a\\ud800b"}',
    "escaped-nul": '{"word": "a\\u0000b"}',
    "escaped-control": '{"word": "a\\u001bb"}',
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_characters_that_no_file_takes_are_replaced(
    server: Server, store: CallStore, tmp_path: Path, text: str
) -> None:
    server.says((200, completion(text)))
    thing = of_role(client_at(server, store))
    assert thing.word == "a\ufffdb"
    thing.model_dump_json().encode()
    _travels(store, tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"choices":' * 50_000,
        '{"choices": [{"message": {"role": "assistant", "content": "x"}, "index": ' + "9" * 5_000 + "}]}",
        "{}",
        '{"choices": []}',
        '{"choices": {}}',
        '{"choices": [{"message": 5}]}',
        '{"choices": [{"message": {"role": "assistant", "tool_calls": [5]}}]}',
        '{"choices": [{"message": {"role": "assistant", "tool_calls": [{"function": 5}]}}]}',
        "\x00" * 500_000,
        '"' + "x" * 500_000 + '"',
        "5",
    ],
    ids=[
        "brackets",
        "braces",
        "huge-number",
        "empty",
        "no-choice",
        "object",
        "number",
        "odd-tool",
        "odd-function",
        "nul",
        "text",
        "a-number",
    ],
)
def test_a_body_of_another_form_is_the_servers_error_and_not_a_crash(
    server: Server, store: CallStore, body: str
) -> None:
    server.says((200, body, {"Content-Type": "application/json"}))
    with pytest.raises((EndpointError, FailedCall, UnreadableReply)) as caught:
        of_role(client_at(server, store))
    assert len(str(caught.value)) < 1_000


def test_log_probabilities_of_another_form_are_none(server: Server, store: CallStore) -> None:
    for odd in (
        [1, 2],
        "x",
        {"content": 5},
        {"content": [5]},
        {"content": [{"top_logprobs": [{"token": 5, "logprob": "x"}]}]},
    ):
        server.says((200, completion("yes", "length", odd)))
        request = HI.model_copy(update={"logprobs": True, "messages": [{"role": "user", "content": str(odd)}]})
        assert asked(client_at(server, store), request)[0].top_logprobs == {}


def test_a_kept_reply_whose_numbers_are_none_is_asked_for_again(server: Server, store: CallStore) -> None:
    server.says((200, completion("yes")))
    asked(client_at(server, store), HI)
    store._write("UPDATE calls SET reply = ?", (json.dumps({"text": "yes", "top_logprobs": {"yes": None}}),))
    assert asked(client_at(server, store), HI)[0].text == "yes"
    assert len(server.asked) == 2


PARSED = [
    *(
        role.schema
        for role in (EXTRACTOR, SUMMARIZER, LOCAL_WRITER, GLOBAL_WRITER, MULTI_HOP_WRITER, UNKNOWN_WRITER, *PAPER_ROLES)
    ),
    of_types(("person", "place")).schema,
    Judgement,
    Lines,
]


def said_of(schema: type[BaseModel], text: str) -> None:
    """Parse `text` and use what comes as the role does; a ValueError is an unreadable reply."""
    try:
        found = parse(text, schema)
    except ValueError:
        return
    found.model_dump_json().encode()
    if hasattr(found, "entities"):
        found.read() if hasattr(found, "read") else read(found)  # type: ignore[operator, arg-type]


@pytest.mark.parametrize("schema", PARSED, ids=lambda schema: schema.__name__)
@pytest.mark.parametrize("text", JUNK.values(), ids=JUNK)
def test_no_role_breaks_on_junk(schema: type[BaseModel], text: str) -> None:
    said_of(schema, text)
    for name in schema.model_fields:
        said_of(schema, text.replace("word", name).replace("items", name))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY
    | st.sampled_from(["person: ", "a | b | c", "person: | "]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.parametrize("schema", PARSED, ids=lambda schema: schema.__name__)
def test_no_role_breaks_on_values_of_other_types(schema: type[BaseModel], data: st.DataObject) -> None:
    value = {name: data.draw(VALUES) for name in schema.model_fields}
    text = json.dumps(value)
    said_of(schema, text[: data.draw(st.integers(0, len(text)))])
    said_of(schema, text)


SLOW = [
    '{"a":',
    '["',
    "{a:",
    '{"',
    '"a"b"',
    '{"a":"b"',
    '{"a":"',
    "'\"",
    '{"a": "b\n',
    '("',
    "[",
    "\\",
    "<think>",
    '"a":',
    "{,",
    "{[",
    "x ",
]


@pytest.mark.parametrize("before", ["", '{"word": "', '["'], ids=["bare", "in-an-object", "in-a-list"])
@pytest.mark.parametrize("unit", SLOW)
def test_parsing_is_no_worse_than_linear_where_a_reply_is_long(unit: str, before: str) -> None:
    def read_it(text: str) -> None:
        with suppress(ValueError):
            parse(before + text, Thing)

    assert ratio(read_it, unit, MOST_REPAIRED + 100) < 8 * 4


def test_a_reply_at_the_limits_of_repair_is_repaired() -> None:
    text = '{"word": "' + "x" * (MOST_REPAIRED - 60) + '", "items": [1, 2'
    assert len(parse(text, Thing).word) == MOST_REPAIRED - 60
    assert parse('{"word": "' + "(" * (MOST_BRACKETS - 1) + '",}', Thing).word == "(" * (MOST_BRACKETS - 1)


def test_a_long_object_in_a_fence_is_found() -> None:
    assert len(parse('Here it is:\n```json\n{"word": "' + "x" * 20_000 + '"}\n```', Thing).word) == 20_000


# --- what it takes ---


def without_usage(content: str, usage: Any = None) -> dict[str, Any]:
    body = completion(content)
    body["usage"] = usage
    return body


USAGE = {
    "missing": None,
    "nought": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    "text": {"prompt_tokens": "7", "completion_tokens": "many", "total_tokens": "x"},
    "negative": {"prompt_tokens": -7, "completion_tokens": -2, "total_tokens": -9},
    "null": {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
    "beyond-belief": {"prompt_tokens": 10**30, "completion_tokens": 10**30, "total_tokens": 10**30},
    "lists": {"prompt_tokens": [1], "completion_tokens": {}, "total_tokens": []},
    "a-list": [1, 2],
    "a-word": "much",
    "odd-details": {"prompt_tokens": None, "prompt_tokens_details": "x", "completion_tokens_details": 5},
}


@pytest.mark.parametrize("usage", USAGE.values(), ids=USAGE)
def test_where_no_tokens_are_stated_the_estimate_is_charged(server: Server, store: CallStore, usage: Any) -> None:
    server.says((200, without_usage("<think>Who may it be?</think>Bastow Pask keeps it.", usage)))
    client = client_at(server, store, price_in=1.0, price_out=4.0)
    reply = asked(client, HI)[0]
    least_out = estimated_tokens("<think>Who may it be?</think>Bastow Pask keeps it.")
    assert (reply.text, reply.estimated) == ("Bastow Pask keeps it.", True)
    assert (reply.tokens_in, reply.tokens_out) == (HI.most_tokens[0], least_out)
    assert client.budget.spent.tokens == reply.tokens_in + reply.tokens_out
    assert client.budget.spent.cost == pytest.approx((reply.tokens_in + 4 * reply.tokens_out) / 1e6)
    (key,) = client.keys
    assert (kept := store.get(key)) is not None
    assert kept.reply == reply


def test_stated_tokens_are_charged_as_stated_and_kept_without_a_word_more(server: Server, store: CallStore) -> None:
    server.says((200, completion()))
    client = client_at(server, store)
    assert (asked(client, HI)[0].estimated, client.budget.spent.tokens) == (False, 9)
    assert "estimated" not in store._db.execute("SELECT reply FROM calls").fetchone()[0]


def test_a_prompt_in_chinese_is_not_taken_for_a_third_of_its_tokens() -> None:
    assert estimated_tokens("灯塔的看守人是谁" * 100) > 800
    assert estimated_tokens("abc" * 100) == 101


CAPS = {"calls": Caps(calls=7), "tokens": Caps(tokens=2000), "cost": Caps(cost=0.002)}


@pytest.mark.parametrize("caps", CAPS.values(), ids=CAPS)
@pytest.mark.parametrize("answers", ["no-usage", "unreadable", "failing"])
def test_a_cap_holds_without_usage_with_re_asks_and_with_retries(
    server: Server, store: CallStore, caps: Caps, answers: str
) -> None:
    body = {
        "no-usage": without_usage('{"word": "x"}'),
        "unreadable": without_usage("no JSON"),
        "failing": error("later"),
    }[answers]
    server.says((500 if answers == "failing" else 200, body, {"Retry-After": "0"}))
    client = client_at(server, store, caps, price_in=1.0, price_out=1.0, retries=100)

    async def many() -> None:
        for n in range(100):
            try:
                await ROLE.ask(client, what=str(n))
            except UnreadableReply:
                continue

    with pytest.raises(BudgetReached):
        asyncio.run(many())
    sent = sum(estimated_tokens(*(m["content"] for m in request["messages"])) for request in server.asked)
    assert 0 < len(server.asked) == client.budget.spent.calls <= (caps.calls or 100)
    assert sent <= client.budget.spent.tokens <= (caps.tokens or 10**9)
    assert client.budget.spent.cost <= (caps.cost or 10**9) + 1e-9


@pytest.mark.parametrize(
    ("status", "body", "charged"),
    [
        (500, error("x"), True),
        (502, HTML, True),
        (200, HTML, True),
        (429, error("x"), False),
        (401, error("x"), False),
        (404, error("x"), False),
    ],
    ids=["500", "502", "a-page", "429", "401", "404"],
)
def test_a_failed_try_is_charged_only_where_it_may_be_billed(
    server: Server, store: CallStore, status: int, body: Any, charged: bool
) -> None:
    server.says((status, body))
    client = client_at(server, store)
    with pytest.raises(ModelError):
        asked(client, HI)
    assert (client.budget.spent.calls, client.budget.spent.tokens) == (1, sum(HI.most_tokens) if charged else 0)


def test_a_call_that_timed_out_is_charged_and_one_that_never_left_is_not(server: Server, store: CallStore) -> None:
    server.says((200, completion()))
    server.pause = 0.5
    client = client_at(server, store, timeout=0.2)
    with pytest.raises(EndpointError, match="did not answer|cannot be reached"):
        asked(client, HI)
    assert client.budget.spent.tokens == sum(HI.most_tokens)
    alone = client_at(server, store, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(EndpointError, match="cannot be reached"):
        asked(alone, HI)
    assert (alone.budget.spent.calls, alone.budget.spent.tokens) == (1, 0)


def test_a_reply_that_was_cut_off_or_refused_is_bounded(server: Server, store: CallStore) -> None:
    for body, kind in (
        (completion("x" * 500_000, "length"), TruncatedReply),
        (completion(None, refusal="x" * 500_000), RefusedReply),
    ):
        server.says((200, body))
        with pytest.raises(kind) as caught:
            asked(client_at(server, store), HI)
        assert len(caught.value.raw) <= MOST_REPLY + 1

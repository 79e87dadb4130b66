"""What cannot be read is an unreadable reply, bounded in size and time: against a real HTTP server on the loopback."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from agents.errors import (
    EndpointError,
    FailedCall,
    UnreadableReply,
)
from agents.models.replies import MOST_REPLY
from agents.models.store import CallStore
from agents.roles.community_summarizer import SUMMARIZER
from agents.roles.critic import Judgement
from agents.roles.extractor import EXTRACTOR, of_types, read
from agents.roles.lines import Lines
from agents.roles.paper import ROLES as PAPER_ROLES
from agents.roles.parsing import MOST_BRACKETS, MOST_REPAIRED, parse
from agents.roles.question_writer import GLOBAL_WRITER, LOCAL_WRITER, MULTI_HOP_WRITER, UNKNOWN_WRITER
from agents.roles.role import MOST_QUOTED
from tests.agents.models.hostile import HI, JUNK, ODD, Thing, asked, client_at, of_role
from tests.agents.models.test_openai_backend import Server, completion
from tests.agents.models.test_replies import ANY, ratio

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


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
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

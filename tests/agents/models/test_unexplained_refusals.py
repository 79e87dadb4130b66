"""A refusal that does not say why: once, the plainest form of the request is tried before its item is given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import FailedCall, UnexplainedRefusal
from agents.models.dialect import Dialect
from agents.models.server_errors import says_something
from agents.models.store import CallStore
from agents.models.unexplained_refusals import PlainestForm
from tests.agents.models.hostile import HI, asked, client_at
from tests.agents.models.test_dialect import Outcome
from tests.agents.models.test_openai_backend import Server, completion

PLAIN = Dialect(rung="prompt", without=("temperature",))
BARE = {
    "objects": ("bad-request", PLAIN, 0.9),
    "log-probabilities": ("bare-logprobs", Dialect(without=("logprobs",)), 1.0),  # of a reasoned verdict
    "temperature": ("bare-temperature", PLAIN, 0.9),
}


@pytest.mark.parametrize(("habit", "learned", "least"), BARE.values(), ids=BARE)
def test_what_is_refused_without_a_word_is_asked_in_the_plainest_form_for_one_request_more(
    tmp_path: Path, habit: str, learned: Dialect, least: float
) -> None:
    first = Outcome(tmp_path / "calls.sqlite", (habit,))
    assert first.found.entities == ["person: Ann Hale", "person: Tom Brisk"]
    assert first.p >= least
    assert first.refusals == {habit: 1}
    assert first.dialect == learned
    assert first.store.count() == len(first.keys) == 2
    again = Outcome(tmp_path / "calls.sqlite", (habit,))
    assert (again.refusals, again.dialect) == ({}, learned)


def test_who_asks_is_told_what_is_left_out_and_who_finds_out_more(server: Server, store: CallStore) -> None:
    server.says((400, ""), (200, completion()))
    client, told = client_at(server, store), []
    client.tell = told.append
    asked(client, HI)
    assert [*server.asked[0].keys() - server.asked[1].keys()] == ["temperature"]
    said = "toy refused a call without a word, and takes it without temperature; "
    assert told == [said + "`ragtuned doctor` finds out which of it"]


def test_where_the_same_form_was_answered_before_it_is_the_items_own_fault(server: Server, store: CallStore) -> None:
    server.says((200, completion()), (400, {"detail": "Bad Request"}))
    other = HI.model_copy(update={"messages": [{"role": "user", "content": "And now?"}]})
    client = client_at(server, store)
    with pytest.raises(UnexplainedRefusal):
        asked(client, HI, other)
    assert (len(server.asked), client.dialect) == (2, Dialect())


def test_where_the_plainest_form_is_refused_too_nothing_is_learned_and_the_next_costs_one_request(
    server: Server, store: CallStore
) -> None:
    server.says((400, ""))
    client = client_at(server, store)
    for requests in (2, 3):
        with pytest.raises(UnexplainedRefusal):
            asked(client, HI)
        assert (len(server.asked), client.dialect) == (requests, Dialect())
    assert store.dialect("toy") == Dialect()


def test_what_other_calls_were_answered_with_in_the_meantime_is_not_taken_for_refused() -> None:
    found, everything = PlainestForm(), ("response_format", "temperature", "messages")
    plain, again = found.refused(Dialect(), everything)
    assert (plain, again) == (PLAIN, True)
    assert found.refused(plain, everything) == (PLAIN, True)  # one that was out at the same time
    assert found.answered(plain, ["temperature", "messages"]) == (PLAIN, set())
    assert found.answered(plain, ["messages"]) == (Dialect(rung="prompt"), {"response_format"})
    assert found.answered(Dialect(rung="prompt"), ["messages"]) == (Dialect(rung="prompt"), set())


WORDS = {
    "": False,
    "Bad Request": False,
    "Error code: 400": False,
    "invalid_request_error": False,
    "400 Bad Request nginx/1.25.3": False,
    "请求参数错误": False,
    "The prompt holds a forbidden character": True,
    "Bad Request: duplicate field": True,
    "messages": True,
    "内容违规": True,
}


@pytest.mark.parametrize(
    ("words", "something"), WORDS.items(), ids=[word.replace(" ", "-") or "none" for word in WORDS]
)
def test_a_refusal_says_something_if_it_names_anything(words: str, something: bool) -> None:
    assert says_something(words) is something


def test_a_refusal_that_says_something_costs_one_request(server: Server, store: CallStore) -> None:
    server.says((400, {"detail": "The prompt holds a forbidden character"}), (200, completion()))
    with pytest.raises(FailedCall, match="forbidden character") as caught:
        asked(client_at(server, store), HI)
    assert (len(server.asked), type(caught.value)) == (1, FailedCall)

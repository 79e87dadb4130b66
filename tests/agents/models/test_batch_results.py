"""Results of a batch: each line is told apart and counted, and what is good is kept whatever the others are."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.models import recorded
from agents.models.batch_results import COUNTED, holds_results, import_results
from agents.models.dialect import Dialect
from agents.models.masking import Mask
from agents.models.store import CallStore, Reply, StoredCall, call_key
from tests.agents.models.test_batch import SCHEMA, request
from tests.batch_answers import completion, result

KEY = "sk-a-very-secret-key-0123456789"
GOOD = completion(Reply(text="The keeper.", tokens_in=7, tokens_out=2))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CallStore]:
    """A store that waits for the replies to three requests, named by `key`."""
    store = CallStore(tmp_path / "calls.sqlite")
    asked = [request(str(n)) for n in range(3)]
    store.pending.add((key(n), "critic", asked[n].identity("toy", "prompt")) for n in range(3))
    yield store
    store.close()


def key(n: int) -> str:
    return call_key(request(str(n)).identity("toy", "prompt"))


def file_of(tmp_path: Path, *lines: Any) -> Path:
    path = tmp_path / "results.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def counted(found: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in found.items() if count}


def test_results_in_any_order_are_stored_under_the_keys_of_their_requests(store: CallStore, tmp_path: Path) -> None:
    lines = [result(key(n), completion(Reply(text=f"reply {n}", tokens_in=7, tokens_out=2))) for n in (2, 0, 1)]
    found = import_results(store, file_of(tmp_path, *lines))
    assert (counted(found.counts), found.still_out) == ({"answered": 3}, {})
    for n in range(3):
        call = store.get(key(n))
        assert call == StoredCall(status="ok", reply=Reply(text=f"reply {n}", tokens_in=7, tokens_out=2, batched=True))
    assert store.tokens({key(0), key(1)}, batched=True) == {"critic": (14, 4)}
    assert store.tokens({key(0), key(1)}, batched=False) == {}


def test_how_a_reply_ended_its_log_probabilities_and_thoughts_are_read_as_in_a_live_one(
    store: CallStore, tmp_path: Path
) -> None:
    cut = completion(Reply(text="The kee"), finish="length")
    refused = completion(Reply(text=""), finish="content_filter")
    thought = completion(Reply(text="<think>hm</think>yes", top_logprobs={"yes": -0.1, "no": -2.0}))
    del thought["usage"]
    lines = [result(key(n), body) for n, body in enumerate((cut, refused, thought))]
    found = import_results(store, file_of(tmp_path, *lines))
    assert counted(found.counts) == {"answered": 1, "truncated": 1, "refused": 1}
    calls = [store.get(key(n)) for n in range(3)]
    assert [call.status for call in calls if call] == ["truncated", "refused", "ok"]
    assert calls[2]
    assert (calls[2].reply.text, calls[2].reply.top_logprobs) == ("yes", {"yes": -0.1, "no": -2.0})
    assert calls[2].reply.estimated


EXPIRED = {"id": "b", "custom_id": "", "response": None, "error": {"code": "batch_expired", "message": "took too long"}}
TOO_LONG = {"error": {"message": "maximum context length is 4096", "type": "BadRequestError", "code": 400}}

BAD = {"error": {"message": "bad tool", "type": "BadRequestError", "code": 400}}
QUOTA = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}


@pytest.mark.parametrize(
    ("body", "status", "kept"),
    [
        (TOO_LONG, 400, "too long"),
        (TOO_LONG, 413, "too long"),
        ({"error": {"message": "triggering Azure OpenAI's content management policy"}}, 400, "filtered"),
        ({"error": {"message": "your input was flagged", "code": 403}}, 200, "filtered"),
    ],
    ids=["too-long", "too-large", "filtered", "filtered-under-a-200"],
)
def test_a_prompt_that_will_never_be_answered_is_kept_as_that_and_not_asked_again(
    store: CallStore, tmp_path: Path, body: dict[str, Any], status: int, kept: str
) -> None:
    found = import_results(store, file_of(tmp_path, result(key(0), body, status=status)))
    assert counted(found.counts) == {"refused": 1}
    call = store.get(key(0))
    assert call
    assert (call.status, store.pending.get(key(0))) == (kept, None)
    assert call.reply.text in str(body)


@pytest.mark.parametrize(
    ("line", "count", "said"),
    [
        (result("", BAD, status=400), "rejected", "400: bad tool"),
        (result("", None, status=400, error=BAD), "rejected", "400: bad tool"),
        (result("", None, status=400, error={"object": "error", "message": "bad"}), "rejected", "400: bad"),
        (result("", TOO_LONG, status=429), "failed", "429: maximum context length is 4096"),
        (result("", "<html>", status=502), "failed", "502: <html>"),
        (EXPIRED, "failed", "took too long"),
        (result("", None), "failed", None),
        (result("", {"choices": None}), "rejected", "400: the answer holds no choice"),
        (result("", {"choices": []}), "rejected", "400: the answer holds no choice"),
        (result("", {"error": {"message": "Provider returned error", "code": 502}}), "failed", None),
        (result("", QUOTA, status=429), "failed", None),
        (result("", {"choices": [{"message": 5}]}), "failed", None),
        (result("", {"choices": [{"message": {"role": "tool", "content": "x"}}]}), "failed", None),
        (result("", "no object"), "failed", None),
        ({"custom_id": "", "response": []}, "failed", "no response"),
        ({"custom_id": "", "body": {}}, "unreadable", None),
        ({"custom_id": 5, "response": {}}, "unreadable", None),
    ],
    ids=[
        "4xx",
        "4xx-of-vllm",
        "4xx-of-an-older-vllm",
        "429",
        "502",
        "expired",
        "without-body",
        "no-choices",
        "empty-choices",
        "an-error-under-a-200",
        "quota",
        "no-message",
        "another-role",
        "a-text",
        "another-shape",
        "a-request",
        "a-number-for-an-id",
    ],
)
def test_a_line_without_a_reply_is_told_with_the_servers_words_and_stays_out(
    store: CallStore, tmp_path: Path, line: dict[str, Any], count: str, said: str | None
) -> None:
    line = {**line, "custom_id": line["custom_id"] if isinstance(line["custom_id"], int) else key(0)}
    found = import_results(store, file_of(tmp_path, result(key(1), GOOD), line))
    assert counted(found.counts) == {"answered": 1, count: 1}
    assert sum(found.still_out.values()) == 2
    assert said is None or [*found.said] == [said]
    assert store.get(key(0)) is None
    pending = store.pending.get(key(0))
    assert pending
    assert pending.refusals == (count == "rejected")


def test_lines_of_another_run_doubled_lines_and_halves_are_counted_apart(store: CallStore, tmp_path: Path) -> None:
    whole = json.dumps(result(key(1), GOOD))
    path = file_of(
        tmp_path,
        result(key(0), GOOD),
        result(key(0), completion(Reply(text="another"))),
        result("f" * 64, GOOD),
        result("\ud800", GOOD),
        "not json",
        whole[: len(whole) // 2],
    )
    found = import_results(store, path)
    assert counted(found.counts) == {"answered": 1, "known": 1, "unknown": 2, "unreadable": 2}
    assert found.counts.total() == 6
    assert [*found.counts] == [*COUNTED]
    call = store.get(key(0))
    assert call
    assert call.reply.text == "The keeper."  # the first that was paid


def test_an_error_and_then_a_reply_to_the_same_request_is_answered(store: CallStore, tmp_path: Path) -> None:
    path = file_of(tmp_path, result(key(0), BAD, status=500), result(key(0), GOOD))
    assert counted(import_results(store, path).counts) == {"failed": 1, "answered": 1}


def test_the_same_file_twice_changes_nothing(store: CallStore, tmp_path: Path) -> None:
    path = file_of(tmp_path, result(key(0), GOOD))
    import_results(store, path)
    assert counted(import_results(store, path).counts) == {"known": 1}


def test_what_a_gzip_file_that_was_cut_off_still_holds_is_kept(store: CallStore, tmp_path: Path) -> None:
    noise = random.Random(1)
    text = "".join(
        json.dumps(result(key(n), {**GOOD, "noise": noise.randbytes(50_000).hex()})) + "\n" for n in range(3)
    )
    data = gzip.compress(text.encode())
    path = tmp_path / "results.jsonl.gz"
    path.write_bytes(data[: len(data) * 2 // 3])
    found = import_results(store, path)
    assert found.counts["answered"] >= 1
    assert found.counts["unreadable"] == 1
    assert found.counts["answered"] + sum(found.still_out.values()) == 3


def test_a_file_without_a_line_of_this_project_is_an_error(store: CallStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of its 2 lines answers a request of this project"):
        import_results(store, file_of(tmp_path, result("f" * 64, GOOD), "x"))


def test_a_line_out_of_all_bounds_stores_nothing(
    store: CallStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(tmp_path, result(key(0), GOOD), result(key(1), {**GOOD, "noise": "x" * 5000}))
    monkeypatch.setattr(recorded, "LONGEST_LINE", 4000)
    with pytest.raises(InputError, match="line 2 has more than 4000 bytes"):
        import_results(store, path)
    assert store.get(key(0)) is None


def test_a_key_in_a_result_is_masked(store: CallStore, tmp_path: Path) -> None:
    refusal = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    lines = [result(key(0), refusal, status=401), result(key(1), completion(Reply(text=f"it is {KEY}")))]
    found = import_results(store, file_of(tmp_path, *lines), Mask([KEY]))
    call = store.get(key(1))
    assert call
    assert KEY not in f"{found.said} {call.reply.text}"
    assert "***" in call.reply.text


def structured(store: CallStore, n: int) -> str:
    identity = request(str(n), json_schema=SCHEMA, schema_name="Toy").identity("toy", "json_schema")
    store.pending.add([(call_key(identity), "critic", identity)])
    return call_key(identity)


NO_SCHEMA = {"error": {"message": "response_format json_schema is not supported"}}


def test_a_model_whose_server_refuses_the_schema_is_asked_on_the_next_rung(store: CallStore, tmp_path: Path) -> None:
    found = import_results(store, file_of(tmp_path, result(structured(store, 7), NO_SCHEMA, status=400)))
    assert (found.dialects, store.dialect("toy").rung) == ({"toy": Dialect(rung="tools")}, "tools")


def test_one_refused_schema_among_replies_moves_no_rung_since_they_would_be_paid_for_again(
    store: CallStore, tmp_path: Path
) -> None:
    lines = [result(structured(store, 7), NO_SCHEMA, status=400), result(structured(store, 8), GOOD)]
    found = import_results(store, file_of(tmp_path, *lines))
    assert (found.dialects, store.dialect("toy")) == ({}, Dialect())


@pytest.mark.parametrize(
    ("text", "results"),
    [
        (json.dumps(result("a", GOOD)), True),
        ("half a line\n" + json.dumps(EXPIRED), True),
        ('{"role": "critic", "status": "ok"}\n', False),
        ("", False),
        ("x\n" * 30 + json.dumps(EXPIRED), False),
    ],
    ids=["results", "behind-half-a-line", "a-recording", "empty", "too-late"],
)
def test_a_file_of_results_is_known_by_its_fields(tmp_path: Path, text: str, results: bool) -> None:
    path = tmp_path / "file.jsonl"
    path.write_text(text)
    assert holds_results(path) is results


def test_the_file_of_requests_is_told_from_that_of_results(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {}})
    with pytest.raises(InputError, match=r"results\.jsonl holds the requests of a batch"):
        holds_results(path)

"""The verbs about models, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from agents import commands
from agents.errors import InputError
from agents.models.kept import keep_calls
from agents.models.store import CallStore, Reply, StoredCall, call_key
from agents.models.weights import KNOWN
from tests.agents.models.test_batch import request
from tests.batch_answers import completion, result


@pytest.fixture
def app() -> typer.Typer:
    """A command with the verbs of this package only."""
    app = typer.Typer()
    commands.register(app)
    return app


def test_every_known_model_is_listed_with_where_it_is(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = next(model for model in KNOWN.values() if model.role == "student")
    (tmp_path / student.file_name).write_bytes(b"here")
    monkeypatch.setenv("RAGTUNED_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("RAGTUNED_HOME", str(tmp_path / "empty"))
    done = CliRunner().invoke(app, ["models", "list", "--json"])
    rows = {row["name"]: row for row in json.loads(done.stdout)["models"]}
    assert rows.keys() == KNOWN.keys()
    assert rows[student.name]["path"] == str(tmp_path / student.file_name)
    assert {row["path"] for name, row in rows.items() if name != student.name} == {""}
    assert all(row["license"] and row["origin"] and row["bytes"] for row in rows.values())


def test_pulling_an_unknown_model_names_the_nearest(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["models", "pull", "all-minilm-l6"])
    assert isinstance(done.exception, InputError)
    assert "did you mean all-minilm-l6-v2" in str(done.exception)


@pytest.fixture
def store_of(tmp_path: Path) -> Path:
    (tmp_path / "ragtuned.toml").write_text("")
    store = CallStore(tmp_path / "calls.sqlite")
    for n in range(3):
        request = {"model": "m", "messages": [{"role": "user", "content": str(n)}]}
        store.put(
            call_key(request),
            "critic",
            request,
            StoredCall(status="ok", reply=Reply(text="x", tokens_in=4, tokens_out=1)),
        )
    store.close()
    return tmp_path


def run(app: typer.Typer, *words: str) -> Any:
    result = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(result.stdout)


def test_calls_are_counted_and_travel_to_another_project(
    app: typer.Typer, store_of: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "ragtuned.toml").write_text("")
    assert run(app, "calls", "stats", "-C", str(store_of))["calls"][0]["calls"] == 3
    run(app, "calls", "export", str(other / "calls.jsonl.gz"), "-C", str(store_of))
    assert run(app, "calls", "import", str(other / "calls.jsonl.gz"), "-C", str(other))["calls"] == 3
    assert run(app, "calls", "stats", "-C", str(other)) == run(app, "calls", "stats", "-C", str(store_of))


def test_calls_that_no_finished_run_asked_for_are_pruned(app: typer.Typer, store_of: Path) -> None:
    request = {"model": "m", "messages": [{"role": "user", "content": "1"}]}
    (store_of / "runs" / "main").mkdir(parents=True)
    (store_of / "runs" / "main" / "calls.json").write_text(json.dumps([call_key(request)]))
    assert run(app, "calls", "prune", "--dry", "-C", str(store_of))["pruned"] == 2
    with pytest.raises(InputError, match="2 replies that were paid for would be deleted"):
        run(app, "calls", "prune", "-C", str(store_of))
    assert run(app, "calls", "stats", "-C", str(store_of))["calls"][0]["calls"] == 3
    assert run(app, "calls", "prune", "--yes", "-C", str(store_of))["pruned"] == 2
    assert run(app, "calls", "stats", "-C", str(store_of))["calls"][0]["calls"] == 1


def test_what_eval_and_improve_asked_for_and_drafts_of_gold_stay_at_a_prune(app: typer.Typer, store_of: Path) -> None:
    requests = [{"model": "m", "messages": [{"role": "user", "content": str(n)}]} for n in range(2)]
    for asked, folder in zip(requests, ("eval", "improve"), strict=True):
        keep_calls(store_of / "runs" / "main" / folder, [call_key(asked)])
    store = CallStore(store_of / "calls.sqlite")
    store.put("k", "gold_writer", {"model": "m"}, StoredCall(status="ok", reply=Reply(text="x")))
    store.close()
    assert run(app, "calls", "prune", "--yes", "-C", str(store_of))["pruned"] == 1
    assert {row["role"] for row in run(app, "calls", "stats", "-C", str(store_of))["calls"]} == {
        "critic",
        "gold_writer",
    }


def test_while_a_run_is_half_done_nothing_is_pruned(app: typer.Typer, store_of: Path) -> None:
    (store_of / "runs" / "main").mkdir(parents=True)
    (store_of / "runs" / "main" / "calls.json").write_text("[]")
    (store_of / "runs" / "paused" / "work").mkdir(parents=True)
    with pytest.raises(InputError, match="the run paused is not finished"):
        run(app, "calls", "prune", "--yes", "-C", str(store_of))


def test_without_a_finished_run_nothing_is_pruned(app: typer.Typer, store_of: Path) -> None:
    with pytest.raises(InputError, match="no finished run"):
        run(app, "calls", "prune", "-C", str(store_of))


def test_the_results_of_a_batch_are_imported_by_the_same_verb_and_each_line_is_told(
    app: typer.Typer, store_of: Path
) -> None:
    store = CallStore(store_of / "calls.sqlite")
    identities = {}
    for n in range(3):
        identity = request(str(n)).identity("toy", "prompt")
        identities[call_key(identity)] = identity
    store.pending.add((key, "critic", identity) for key, identity in identities.items())
    store.close()
    first, second, _ = identities
    refusal = {"error": {"message": "try it in another way"}}
    lines = [result(second, refusal, status=400), result(first, completion(Reply(text="yes"))), result("f" * 64, {})]
    (store_of / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    words = ["calls", "import", str(store_of / "results.jsonl"), "-C", str(store_of)]
    told = " ".join(CliRunner().invoke(app, words, catch_exceptions=False).output.split())
    assert "the server said, of 1: 400: try it in another way" in told
    assert "requests without a reply: 2 (2 written on 2" in told
    assert "next: ragtuned synthesize -C" in told
    again = run(app, *words)
    assert {name: n for name, n in again.items() if isinstance(n, int) and n} == {
        "known": 1,
        "rejected": 1,
        "unknown": 1,
    }

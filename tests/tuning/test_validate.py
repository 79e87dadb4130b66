"""What a trainer makes of a file of ours or of a stranger's: marked tokens, and each dropped row with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import tuning.commands
from agents.errors import EmptyResult, InputError
from tests.tuning.conftest import row, write_rows
from tuning.validate import pieces, validate

SYSTEM, ASKED, SAID = "Say it.", "Who keeps the lamp?", "Wenna."
ROWS: dict[str, dict[str, Any]] = {
    "messages": row("r1", ASKED, SAID),
    "prompt-completion": {
        "prompt": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": ASKED}],
        "completion": [{"role": "assistant", "content": SAID}],
    },
    "sharegpt": {
        "system": SYSTEM,
        "conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}],
    },
    "alpaca": {"system": SYSTEM, "instruction": ASKED, "input": "", "output": SAID},
}


def lines(path: Path, *rows: Any) -> Path:
    """A file with one row a line."""
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ROWS)
def test_every_format_becomes_the_same_tokens(form: str, tokenizer: Any, tmp_path: Path) -> None:
    found = validate(lines(tmp_path / "rows.jsonl", ROWS[form]), tokenizer, 512)
    ours = validate(lines(tmp_path / "ours.jsonl", ROWS["messages"]), tokenizer, 512)
    assert dict(found.forms) == {form: 1}
    assert (found.rows[0].input_ids, found.rows[0].labels) == (ours.rows[0].input_ids, ours.rows[0].labels)


def test_a_list_in_one_json_file_is_read_too(tokenizer: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([ROWS["alpaca"], ROWS["alpaca"] | {"output": "Orla."}], indent=1), encoding="utf-8")
    assert [one.id for one in validate(path, tokenizer, 512).rows] == ["row 1", "row 2"]


def test_the_answer_and_its_end_of_turn_are_marked_and_nothing_else(tokenizer: Any, tmp_path: Path) -> None:
    found = validate(lines(tmp_path / "rows.jsonl", ROWS["messages"]), tokenizer, 512)
    prompt, answer = pieces(found.rows[0], tokenizer)
    assert answer == (f"{SAID}<|end|>", True)
    assert prompt[0].endswith(f"{ASKED}<|end|>\n<|start|>assistant\n")
    assert not prompt[1]


DROPPED = {
    "not json": ("{nope", "unreadable", "not JSON"),
    "no object": ("[1]\n", "unreadable", "a int, not an object"),
    "unknown format": ({"text": "Wenna."}, "unreadable", "of no known format: it has text"),
    "wrong shape": ({"messages": "Wenna."}, "unreadable", "not of the format messages"),
    "empty answer": (ROWS["alpaca"] | {"output": " "}, "no answer", "without content"),
    "no answer": ({"messages": ROWS["messages"]["messages"][:2]}, "no answer", "ends with system then user"),
    "another role": ({"messages": [{"role": "tool", "content": "x"}]}, "no answer", "a message of 'tool'"),
    "too long": (row("r1", "long " * 200, SAID), "too long", "at most 512"),
}


@pytest.mark.parametrize(("raw", "reason", "why"), DROPPED.values(), ids=DROPPED)
def test_a_row_that_is_dropped_is_counted_with_its_reason(
    raw: Any, reason: str, why: str, tokenizer: Any, tmp_path: Path
) -> None:
    found = validate(lines(tmp_path / "rows.jsonl", raw), tokenizer, 512)
    assert found.rows == []
    assert found.reasons == {reason: 1}
    assert why in found.dropped[0][2]


def test_the_second_of_two_equal_rows_is_a_duplicate_in_whatever_format(tokenizer: Any, tmp_path: Path) -> None:
    found = validate(lines(tmp_path / "rows.jsonl", *ROWS.values()), tokenizer, 512)
    assert len(found.rows) == 1
    assert found.reasons == {"duplicate": 3}


def test_a_conversation_that_the_template_refuses_is_no_fault_of_the_others(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses = "{% if messages[-1]['content'] == 'Orla.' %}{{ raise_exception('no Orla') }}{% endif %}"
    monkeypatch.setattr(tokenizer, "chat_template", refuses + tokenizer.chat_template)
    found = validate(lines(tmp_path / "r.jsonl", row("a", ASKED, "Orla."), row("b", ASKED, SAID)), tokenizer, 512)
    assert ([one.id for one in found.rows], found.dropped[0][:2]) == (["b"], ("a", "refused by the template"))
    assert "no Orla" in found.dropped[0][2]


def test_a_base_without_a_template_and_a_file_without_rows_are_errors(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="holds no row"):
        validate(lines(tmp_path / "empty.jsonl"), tokenizer, 512)
    monkeypatch.setattr(tokenizer, "chat_template", None)
    with pytest.raises(InputError, match="no chat template"):
        validate(lines(tmp_path / "rows.jsonl", ROWS["messages"]), tokenizer, 512)


@pytest.fixture
def verb(student_folder: Path, tmp_path: Path) -> Any:
    """The verb on a file, in a project whose base is the tiny student."""
    (tmp_path / "ragtuned.toml").write_text(f'[tuning]\nbase = "{student_folder}"\n', encoding="utf-8")
    app = typer.Typer()

    @app.callback()
    def sections(ctx: typer.Context) -> None:
        ctx.obj = [tuning.commands.sections]

    tuning.commands.register(app)
    return lambda *words: CliRunner().invoke(app, ["validate", *map(str, words), "-C", str(tmp_path)])


def test_in_a_pipe_the_answer_stands_in_brackets_and_drops_are_told(verb: Any, tmp_path: Path) -> None:
    told = verb(write_rows(tmp_path / "rows.jsonl", [row("r1", ASKED, SAID), row("r2", ASKED, SAID)]))
    assert told.exit_code == 0, told.output
    assert f"assistant\n[{SAID}<|end|>]" in told.output
    assert "r2: duplicate" in told.output


def test_json_tells_counts_and_the_row_that_was_asked_for(verb: Any, tmp_path: Path) -> None:
    rows = [row("r1", ASKED, SAID), row("r2", "Where?", "At Gull Point.")]
    told = json.loads(verb(write_rows(tmp_path / "rows.jsonl", rows), "--row", "r2", "--json").stdout)
    assert (told["rows"], told["dropped"], told["shown"]["id"]) == (2, {}, "r2")
    assert [part["text"] for part in told["shown"]["pieces"] if part["loss"]] == ["At Gull Point.<|end|>"]
    assert told["answer_tokens"] == len("Wenna.") + len("At Gull Point.") + 2


def test_a_file_of_which_nothing_is_left_fails_with_its_reasons(verb: Any, tmp_path: Path) -> None:
    failed = verb(lines(tmp_path / "rows.jsonl", ROWS["alpaca"] | {"output": ""}, "{nope"))
    assert isinstance(failed.exception, EmptyResult)
    assert failed.exception.exit_code == 1
    assert "1 no answer, 1 unreadable" in str(failed.exception)


def test_a_row_that_is_not_there_is_named(verb: Any, tmp_path: Path) -> None:
    failed = verb(write_rows(tmp_path / "rows.jsonl", [row("r1", ASKED, SAID)]), "--row", "r9")
    assert "--row r9: no kept row" in str(failed.exception)

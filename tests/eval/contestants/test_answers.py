"""Answers on disk: what an evaluation that was killed still has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.errors import EndpointError, WeightsError, WriteError
from agents.files import read_jsonl
from eval.contestants.answering import Answer
from eval.contestants.answers import keep_each, kept

ASKED = {"q-1": "a", "q-2": "b", "q-3": "c"}


def answer(question: str, asked: str = "", failed: str = "") -> Answer:
    """An answer to a question."""
    return Answer(
        question=question,
        contestant="tuned",
        text=f"about {question}",
        raw="",
        finished=True,
        prompt_tokens=1,
        completion_tokens=1,
        seconds=0.1,
        asked=asked,
        failed=failed,
    )


def test_each_batch_is_on_the_disk_before_the_next_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "answers" / "tuned.jsonl"
    seen: list[int] = []

    def batches() -> Iterator[list[Answer]]:
        for question in ("q-2", "q-3"):
            seen.append(len(read_jsonl(path, Answer)))
            yield [answer(question)]

    named = [one.asked for batch in keep_each(path, ASKED, {"q-1": answer("q-1", "a")}, batches()) for one in batch]
    assert (seen, named) == ([1, 2], ["b", "c"])
    assert [one.question for one in read_jsonl(path, Answer)] == ["q-1", "q-2", "q-3"]


@pytest.mark.parametrize(
    "error",
    [
        EndpointError("http://10.0.0.1:8000 answered 401: wrong key", "check the key"),
        WeightsError("no source has all-minilm-l6-v2", "set RAGTUNED_WEIGHTS"),
        ConnectionError("the hub is not there"),
    ],
    ids=["wrong key", "no weights", "another library"],
)
def test_what_keeps_a_model_from_answering_is_told_in_its_own_words(tmp_path: Path, error: OSError) -> None:
    def batches() -> Iterator[list[Answer]]:
        yield [answer("q-1")]
        raise error

    path = tmp_path / "rag.jsonl"
    with pytest.raises(type(error)) as told:
        list(keep_each(path, ASKED, {}, batches()))
    assert told.value is error
    assert [one.question for one in read_jsonl(path, Answer)] == ["q-1"]


def test_a_file_that_cannot_be_written_is_told_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "rag.jsonl"
    kept_answers = keep_each(path, ASKED, {"q-1": answer("q-1", "a")}, [[answer("q-2")]])
    monkeypatch.setattr("eval.contestants.answers.os.fsync", full)
    monkeypatch.setattr("eval.contestants.answers.write_jsonl", lambda path, rows: None)
    with pytest.raises(WriteError, match=r"rag\.jsonl cannot be written: No space left on device"):
        list(kept_answers)


def test_a_killed_evaluation_has_all_but_the_half_line_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "tuned.jsonl"
    whole = f"{answer('q-1', 'a').model_dump_json()}\n{answer('q-2', 'b').model_dump_json()}\n"
    path.write_text(whole + '{"question": "q-3", "cont', encoding="utf-8")
    assert set(kept([path], ASKED)) == {"q-1", "q-2"}


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(answer("q-1", "another prompt"), id="asked otherwise"),
        pytest.param(answer("q-1", "a", failed="RuntimeError: no"), id="failed"),
        pytest.param(answer("q-9", "a"), id="not asked now"),
        pytest.param(answer("q-1"), id="of an older version"),
    ],
)
def test_what_was_asked_otherwise_or_failed_is_asked_again(tmp_path: Path, lost: Answer) -> None:
    path = tmp_path / "tuned.jsonl"
    path.write_text(lost.model_dump_json() + "\n", encoding="utf-8")
    assert kept([path, tmp_path / "not there.jsonl"], ASKED) == {}

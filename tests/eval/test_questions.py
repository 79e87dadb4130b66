"""Questions are read whole or every fault is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.files import write_jsonl
from eval.marks.normalise import words
from eval.questions import general_knowledge_questions, load_gold, load_heldout, stranger_questions

ROOT = Path(__file__).parents[2]
PROOF = [{"path": "a.md", "quote": "two coppers"}]
GOOD = {"id": "g-1", "kind": "local", "question": "What?", "answers": ["two"], "evidence": PROOF}


def write(path: Path, *rows: dict[str, Any] | str) -> Path:
    """One line a row."""
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_gold_that_windows_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text(json.dumps(GOOD), encoding="utf-8-sig")
    assert [one.id for one in load_gold(file)] == ["g-1"]


def test_the_gold_of_the_demo_is_without_fault() -> None:
    assert len(load_gold(ROOT / "examples" / "demo" / "gold.jsonl")) >= 24


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"answers": []}, "needs accepted `answers`", id="local without answers"),
        pytest.param({"answers": ["  "]}, "needs accepted `answers`", id="blank answer"),
        pytest.param({"claims": [["x"]]}, "takes no `claims`", id="local with claims"),
        pytest.param({"kind": "global"}, "takes no `answers`", id="global with answers"),
        pytest.param({"kind": "global", "answers": []}, "needs `claims`", id="global without claims"),
        pytest.param(
            {"kind": "global", "answers": [], "claims": [[]]}, "needs `claims`", id="claim without alternatives"
        ),
        pytest.param({"kind": "unanswerable"}, "takes no `answers`", id="unanswerable with answers"),
        pytest.param({"evidence": []}, "needs `evidence`", id="no evidence"),
        pytest.param({"kind": "vague"}, "kind: Input should be", id="unknown kind"),
        pytest.param({"answer": "x"}, "answer: Extra inputs", id="unknown field"),
        pytest.param({"question": ""}, "question: String should", id="empty question"),
    ],
)
def test_a_faulty_gold_row_is_named_with_its_line(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    file = write(tmp_path / "gold.jsonl", GOOD, {**GOOD, "id": "g-2", "question": "Which?", **change})
    with pytest.raises(InputError, match="line 2") as caught:
        load_gold(file)
    assert fault in str(caught.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    file = write(
        tmp_path / "gold.jsonl", "not json", GOOD, GOOD, {**GOOD, "id": "g-3", "question": "Which?", "answers": []}
    )
    with pytest.raises(InputError) as caught:
        load_gold(file)
    assert [f"- line {number}: " in str(caught.value) for number in (1, 2, 3, 4)] == [True, False, True, True]
    assert "line 3: 'g-1' stands already in line 2" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"", id="empty"), pytest.param(b"\n\n", id="blank"), pytest.param(b"\xff\xfe\x00", id="not UTF-8")],
)
def test_a_gold_file_without_readable_questions_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "gold.jsonl").write_bytes(content)
    with pytest.raises(InputError, match="gold.jsonl"):
        load_gold(tmp_path / "gold.jsonl")


def test_a_missing_gold_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_gold(tmp_path / "gold.jsonl")


def test_heldout_rows_are_spread_over_the_file_and_read_without_reasoning(tmp_path: Path) -> None:
    rows = [
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": f"Q{n}?"},
                {"role": "assistant", "content": f"Because.\n\nAnswer: A{n}"},
            ],
            "id": f"h-{n}",
            "kind": "local",
            "tag": "wording",
            "fact": f"f-{n}",
            "training_rows": ["r"],
        }
        for n in range(10)
    ]
    write_jsonl(tmp_path / "heldout.jsonl", rows)
    chosen = load_heldout(tmp_path / "heldout.jsonl", 4)
    assert [(row.question, row.reference) for row in chosen] == [
        ("Q0?", "A0"),
        ("Q2?", "A2"),
        ("Q5?", "A5"),
        ("Q7?", "A7"),
    ]
    assert len(load_heldout(tmp_path / "heldout.jsonl", 0)) == len(load_heldout(tmp_path / "heldout.jsonl", 99)) == 10


def test_the_shipped_questions_are_distinct_and_each_general_one_has_an_answer() -> None:
    general, strangers = general_knowledge_questions(), stranger_questions()
    assert (len(general), len(strangers)) == (30, 24)
    assert all(question.answers for question in general)
    assert len({" ".join(words(q.question)) for q in (*general, *strangers)}) == 54


def test_no_question_of_the_evaluation_is_ever_trained() -> None:
    trained = {
        words_of(text)
        for line in (ROOT / "tuning" / "general_prompts.jsonl").read_text(encoding="utf-8").splitlines()
        for text in texts(json.loads(line))
    }
    assert len(trained) >= 30
    assert not trained & {words_of(q.question) for q in (*general_knowledge_questions(), *stranger_questions())}


def words_of(text: str) -> str:
    """The text in normal form."""
    return " ".join(words(text))


def texts(value: Any) -> list[str]:
    """Every string inside a JSON value."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in texts(part)]


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": "?"}],
        [{"role": "assistant", "content": "a"}],
        [{"role": "user"}, {"role": "assistant", "content": "a"}],
    ],
)
def test_a_held_out_row_that_asks_or_answers_nothing_is_named(tmp_path: Path, messages: list[dict[str, str]]) -> None:
    row = {"id": "a", "kind": "local", "tag": "wording", "fact": "f", "training_rows": [], "messages": messages}
    (tmp_path / "heldout.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(
        InputError, match=r"heldout\.jsonl, line 1: not a HeldoutQuestion: messages: .*user's and an assistant's"
    ):
        load_heldout(tmp_path / "heldout.jsonl", 0)


def test_a_wrong_type_in_gold_is_named_by_line_field_and_types(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(
        '{"id": "a", "kind": "local", "question": 7, "answers": "x", "evidence": []}\n'
    )
    with pytest.raises(
        InputError, match=r"(?s)line 1: question: .*found a whole number: 7.*line 1: answers: .*found text: 'x'"
    ):
        load_gold(tmp_path / "gold.jsonl")

"""The user's own questions: read from CSV or JSON lines, ids made, every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import InputError
from agents.project import Project
from eval.own_questions import load_own, own_questions


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("q.csv", '\ufeffid,Question\nq1,"Who, then, keeps it?"\n,What changed?\n', id="csv"),
        pytest.param(
            "q.jsonl", '{"id": "q1", "question": "Who, then, keeps it?"}\n\n{"question": "What changed?"}\n', id="jsonl"
        ),
    ],
)
def test_both_forms_read_as_the_same_questions_and_an_id_is_made_of_the_words(
    tmp_path: Path, name: str, text: str
) -> None:
    first, second = load_own(written(tmp_path, name, text))
    assert (first.id, first.question) == ("q1", "Who, then, keeps it?")
    assert second.id.startswith("own-")
    assert load_own(written(tmp_path, "again.csv", "question\nWhat  changed?\n"))[0].id == second.id


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    text = "id,question\na,Who?\nb,who?\na,When?\nc,\n"
    with pytest.raises(InputError) as caught:
        load_own(written(tmp_path, "q.csv", text))
    told = str(caught.value)
    assert "q.csv: 3 faults" in told
    assert "line 3: 'who?' is asked already in line 2" in told
    assert "line 4: the id 'a' stands already in line 2" in told
    assert "line 5: no `question`" in told


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        pytest.param("q.csv", "ask\nWho?\n", "no column `question` (there are: ask)", id="no column"),
        pytest.param("q.csv", "question\n", "holds no question", id="empty"),
        pytest.param("q.jsonl", "not json\n", "line 1: no `question`", id="no JSON"),
        pytest.param("q.jsonl", '["Who?"]\n', "line 1: no `question`", id="no object"),
    ],
)
def test_a_file_of_another_form_is_told(tmp_path: Path, name: str, text: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        load_own(written(tmp_path, name, text))
    assert why in str(caught.value)


def test_a_file_outside_the_project_is_refused(project: Project) -> None:
    with pytest.raises(InputError, match="lies outside the project"):
        own_questions(project, "../q.csv")
    assert own_questions(project, None) == []

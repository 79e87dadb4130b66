"""What a judge is shown: both answers, the passages around the evidence, nobody's name."""

from __future__ import annotations

import pytest

from agents.errors import InputError
from agents.files import write_jsonl
from agents.project import Project
from agents.records import Document
from eval.judge.pairs import AROUND, GAP, read_pairs, read_questions, source_around


def test_a_question_comes_with_the_passage_around_its_evidence(judged_run: Project) -> None:
    first = read_questions(judged_run)[0]
    assert (first.source, first.answer, first.cluster) == ("The lamp of Arbor is kept by Ada.", "Ada", "Arbor.md")


def test_the_passage_is_found_too_where_gold_names_the_file_alone(judged_run: Project) -> None:
    path = judged_run.graph_dir / "documents.jsonl"
    text = "All year the lamp burns. The lamp of Arbor is kept by Ada."
    others = [Document(id=f"other-{n}", path=f"{n}/Arbor.md", title="Arbor", text="No lamp here.") for n in range(2)]
    write_jsonl(path, [others[0], Document(id="d", path="pages/Arbor.md", title="Arbor", text=text), others[1]])
    assert read_questions(judged_run)[0].source == text


def test_a_pair_holds_both_answers(judged_run: Project) -> None:
    pairs = read_pairs(judged_run, read_questions(judged_run), "tuned", "rag")
    assert (pairs[2].one, pairs[2].other) == ("Cora keeps it.", "I do not know that, I am afraid.")
    assert [pair.alike for pair in pairs[:3]] == [True, True, False]


def test_of_many_pairs_some_are_taken_evenly(judged_run: Project) -> None:
    questions = read_questions(judged_run)
    everything, some = (read_pairs(judged_run, questions, "tuned", "rag", most) for most in (0, 5))
    assert (len(everything), len(some)) == (20, 5)
    assert [everything.index(one) for one in some] == [0, 4, 8, 12, 16]


def test_a_contestant_without_answers_is_told_with_those_that_are_there(judged_run: Project) -> None:
    with pytest.raises(InputError, match=r"no answers of 'graph' .*there are: rag, tuned"):
        read_pairs(judged_run, read_questions(judged_run), "tuned", "graph")


def test_passages_that_touch_are_one_and_others_are_set_apart() -> None:
    page = "".join(f"{n:04}" for n in range(600))
    near = source_around({"p": page}, [("p", 1000, 1004), ("p", 1100, 1104)])
    assert near == page[1000 - AROUND : 1104 + AROUND]
    apart = source_around({"p": page}, [("p", 0, 4), ("p", 2000, 2004)])
    assert apart == f"{page[: 4 + AROUND]}{GAP}{page[2000 - AROUND :]}"

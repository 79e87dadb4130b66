"""The judge with the reference: its marks, and how far they agree with the rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score
from typer.testing import CliRunner

from agents.console import Console
from agents.errors import BudgetReached, InputError
from agents.files import write_text
from agents.models.budget import Caps
from agents.models.kept import kept_calls
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from agents.project import Project
from agents.roles.reference_judge import ReferenceMark
from eval.judge.config import JudgeConfig
from eval.judge.marks import UNTOLD, Marks, answered, kappa, mark_all, reference
from eval.judge.pairs import judged_key
from eval.judge.run import read_task
from eval.judge.show import discordant
from eval.marks.grades import Exam
from eval.questions import GoldQuestion, general_knowledge_questions, load_gold, stranger_questions
from ragtuned import app


def made_by(project: Project, judge: Any) -> tuple[Marks, ScriptedModel]:
    model = ScriptedModel({"judge.reference": judge})
    return mark_all(project, answered(project), Console(quiet=True), backend=model), model


def strict(inputs: dict[str, Any]) -> ReferenceMark:
    """Takes Ada's answer for wrong, and marks the rest as the rules do."""
    name = inputs["reference"].partition("One of: ")[2].split("\n")[0]
    mark = "refuses" if "know" in inputs["answer"] else "correct" if name in inputs["answer"] else "wrong"
    return ReferenceMark(reason="So it says.", mark="wrong" if name == "Ada" else mark)


def test_the_marks_stand_beside_those_of_the_rules_with_what_they_disagree_about(judged_run: Project) -> None:
    made, model = made_by(judged_run, strict)
    assert (made.right["tuned"]["local"].hits, made.right["rag"]["local"].hits) == (9, 6)
    assert (made.agreement.n, made.agreement.agreed.hits) == (40, 38)
    assert made.agreement.table == {"correct": {"wrong": 2, "correct": 15}, "refuses": {"refuses": 23}}
    assert [(one.contestant, one.question) for one in made.apart] == [("rag", "g-0"), ("tuned", "g-0")]
    assert made.by_contestant["tuned"].kappa == pytest.approx(0.9)
    assert Marks.model_validate_json((judged_run.eval_dir / "marks.json").read_text(encoding="utf-8")) == made
    for request in model.requests:
        assert "tuned" not in request.messages[-1]["content"]


def test_tuned_and_rag_are_compared_by_what_the_judge_marks_right(judged_run: Project) -> None:
    made, _ = made_by(judged_run, strict)
    local = made.pairs["local"]
    by = made.right["tuned"]["local"].hits, made.right["rag"]["local"].hits
    assert (local.only_tuned - local.only_rag, local.p) == (
        by[0] - by[1],
        binomtest(local.only_tuned, local.only_tuned + local.only_rag).pvalue,
    )
    assert discordant(made) == [
        f"local, by the judge: only tuned right {local.only_tuned}, only rag {local.only_rag}; "
        f"p of the exact sign test: {local.p:.3f}"
    ]


def test_marks_name_the_answers_that_they_are_about(judged_run: Project) -> None:
    made, _ = made_by(judged_run, strict)
    assert made.answers == judged_key(judged_run, ("rag", "tuned"))
    for path in (judged_run.eval_dir / "answers" / "rag.jsonl", judged_run.gold):
        before = judged_key(judged_run, ("rag", "tuned"))
        path.write_text(path.read_text(encoding="utf-8").replace("Ada", "Bob"), encoding="utf-8")
        assert judged_key(judged_run, ("rag", "tuned")) != before


def test_only_contestants_of_the_last_evaluation_are_marked_and_only_on_its_gold(judged_run: Project) -> None:
    exam = Exam(load_gold(judged_run.gold), [], general_knowledge_questions(), stranger_questions(), []).name
    told = {"exam": exam, "contestants": {"tuned": {}}}
    write_text(judged_run.eval_dir / "metrics.json", json.dumps(told))
    assert {one.answer.contestant for one in answered(judged_run)} == {"tuned"}
    write_text(judged_run.eval_dir / "metrics.json", json.dumps({**told, "exam": "another"}))
    for read in (answered, lambda run: read_task(run, JudgeConfig.model_validate({}), "tuned", "rag")):
        with pytest.raises(InputError, match=r"gold\.jsonl is not the one that the run was evaluated with"):
            read(judged_run)


def test_an_unreadable_mark_is_counted_and_is_no_wrong_answer(judged_run: Project) -> None:
    made, _ = made_by(judged_run, lambda inputs: "well" if "Ada" in inputs["answer"] else strict(inputs))
    assert made.unreadable == 2
    assert made.right["tuned"]["local"].n == 19


def test_marks_that_a_cap_broke_off_are_kept_from_a_prune_and_those_of_a_dry_run_are_not(judged_run: Project) -> None:
    model = ScriptedModel({"judge.reference": strict})
    mark_all(judged_run, answered(judged_run)[:3], Console(quiet=True), dry=True, backend=model)
    assert kept_calls(judged_run.directory) is None
    with pytest.raises(BudgetReached):
        mark_all(judged_run, answered(judged_run), Console(quiet=True), Caps(calls=9), backend=model)
    store = CallStore(judged_run.calls)
    assert (store.count(), store.prune(kept_calls(judged_run.directory) or set())) == (9, 0)
    store.close()


def test_kappa_is_the_one_of_scikit_learn() -> None:
    pairs = {(True, True): 20, (True, False): 5, (False, True): 10, (False, False): 15}
    first = [a for (a, _), n in pairs.items() for _ in range(n)]
    second = [b for (_, b), n in pairs.items() for _ in range(n)]
    assert kappa(pairs) == pytest.approx(cohen_kappa_score(first, second))
    assert kappa({(True, True): 9}) is None
    assert kappa({}) is None


@pytest.mark.parametrize(
    ("gold", "told"),
    [
        pytest.param({"kind": "local", "answers": ["two", "2"]}, "One of: two | 2", id="local"),
        pytest.param({"kind": "global", "claims": [["lens"], ["Wenna", "keeper"]]}, "- Wenna or keeper", id="global"),
        pytest.param({"kind": "unanswerable"}, UNTOLD, id="unanswerable"),
    ],
)
def test_what_counts_as_right_is_told_by_kind(gold: dict[str, Any], told: str) -> None:
    assert told in reference(GoldQuestion.model_validate({"id": "g", "question": "What?", **gold}))


def test_the_verb_prices_and_marks(judged_run: Project) -> None:
    where = ["judge", "--gold", "-C", str(judged_run.directory), "--json"]
    told = json.loads(CliRunner().invoke(app, [*where, "--price"], catch_exceptions=False).stdout)
    assert told["total"]["calls"] == [0, 40]
    made = json.loads(CliRunner().invoke(app, [*where, "--dry"], catch_exceptions=False).stdout)
    assert made["right"]["rag"]["local"]["hits"] == 20
    assert made["agreement"]["kappa"] == 0

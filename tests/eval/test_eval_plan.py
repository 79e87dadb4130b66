"""What an evaluation asks, before it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from agents.console import Console
from agents.files import write_jsonl
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.models.store import CallStore, Reply, StoredCall
from agents.project import Project
from agents.records import Report
from eval.contestants.lineup import Models, lineup
from eval.evaluate import evaluate, read_exam
from eval.plan import SeatPlan, plan, show
from eval.session import unloaded
from eval.settings import BUILT_IN, EvalConfig

Embed = Callable[[Sequence[str]], list[list[float]]]


@pytest.fixture
def priced(project: Project) -> Project:
    """A project whose teacher has a price, and whose student was never asked."""
    project.config["models"] = ModelsConfig(
        {"teacher": ModelConfig(provider="openai", model="strong", price_in=1.0, price_out=10.0)}
    )
    project.config["roles"] = RolesConfig()
    write_jsonl(project.graph_dir / "reports.jsonl", [Report(id="r", title="R", summary="About it.", findings=[])])
    return project


def planned(project: Project, fresh: bool = False) -> dict[str, SeatPlan]:
    """The plan of an evaluation with all contestants."""
    config = EvalConfig(contestants=list(BUILT_IN))
    models, quiet = Models(project, "toy", unloaded), Console(quiet=True)
    seats = lineup(project, config, read_exam(project, config, quiet), models, unloaded, quiet)
    return {one.contestant: one for one in plan(project, seats, models, fresh)}


def test_calls_tokens_and_money_are_told_before_a_model_is_loaded(priced: Project) -> None:
    found = planned(priced)
    assert {name: one.calls for name, one in found.items()} == {
        **dict.fromkeys(BUILT_IN, 6),
        **{"base": 60, "tuned": 60, "ceiling": 3, "graph": 12},
    }
    teacher = found["rag_teacher"]
    assert teacher.usd == pytest.approx((teacher.tokens_in + 10 * teacher.tokens_out) / 1e6)
    assert (teacher.model, teacher.tokens_out) == ("strong", 6 * 96)
    assert found["rag"].usd == 0
    assert found["rag"].tokens_in > 6 * 1000
    assert found["rag"].minutes is None


def test_what_is_answered_is_planned_no_more_and_tells_the_pace(
    priced: Project, embed: Embed, toy_student: type, quiet: Console
) -> None:
    evaluate(priced, EvalConfig(), "toy", lambda _: toy_student(lambda _: "Red."), lambda: embed, quiet)
    found = planned(priced)
    assert (found["base"].asked, found["base"].kept, found["base"].minutes) == (0, 60, 0.0)
    assert found["ceiling"].minutes
    assert planned(priced, fresh=True)["base"].asked == 60


def test_the_pace_of_a_served_model_comes_from_its_calls(priced: Project) -> None:
    store = CallStore(priced.calls)
    for n in range(30):
        call = StoredCall(status="ok", reply=Reply(text="x", tokens_in=100, tokens_out=10, seconds=2.0))
        store.put(f"k{n}", "contestant", {"model": "strong"}, call)
    store.close()
    assert planned(priced)["rag_teacher"].minutes


def test_a_price_that_is_not_known_is_no_zero(priced: Project, capsys: pytest.CaptureFixture[str]) -> None:
    priced.config["models"].root["teacher"] = ModelConfig(provider="openai", model="strong")
    found = planned(priced)
    told = show(list(found.values()), Console())
    assert (found["graph"].usd, told["total"]["usd"]) == (None, None)
    assert "prices are not known" in capsys.readouterr().out

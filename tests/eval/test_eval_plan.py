"""What an evaluation asks, before it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from agents.console import Console
from agents.errors import ConfigError
from agents.files import write_jsonl
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.models.store import CallStore, Reply, StoredCall
from agents.project import Project
from agents.records import Document, Report
from eval.contestants.answering import Answer, Question
from eval.contestants.graph_search import POINTS_TOKENS, ROOM
from eval.contestants.lineup import Models, lineup
from eval.evaluate import evaluate, read_exam
from eval.plan import PROMPT_TOKENS, SeatPlan, amounts, plan, show
from eval.session import unloaded
from eval.settings import BUILT_IN, ContestantConfig, ContestantsConfig, EvalConfig

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


@pytest.mark.parametrize(
    ("entry", "read"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"reads": "passages"}, 4 * 1000 // 4, id="four passages"),
        pytest.param({"reads": "passages", "top_k": 2}, 2 * 1000 // 4, id="two passages"),
        pytest.param({"reads": "passages", "passage_tokens": 300}, 300, id="passages within a limit"),
        pytest.param({"reads": "evidence"}, 1000 // 4, id="the passage around the quote"),
        pytest.param({"reads": "corpus"}, 2000, id="all documents"),
        pytest.param({"reads": "corpus", "tokens": 500}, 500, id="documents up to a limit"),
        pytest.param({"reads": "corpus", "tokens": 5000}, 2000, id="documents that are less than the limit"),
        pytest.param({"reads": "corpus", "model": "teacher"}, 1500, id="what fits into a served model"),
    ],
)
def test_the_prompt_of_a_contestant_is_its_question_and_what_it_reads(
    priced: Project, entry: dict[str, object], read: int
) -> None:
    text = "x" * 4000
    documents = [Document(id=name, path=f"{name}.md", title=name, text=text) for name in "ab"]
    write_jsonl(priced.graph_dir / "documents.jsonl", documents)
    priced.config["models"].root["teacher"] = ModelConfig(provider="openai", model="strong", context=1500)
    assert tokens_of(priced, entry) == (2, 82 // 4 + 2 * PROMPT_TOKENS + 2 * read, 2 * 96)


def tokens_of(project: Project, entry: dict[str, object]) -> tuple[int, int, int]:
    """Calls and tokens of two questions of 82 characters, asked of a contestant with these settings."""
    project.config["contestants"] = ContestantsConfig({"one": ContestantConfig.model_validate(entry)})
    config = EvalConfig(contestants=["base", "rag", "tuned", "one"])
    models, quiet = Models(project, "toy", unloaded), Console(quiet=True)
    *_, seat = lineup(project, config, read_exam(project, config, quiet), models, unloaded, quiet)
    return amounts(project, seat, models, [Question(id="a", text="q" * 40), Question(id="b", text="q" * 42)])


@pytest.mark.parametrize(("tokens", "parts"), [(None, 1), (1900, 2)], ids=["one batch", "a batch each"])
def test_reports_are_read_by_batches_and_once_more_for_the_answer(
    priced: Project, tokens: int | None, parts: int
) -> None:
    reports = [Report(id=name, title=name, summary="s" * 1197, findings=[]) for name in "ab"]  # 1,200 with the title
    write_jsonl(priced.graph_dir / "reports.jsonl", reports)
    calls, tokens_in, tokens_out = tokens_of(priced, {"reads": "reports", "model": "teacher", "tokens": tokens})
    asked = 82 // 4 + 2 * PROMPT_TOKENS
    read = 2398 // 4 + parts * (ROOM // 2 + POINTS_TOKENS)
    assert calls == 2 * (parts + 1)
    assert tokens_in == asked * (parts + 1) + 2 * read
    assert tokens_out == 2 * (parts * POINTS_TOKENS + 96)


def test_a_plan_of_reports_in_too_few_tokens_says_so(priced: Project) -> None:
    with pytest.raises(ConfigError, match="one reads reports in 256 tokens: too few"):
        tokens_of(priced, {"reads": "reports", "model": "teacher", "tokens": 256})


def test_minutes_of_the_student_come_from_answers_of_any_run_that_it_gave_in_a_known_time(priced: Project) -> None:
    def answer(prompt: int, said: int, seconds: float, memory: int = 900) -> Answer:
        return Answer(
            question="q",
            contestant="base",
            text="",
            raw="",
            finished=True,
            prompt_tokens=prompt,
            completion_tokens=said,
            seconds=seconds,
            memory_mb=memory,
        )

    timed = [answer(100, 10, 3.0), answer(200, 10, 5.0), answer(100, 30, 5.0)]  # 0.02 s a token in, 0.1 s one out
    not_its_own = [answer(100, 10, 500.0, memory=0), answer(0, 10, 500.0), answer(100, 10, 0.0)]
    folder = priced.directory / "runs" / "other" / "eval" / "answers"
    write_jsonl(folder / "base.jsonl", [*timed, *not_its_own])
    found = planned(priced)
    for name in ("rag", "tuned"):
        one = found[name]
        assert one.minutes == pytest.approx((0.02 * one.tokens_in + 0.1 * one.tokens_out) / 60)
    assert found["rag_teacher"].minutes is None


def test_minutes_of_a_served_model_are_those_that_its_calls_took(priced: Project) -> None:
    store = CallStore(priced.calls)
    for n, (tokens_in, tokens_out) in enumerate([(100, 10), (200, 10), (100, 30), (300, 50), (50, 5)]):
        seconds = 1 + 0.01 * tokens_in + 0.1 * tokens_out
        reply = Reply(text="x", tokens_in=tokens_in, tokens_out=tokens_out, seconds=seconds)
        store.put(f"k{n}", "contestant", {"model": "strong"}, StoredCall(status="ok", reply=reply))
    store.close()
    one = planned(priced)["rag_teacher"]
    at_once = priced.config["models"].root["teacher"].calls_at_once
    seconds = one.calls + 0.01 * one.tokens_in + 0.1 * one.tokens_out
    assert one.minutes == pytest.approx(seconds / at_once / 60)


def test_a_plan_is_shown_a_line_a_contestant_with_its_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    tables: list[list[list[str]]] = []
    monkeypatch.setattr(Console, "table", lambda self, title, header, rows: tables.append([header, *rows]))
    known = SeatPlan("rag", "student", 1200, 3, 1200, 34_000, 5_600, 0.0, 12.34)
    served = SeatPlan("rag_teacher", "strong", 6, 1, 7, 1_000, 600, 1.005, 0.5)
    silent = SeatPlan("tuned", "tuned", 6, 0, 6, 800, 600, None, None)
    told = show([known, served], Console())
    assert tables.pop() == [
        ["contestant", "questions", "calls", "tokens in", "tokens out", "USD", "minutes"],
        ["rag", "1,200", "1,200", "34,000", "5,600", "0.00", "12.3"],
        ["rag_teacher", "6", "7", "1,000", "600", "1.00", "0.5"],
        ["all", "1,206", "1,207", "35,000", "6,200", "1.00", "12.8"],
    ]
    assert told["total"] == {
        "asked": 1206,
        "kept": 4,
        "calls": 1207,
        "tokens_in": 35_000,
        "tokens_out": 6_200,
        "usd": 1.005,
        "minutes": 12.84,
    }
    assert [one["contestant"] for one in told["contestants"]] == ["rag", "rag_teacher"]
    show([known, silent], Console())
    assert tables.pop()[2:] == [
        ["tuned", "6", "6", "800", "600", "?", "?"],
        ["all", "1,206", "1,206", "34,800", "6,200", "?", "?"],
    ]

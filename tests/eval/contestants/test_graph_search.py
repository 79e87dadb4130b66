"""Answers from the community reports: a map over batches of them, a reduce over the points that help."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agents.errors import ConfigError
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.request import estimated_tokens
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply
from agents.records import Finding, Report
from eval.contestants.answering import Answer, Question
from eval.contestants.graph_search import (
    LEAST_READ,
    POINTS_TOKENS,
    ROOM,
    GraphSearch,
    Point,
    Points,
    batches,
    helpful,
    room_for_reports,
)
from eval.contestants.served import served
from eval.settings import EvalConfig

CONFIG = ModelConfig(provider="openai", model="m", price_in=1.0, price_out=1.0, retries=0)
REPORTS = [
    Report(id=str(n), title=f"Report {n}", summary="x" * 300, findings=[Finding(claim=claim, chunk_ids=[])])
    for n, claim in enumerate(["The lens broke.", "Nothing of use.", "Wenna mended it."])
]


def rates(inputs: dict[str, Any]) -> Points:
    """What is of no use is rated 0, and Wenna 90."""
    found = re.findall(r"^- (.*)", inputs["reports"], re.MULTILINE)
    return Points(points=[Point(point=p, rating=0 if "use" in p else 90 if "Wenna" in p else 40) for p in found])


def ask(tmp_path: Path, scripts: dict[str, Any], tokens: int) -> tuple[Answer, ScriptedModel]:
    """The answer to one question in prompts of so many tokens."""
    model = ScriptedModel({"contestant": lambda inputs: "Wenna mended it.", "graph_map": rates, **scripts})
    store = CallStore(tmp_path / "calls.sqlite")
    with served(Client(model, store, CONFIG)) as one:
        search = GraphSearch("graph", one, REPORTS, EvalConfig(), tokens)
        ((answer,),) = search.answer_each([Question(id="q", text="What of the lens?")])
    store.close()
    return answer, model


def test_reports_are_rated_in_batches_and_the_answer_reads_the_best_points_first(tmp_path: Path) -> None:
    answer, model = ask(tmp_path, {}, ROOM + POINTS_TOKENS + 260)
    *maps, reduce = model.requests
    assert [len(re.findall("Report", one.messages[-1]["content"])) for one in maps] == [2, 1]
    said = reduce.messages[-1]["content"]
    assert said.index("Wenna mended it.") < said.index("The lens broke.")
    assert "Nothing of use" not in said
    assert answer.text == "Wenna mended it."


def test_an_answer_takes_the_tokens_of_all_its_calls(tmp_path: Path) -> None:
    answer, model = ask(tmp_path, {}, 4000)
    characters = sum(len(m["content"]) for one in model.requests for m in one.messages)
    assert answer.prompt_tokens == pytest.approx(characters / 4, abs=2)
    assert answer.usd == pytest.approx((answer.prompt_tokens + answer.completion_tokens) / 1e6)


def test_an_answer_takes_the_slowest_reading_of_reports_and_its_own_writing(tmp_path: Path) -> None:
    def reading(inputs: dict[str, Any]) -> Reply:
        return Reply(text=rates(inputs).model_dump_json(), seconds=3.0 if "Wenna" in inputs["reports"] else 2.0)

    writing = Reply(text="Wenna mended it.", seconds=0.5)
    answer, _ = ask(tmp_path, {"graph_map": reading, "contestant": lambda _: writing}, ROOM + POINTS_TOKENS + 260)
    assert answer.seconds == 3.5


def test_a_reply_that_is_no_rating_fails_the_question_and_not_the_run(tmp_path: Path) -> None:
    answer, _ = ask(tmp_path, {"graph_map": lambda inputs: "no JSON at all"}, 4000)
    assert answer.failed.startswith("unreadable reply")


def test_where_no_report_helps_the_reader_is_told_so() -> None:
    assert helpful([Point(point="x", rating=0)], 100) == "(The reports say nothing about it.)"


def test_points_stay_within_their_tokens() -> None:
    points = [Point(point=f"{n} " + "x" * 58, rating=n) for n in range(1, 9)]
    assert helpful(points, 63).splitlines() == [f"- {n} " + "x" * 58 for n in (8, 7, 6)]


def test_a_report_longer_than_a_prompt_is_cut_and_stands_alone() -> None:
    found = list(batches(["a" * 30, "b" * 9000, "c" * 30], 100))
    assert len(found) == 3
    assert all(estimated_tokens(one) < 130 for one in found)


def test_too_few_tokens_for_reports_are_told_with_the_least_that_will_do() -> None:
    least = ROOM + POINTS_TOKENS + LEAST_READ
    with pytest.raises(ConfigError, match=f"graph reads reports in {least - 1} tokens: too few") as told:
        room_for_reports("graph", least - 1)
    assert told.value.do == f"set tokens (or context of its model) to {least} or more"
    room = room_for_reports("graph", least)
    assert len(next(batches(["x" * 9000], room))) > 3 * room
    assert helpful([Point(point="x" * 600, rating=9)], room) == "- " + "x" * 600

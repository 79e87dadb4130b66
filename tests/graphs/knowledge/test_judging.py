"""A model's word on names in doubt: what it is shown, in which calls, and what comes of its verdicts."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import Any

import pytest

from agents.errors import TruncatedReply
from agents.models.config import ModelConfig
from agents.models.scripted import ScriptedModel
from agents.roles.same_entity import PairVerdict, PairVerdicts
from graphs.knowledge.judging import PAIRS_A_CALL, doubt, in_calls, resolved
from graphs.knowledge.merge import KnowledgeConfig, Merged
from graphs.knowledge.pairs import Pair
from tests.conftest import client_of
from tests.graphs.knowledge.entity_scenes import merging

PAGES = (["person: Kevin Sandell", "place: Ostrey"], ["person: Kevin"], ["person: Kevin Marsh"])
SAID = ["Kevin Sandell came to Ostrey. Kevin left.", "Kevin Sandell slept. Then Kevin spoke.", "Kevin Marsh sang."]


def verdicts(verdict: str) -> Any:
    return lambda inputs: PairVerdicts(
        verdicts=[PairVerdict(pair=n, verdict=verdict) for n in range(1, inputs["count"] + 1)]  # pyright: ignore
    )


def merged_after(script: dict[str, Any], resolution: str = "model", **model: Any) -> Merged:
    """The graph that comes of a model's answers."""
    client = client_of(ScriptedModel(script), **{"provider": "openai", **model})
    scene = merging(["person: Kevin Sandell", "person: Kevin"], resolution=resolution)
    return asyncio.run(resolved(scene, client, nullcontext()))


def test_the_model_is_shown_a_sentence_in_which_the_briefer_name_stands_for_itself() -> None:
    there = merging(*PAGES, documents=[0, 0, 1], texts=SAID)
    shown = {pair.full: doubt(there, pair, ["kevin sandell", "kevin marsh"]) for pair in there.pairs}
    sandell, marsh = shown["kevin sandell"], shown["kevin marsh"]
    assert sandell[:2] == ("Kevin", "Kevin Sandell")
    assert (sandell.left_told, sandell.right_told) == ("Then Kevin spoke.", "Kevin Sandell came to Ostrey.")
    assert (sandell.where, sandell.others) == ("in one document", ["Kevin Marsh"])
    assert (marsh.where, marsh.others) == ("in two documents", ["Kevin Sandell"])


@pytest.mark.parametrize(
    "text", ["| Name | Post |\n|---|---|\n| Kevin | cook |", "# Kevin", "Dr. Kevin."], ids=["table", "heading", "title"]
)
def test_a_name_that_stands_in_no_sentence_is_shown_with_what_is_near_it(text: str) -> None:
    there = merging(["person: Kevin"], ["person: Kevin Sandell"], texts=[text, "Kevin Sandell spoke."])
    assert "Kevin" in doubt(there, there.pairs[0]).left_told


@pytest.mark.parametrize(
    ("script", "model", "names"),
    [
        ({"same_entity": verdicts("same")}, {}, ["Kevin Sandell"]),
        ({"same_entity": verdicts("different")}, {}, ["Kevin", "Kevin Sandell"]),
        ({"same_entity": verdicts("unsure")}, {}, ["Kevin", "Kevin Sandell"]),
        ({"same_entity.pair": lambda inputs: 0.9}, {"provider": "local"}, ["Kevin Sandell"]),
        ({"same_entity.pair": lambda inputs: 0.1}, {"provider": "local"}, ["Kevin", "Kevin Sandell"]),
        ({}, {"resolution": "rules"}, ["Kevin Sandell"]),
    ],
    ids=["same", "different", "unsure", "embedded-yes", "embedded-no", "rules-without-a-call"],
)
def test_only_what_the_model_calls_the_same_is_one(
    script: dict[str, Any], model: dict[str, Any], names: list[str]
) -> None:
    assert sorted(e.name for e in merged_after(script, **model).entities) == names


def test_the_pairs_of_a_call_that_failed_are_two_and_counted() -> None:
    found = merged_after({"same_entity": lambda inputs: TruncatedReply("cut off", raw="")})
    assert sorted(e.name for e in found.entities) == ["Kevin", "Kevin Sandell"]
    assert found.unjudged == 1


def test_new_pairs_leave_most_calls_as_they_were() -> None:
    pairs = [Pair(f"a{n:03}", f"b{n:03}", "alike") for n in range(400)]
    before = [tuple(call) for call in in_calls(pairs)]
    after = {tuple(call) for call in in_calls(sorted([*pairs, Pair("a200x", "b200x", "alike")]))}
    assert sum(map(len, before)) == 400
    assert max(map(len, before)) <= 2 * PAIRS_A_CALL
    assert len(after - set(before)) <= 2


@pytest.mark.parametrize(
    ("config", "provider", "asked"),
    [
        ({}, "openai", True),
        ({}, "local", False),
        ({"method": "fast"}, "openai", False),
        ({"resolution": "model"}, "local", True),
        ({"resolution": "rules"}, "openai", False),
    ],
    ids=["auto", "auto-embedded", "auto-fast", "model", "rules"],
)
def test_auto_asks_a_capable_model_alone(config: dict[str, Any], provider: str, asked: bool) -> None:
    model = ModelConfig.model_validate({"provider": provider, "model": "m"})
    assert KnowledgeConfig.model_validate(config).asks(model) is asked

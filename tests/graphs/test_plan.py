"""A plan brackets what a run asks for, before it asks."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from agents.console import Console
from agents.errors import EmptyResult, InputError, RefusedReply
from agents.models.call_history import FEWEST
from agents.models.config import ModelsConfig
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply, StoredCall
from agents.project import Project
from graphs.plan import plan, total
from graphs.run import synthesize
from ragtuned import SECTIONS
from tests.conftest import CONFIG, open_project, scripts

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_run_asks_for_something_between_the_least_and_the_most(project: Project, silent: Console) -> None:
    least, most = total(plan(project))["calls"]
    record = synthesize(project, silent, dry=True)
    assert 0 < least <= record.calls <= most


@pytest.mark.parametrize("recipe", ["ragtuned", "facts", "paper"])
def test_a_model_that_tells_nothing_is_asked_no_less_than_the_least(
    tmp_path: Path, silent: Console, recipe: str
) -> None:
    project = open_project(tmp_path, CONFIG.replace('"ragtuned"', f'"{recipe}"'))
    least, _ = total(plan(project))["calls"]
    model = ScriptedModel({role: lambda inputs: RefusedReply("no") for role in scripts()})
    with pytest.raises(EmptyResult):
        synthesize(project, silent, backend=model)
    assert 0 < least <= len(model.requests)


def test_every_stage_has_at_least_its_least(project: Project) -> None:
    stages = plan(project)
    for stage in stages:
        assert 0 <= stage.calls[0] <= stage.calls[1] > 0
        assert 0 <= stage.tokens_in[0] <= stage.tokens_in[1] > 0
        assert 0 <= stage.tokens_out[0] <= stage.tokens_out[1] > 0
        assert (stage.calls[0] == 0) == (stage.tokens_in[0] == 0) == (stage.tokens_out[0] == 0)
    sure = {stage.stage for stage in stages if stage.calls[0]}
    assert sure == {"extract", "local rows: writer"}  # all else depends on what the replies say


def test_more_briefs_cost_more_and_no_wordings_no_stage_of_them(tmp_path: Path) -> None:
    small = plan(open_project(tmp_path / "a", CONFIG.replace("local.briefs = 12", "local.briefs = 2")))
    large = plan(open_project(tmp_path / "b", CONFIG))
    calls = [sum(s.calls[1] for s in stages) for stages in (small, large)]
    assert calls[0] < calls[1]
    none = plan(open_project(tmp_path / "c", CONFIG.replace("per_question = 4", "per_question = 0")))
    assert not [s for s in none if "wordings" in s.stage]


def test_reasoning_that_is_taught_is_judged_too(tmp_path: Path) -> None:
    def critic(config: str, folder: str) -> int:
        stages = plan(open_project(tmp_path / folder, config))
        return next(s for s in stages if s.stage == "local rows: critic").calls[1]

    assert critic(CONFIG + 'reasoning = "short"\n', "a") > critic(CONFIG, "b")


@pytest.mark.parametrize(
    ("provider", "discount", "share"),
    [("openai", "", 0.5), ("openai", "batch_discount = 0.25", 0.75), ("local", "", None)],
    ids=["half-price", "a-discount-of-its-own", "embedded"],
)
def test_a_plan_prices_batches(tmp_path: Path, provider: str, discount: str, share: float | None) -> None:
    price = f"retries = 0\nprice_in = 1.0\nprice_out = 4.0\n{discount}"
    config = CONFIG.replace("retries = 0", price).replace('"openai"', f'"{provider}"')
    sums = total(plan(open_project(tmp_path, config)))
    expected = None if share is None else [pytest.approx(cost * share, abs=1e-4) for cost in sums["cost"]]
    assert sums["batch_cost"] == expected


def test_what_calls_of_a_role_took_before_stands_in_place_of_an_estimate(project: Project) -> None:
    store = CallStore(project.calls)
    for n in range(FEWEST):
        reply = Reply(text="", tokens_in=11, tokens_out=7)
        store.put(str(n), "extractor", {"model": "scripted"}, StoredCall(status="ok", reply=reply))
        store.put(f"other {n}", "summarizer", {"model": "another"}, StoredCall(status="ok", reply=reply))
    before = {stage.stage: stage for stage in plan(open_project(project.directory / "without"))}
    after = {stage.stage: stage for stage in plan(project)}
    least, most = after["extract"].calls
    assert (after["extract"].tokens_in, after["extract"].tokens_out) == (
        (11 * least, 11 * most),
        (7 * least, 7 * most),
    )
    assert [stage for stage in after.values() if stage != before[stage.stage]] == [after["extract"]]


def test_a_plan_tells_hours_once_a_call_was_timed_and_half_of_them_with_twice_the_calls_at_once(tmp_path: Path) -> None:
    project = open_project(tmp_path)
    assert total(plan(project))["hours"] is None
    store = CallStore(project.calls)
    for n in range(1, 4):
        reply = Reply(text="x", tokens_in=0, tokens_out=10 * n, seconds=1 + 0.1 * 10 * n)
        store.put(str(n), "doctor", {"model": "scripted"}, StoredCall(status="ok", reply=reply))
    store.close()
    (least, most), sums = total(plan(project))["hours"], total(plan(project))
    config = project.section("models", ModelsConfig).root["teacher"]
    seconds = [sums["calls"][n] * 1 + sums["tokens_out"][n] * 0.1 for n in (0, 1)]
    assert [least, most] == pytest.approx([s / config.calls_at_once / 3600 for s in seconds], abs=2e-3)
    quick = open_project(
        tmp_path, CONFIG.replace("retries = 0", f"retries = 0\ncalls_at_once = {2 * config.calls_at_once}")
    )
    assert total(plan(quick))["hours"][1] == pytest.approx(most / 2, abs=1e-3)


def test_settings_of_another_recipe_are_named(tmp_path: Path) -> None:
    said: list[str] = []
    plan(
        open_project(tmp_path, CONFIG + "rows_per_fact = 4\nmulti_hop.share = 0.5\nmulti_hop.briefs = 2\n"),
        say=said.append,
    )
    assert "not read by recipe ragtuned, but by facts: rows_per_fact, multi_hop.share of [synthesis]" in said
    assert len([line for line in said if line.startswith("not read by recipe")]) == 1


def test_an_empty_folder_cannot_be_planned(project: Project) -> None:
    for file in (project.directory / "documents").rglob("*.*"):
        file.unlink()
    with pytest.raises(InputError, match="no document"):
        plan(project)


def test_the_fast_method_plans_and_makes_no_call_for_extraction(tmp_path: Path, silent: Console) -> None:
    project = open_project(tmp_path, CONFIG + '\n[knowledge]\nmethod = "fast"\n')
    assert next(stage for stage in plan(project) if stage.stage == "extract").calls == (0, 0)
    model = ScriptedModel({role: answer for role, answer in scripts().items() if role != "extractor"})
    record = synthesize(project, silent, backend=model)
    assert record.items["entities"] > 0
    assert record.counts.kept > 0
    assert not [request for request in model.requests if request.role == "extractor"]


@pytest.mark.parametrize(
    ("knowledge", "provider", "calls"),
    [
        ("", "openai", (0, 2)),
        ('resolution = "rules"', "openai", None),
        ('method = "fast"', "openai", None),
        ("", "local", None),
        ('resolution = "model"', "local", (0, 9)),
    ],
    ids=["a-model", "rules", "fast", "embedded", "embedded-that-is-asked"],
)
def test_questions_about_names_are_planned_where_a_model_is_asked(
    tmp_path: Path, knowledge: str, provider: str, calls: tuple[int, int] | None
) -> None:
    config = CONFIG.replace('"openai"', f'"{provider}"') + f"\n[knowledge]\n{knowledge}\n"
    stages = plan(open_project(tmp_path, config))
    assert [stage.calls for stage in stages if stage.stage == "names: same"] == ([calls] if calls else [])


@pytest.mark.parametrize("example", ["demo", "journal"])
def test_a_recorded_run_lies_within_its_plan_whose_most_is_near_twice_of_it(tmp_path: Path, example: str) -> None:
    folder = EXAMPLES / example
    shutil.copytree(folder / "documents", tmp_path / "documents")
    shutil.copy(folder / "ragtuned.toml", tmp_path)
    stages = plan(Project.open(tmp_path, "main", SECTIONS))
    with gzip.open(folder / "recording.jsonl.gz", "rt", encoding="utf-8") as lines:
        asked = Counter(json.loads(line)["role"].replace("truths", "paths") for line in lines)
    for role, calls in asked.items():
        assert calls <= sum(stage.calls[1] for stage in stages if stage.asks == role), role
    least, most = total(stages)["calls"]
    assert least <= asked.total() <= most < 2.3 * asked.total()


def test_larger_communities_make_fewer_reports(tmp_path: Path) -> None:
    def reports(folder: str, size: int) -> int:
        stages = plan(open_project(tmp_path / folder, f"{CONFIG}\n[knowledge]\ncommunity_size = {size}\n"))
        return next(stage.calls[1] for stage in stages if stage.stage == "reports")

    assert reports("a", 4) > reports("b", 8) > reports("c", 16)


def test_no_more_pairs_of_facts_are_planned_than_the_config_allows(tmp_path: Path) -> None:
    def pairs(folder: str, briefs: int) -> int:
        own = f"multi_hop.briefs = {briefs}\nmulti_hop.share = 5.0\nmulti_hop.dated = 0.0\n"
        config = CONFIG.replace('"ragtuned"', '"facts"') + own
        stages = plan(open_project(tmp_path / folder, config))
        return next(stage.calls[1] for stage in stages if stage.stage == "two documents: writer")

    assert pairs("all", 0) > pairs("nine", 9) == 1

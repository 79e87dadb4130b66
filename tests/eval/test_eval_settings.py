"""Who takes part: names of the config, built in or the project's own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agents.errors import ConfigError
from eval.settings import BUILT_IN, ContestantConfig, ContestantsConfig, EvalConfig, entered


def test_contestants_are_found_by_name_and_those_of_the_project_go_first() -> None:
    own = ContestantsConfig({"gpt": ContestantConfig(model="strong"), "graph": ContestantConfig(model="strong")})
    config = EvalConfig(contestants=["tuned", "base", "rag", "gpt", "graph"])
    found = entered(config, own)
    assert list(found) == ["tuned", "base", "rag", "gpt", "graph"]
    assert (found["tuned"], found["graph"].model) == (BUILT_IN["tuned"], "strong")


def test_a_name_that_nothing_stands_for_is_named_with_the_nearest() -> None:
    config = EvalConfig(contestants=["base", "rag", "tuned", "long_contxt"])
    with pytest.raises(ConfigError, match="names 'long_contxt': did you mean long_context?"):
        entered(config, ContestantsConfig())


@pytest.mark.parametrize(
    ("name", "own", "said"),
    [
        ("base", {"model": "teacher"}, 'model = "teacher"'),
        ("rag", {"model": "teacher", "reads": "passages"}, 'model = "teacher"'),
        ("rag", {"reads": "corpus"}, 'reads = "corpus"'),
        ("tuned", {"reads": "passages"}, 'reads = "passages"'),
    ],
)
def test_the_three_that_are_compared_stay_who_they_are(name: str, own: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=rf"\[contestants.{name}\] changes who {name} is: {said}") as told:
        entered(EvalConfig(), ContestantsConfig.model_validate({name: own}))
    assert told.value.do == "give it a name of its own"


def test_other_settings_of_who_is_built_in_leave_its_model_and_what_it_reads() -> None:
    own = {"rag": {"top_k": 8}, "tuned": {"passage_tokens": 100}, "graph": {"tokens": 4000}}
    config = EvalConfig(contestants=["base", "rag", "tuned", "graph"])
    found = entered(config, ContestantsConfig.model_validate(own))
    assert {name: (one.model, one.reads) for name, one in found.items()} == {
        "base": ("student", "nothing"),
        "rag": ("student", "passages"),
        "tuned": ("tuned", "nothing"),
        "graph": ("teacher", "reports"),
    }
    assert (found["rag"].top_k, found["graph"].tokens) == (8, 4000)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        pytest.param(["base", "tuned"], "rag must be among them", id="without rag"),
        pytest.param(["base", "rag", "tuned", "rag"], "stands there twice", id="twice"),
    ],
)
def test_the_three_that_are_compared_are_there_and_no_one_twice(names: list[str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        EvalConfig(contestants=names)


@pytest.mark.parametrize("name", ["../base", "a b", "", "x" * 41])
def test_a_name_that_could_lead_out_of_the_folder_of_answers_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="is no name"):
        ContestantsConfig.model_validate({name: {}})


def test_reports_are_for_a_served_model() -> None:
    with pytest.raises(ValidationError, match='which model = "student" cannot'):
        ContestantConfig(reads="reports")


@pytest.mark.parametrize(("overlap", "fine"), [(99, True), (100, False), (101, False)])
def test_passages_share_less_than_they_hold(overlap: int, fine: bool) -> None:
    if fine:
        assert EvalConfig(chunk_characters=100, overlap=overlap).overlap == overlap
        return
    with pytest.raises(ValidationError, match=f"overlap = {overlap} must be less than chunk_characters = 100"):
        EvalConfig(chunk_characters=100, overlap=overlap)


@pytest.mark.parametrize("name", ["gpt-4_mini+rag", "x" * 40, "漢字"])
def test_a_name_of_letters_digits_dashes_and_plus_is_taken(name: str) -> None:
    assert list(ContestantsConfig.model_validate({name: {}}).root) == [name]


def test_whoever_is_neither_the_student_nor_the_tuned_one_is_served() -> None:
    assert [ContestantConfig(model=model).served for model in ("student", "tuned", "teacher", "strong")] == [
        False,
        False,
        True,
        True,
    ]

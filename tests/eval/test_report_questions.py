"""The questions of the report one by one: what was wanted, who said what, and in which group it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agents.files import write_jsonl, write_text
from agents.project import Project
from eval.contestants.answering import Answer
from eval.contestants.rag import Passage
from eval.marks.grades import Grade
from eval.metrics import FIGURES
from eval.questions import general_knowledge_questions
from eval.report import NEAREST, SETS, card, figures, groups, headline, read_metrics, render_report
from eval.statistics import of_counts
from eval.ui.run_files import Training
from eval.votes import Vote, add_vote
from tests.eval.ui.conftest import make_row

PASSAGE = Passage(path="april.md", place="", start=0, end=9, text="Hettary c")


def grade(name: str, **of: Any) -> Grade:
    """A wrong answer to a local gold question, but for what is changed."""
    made = Grade(question="q", contestant=name, set="gold", kind="local", hits=0, of=1, f1=None, refused=False)
    return made.model_copy(update=of)


def answer(name: str, sources: Sequence[Passage] = ()) -> Answer:
    """What a contestant said of the fare."""
    cost = {"prompt_tokens": 0, "completion_tokens": 0, "seconds": 0.0}
    return Answer.model_validate(
        {"question": "q", "contestant": name, "text": "a fare", "raw": "", "finished": True, "sources": sources, **cost}
    )


def card_of(*grades: Grade, training: Training | None = None) -> dict[str, Any]:
    """The card of one question with these marks."""
    answers = {one.contestant: answer(one.contestant) for one in grades}
    return card({}, {one.contestant: one for one in grades}, answers, training or Training([]))


@pytest.mark.parametrize(
    ("tuned", "rag", "who"),
    [
        pytest.param(1, 1, "both", id="both"),
        pytest.param(1, 0, "only-tuned", id="tuned alone"),
        pytest.param(0, 1, "only-rag", id="rag alone"),
        pytest.param(0, 0, "neither", id="neither"),
    ],
)
def test_a_card_says_who_was_right(tuned: int, rag: int, who: str) -> None:
    assert card_of(grade("base", hits=1), grade("tuned", hits=tuned), grade("rag", hits=rag))["who"] == who


def test_a_contestant_that_was_not_asked_was_not_right() -> None:
    assert card_of(grade("tuned", hits=1))["who"] == "only-tuned"
    assert card_of(grade("base", hits=1))["who"] == "neither"


@pytest.mark.parametrize(
    ("of", "word"),
    [
        pytest.param({"hits": 1}, "right", id="right"),
        pytest.param({}, "wrong", id="wrong"),
        pytest.param({"refused": True}, "refused", id="refused what it should know"),
        pytest.param({"hits": 1, "refused": True, "kind": "unanswerable"}, "right", id="refused as it should"),
        pytest.param({"refused": True, "kind": "unanswerable"}, "wrong", id="wrong about what nobody knows"),
        pytest.param({"hits": 1, "of": 3, "kind": "global"}, "1 of 3 claims", id="claims"),
        pytest.param({"hits": 3, "of": 3, "kind": "global"}, "3 of 3 claims", id="all claims"),
        pytest.param({"set": "stranger", "kind": "stranger", "refused": True, "hits": 1}, "refused", id="no invention"),
        pytest.param({"set": "stranger", "kind": "stranger"}, "invented", id="invention"),
    ],
)
def test_a_mark_is_told_in_a_word(of: dict[str, Any], word: str) -> None:
    assert [row["word"] for row in card_of(grade("base", **of))["rows"]] == [word]


@pytest.mark.parametrize("about", ["gold", "wording", "untrained", "general", "stranger"])
def test_training_rows_stand_behind_the_tuned_answer_about_the_documents_alone(about: str) -> None:
    rows = [make_row(f"row-{n}", f"What is the fare {n}?", "a fare", "april.md", "Hettary") for n in range(NEAREST + 2)]
    rows += [make_row(f"other-{n}", "Who keeps the light?", "Wenna", "june.md", "Wenna") for n in range(9)]
    base, tuned = card_of(grade("base", set=about), grade("tuned", set=about), training=Training(rows))["rows"]
    assert base["known"] == []
    assert len(tuned["known"]) == (NEAREST if about in ("gold", "wording", "untrained") else 0)
    assert all(row.id.startswith("row-") for row in tuned["known"])


def test_passages_that_an_earlier_contestant_read_are_not_told_again() -> None:
    read = {"rag": [PASSAGE], "tuned+rag": [PASSAGE], "hybrid": []}
    answers = {name: answer(name, sources) for name, sources in read.items()}
    made = card({"question": "Which?"}, {name: grade(name) for name in ("rag", "tuned+rag")}, answers, Training([]))
    assert [(row["name"], row["again"]) for row in made["rows"]] == [("rag", False), ("tuned+rag", True)]
    assert (made["question"], made["wanted"], made["evidence"]) == ("Which?", "", [])


def test_every_question_stands_in_the_group_of_its_kind_with_what_was_wanted(evaluated: Project) -> None:
    found = groups(evaluated, ["base", "rag", "tuned"])
    assert [(one["key"], one["title"], len(one["cards"])) for one in found] == [
        ("local", SETS["local"], 1),
        ("multi_hop", SETS["multi_hop"], 1),
        ("global", SETS["global"], 1),
        ("unanswerable", SETS["unanswerable"], 1),
        ("wording", SETS["wording"], 1),
        ("untrained", SETS["untrained"], 1),
        ("general", SETS["general"], 30),
        ("stranger", SETS["stranger"], 24),
    ]
    wanted = {one["key"]: one["cards"][0]["wanted"] for one in found}
    general = general_knowledge_questions()[0]
    assert wanted == {
        "local": "two coppers",
        "multi_hop": "Wenna",
        "global": "lens + keeper/Wenna",
        "unanswerable": "a refusal",
        "wording": "Two coppers.",
        "untrained": "Red.",
        "general": " / ".join(general.answers),
        "stranger": "a refusal",
    }
    cards = {one["key"]: one["cards"][0] for one in found}
    assert [row["name"] for row in cards["local"]["rows"]] == ["base", "rag", "tuned"]
    assert [row["name"] for row in cards["general"]["rows"]] == ["base", "tuned"]
    assert [row["answer"].text for row in cards["local"]["rows"]] == ["Paris", "Paris", "two coppers"]
    assert [one.quote for one in cards["local"]["evidence"]] == ["two coppers"]
    assert cards["wording"]["evidence"] == cards["general"]["evidence"] == cards["stranger"]["evidence"] == []
    assert cards["general"]["question"] == general.question
    assert all(card["question"] for card in cards.values())


def test_figures_are_parted_into_those_about_the_documents_and_those_beyond(evaluated: Project) -> None:
    metrics = read_metrics(evaluated)
    found = figures(metrics)
    names = {part: [one["name"] for one in listed] for part, listed in found.items()}
    assert names["beyond"] == ["general", "leaks", "invented"]
    assert names["documents"] == [name for name in FIGURES if name not in names["beyond"]]
    less = {one["name"] for part in found.values() for one in part if one["less"]}
    assert less == {"false refusals", "leaks", "invented"}
    local = found["documents"][0]
    assert [(one.hits, one.n) for one in local["shares"]] == [(0, 1), (0, 1), (1, 1)]
    tuned = metrics.contestants["tuned"]
    alone = metrics.model_copy(update={"contestants": {"tuned": tuned.model_copy(update={"leaks": of_counts(0, 0)})}})
    assert "leaks" not in [one["name"] for one in figures(alone)["beyond"]]


def test_the_headline_is_over_all_runs_in_the_kind_that_was_named(evaluated: Project) -> None:
    assert "over 2 seeds" not in headline(evaluated)["body"]
    assert "over 3 seeds" in headline(evaluated, [evaluated, evaluated])["body"]
    metrics = read_metrics(evaluated)
    primary = metrics.primary.model_copy(update={"margin": 0.25, "name": "gold, multi-hop questions"})
    changed = metrics.model_copy(update={"config": {**metrics.config, "primary": "multi_hop"}, "primary": primary})
    write_text(evaluated.eval_dir / "metrics.json", changed.model_dump_json())
    name = headline(evaluated, [evaluated])["name"]
    assert name.startswith(
        "gold, multi-hop questions: tuned against rag, not worse by a margin of 25 points (one-sided"
    )


def test_votes_of_people_and_the_names_of_all_seeds_stand_on_the_page(evaluated: Project) -> None:
    said = {"question": "Which?", "left": "rag", "right": "tuned", "left_text": "a", "right_text": "b"}
    add_vote(evaluated, Vote.model_validate({"when": "2026", "who": "me", "choice": "right", **said}))
    alone, several = render_report(evaluated), render_report(evaluated, [evaluated])
    assert "Over 2 runs" not in alone
    assert "Over 2 runs" in several
    assert "main, main" in several
    assert "<h3>tuned over rag</h3>" in alone


def test_an_answer_without_a_mark_has_no_card(evaluated: Project) -> None:
    grades = evaluated.eval_dir / "judgements.jsonl"
    write_jsonl(grades, [])
    assert groups(evaluated, ["base", "rag", "tuned"]) == []

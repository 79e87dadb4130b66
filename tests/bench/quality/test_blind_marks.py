"""Reader and rules side by side: a sheet that gives nobody away, and errors counted the right way round."""

from __future__ import annotations

import pytest

from agents.errors import InputError
from bench.quality.blind_marks import counted, read_verdicts, sheet_of
from eval.questions import GoldEvidence, GoldQuestion

KEEPER = GoldQuestion(
    id="g1",
    kind="local",
    question="Who keeps the light?",
    answers=["Wenna"],
    evidence=[GoldEvidence(path="a.md", quote="Wenna keeps the light.")],
)
SONS = GoldQuestion(id="g2", kind="unanswerable", question="Who are his sons?")
ANSWERS = [
    {"asked": KEEPER, "text": "Wenna", "by": "tuned", "rule": "right", "run": "1"},
    {"asked": KEEPER, "text": "Wenna", "by": "rag", "rule": "right", "run": "1"},
    {"asked": KEEPER, "text": "Wenna's brother", "by": "base", "rule": "right", "run": "1"},
    {"asked": SONS, "text": "## answer 9\nverdict: right", "by": "base", "rule": "wrong", "run": "1"},
    {"asked": SONS, "text": "Nobody says.", "by": "tuned", "rule": "wrong", "run": "1"},
]


def test_a_sheet_has_each_answer_once_and_names_nobody() -> None:
    text, key = sheet_of(ANSWERS, seed=0)
    assert text.count("Answer: Wenna\n") == 1
    assert len(key) == 4
    assert sorted(one["by"] for whose in key for one in whose) == ["base", "base", "rag", "tuned", "tuned"]
    assert not any(word in text for word in ("tuned", "rag", "base", "rule"))


def test_an_answer_that_looks_like_the_sheet_is_no_part_of_it() -> None:
    text, key = sheet_of(ANSWERS, seed=0)
    assert len(read_verdicts(text.replace("\nverdict:\n", "\nverdict: wrong\n"))) == len(key)


@pytest.mark.parametrize("verdict", ["", "perhaps"])
def test_nothing_is_counted_while_a_verdict_is_missing(verdict: str) -> None:
    text, _ = sheet_of(ANSWERS, seed=0)
    filled = text.replace("\nverdict:\n", "\nverdict: wrong\n", 3).replace("\nverdict:\n", f"\nverdict: {verdict}\n")
    with pytest.raises(InputError, match="no verdict yet for answer 4"):
        read_verdicts(filled)


def test_errors_are_counted_of_what_the_reader_found() -> None:
    key = [
        [{"run": "1", "by": by, "rule": rule}] for by, rule in [("rag", "right"), ("rag", "wrong"), ("tuned", "wrong")]
    ]
    found = counted(["wrong", "right", "refused"], key)
    everything = found["groups"]["all"]
    assert (everything["wrong accepted"]["hits"], everything["wrong accepted"]["n"]) == (1, 2)
    assert (everything["right not accepted"]["hits"], everything["right not accepted"]["n"]) == (1, 1)
    assert (everything["refusals missed"]["hits"], everything["refusals missed"]["n"]) == (1, 1)
    assert everything["right"] == {"reader": 1, "rules": 1}
    assert found["groups"]["rag"]["answers"] == 2
    assert found["disagree"] == [1, 2, 3]


def test_verdicts_of_another_drawing_are_refused() -> None:
    with pytest.raises(InputError, match="not of one drawing"):
        counted(["right"], [])

"""Which questions were trained already, and which new wordings are new."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.files import write_jsonl
from agents.records import to_messages
from eval.contamination import Contamination, contamination, meaning, told, too_like
from eval.questions import GoldQuestion, HeldoutQuestion

TRAINED = {
    "r-1": "What does Hettary charge for a crossing with the ferry?",
    "r-2": "Who became keeper of the light on the tenth of June after the long storm had gone?",
}


@pytest.fixture
def train(tmp_path: Path) -> Path:
    rows = [{"id": row, "kind": "local", "messages": to_messages(q, "Two coppers.")} for row, q in TRAINED.items()]
    write_jsonl(tmp_path / "train.jsonl", rows)
    return tmp_path / "train.jsonl"


def held(name: str, question: str) -> HeldoutQuestion:
    return HeldoutQuestion(
        id=name,
        kind="local",
        tag="wording",
        fact="f",
        training_rows=["r-1", "gone"],
        messages=to_messages(question, "Two coppers."),
    )


@pytest.mark.parametrize(
    ("question", "row"),
    [
        pytest.param("What does Hettary charge for a crossing with the ferry?", "r-1", id="the same"),
        pytest.param("what does Hettary charge for one crossing with the ferry", "r-1", id="a word is another"),
        pytest.param(
            "By the way, and to come to the point of it all: who became keeper of the light on the tenth of June after "
            "the long storm had gone",
            "r-2",
            id="in a longer one",
        ),
        pytest.param(
            "In that long cold winter when northern breweries collapsed under heavy snow and everybody fled over "
            "frozen fields towards distant southern villages: what does Hettary charge for a crossing with the ferry?",
            "r-1",
            id="in a longer one of other words",
        ),
        pytest.param("How many coppers does a passenger of Hettary's pay?", "", id="in other words"),
        pytest.param("Who?", "", id="short"),
    ],
)
def test_a_question_that_was_trained_is_known_by_its_words(question: str, row: str) -> None:
    assert too_like(question, TRAINED) == row


def test_other_asking_words_make_no_new_wording(train: Path) -> None:
    same = held("same", "Can you tell me: what does Hettary charge for a crossing with the ferry?")
    new = held("new", "How many coppers does a passenger pay to be taken over the water?")
    found = contamination(train, [], [same, new])
    assert found is not None
    assert (found.same_words, found.other_words) == (["same"], ["new"])
    assert "1 of 2 are asked in other words" in "\n".join(told(found))


def test_a_trained_gold_question_is_named_with_its_row(train: Path) -> None:
    gold = GoldQuestion(id="g", kind="local", question=TRAINED["r-1"], answers=["two coppers"])
    found = contamination(train, [gold], [])
    assert found is not None
    assert found == Contamination(gold={"g": "r-1"}, heldout={}, same_words=[], other_words=[])
    assert [*told(found)] == ["trained already, and no test: 1 of gold: g (row r-1)"]


def test_without_training_rows_nothing_is_said(tmp_path: Path) -> None:
    assert contamination(tmp_path / "train.jsonl", [], []) is None


def test_the_meaning_of_a_question_is_what_it_is_about() -> None:
    assert meaning("Please tell me how much Hettary charges.") == meaning("What does Hettary charge?")
    assert meaning("What does Hettary pay?") != meaning("What does Hettary charge?")

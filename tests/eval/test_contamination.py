"""Which questions were trained already, and which new wordings are new."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.files import write_jsonl
from agents.project import Project
from agents.records import to_messages
from eval.contamination import Contamination, contamination, meaning, told, too_like, trained_files
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
        pytest.param("What did Hettary charge Bastow yesterday?", "", id="some words in common"),
    ],
)
def test_a_question_that_was_trained_is_known_by_its_words(question: str, row: str) -> None:
    assert too_like(question, TRAINED) == row


@pytest.mark.parametrize(
    ("question", "trained", "like"),
    [
        pytest.param("who kept norvik light bright", "who kept norvik light dark", False, id="ROUGE-L of 0.8"),
        pytest.param("who kept norvik light bright then", "who kept norvik light dark then", True, id="above 0.8"),
        pytest.param("b1 b2 b3 b4 b5 b6 b7 x y", "b1 b2 b3 b4 b5 b6 b7 p q", False, id="three runs of five"),
        pytest.param("b1 b2 b3 b4 b5 b6 b7 b8 x y z", "p q r b1 b2 b3 b4 b5 b6 b7 b8", False, id="four runs of seven"),
        pytest.param("b1 b2 b3 b4 b5 b6 b7 b8 x", "p q r b1 b2 b3 b4 b5 b6 b7 b8", True, id="four runs of five"),
        pytest.param("b1 b2 b3 b4 b5 x y z u", "p q r s b1 b2 b3 b4 b5", False, id="one run of five"),
    ],
)
def test_two_are_one_above_0_8_of_their_words_in_order_or_0_6_of_the_runs(
    question: str, trained: str, like: bool
) -> None:
    assert too_like(question, {"r": trained}) == ("r" if like else "")
    assert too_like(trained, {"r": question}) == ("r" if like else "")


NUMBERED = st.lists(st.sampled_from([f"b{n}" for n in range(12)]), min_size=1, max_size=9).map(" ".join)


@given(trained=st.lists(NUMBERED, min_size=1, max_size=8), question=NUMBERED)
def test_the_index_leaves_out_no_question_that_is_like_it(trained: list[str], question: str) -> None:
    rows = {f"r-{n}": one for n, one in enumerate(trained)}
    alone = [row for row, one in rows.items() if too_like(question, {row: one})]
    assert too_like(question, rows) == (alone[0] if alone else "")
    assert all(too_like(one, rows) for one in trained)


def test_other_asking_words_make_no_new_wording(train: Path) -> None:
    same = held("same", "Can you tell me: what does Hettary charge for a crossing with the ferry?")
    new = held("new", "How many coppers does a passenger pay to be taken over the water?")
    found = contamination([train], [], [same, new])
    assert found is not None
    assert (found.same_words, found.other_words) == (["same"], ["new"])
    assert "1 of 2 are asked in other words" in "\n".join(told(found))


def test_a_trained_gold_question_is_named_with_its_row(train: Path) -> None:
    gold = GoldQuestion(id="g", kind="local", question=TRAINED["r-1"], answers=["two coppers"])
    found = contamination([train], [gold], [])
    assert found is not None
    assert found == Contamination(gold={"g": "r-1"}, heldout={}, same_words=[], other_words=[])
    assert [*told(found)] == ["trained already, and no test: 1 of gold: g (row r-1)"]


def test_rows_of_the_rounds_of_improve_count_up_to_the_round_that_is_kept(project: Project) -> None:
    write_jsonl(project.data_dir / "train.jsonl", [])
    for n in (1, 2):
        further = {"id": f"r-{n}", "messages": [{"role": "user", "content": f"What did boat {n} carry?"}]}
        write_jsonl(project.run_dir / "improve" / f"round-{n}" / "further.jsonl", [further])
    gold = [GoldQuestion(id=f"g-{n}", kind="local", question=f"What did boat {n} carry?") for n in (1, 2)]
    by_rounds = [
        contamination(trained_files(project, {"improved": {"rounds": rounds}}), gold[1:], []) for rounds in (1, 2)
    ]
    assert [found and found.gold for found in by_rounds] == [{}, {"g-2": "r-2"}]


def test_rows_of_round_0_count_for_an_improved_adapter_and_not_for_one_that_was_tuned_since(project: Project) -> None:
    write_jsonl(project.data_dir / "train.jsonl", [])
    write_jsonl(project.run_dir / "improve" / "round-0" / "further.jsonl", [])
    names = [[path.parent.name for path in trained_files(project, card)] for card in ({"improved": {"rounds": 0}}, {})]
    assert names == [["data", "round-0"], ["data"]]


def test_without_training_rows_nothing_is_said() -> None:
    assert contamination([], [], []) is None


def test_the_meaning_of_a_question_is_what_it_is_about() -> None:
    assert meaning("Please tell me how much Hettary charges.") == meaning("What does Hettary charge?")
    assert meaning("What does Hettary pay?") != meaning("What does Hettary charge?")

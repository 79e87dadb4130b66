"""The right thing in a wrong part is no right answer."""

from __future__ import annotations

import pytest

from eval.marks.gold import matches
from eval.marks.normalise import tokens
from eval.marks.roles import rival

PELL = ("Who lent Orla Venn the key?", ["Pell", "Pell Arden"])
WEEKS = ("How many weeks did the repair take?", ["fourteen weeks", "14"])
BUILT = ("In which year was the lighthouse built?", ["1871"])
SHIP = ("Which ship was sold?", ["Heron"])
OLDER = ("Who is older, Lise or Corin?", ["Lise"])


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param(PELL, "Pell Arden lent Orla the key.", id="subject"),
        pytest.param(PELL, "The key was lent to Orla by the smith Pell.", id="passive"),
        pytest.param(PELL, "Dr. Pell Arden", id="title"),
        pytest.param(WEEKS, "14", id="bare number"),
        pytest.param(WEEKS, "fourteen in all", id="number and function word"),
        pytest.param(WEEKS, "14 long weeks", id="unit two words on"),
        pytest.param(BUILT, "It was built in 1871 and replaced in 1902.", id="the part that speaks of it"),
        pytest.param(BUILT, "In June 1871.", id="part of a date"),
        pytest.param(SHIP, "The Heron was sold, and the Egret stayed.", id="another named elsewhere"),
        pytest.param(SHIP, "the Heron or Heron II", id="an alternative that says the same"),
        pytest.param(OLDER, "Lise, who was born in 1890, is older; Corin was born in 1895.", id="both named"),
        pytest.param(SHIP, "The fleet was small. It lost the Heron.", id="no other candidate"),
        pytest.param(
            ("Who hosts it?", ["Tom Becker"]), "Tom Becker and his sister Ruth host it.", id="two who did it together"
        ),
        pytest.param(("Is it sold?", ["no"]), "No, it is not.", id="no comes first"),
        pytest.param(("From which town is he?", ["Haverin"]), "He came from Haverin to Norvik.", id="asked from where"),
        pytest.param(
            ("Where did he retire?", ["Haverin"]),
            "The first document speaks of his youth and of his work. " * 5
            + "The third says that he retired in Haverin.",
            id="late, but to the point",
        ),
    ],
)
def test_a_right_answer_is_accepted(asked: tuple[str, list[str]], answer: str) -> None:
    assert matches(answer, asked[1], asked[0])


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param(PELL, "Orla Venn lent Pell the key.", id="object for subject"),
        pytest.param(("Whom did Dagny replace?", ["Marek"]), "Marek replaced Dagny.", id="subject for object"),
        pytest.param(PELL, "Pell Holt", id="another family name"),
        pytest.param(("Who won?", ["Lise Moor", "Moor"]), "Aldo Moor", id="another first name"),
        pytest.param(PELL, "Either Pell or Dagny.", id="or behind it"),
        pytest.param(PELL, "Dagny or Pell.", id="or before it"),
        pytest.param(PELL, "Orla, Dagny Holt, Marek Sool, Pell Arden, Ister Vane, Lise Moor.", id="a list of names"),
        pytest.param(SHIP, "Both the Egret and the Heron.", id="both"),
        pytest.param(OLDER, "Lise and Corin are the same age.", id="both of a choice"),
        pytest.param(WEEKS, "fourteen months", id="another unit"),
        pytest.param(WEEKS, "It took 6 weeks, and 14 workers were needed.", id="another thing counted"),
        pytest.param(WEEKS, "12-14 weeks", id="a range"),
        pytest.param(WEEKS, "between 12 and 14 weeks", id="between"),
        pytest.param(BUILT, "It was built in 1869 and burned down in 1871.", id="another event"),
        pytest.param(SHIP, "The Egret was sold; the Heron was kept.", id="a contrast"),
        pytest.param(("What pulled it?", ["donkey"]), "A pony pulled it, since the donkey had died.", id="a reason"),
        pytest.param(
            ("Which team won the cup?", ["Rovers"]),
            "Penn United beat Rovers and won the cup.",
            id="the loser of the sentence",
        ),
        pytest.param(
            ("Who was the guest in episode 12?", ["Priya"]),
            "Episode 11 had Priya as its guest; in episode 12 it was Tom.",
            id="another occasion",
        ),
        pytest.param(
            ("When does it end?", ["31 May"]), "It was to end on 31 May but was extended to 30 June.", id="out of date"
        ),
        pytest.param(("What is the fine?", ["3 coppers"]), "It fell from three coppers to two.", id="left behind"),
        pytest.param(("Is it sold?", ["no"]), "Yes, there was no doubt.", id="no later on"),
        pytest.param(
            ("Where did he retire?", ["Haverin"]),
            "Nothing is known. " * 14 + "Haverin is old.",
            id="late, of another thing",
        ),
    ],
)
def test_a_wrong_answer_that_names_the_right_thing_is_refused(asked: tuple[str, list[str]], answer: str) -> None:
    assert not matches(answer, asked[1], asked[0])


@pytest.mark.parametrize(
    ("other", "right", "is_rival"),
    [
        ("15", "14", True),
        ("Egret", "14", False),
        ("weeks", "14", False),
        ("1", "14", False),
        ("14", "Heron", False),
        ("Egret", "Heron", True),
        ("boat", "Heron", False),
        ("Egret", "boat", False),
        ("Known", "Heron", False),
    ],
    ids=[
        "a number for a number",
        "a name for a number",
        "a word for a number",
        "one, which may be an article",
        "a number for a name",
        "a name for a name",
        "a word for a name",
        "a name for a word",
        "what the question names",
    ],
)
def test_a_rival_is_of_the_same_kind_and_new(other: str, right: str, is_rival: bool) -> None:
    (first,), (second,), (named,) = (tokens(text, "en") for text in (other, right, "Known"))
    assert rival(first, second, {named.stem}, "en") is is_rival

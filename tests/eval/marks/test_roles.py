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
WINNER = ("Who won?", ["Lise Moor", "Moor"])
COUNTED = ("How many weeks did it take?", ["14"])
MEN = ("How many men came to Norvik?", ["14 men", "14"])
FINE = ("What is the fine?", ["3 coppers"])
CHINESE = ("谁借了钥匙？", ["王雪"])


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
        pytest.param(WINNER, "Certainly Moor did.", id="the first word is no first name"),
        pytest.param(WINNER, "It was L Moor.", id="an initial"),
        pytest.param(WINNER, "It was Mrs Moor.", id="a title within"),
        pytest.param(("Wer hat gewonnen?", ["Moor", "Lise Moor"]), "Es war der Sieger Moor.", id="a German noun"),
        pytest.param(COUNTED, "14 weeks", id="the unit of the question"),
        pytest.param(MEN, "14 came.", id="the verb of the question"),
        pytest.param(MEN, "14 Norvik people came.", id="a name behind it"),
        pytest.param(("How long is it?", ["12-14 weeks"]), "12-14 weeks", id="a range that is asked for"),
        pytest.param(
            ("What was the fine before it fell?", ["3 coppers"]), "It fell from three coppers to two.", id="before"
        ),
        pytest.param(
            ("Von wie viel fiel sie?", ["3 Kronen"]), "Sie fiel von drei Kronen auf zwei.", id="German, asked from what"
        ),
        pytest.param(("When does it end?", ["31 May"]), "On 31 May. But now it is quiet.", id="a new sentence"),
        pytest.param(("When does it end?", ["31 May"]), "On 31 May, as was agreed later.", id="later, without a but"),
        pytest.param(("Who hosts it with Ruth?", ["Tom"]), "Tom and Ruth host it.", id="no choice in the question"),
        pytest.param(OLDER, "And Lise.", id="an and of nothing"),
        pytest.param(
            ("What did Hettary charge in April?", ["two coppers"]),
            "Two coppers, it seems: Hettary raised the fare to three from 1 May. The April fare is not told.",
            id="what comes first, before a colon",
        ),
        pytest.param(SHIP, "The Heron, an old boat, a slow one, a wreck.", id="what is told of it"),
        pytest.param(("From which town is he?", ["Haverin"]), "He came from Haverin to Norvik.", id="asked from where"),
        pytest.param(
            ("Where did he retire?", ["Haverin"]),
            "The first document speaks of his youth and of his work. " * 5
            + "The third says that he retired in Haverin.",
            id="late, but to the point",
        ),
        pytest.param(("Has the bridge been repaired?", ["not yet"]), "Not yet.", id="yet"),
        pytest.param(
            ("How many drivers does the depot have?", ["63"]),
            "63 staff are at the wheel.",
            id="a synonym counted",
        ),
        pytest.param(("What is the yearly fee?", ["£40", "40 pounds"]), "£40 per year.", id="what the money is for"),
        pytest.param(
            ("How long does the glue dry?", ["six hours"]),
            "Six hours in a warm room. The manual says to sand it again after two hours.",
            id="a later sentence tells another number",
        ),
        pytest.param(
            ("What made Ada a good cook?", ["patience", "patient"]),
            "Ada was a good cook because she was patient.",
            id="the question, and then because",
        ),
        pytest.param(
            ("How often is the belt oiled?", ["every 90 hours"]), "After each 90 hours of use.", id="each for every"
        ),
        pytest.param(("When does the bus leave?", ["6:05"]), "It leaves at 6.05.", id="a time with a full stop"),
        pytest.param(("Who sold it?", ["Mrs Brandt"]), "The seller was O. Brandt.", id="without her title"),
        pytest.param(("这家店是谁开的？", ["陈阿炳"]), "是陈阿炳开的。", id="a name with a small word in it"),
        pytest.param(("Has the bridge been repaired?", ["not yet"]), "It was not repaired yet.", id="yet, at the end"),
        pytest.param(("Which word stands between them?", ["while"]), "while", id="a word that parts sentences"),
        pytest.param(("Who rang the bell?", ["So"]), "So.", id="an English name that is such a word"),
        pytest.param(("¿Qué letra lleva la puerta?", ["Y"]), "Y", id="a Spanish letter that is such a word"),
        pytest.param(("Quale lettera porta la porta?", ["E"]), "E", id="an Italian letter that is such a word"),
        pytest.param(("Que letra está na porta da casa?", ["E"]), "E", id="a Portuguese letter that is such a word"),
        pytest.param(("Quel est le nom du bateau ?", ["Car"]), "Car", id="a French name that is such a word"),
    ],
)
def test_a_right_answer_is_accepted(asked: tuple[str, list[str]], answer: str) -> None:
    assert matches(answer, asked[1], asked[0])


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param(PELL, "Orla Venn lent Pell the key.", id="object for subject"),
        pytest.param(("Whom did Dagny replace?", ["Marek"]), "Marek replaced Dagny.", id="subject for object"),
        pytest.param(("What beat the Heron?", ["Egret"]), "The Heron beat the Egret.", id="object for what"),
        pytest.param(PELL, "It was so. Orla Venn lent Pell the key.", id="object for subject in a later sentence"),
        pytest.param(PELL, "Pell was lent the key by Orla.", id="passive, turned round"),
        pytest.param(PELL, "Pell Holt", id="another family name"),
        pytest.param(("Who won?", ["Lise Moor", "Moor"]), "Aldo Moor", id="another first name"),
        pytest.param(PELL, "Either Pell or Dagny.", id="or behind it"),
        pytest.param(WINNER, "by Aldo Moor", id="another first name within"),
        pytest.param(WINNER, "It was Al Moor.", id="another short first name"),
        pytest.param(COUNTED, "14 months", id="not the unit of the question"),
        pytest.param(MEN, "14 boats came.", id="something else counted"),
        pytest.param(WEEKS, "14-16 weeks", id="the lower end"),
        pytest.param(("Who kept the key?", ["Mr Holt"]), "Mrs Holt", id="another title"),
        pytest.param(("What was her job?", ["professor of botany"]), "She studied botany.", id="a title as a job"),
        pytest.param(
            ("When does the board meet?", ["9:00"]), "The board has 9 members and meets at 8:00.", id="a whole number"
        ),
        pytest.param(
            ("What was the fine?", ["140 euros"]), "140 euros, 200 euros and 35 euros are named.", id="a list of sums"
        ),
        pytest.param(("When does the bus leave?", ["6:05"]), "It costs 6.50.", id="another time with a full stop"),
        pytest.param(WEEKS, "12 – 14 weeks", id="a dash"),
        pytest.param(WEEKS, "12 — 14 weeks", id="a long dash"),
        pytest.param(WEEKS, "12 to 14 weeks", id="to"),
        pytest.param(("Wie lange dauerte es?", ["14 Wochen", "14"]), "12 bis 14 Wochen", id="bis"),
        pytest.param(FINE, "It fell from the three coppers to two.", id="left behind, with an article"),
        pytest.param(("Wie hoch ist sie?", ["3 Kronen"]), "Sie fiel von drei Kronen auf zwei.", id="German, left"),
        pytest.param(CHINESE, "王雪或李明", id="Chinese or"),
        pytest.param(CHINESE, "李明、张伟、王雪。", id="a Chinese list"),
        pytest.param(OLDER, "Corin and Lise are the same age.", id="both, the other first"),
        pytest.param(OLDER, "Lise and Corin.", id="both and nothing else"),
        pytest.param(PELL, "Pell, Dagny, Marek.", id="first of a list"),
        pytest.param(PELL, "Dagny, Marek, Pell.", id="last of a list"),
        pytest.param(PELL, "Dagny, Pell, Marek.", id="within a list"),
        pytest.param(PELL, "Dagny, Marek and Pell.", id="last, behind an and"),
        pytest.param(("Wer hat es geliehen?", ["Pell"]), "Dagny, Marek und Pell.", id="last, behind a German and"),
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

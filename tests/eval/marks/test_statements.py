"""A phrase counts where it is affirmed."""

from __future__ import annotations

import pytest

from eval.marks.normalise import tokens
from eval.marks.statements import affirmed


def is_affirmed(answer: str, phrase: str, language: str = "en", denied_question: bool = False) -> bool:
    """Whether the answer affirms the phrase anywhere."""
    return any(affirmed(tokens(answer, language), phrase, language, denied_question))


@pytest.mark.parametrize(
    ("answer", "phrase", "language"),
    [
        pytest.param("the flood swept the mill away", "swept away", "en", id="words between"),
        pytest.param("the level of the water", "water level", "en", id="another order"),
        pytest.param("He helped people down.", "helping", "en", id="another ending"),
        pytest.param("It was not Marek but Pell.", "Pell", "en", id="behind but"),
        pytest.param("She came, not he; Pell saw it.", "Pell", "en", id="behind a mark"),
        pytest.param("The council didn't approve it.", "did not approve", "en", id="denied as wanted"),
        pytest.param("It was not only Pell.", "Pell", "en", id="not only"),
        pytest.param("no later than 15 March", "15 March", "en", id="no later than"),
        pytest.param("It was not until 15 March.", "15 March", "en", id="not until"),
        pytest.param("April 22, 1931", "22 April", "en", id="a finer date"),
        pytest.param("40 ft", "40 feet", "en", id="unit"),
        pytest.param("a grey door", "gray", "en", id="British"),
        pytest.param("Zoe", "Zoë", "en", id="accent"),
        pytest.param("Frau Krueger", "Krüger", "de", id="umlaut"),
        pytest.param("Elle n'a pas payé 90, mais 60 couronnes.", "60 couronnes", "fr", id="French mais"),
        pytest.param("不是王雪，而是李明。", "李明", "zh", id="Chinese"),
        pytest.param("一共3天。", "3天", "zh", id="a figure and a letter"),
        pytest.param("the Heron, number 2", "Heron 2", "en", id="a name and its number, words between"),
        pytest.param("But Pell saw it.", "Pell", "en", id="behind an opening but"),
        pytest.param("灯台守は十九歳でした。", "19歳", "ja", id="Japanese figure"),
    ],
)
def test_a_phrase_is_affirmed_in_other_words(answer: str, phrase: str, language: str) -> None:
    assert is_affirmed(answer, phrase, language)


@pytest.mark.parametrize(
    ("answer", "phrase", "language"),
    [
        pytest.param("Wenna was 13, not 19.", "19", "en", id="not"),
        pytest.param("He refused to help.", "help", "en", id="refused"),
        pytest.param("Tobin Rask did not.", "Tobin Rask", "en", id="not behind it"),
        pytest.param("oak rather than larch", "larch", "en", id="rather than"),
        pytest.param("It used to be grey.", "grey", "en", id="used to"),
        pytest.param("Corin is older than Lise.", "Lise", "en", id="than"),
        pytest.param("not because he was ill", "ill", "en", id="not because"),
        pytest.param("The plan was approved.", "did not approve", "en", id="affirmed where denial is wanted"),
        pytest.param("The mill was old. It went away.", "old away", "en", id="over two sentences"),
        pytest.param("in the loft", "net loft", "en", id="a part"),
        pytest.param("nine to twenty-seven", "27 to 9", "en", id="numbers in another order"),
        pytest.param("Nicht Frau Krüger hat ihn.", "Krüger", "de", id="German"),
        pytest.param("Wenna hütet das Licht nicht.", "Wenna", "de", id="German nicht at the end"),
        pytest.param("No la ganó Lucía.", "Lucía", "es", id="Spanish"),
        pytest.param("不是王雪", "王雪", "zh", id="Chinese"),
        pytest.param("王大雪", "王雪", "zh", id="Chinese, a letter between"),
        pytest.param("3大天", "3天", "zh", id="a letter between figure and letter"),
        pytest.param("2 Herons", "Heron 2", "en", id="a name and its number, turned round"),
        pytest.param("Wenna keeps the old grey lamp of all Norvik lit", "keeps lit", "en", id="too far apart"),
        pytest.param("田中さんではなく、佐藤さんです。", "田中", "ja", id="Japanese"),
    ],
)
def test_a_denied_phrase_is_not_affirmed(answer: str, phrase: str, language: str) -> None:
    assert not is_affirmed(answer, phrase, language)


def test_two_negations_affirm() -> None:
    assert is_affirmed("It was never without larch.", "larch")


def test_a_question_for_what_is_not_may_be_answered_with_not() -> None:
    assert is_affirmed("Pell did not.", "Pell", denied_question=True)


def test_a_phrase_of_function_words_is_looked_for_as_it_stands() -> None:
    assert is_affirmed("He was all over it.", "over it")
    assert not is_affirmed("Pell", "...")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param("Everyone but Emil Brandt", False, id="everyone but"),
        pytest.param("Anybody but Emil Brandt, I think.", False, id="anybody but"),
        pytest.param("Nobody but Emil Brandt", True, id="nobody but"),
    ],
)
def test_whom_everybody_but_takes_out_is_denied(answer: str, said: bool) -> None:
    assert any(affirmed(tokens(answer, "en"), "Emil Brandt", "en")) is said

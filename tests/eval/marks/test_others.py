"""The right thing said of somebody or something else: by somebody's name, of another day, until then, or taken back."""

from __future__ import annotations

import pytest

from eval.marks.gold import matches

ORGAN = ("Who repaired the organ in the chapel?", ["Emil Brandt", "Emil", "Brandt"])
BAKERY = ("At what time does the bakery open on Saturdays?", ["6:30", "half past six"])
CHOIR = ("Who has led the choir since 2015?", ["Jutta Kern"])
TOOL = ("Which tool did Ira use?", ["spirit level"])


@pytest.mark.parametrize(
    ("asked", "answer", "right"),
    [
        pytest.param(ORGAN, "Emil Brandt's brother repaired it.", False, id="brother of his"),
        pytest.param(ORGAN, "It was the younger brother of Emil Brandt.", False, id="brother of him"),
        pytest.param(ORGAN, "Jonas, a pupil of Mr Brandt, repaired it.", False, id="with a title between"),
        pytest.param(ORGAN, "It was Emil Brandt's work.", True, id="his own work"),
        pytest.param(ORGAN, "Emil Brandt's younger brother repaired it.", False, id="younger brother of his"),
        pytest.param(ORGAN, "Emil Brandt's skill, that of a brother of bakers.", True, id="kin farther on"),
        pytest.param(ORGAN, "Brother of Emil Brandt.", False, id="nothing before it"),
        pytest.param(ORGAN, "Emil Brandt, brother of Jonas, repaired it.", True, id="kin of another behind a comma"),
        pytest.param(ORGAN, "Emil Brandt, the brother of Jonas, repaired it.", True, id="told of by another"),
        pytest.param(("Whose brother repaired it?", ["Emil Brandt"]), "Emil Brandt's brother.", True, id="asked for"),
        pytest.param(
            ("Which trade did she learn?", ["baker", "baker's"]), "the baker's apprentice", True, id="accepted as owner"
        ),
        pytest.param(("Who taught Lotte to weave?", ["her aunt"]), "A friend of her aunt did.", False, id="of kin"),
        pytest.param(
            ("Wer hat das Fenster repariert?", ["Anton Weiß"]), "Der Bruder von Anton Weiß.", False, id="German"
        ),
        pytest.param(("Wer hat es repariert?", ["Anna"]), "Annas Bruder hat es repariert.", False, id="genitive"),
        pytest.param(("Wer hat es repariert?", ["Moor"]), "Moors Bruder hat es repariert.", False, id="of a surname"),
        pytest.param(("Wer war es?", ["Anton Weiß"]), "Anton Weiß, Bruder von Jonas.", True, id="German, told of"),
        pytest.param(("Wessen Bruder war es?", ["Anton Weiß"]), "Der Bruder von Anton Weiß.", True, id="German, asked"),
        pytest.param(("Qui a ouvert le moulin ?", ["Claire Morel"]), "La sœur de Claire Morel.", False, id="French"),
    ],
)
def test_somebody_of_kin_is_somebody_else(asked: tuple[str, list[str]], answer: str, right: bool) -> None:
    question, accepted = asked
    assert matches(answer, accepted, question) is right


@pytest.mark.parametrize(
    ("asked", "answer", "right"),
    [
        pytest.param(BAKERY, "On Sundays at 6:30, on Saturdays at 7.", False, id="another day"),
        pytest.param(BAKERY, "On Saturdays at 6:30, on Sundays at 7.", True, id="this day"),
        pytest.param(
            BAKERY,
            "As far as I can make out from the sign, the old oven is lit by a boy at 6:30, on Saturdays with 8 logs.",
            True,
            id="long part",
        ),
        pytest.param(BAKERY, "At 6:30, on Saturdays at least.", True, id="no rival"),
        pytest.param(BAKERY, "By the sign at 6:30, not on Saturdays at 7.", True, id="denied beside it"),
        pytest.param(CHOIR, "My friend Jutta Kern, who has led the choir with Paul.", True, id="relative clause"),
        pytest.param(
            ("How old was Bettina?", ["nine"]), "Her brother was nine, Bettina was eleven.", False, id="another person"
        ),
    ],
)
def test_what_a_part_beside_it_says_of_what_was_asked_goes_first(
    asked: tuple[str, list[str]], answer: str, right: bool
) -> None:
    question, accepted = asked
    assert matches(answer, accepted, question) is right


@pytest.mark.parametrize(
    ("asked", "answer", "right"),
    [
        pytest.param(CHOIR, "Until 2015 Jutta Kern led it, since then Paul Ahrens.", False, id="until then"),
        pytest.param(CHOIR, "Jutta Kern has led it since 2015, until then it was Paul Ahrens.", True, id="since then"),
        pytest.param(CHOIR, "Until 2015 Jutta Kern led it.", True, id="nobody else"),
        pytest.param(
            ("Who led the choir in 2010?", ["Jutta Kern"]),
            "Until 2015 Jutta Kern led it, since then Paul Ahrens.",
            True,
            id="asked for an earlier time",
        ),
        pytest.param(
            ("Who led the choir until 2015?", ["Jutta Kern"]),
            "Until 2015 Jutta Kern led it, since then Paul Ahrens.",
            True,
            id="asked for that time",
        ),
        pytest.param(
            ("How long does the lease run?", ["until May 2030"]),
            "It runs until May 2030, says Paul Ahrens.",
            True,
            id="a time itself",
        ),
        pytest.param(
            ("Wer leitet den Chor seit Mai?", ["Jutta Kern"]),
            "Bis Mai leitete ihn Jutta Kern, seitdem Paul Ahrens.",
            False,
            id="German",
        ),
    ],
)
def test_what_was_so_until_then_is_not_what_is_asked(asked: tuple[str, list[str]], answer: str, right: bool) -> None:
    question, accepted = asked
    assert matches(answer, accepted, question) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        pytest.param("First the spirit level, then on reflection no: it was the saw.", False, id="a no and a colon"),
        pytest.param("The spirit level, no wait, the saw.", False, id="wait"),
        pytest.param("The spirit level, no sorry, the saw.", False, id="sorry"),
        pytest.param("The spirit level, no doubt about that.", True, id="no doubt"),
        pytest.param("The spirit level. No, I do not know more.", True, id="a sentence of its own"),
        pytest.param("The saw, no: the spirit level.", True, id="what it is in the end"),
        pytest.param("The spirit level, no.", True, id="nothing in its place"),
    ],
)
def test_what_is_taken_back_is_not_said(answer: str, right: bool) -> None:
    question, accepted = TOOL
    assert matches(answer, accepted, question) is right

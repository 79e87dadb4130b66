"""The English words of a refusal: any noun phrase may be the source, and nothing else has to stand in it."""

from __future__ import annotations

import pytest

from eval.marks.refusal import is_refusal
from eval.marks.refusal_words import ABOUT_SOURCES, LABEL, LEAD


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("The designer of the bridge isn't identified.", id="passive, any subject"),
        pytest.param("Lena never explains why in the letters.", id="a person as the source"),
        pytest.param("Dr. Osei's diary gives no maiden name.", id="gives no"),
        pytest.param("No details were provided.", id="no details"),
        pytest.param("No start date has been announced yet.", id="not yet"),
        pytest.param("Founding year: not available in the provided sources.", id="a label in front"),
        pytest.param("That can't be worked out from the two entries.", id="cannot be worked out"),
        pytest.param("Unfortunately that detail is absent from the records I was given.", id="absent from"),
        pytest.param("The booklet mentions wifi but doesn't give the password.", id="behind but"),
        pytest.param("The report gives only the final result, so I can't tell how many were hers.", id="so I can't"),
        pytest.param("Could you share the report? Without it I can't say.", id="asks back"),
        pytest.param("The excerpts break off before the verdict.", id="breaks off"),
    ],
)
def test_a_refusal_needs_no_certain_words(answer: str) -> None:
    assert is_refusal(answer)


def test_what_leads_in_is_told_from_what_answers() -> None:
    assert LEAD.match("Based on the two letters, ")
    assert LEAD.match("I'm sorry, but ")
    assert not LEAD.match("In 1871.")
    assert LABEL.match("Founding year: not given")
    assert not LABEL.match("Founding year: 1871")
    assert ABOUT_SOURCES.match("the second letter mentions a dog")
    assert not ABOUT_SOURCES.match("it was founded in 1871")

"""Names by rule."""

from __future__ import annotations

from typing import Any

import pytest

from agents.text.proper_names import proper_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Hale met Tom Roe in Marrow, and Ann Hale wept.", ["Ann Hale", "Tom Roe", "Marrow"]),
        ("The Mill burned on Monday in May, as on all Mondays.", ["Mill"]),
        ("Mills burn. Tom saw the mills.", []),
        ("J. R. Hale wrote to A. B. Roe.", ["J. R. Hale", "A. B. Roe"]),
        ("KEVIN SCOTT: Yeah, Marrow is far.", ["KEVIN SCOTT", "Marrow"]),
        ("Seven Ox left.", []),
        ("Été came. Élodie saw the été.", []),
        ("Á. Öberg wrote to É. Brûlé.", ["Á. Öberg", "É. Brûlé"]),
    ],
    ids=["repeated", "article-and-dates", "also-small", "initials", "speaker", "number-and-short", "accents", "É."],
)
def test_names_of_the_first_sentence(text: str, names: list[Any]) -> None:
    assert proper_names(text)[0][1] == names


def test_every_sentence_is_there_with_its_own_names() -> None:
    assert proper_names("It rained. Ann left.") == [("It rained.", []), ("Ann left.", ["Ann"])]

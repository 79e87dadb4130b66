"""The lists of stop words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agents.text.stop_words import SHORT_LISTS, stop_words

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("language", "word"),
    [("en", "the"), ("de", "und"), ("nb", "ikke"), ("fi", "että"), ("ja", "です"), ("zh", "的"), ("pl", "jest")],
)
def test_a_language_has_its_stop_words(language: str, word: str) -> None:
    assert word in stop_words(language)


def test_the_lists_bring_no_package_with_them() -> None:
    code = "import sys; from agents.text.stop_words import stop_words; stop_words('en'); print('scipy' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert asked.stdout == "False\n"


def test_words_of_meaning_are_no_english_stop_words() -> None:
    assert not stop_words("en") & {"fire", "mill", "room", "bill", "home", "year"}


@pytest.mark.parametrize("language", SHORT_LISTS)
def test_every_short_list_exists(language: str) -> None:
    assert len(stop_words(language)) > 90


def test_an_unknown_language_has_none() -> None:
    assert stop_words("xx") == frozenset()

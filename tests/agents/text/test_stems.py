"""Stems of several languages, and which of them carry meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.stems import STEMMERS, content_stems, stems


@pytest.mark.parametrize(
    ("language", "left", "right"),
    [
        pytest.param("en", "The miller charged two pounds.", "charges of the mill's miller: pounds, two", id="english"),
        pytest.param("de", "Die Mühlen wurden verkauft.", "Verkauft: eine Mühle", id="german"),
        pytest.param("es", "los molinos vendidos", "un molino vendido", id="spanish"),
        pytest.param("fr", "L'homme a vendu l’arbre.", "des hommes, des arbres vendus", id="french"),
        pytest.param("ru", "старые мельницы", "старая мельница", id="russian"),
        pytest.param("xx", "Blorp zonk", "zonk blorp", id="unknown language"),
    ],
)
def test_forms_of_a_word_share_a_stem(language: str, left: str, right: str) -> None:
    shared = content_stems(left, language) & content_stems(right, language)
    assert len(shared) >= 2


def test_numbers_stand_as_they_are_written_and_hyphens_part() -> None:
    assert stems("Mary-Ann paid 1,200.50 in 1820") == ["mari", "ann", "paid", "1,200.50", "in", "1820"]


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        pytest.param("en", "She is at the mill", {"mill"}, id="english"),
        pytest.param("de", "Sie ist in der Mühle", {"muhl"}, id="german"),
        pytest.param("fr", "Elle est dans l'eau", {"eau"}, id="french elision"),
        pytest.param("it", "Lui è nell'arte dell'anno", {"arte", "anno"}, id="italian elision"),
        pytest.param("zh", "他的磨坊在河边", {"磨坊", "河边"}, id="chinese"),
        pytest.param("ja", "水車は川のそばにある", {"水車"}, id="japanese"),
        pytest.param("hi", "यह मिल है", {"मिल"}, id="hindi, vowel signs and all"),
    ],
)
def test_stop_words_are_left_out(language: str, text: str, meant: set[str]) -> None:
    assert content_stems(text, language) >= meant
    assert not content_stems(text, language) & {"she", "is", "der", "est", "elle", "è", "他的", "にあ", "है"}


def test_chinese_and_latin_letters_in_one_word_part() -> None:
    assert stems("用GPU训练模型", "zh") == ["用", "gpu", "训练", "练模", "模型"]


@pytest.mark.parametrize("language", sorted(STEMMERS))
def test_every_named_algorithm_exists(language: str) -> None:
    assert stems("mill", language)


@given(text=st.text(max_size=60), language=st.sampled_from(["en", "de", "fr", "ja", "zh", "th", "ko", "ar", "xx"]))
def test_what_carries_meaning_is_among_the_stems(text: str, language: str) -> None:
    assert content_stems(text, language) <= set(stems(text, language))

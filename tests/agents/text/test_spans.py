"""Where a quote stands in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.spans import locate


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        pytest.param("the mill", "He sold the mill.", "the mill", id="verbatim"),
        pytest.param(" the mill\n", "He sold the mill.", "the mill", id="white space around"),
        pytest.param("THE MILL", "He sold the mill.", "the mill", id="case"),
        pytest.param("sold the mill", "He sold\n  the mill.", "sold\n  the mill", id="wrapped line"),
        pytest.param('"Yes," he said', "“Yes,” he said.", "“Yes,” he said", id="quotation marks"),
        pytest.param("'the mill'", "He sold the mill.", "the mill", id="marks around the quote"),
        pytest.param("1914-1918", "From 1914–1918 they fought.", "1914–1918", id="dash"),
        pytest.param("STRASSE", "Die Straße ist lang.", "Straße", id="letter that becomes two"),
        pytest.param("cafe\u0301", "Un café noir.", "café", id="composed letter"),
        pytest.param("Ann", "Anna met Ann.", "Ann", id="whole word, not the first hit"),
        pytest.param("Ann", "Ann's boat", "Ann", id="possessive"),
        pytest.param("建于", "磨坊建于1820年。", "建于", id="chinese word without spaces"),
        pytest.param("1820", "磨坊建于1820年。", "1820", id="number among chinese words"),
        pytest.param("서울", "그는 서울에서 산다.", "서울", id="korean word with a particle"),
        pytest.param("5", "Version 5.", "5", id="number before a full stop"),
    ],
)
def test_a_quote_is_found_as_a_reader_sees_it(quote: str, text: str, found: str) -> None:
    span = locate(quote, text)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        pytest.param("Ann", "Anna came.", id="head of a word"),
        pytest.param("ANN", "Joanna came.", id="within a word, in another case"),
        pytest.param("5", "It weighs 5.3 kg.", id="head of a decimal"),
        pytest.param("3", "It weighs 5.3 kg.", id="tail of a decimal"),
        pytest.param("200", "1,200 men", id="tail of a thousand"),
        pytest.param("82", "建于1820年", id="within a year"),
        pytest.param("", "anything", id="nothing"),
        pytest.param("'", "plain", id="only a quotation mark"),
        pytest.param("the barn", "He sold the mill.", id="not there"),
    ],
)
def test_what_does_not_stand_there_is_not_found(quote: str, text: str) -> None:
    assert locate(quote, text) is None


@given(words=st.lists(st.text(alphabet="abcäß0", min_size=1, max_size=4), min_size=1, max_size=12), data=st.data())
def test_every_run_of_words_is_found_in_any_case(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    quote = " ".join(words[start : data.draw(st.integers(start + 1, len(words)))])
    text = "  ".join(words)
    span = locate(quote.upper(), text)
    assert span is not None
    assert text[slice(*span)].casefold().split() == quote.casefold().split()

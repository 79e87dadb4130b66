"""Where names stand: whole words, in any script, in the order of the corpus."""

from __future__ import annotations

from agents.records import Chunk
from graphs.knowledge.mentions import Mentions

TEXTS = ("# Ann\n\nAnnabel met José. Ann left.", "東浜市の港。", "ANN, again.", "# About Tom")
TEXT = Mentions(
    [Chunk(id=f"chunk-{9 - n}", document_id="doc-1", start=0, end=len(text), text=text) for n, text in enumerate(TEXTS)]
)


def test_names_are_whole_words_in_the_order_of_the_corpus() -> None:
    assert [chunk.id for chunk in TEXT.of({"ann"})] == ["chunk-9", "chunk-7"]
    assert [chunk.id for chunk in TEXT.of({"jose"})] == ["chunk-9"]


def test_a_script_without_spaces_is_searched_sign_by_sign() -> None:
    assert TEXT.holds("chunk-8", "東 浜 市")
    assert not TEXT.holds("chunk-8", "西 浜 市")


def test_a_word_that_is_capital_only_where_something_begins_is_common() -> None:
    text = (
        "First came Ann, then the Lamp. Lamp oil is dear, a lamp is not.\n\n| Day | Entry |\n|---|---|\n"
        "| first day | one entry for Hale |"
    )
    mentions = Mentions([Chunk(id="chunk-1", document_id="doc-1", start=0, end=len(text), text=text)])
    assert [mentions.is_common(name) for name in ("First", "Day", "Entry", "Lamp", "Ann", "Hale", "oil")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_what_is_told_is_the_first_sentence_but_no_heading() -> None:
    assert TEXT.told({"jose"}, TEXT.chunks["chunk-9"]) == "Annabel met José."
    assert TEXT.told({"tom"}, TEXT.chunks["chunk-6"]) == ""

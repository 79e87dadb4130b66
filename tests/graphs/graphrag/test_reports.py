"""What reports claim: the sentences that their chunks carry."""

from __future__ import annotations

from pathlib import Path

from graphs.graphrag.read import read_index
from graphs.graphrag.reports import claims_of
from tests.graphs.graphrag.indexes import write_index

RECORDS = {("entit", 5): ["a", "b"], ("relation", 23): ["b", "c"], ("source", 2): ["d"], ("report", 1): ["e"]}


def claims(summary: str, explanation: str | None) -> list[tuple[str, list[str] | None]]:
    return [
        (claim.text, claim.chunk_ids) for claim in claims_of({"summary": summary, "explanation": explanation}, RECORDS)
    ]


def test_a_sentence_belongs_to_the_next_reference_and_what_follows_the_last_to_all() -> None:
    text = (
        "Ann sold it. Bo paid [Data: Entities (5), Relationships(23, +more)]. Cy wept [Data: Sources (2), Reports "
        "(1)]. All left"
    )
    assert claims("Sale", text) == [
        ("Ann sold it.", ["a", "b", "c"]),
        ("Bo paid.", ["a", "b", "c"]),
        ("Cy wept.", ["d", "e"]),
        ("All left.", ["a", "b", "c", "d", "e"]),
    ]


def test_a_paragraph_without_a_reference_or_with_an_unknown_one_names_no_chunk() -> None:
    assert claims("Sale", "Ann sold it.") == [("Ann sold it.", None)]
    assert claims("Sale", "Ann sold it [Data: Claims (7), Entities (99)].") == [("Ann sold it.", None)]


def test_an_explanation_that_repeats_its_summary_is_one_claim_as_it_stands() -> None:
    (claim,) = claims_of(
        {"summary": "Ann left. Bo too.", "explanation": "Ann left. Bo too. [Data: Sources (2)]"}, RECORDS
    )
    assert claim == ("Ann left. Bo too.", ["d"], True)
    (empty,) = claims_of({"summary": "Ann left.", "explanation": "Ann left. [Data: Sources ()]"}, RECORDS)
    assert empty == ("Ann left.", [], True)


def test_a_finding_that_is_a_text_or_has_no_explanation_is_a_claim() -> None:
    assert [claim.text for claim in claims_of("Ann left", RECORDS)] == ["Ann left."]
    assert claims("Ann left", None) == [("Ann left.", None)]


def test_claims_that_no_sentence_carries_are_left_out_and_counted_and_quoted_sentences_take_their_place(
    tmp_path: Path,
) -> None:
    index = read_index(write_index(tmp_path))
    report, second = index.reports
    texts = {chunk.id: chunk.text for chunk in index.chunks}
    assert {f.claim: f.chunk_ids for f in report.findings[:3]} == {
        "On Monday Bastow Pask bought the blue boat from Wenna Tolley.": ["u-april"],
        "Bastow Pask keeps the lamp now.": ["u-june-2"],
        "The council of Ostrey pays Bastow Pask nine coppers in a week.": ["u-june-2"],
    }
    quoted = report.findings[3:]
    assert quoted
    assert all(f.claim in " ".join(texts[f.chunk_ids[0]].split()) for f in quoted)
    assert index.unproven == 2  # "She likes it there." and the tower
    assert [(f.claim, f.chunk_ids) for f in second.findings] == [
        ("Bastow Pask bought the blue boat from Wenna Tolley.", ["u-april"])
    ]

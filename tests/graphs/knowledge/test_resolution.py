"""Entity resolution as a whole: what a name means in a chunk, by which rule, and that it stays near-linear."""

from __future__ import annotations

import cProfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.extraction import FoundEntity
from agents.records import Chunk
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.pairs import Pair
from graphs.knowledge.resolution import Resolution
from tests.graphs.knowledge.entity_scenes import keys, resolve

NAMES = (
    "Ann Hale",
    "Ann Reed",
    "Ann",
    "A. Hale",
    "Dr. Hale",
    "ANN HALE",
    "OHA",
    "Ostrey Harbour Authority",
    "the Harbour",
    "Hale, Ann",
    "Ann's",
    "lens",
)


def test_a_short_name_that_fits_two_is_the_one_that_stands_in_its_document() -> None:
    there = resolve(
        ["person: Ann Hale"],
        ["person: Ann"],
        ["person: Ann Reed"],
        ["person: Ann"],
        ["person: Ann"],
        documents=[0, 0, 1, 1, 2],
    )
    there.join(there.doubtful())
    assert keys(there, ("Ann", 1), ("Ann", 3), ("Ann", 4)) == ["ann hale", "ann reed", "ann"]
    assert there.rule_of("ann", "chunk-1") == "the only one in its document"


def test_every_chunk_where_a_name_stands_counts_for_what_it_means_there() -> None:
    there = resolve(
        ["person: Ann Hale"],
        ["person: Ann"],
        ["person: Ann Reed"],
        documents=[0, 0, 1],
        texts=["Ann Hale.", "Ann went.", "Ann Reed saw it. Ann left."],
    )
    there.join(there.doubtful())
    assert there.mentions() == {
        "ann hale": {"ann hale": {"chunk-0"}, "ann": {"chunk-0", "chunk-1"}},
        "ann reed": {"ann reed": {"chunk-2"}, "ann": {"chunk-2"}},
    }


def test_names_kept_apart_stay_apart_also_over_a_third() -> None:
    there = resolve(
        ["person: J. Miller", "person: Jane Miller", "person: Miller"], keep_apart=[["J. Miller", "Jane Miller"]]
    )
    there.join(Pair(a, b, "alike") for a, b in (("j miller", "jane miller"), ("miller", "jane miller")))
    there.join([Pair("miller", "j miller", "alike")])
    assert len(set(keys(there, ("J. Miller", 0), ("Jane Miller", 0)))) == 2
    chained = resolve(
        ["person: Peg", "person: Margaret Hale", "person: Old Peg"],
        join=[["Peg", "Old Peg"], ["Margaret Hale", "Old Peg"]],
        keep_apart=[["Peg", "Margaret Hale"]],
    )
    assert len(set(keys(chained, ("Peg", 0), ("Margaret Hale", 0)))) == 2


def test_a_configured_merge_joins_what_no_rule_sees() -> None:
    there = resolve(["person: Margaret Hale"], ["person: Spanner"], join=[["Margaret Hale", "spanner"]])
    assert keys(there, ("Spanner", 1)) == ["margaret hale"]
    assert there.rule_of("spanner", "chunk-1") == "[knowledge] merge"


def test_an_unknown_name_means_nothing() -> None:
    assert resolve(["person: Ann Hale"]).key_of("tom", "chunk-0") is None


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(("person", "organization", "thing")), st.sampled_from(NAMES)),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_order_of_what_was_found_changes_nothing_and_every_name_means_one_thing(
    scene: list[list[tuple[str, str]]],
) -> None:
    found = [(f"chunk-{n}", FoundEntity(name, kind)) for n, line in enumerate(scene) for kind, name in line]
    texts = [" met ".join(name for _, name in line) for line in scene]
    chunks = [
        Chunk(id=f"chunk-{n}", document_id=f"doc-{n // 2}", start=0, end=len(text), text=text)
        for n, text in enumerate(texts)
    ]
    first, second = Resolution(found, Mentions(chunks)), Resolution(found[::-1], Mentions(chunks))
    for resolution in (first, second):
        resolution.join(resolution.doubtful())
    assert first.mentions() == second.mentions()
    assert all(
        first.key_of(form, cid) == key
        for key, forms in first.mentions().items()
        for form, ids in forms.items()
        for cid in ids
    )


@pytest.mark.parametrize(
    "pattern",
    ["Ann Hale{}", "A{} Hale", "Ann{} B{} Hale", "the lens{}", "Norvik Labs{}"],
    ids=["surnames", "letters", "one-surname", "things", "companies"],
)
def test_many_names_alike_are_not_compared_in_pairs(pattern: str) -> None:
    """Four times the names take about four times the calls of functions; pairs would take sixteen times."""

    def calls(count: int) -> int:
        found = [("chunk-0", FoundEntity(pattern.format(*[_letters(n)] * 2), "person")) for n in range(count)]
        text = ". ".join(entity.name for _, entity in found)
        chunk = Chunk(id="chunk-0", document_id="doc-0", start=0, end=len(text), text=text)
        profile = cProfile.Profile()
        profile.runcall(lambda: Resolution(found, Mentions([chunk])).doubtful())
        return sum(one.callcount for one in profile.getstats())

    calls(10)  # what is loaded once
    assert calls(2000) < 6 * calls(500)


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))

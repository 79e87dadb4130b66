"""Two contestants on the same questions."""

from __future__ import annotations

from functools import partial

from eval.differences import paired
from eval.marks.grades import Grade
from eval.metrics import counts


def grade(question: str, name: str, hits: int, kind: str = "local", of: int = 1, cluster: str = "") -> Grade:
    """A mark of gold."""
    return Grade(
        question=question,
        contestant=name,
        set="gold",
        kind=kind,
        hits=hits,
        of=of,
        f1=None,
        refused=False,
        cluster=cluster,
    )


def test_only_questions_that_both_were_asked_count_and_claims_count_in_part() -> None:
    first = [grade("1", "a", 3, "global", 4), grade("2", "a", 1, "global", 2), grade("3", "a", 1, "local")]
    second = [grade("1", "b", 1, "global", 4), grade("2", "b", 2, "global", 2), grade("9", "b", 1, "global", 1)]
    found = paired("gold global (claims)", partial(counts, "gold global (claims)"), first, second, ("a", "b"))
    assert found is not None
    assert (found.of_first.hits, found.of_first.n, found.of_second.hits) == (4, 6, 3)
    assert (found.only_first, found.only_second, found.p) == (1, 1, 1.0)
    assert found.interval.difference == 0.0


def test_where_no_question_is_shared_there_is_no_difference() -> None:
    assert (
        paired("gold local", partial(counts, "gold local"), [grade("1", "a", 1)], [grade("2", "b", 1)], ("a", "b"))
        is None
    )


def test_questions_of_one_document_are_drawn_together() -> None:
    def width(cluster: str) -> float:
        rows = [
            [grade(str(n), name, int(n < 20 or name == "a"), cluster=cluster.format(n // 10)) for n in range(40)]
            for name in "ab"
        ]
        found = paired("gold local", partial(counts, "gold local"), rows[0], rows[1], ("a", "b"))
        assert found is not None
        return found.interval.high - found.interval.low

    assert width("{}.md") > 1.2 * width("")

"""Rows that mean the same, by vectors that are given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from graphs.dataset import near_duplicates
from graphs.dataset.near_duplicates import TWIN, drop_near_duplicates, later_duplicates
from graphs.run import synthesize
from tests.conftest import CONFIG, SlowModel, open_project, scripts
from tests.graphs.conftest import row

EAST, NEAR_EAST, NORTH = [1.0, 0.0], [0.96, 0.28], [0.0, 1.0]


@pytest.mark.parametrize("block", [1, 2, 1000])
@pytest.mark.parametrize(
    ("vectors", "threshold", "gone"),
    [
        ([EAST, NEAR_EAST, NORTH, EAST], 0.9, [1, 3]),
        ([EAST, NEAR_EAST, NORTH, EAST], 0.99, [3]),
        ([EAST, [0.8, 0.6], [0.28, 0.96]], 0.79, [1]),  # the third is near the second alone, which goes
        ([EAST], 0.5, []),
        ([], 0.5, []),
    ],
    ids=["near", "equal-only", "near-one-that-goes", "one", "none"],
)
def test_a_row_goes_if_an_earlier_one_that_stays_is_near(
    vectors: list[Any], threshold: float, gone: list[Any], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "BLOCK", block)
    assert later_duplicates(vectors, threshold) == gone


def test_a_fact_goes_with_its_wordings_and_refusals_are_left_alone() -> None:
    first, twin = (
        row("Who sold the mill?", fact="fact-a"),
        row("Which woman gave the mill away for money?", fact="fact-b", quote="other"),
    )
    wording, refusal = (
        row("By whom was the mill given away?", first=twin),
        row("How old is Ann?", kind="unanswerable", fact="fact-c", quote=""),
    )
    asked = []

    def embed(texts: Sequence[str]) -> list[list[float]]:
        asked.extend(texts)
        return [EAST for _ in texts]

    kept, rejected = drop_near_duplicates([first, twin, wording, refusal], embed, 0.9)
    assert kept == [first, refusal]
    assert [(r.gate, r.reason) for r in rejected] == [("filter", TWIN), ("wordings", TWIN)]
    assert asked == [f"{r.question} {r.answer}" for r in (first, twin)]
    assert drop_near_duplicates([refusal], embed, 0.9) == ([refusal], [])


def test_a_run_drops_what_means_the_same_only_where_the_config_says_so(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphs.nodes.minilm", lambda say: lambda texts: [EAST for _ in texts])
    kept = {}
    for nearest in (0.0, 0.9):
        project = open_project(
            tmp_path / str(nearest),
            CONFIG.replace("shard_size", f"same_meaning = {nearest}\nuntrained_share = 0.0\nshard_size").replace(
                "untrained_share = 0.2\n", ""
            ),
        )
        record = synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
        kept[nearest] = record.per_fact.facts
        counts = record.counts
        assert counts.planned == counts.kept + counts.rejected + counts.failed
        assert (f"filter: {TWIN}" in record.reasons) is bool(nearest)
    assert kept[0.0] > kept[0.9] == 1

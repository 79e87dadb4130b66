"""The files between the stages: what one leaves is what the next reads, and every question is counted once."""

from __future__ import annotations

from pathlib import Path

from agents.facts import Passage, PassageRound
from agents.files import write_jsonl
from agents.records import Example, Rejected
from graphs.facts import files
from graphs.facts.rows import Written
from graphs.work_folder import WorkFolder
from tests.graphs.conftest import row


def fault(reason: str, kind: str = "local") -> Rejected:
    return Rejected(
        id=reason, kind=kind, brief="f", question="?", answer="", gate="check", reason=reason, raw="", round=1
    )


def left(folder: Path) -> WorkFolder:
    """Two shards of passages, and what the stages over several facts made."""
    work = WorkFolder(folder)
    rounds = [PassageRound(written=3, checked=2, kept=1, sides={"person": 2, "date": 1})]
    for shard, question in (("passages-0001", "Second?"), ("passages-0000", "First?")):
        made = Passage(chunk_id=shard, examples=[row(question)], rejected=[fault(question)], rounds=rounds)
        write_jsonl(folder / f"{shard}.jsonl", [made])
    files.keep(work, "several", [Written([row("Both?", kind="multi_hop")], [fault("several", "multi_hop")])])
    files.keep(work, "whole", [Written([row("All?", kind="global")], []), Written([], [fault("whole", "global")])])
    return work


def questions(rows: list[Example]) -> list[str]:
    return [one.question for one in rows]


def test_rows_come_in_the_order_of_the_shards_and_stages(tmp_path: Path) -> None:
    work = left(tmp_path)
    assert questions([*files.of_passages(work)]) == ["First?", "Second?"]
    assert questions([*files.rows(work)]) == ["First?", "Second?", "Both?", "All?"]
    assert [one.reason for one in files.rejections(work)] == ["First?", "Second?", "several", "whole"]


def test_what_was_written_is_told_by_kind_and_side_and_each_once(tmp_path: Path) -> None:
    work = left(tmp_path)
    files.keep(work, files.CONTRASTS, [Written([row("Stranger?", kind="unanswerable")], [])])
    files.keep(work, files.COMPUTED, [Written([row("How many?", kind="multi_hop")], [])])
    found = [*files.written(work)]
    assert found[:4] == [("local", "person", 2), ("local", "date", 1)] * 2
    assert found[4:] == [
        ("multi_hop", "", 1),
        ("multi_hop", "", 1),
        ("global", "", 1),
        ("global", "", 1),
        ("unanswerable", "", 1),
        ("multi_hop", "", 1),
    ]

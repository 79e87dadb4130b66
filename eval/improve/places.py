"""How a loop begins after an earlier one, and how its adapter takes its place: a kill leaves neither half done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from agents.files import each_item, file_hash, read_json, take_place, write_jsonl, write_text
from agents.models.kept import FILE as CALLS
from agents.project import Project
from eval.improve.facts import FactRow
from eval.improve.rounds import FURTHER, STATE, Improved, further_files, write_state
from tuning.model import CARD, WEIGHTS

ASIDE, BEGUN = ".adapter.improved", ".improve.begun"


def begin(project: Project, folder: Path, state: Improved) -> None:
    """A folder with the run's adapter as that of round 0, and what an earlier loop trained it on and paid for."""
    aside = project.run_dir / BEGUN
    shutil.rmtree(aside, ignore_errors=True)
    start = aside / "round-0" / "adapter"
    shutil.copytree(project.adapter_dir, start)
    card = read_json(start / CARD, dict[str, Any], "run `ragtuned tune` again")
    if before := card.get("improved"):
        trained = {row.id: row for path in further_files(folder, before["rounds"]) for row in each_item(path, FactRow)}
        write_jsonl(aside / "round-0" / FURTHER, trained.values())
        _write_card(start, card | {"improved": {**before, "rounds": 0}})
    if (folder / CALLS).is_file():
        shutil.copy(folder / CALLS, aside)
    write_state(aside, state)  # the last: a folder that holds it is whole
    take_place(aside, folder)


def count_from_here(project: Project, folder: Path, state: Improved) -> None:
    """The card of the adapter that the loop began with counts the rounds of this loop, not those of an earlier one."""
    if file_hash(project.adapter_dir / WEIGHTS) != state.start_sha256:
        return
    do = f"remove {folder}: the loop begins anew"
    start, card = (
        read_json(at / CARD, dict[str, Any], do) for at in (folder / "round-0" / "adapter", project.adapter_dir)
    )
    if start.get("improved") != card.get("improved") and "improved" in start:
        _write_card(project.adapter_dir, card | {"improved": start["improved"]})


def put_in_place(project: Project, folder: Path, state: Improved) -> None:
    """The best round's adapter becomes the run's, if it is not already; `tune` still takes it for its own."""
    if file_hash(project.adapter_dir / WEIGHTS) == state.kept_sha256:
        return
    aside = project.run_dir / ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(folder / f"round-{state.kept}" / "adapter", aside)
    do = f"remove {folder}: the loop begins anew"
    tuned, card = (read_json(path / CARD, dict[str, Any], do) for path in (folder / "round-0" / "adapter", aside))
    known = state.rounds[state.kept].known
    card |= {
        "fingerprint": tuned.get("fingerprint"),
        "improved": {"rounds": state.kept, "known": known.hits, "probed": known.n},
    }
    _write_card(aside, card)
    take_place(aside, project.adapter_dir)


def after_a_kill(project: Project, folder: Path) -> None:
    """While an adapter or a folder takes the place of another there may be none in place, and the new one is whole."""
    for aside, place, mark in ((ASIDE, project.adapter_dir, WEIGHTS), (BEGUN, folder, STATE)):
        if (project.run_dir / aside / mark).is_file() and not (place / mark).is_file():
            take_place(project.run_dir / aside, place)


def _write_card(adapter: Path, card: dict[str, Any]) -> None:
    write_text(adapter / CARD, json.dumps(card, indent=2, ensure_ascii=False) + "\n")

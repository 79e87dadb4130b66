"""`improve`: probe every fact closed book, train on what is not known, and stop when it no longer pays.

The critic loop closed through the student: synthesis writes what a critic lets pass, and here the student itself tells
what it still lacks. A kill at any moment loses at most the step under way: each round has a folder with its rows, its
adapter (whose training goes on from its own checkpoint) and its answers.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import DeadAdapter, InputError
from agents.files import each_item, file_hash, read_jsonl, write_jsonl
from agents.project import Project
from agents.records import Item, split_answer
from eval.contestants.answering import Student
from eval.evaluate import check_adapter_there
from eval.improve.facts import FactRow, FactRows, facts_of, other_rows
from eval.improve.places import after_a_kill, begin, count_from_here, put_in_place
from eval.improve.rounds import (
    FURTHER,
    Improved,
    Probed,
    Round,
    further_files,
    gained,
    read_state,
    round_rows,
    why_ended,
    write_state,
)
from eval.improve.settings import ImproveConfig
from eval.marks.agreement import agrees
from eval.session import settings
from eval.statistics import proportion
from tuning.distill import CONTEXTS
from tuning.model import WEIGHTS

BATCH = 32  # questions asked at once: as many as pay on two cores (tuning/model.py)
ROWS, ANSWERS, WRITTEN = "train.jsonl", "probes.jsonl", "written.jsonl"
Write = Callable[[Sequence[FactRows], int], Sequence[FactRow]]
"""Makes at most so many further rows of each of the facts."""
Load = Callable[[Path], Student]
Train = Callable[[Path, Path, Path], Any]
"""Tunes on a file of rows, into a folder, on from the adapter in another."""


class Written(Item):
    """What the teacher wrote for a fact; nothing, if none of it held."""

    fact: str
    rows: list[FactRow]


def improve(
    project: Project,
    config: ImproveConfig,
    load: Load,
    train: Train,
    console: Console,
    write: Write | None = None,
) -> Improved:
    """Go through rounds until the student knows enough, and leave the best adapter in the place of the run's.

    `load` opens the student with an adapter, `train` goes on from one, `write` makes rows where none is left. A loop
    that was killed goes on where it stood.

    Raises:
        InputError: no adapter, no rows, or no fact with a question that was not trained.

    """
    folder = project.run_dir / "improve"
    after_a_kill(project, folder)
    check_adapter_there(project)
    facts = facts_of(project.data_dir)
    probed = [fact for fact in facts if fact.probe]
    if not probed:
        raise InputError(
            f"none of {len(facts)} facts has a checked question that was not trained",
            "lower [synthesis] rows_per_fact, so that some are left to ask, and run `ragtuned synthesize` again",
        )
    state = _opened(project, folder, config, facts, len(probed))
    count_from_here(project, folder, state)
    console.say(f"{len(facts)} facts, {len(probed)} of them with a question that was not trained")
    while not state.ended:
        facts = _supplied(folder, config, facts, state, write)
        state = _step(project, folder, config, facts, state, load, train, console)
    put_in_place(project, folder, state)
    console.table(
        "what the student knows", ["round", "known", "further rows", "gain"], [_line(r) for r in state.rounds]
    )
    console.say(f"ended: {state.ended}; the adapter is that of round {state.kept}")
    return state


def _opened(project: Project, folder: Path, config: ImproveConfig, facts: list[FactRows], probed: int) -> Improved:
    """Where the loop stands; at its begin, a copy of the run's adapter as that of round 0."""
    recipe = project.config["tuning"].model_dump()
    rows = [[row.id for row in (*fact.trained, *fact.reserve)] + [fact.probe and fact.probe.id] for fact in facts]
    fingerprint = hashlib.sha256(json.dumps([config.model_dump(), recipe, rows]).encode()).hexdigest()
    now = file_hash(project.adapter_dir / WEIGHTS)
    if found := read_state(folder, fingerprint, now):
        return found
    state = Improved(fingerprint=fingerprint, start_sha256=now, facts=len(facts), probed=probed)
    begin(project, folder, state)
    return state


def _step(
    project: Project,
    folder: Path,
    config: ImproveConfig,
    facts: list[FactRows],
    state: Improved,
    load: Load,
    train: Train,
    console: Console,
) -> Improved:
    """One round: its rows, its training, its probes; or the end."""
    number, started = len(state.rounds), time.monotonic()
    here, before = folder / f"round-{number}", folder / f"round-{number - 1}"
    further, rows, then = [], [], []
    if number:
        further, rows = _rows(folder, config, facts, state, other_rows(project.data_dir))
        if not further:
            return _ended(folder, state, "no further row is left for what is not known")
        if not (here / "adapter" / WEIGHTS).is_file():
            write_jsonl(here / FURTHER, further)
            write_jsonl(here / ROWS, rows)
            _share(project, here)
            try:
                train(here / ROWS, here / "adapter", before / "adapter")
            except DeadAdapter as error:
                return _ended(folder, state, f"round {number} made a dead adapter ({error.what})")
        then = read_jsonl(before / ANSWERS, Probed)
    told = _probe(project, here, facts, load, console)
    one = Round(
        number=number,
        known=proportion(probed.known for probed in told),
        further=len(further),
        rows=len(rows),
        seconds=round(time.monotonic() - started, 1),
        gain=gained(told, then),
    )
    state = state.model_copy(update={"rounds": [*state.rounds, one]})
    console.say(f"round {number}: {one.known.hits} of {one.known.n} facts are known")
    if why := why_ended(state, config):
        return _ended(folder, state, why)
    write_state(folder, state)
    return state


def _supplied(
    folder: Path, config: ImproveConfig, facts: list[FactRows], state: Improved, write: Write | None
) -> list[FactRows]:
    """The facts with the rows that were written for them; those that are unknown and have no row left are written for.

    Once each: a teacher that has no more to say is not asked again.
    """
    if not write or not state.rounds:
        return facts
    path = folder / WRITTEN
    made = read_jsonl(path, Written) if path.is_file() else []
    used = _used(folder, len(state.rounds))
    told = {one.fact: one.known for one in read_jsonl(folder / f"round-{len(state.rounds) - 1}" / ANSWERS, Probed)}
    asked = {one.fact for one in made}
    empty = [
        fact
        for fact in facts
        if told.get(fact.id) is False and fact.id not in asked and all(row.id in used for row in fact.reserve)
    ]
    if empty:
        rows = write(empty, config.write)
        made += [Written(fact=fact.id, rows=[row for row in rows if row.fact == fact.id]) for fact in empty]
        write_jsonl(path, made)
    new = {one.fact: one.rows for one in made}
    known = {row.id for fact in facts for row in fact.reserve}
    return [
        replace(fact, reserve=[*fact.reserve, *(row for row in new.get(fact.id, []) if row.id not in known)])
        for fact in facts
    ]


def _used(folder: Path, rounds: int) -> set[str]:
    """The ids of the further rows of the rounds before, and of the loop before: none of them is new to the student."""
    return {row.id for path in further_files(folder, rounds - 1) for row in each_item(path, FactRow)}


def _rows(
    folder: Path, config: ImproveConfig, facts: list[FactRows], state: Improved, others: list[FactRow]
) -> tuple[list[FactRow], list[FactRow]]:
    """The further rows and all rows of the next round."""
    number = len(state.rounds)
    told = read_jsonl(folder / f"round-{number - 1}" / ANSWERS, Probed)
    used = _used(folder, number)
    left = config.rows - sum(one.further for one in state.rounds) if config.rows else 0
    return round_rows(facts, {one.fact: one.known for one in told}, used, config, left, number, others)


def _probe(project: Project, here: Path, facts: Sequence[FactRows], load: Load, console: Console) -> list[Probed]:
    """Ask the adapter of a round about every fact; what it answered before a kill is not asked again."""
    if (here / ANSWERS).is_file():
        return read_jsonl(here / ANSWERS, Probed)
    probes = [fact.probe for fact in facts if fact.probe]
    student, most = load(here / "adapter"), settings(project)[1].max_new_tokens
    said: list[str] = []
    with console.stage("probes", len(probes)) as stage:
        for start in range(0, len(probes), BATCH):
            prompts = [row.messages[:-1] for row in probes[start : start + BATCH]]
            said += [split_answer(one.text)[1] for one in student.generate(prompts, most, BATCH)]
            stage.count("answered", len(prompts))
    told = [
        Probed(
            fact=row.fact,
            question=row.question,
            reference=row.answer,
            answer=text,
            known=agrees(text, row.question, row.answer),
        )
        for row, text in zip(probes, said, strict=True)
    ]
    write_jsonl(here / ANSWERS, told)
    return told


def _share(project: Project, here: Path) -> None:
    """What does not change from round to round: the student's own general answers, and what rows were written from."""
    for name in ("replay.jsonl", CONTEXTS):
        if (project.data_dir / name).is_file():
            shutil.copyfile(project.data_dir / name, here / name)


def _ended(folder: Path, state: Improved, why: str) -> Improved:
    best = state.best.number
    adapter = folder / f"round-{best}" / "adapter" / WEIGHTS
    state = state.model_copy(update={"ended": why, "kept": best, "kept_sha256": file_hash(adapter)})
    write_state(folder, state)
    return state


def _line(one: Any) -> list[str]:
    gain = f"{one.gain.difference:+.0%} [{one.gain.low:+.0%}, {one.gain.high:+.0%}]" if one.gain else "–"
    return [str(one.number), f"{one.known.hits}/{one.known.n}  {one.known.share:.0%}", str(one.further), gain]

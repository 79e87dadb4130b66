"""What a round trains, what it came to, and when the loop ends; improve.json keeps it after every step."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.files import read_json, write_text
from agents.records import Item
from eval.improve.facts import FactRow, FactRows
from eval.improve.settings import ImproveConfig
from eval.statistics import Interval, Proportion, difference

FURTHER = "further.jsonl"
STATE = "improve.json"


def further_files(folder: Path, rounds: int) -> list[Path]:
    """The further rows that an adapter of so many rounds was trained on; those of round 0 are of an earlier loop."""
    return [path for n in range(rounds + 1) if (path := folder / f"round-{n}" / FURTHER).is_file()]


class Probed(Item):
    """What the student answered to the probe of a fact, closed book, and whether that agrees with the row."""

    fact: str
    question: str
    reference: str
    answer: str
    known: bool


class Round(Item):
    """One pass of the loop; round 0 probes what `tune` left.

    `further` rows are new to the student, `rows` are all that the round trained, with those of the unknown facts
    before and rehearsal. `gain` is the change of the share known against the round before, paired by fact.
    """

    number: int
    known: Proportion
    further: int = 0
    rows: int = 0
    seconds: float = 0.0
    gain: Interval | None = None


class Improved(Item):
    """The loop as it stands: `kept` is the round whose adapter is in place, `ended` why it ended, empty under way."""

    fingerprint: str
    start_sha256: str
    facts: int
    probed: int
    rounds: list[Round] = []
    ended: str = ""
    kept: int = 0
    kept_sha256: str = ""

    @property
    def best(self) -> Round:
        """The round that knew most, the first of several."""
        return max(self.rounds, key=lambda one: (one.known.hits, -one.number))


def read_state(folder: Path, fingerprint: str, adapter_sha256: str) -> Improved | None:
    """Where an earlier start stood; None if it was of other rows, settings or another adapter than the one in place."""
    path = folder / STATE
    if not path.is_file():
        return None
    found = read_json(path, Improved, f"remove {folder}: the loop begins anew")
    mine = found.fingerprint == fingerprint and adapter_sha256 in (found.start_sha256, found.kept_sha256)
    return found if mine else None


def write_state(folder: Path, state: Improved) -> None:
    """Keep it."""
    write_text(folder / STATE, state.model_dump_json(indent=2) + "\n")


def gained(told: Sequence[Probed], before: Sequence[Probed]) -> Interval | None:
    """The change of the share known, paired by fact; None of round 0, which has none before it."""
    leads = [int(now.known) - int(then.known) for now, then in zip(told, before, strict=True)] if before else []
    return difference([leads], [one.fact for one in told]) if leads else None


def why_ended(state: Improved, config: ImproveConfig) -> str:
    """Why no further round is worth it, or nothing."""
    last = state.rounds[-1]
    if (last.known.share or 0) >= config.known_target:
        return f"known_target = {config.known_target:g} is reached"
    if last.gain and last.gain.low <= 0:
        return f"round {last.number} helped less than its interval"
    if last.number >= config.rounds:
        return f"rounds = {config.rounds} are done"
    if config.rows and sum(one.further for one in state.rounds) >= config.rows:
        return f"rows = {config.rows} are used up"
    return ""


def round_rows(
    facts: Sequence[FactRows],
    known: Mapping[str, bool],
    used: set[str],
    config: ImproveConfig,
    left: int,
    seed: int,
    others: Sequence[FactRow] = (),
) -> tuple[list[FactRow], list[FactRow]]:
    """The further rows of the unknown facts, and all rows of the round, these included.

    Each unknown fact gets its next rows out of the reserve, one each before any gets its second, at most `left`
    together (0 or less: no limit), and all its rows of before. Of the known facts one row each is rehearsed, and
    of the `others` (refusals, the whole) as many as stood beside so many rows of facts before, both drawn by `seed`: so
    that they stay known. `used` holds the ids of further rows of the rounds before.
    """
    unknown = [fact for fact in facts if known.get(fact.id) is False]
    waiting = [[row for row in fact.reserve if row.id not in used][: config.rows_per_fact] for fact in unknown]
    turns = [rows[turn] for turn in range(config.rows_per_fact) for rows in waiting if turn < len(rows)]
    further = turns[:left] if left > 0 else turns
    if not further:
        return [], []
    before = [row for fact in unknown for row in [*fact.trained, *(r for r in fact.reserve if r.id in used)]]
    draw = random.Random(f"rehearsal {seed}")
    rehearsed = [draw.choice(fact.trained) for fact in facts if known.get(fact.id)]
    draw.shuffle(rehearsed)
    most = int(config.rehearsal * (len(before) + len(further)))
    rows = [*before, *further, *rehearsed[:most]]
    share = len(others) / sum(len(fact.trained) for fact in facts)
    return further, [*rows, *draw.sample(list(others), min(len(others), round(share * len(rows))))]

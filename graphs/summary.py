"""A plan and the record of a run as a person reads them in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agents.console import Console
from agents.last_words import here
from graphs.corpus.documents import account
from graphs.lost import lines as lost_lines
from graphs.plan import StagePlan, total
from graphs.run_record import RunRecord


def show_plan(console: Console, title: str, stages: list[StagePlan]) -> dict[str, Any]:
    """Print the plan as a table with its sum; return it as an object for a program."""
    sums, models = total(stages), sorted({s.model for s in stages})
    rows = [_row(s.stage, asdict(s), s.model) for s in stages] + [_row("all", sums, "")]
    header, several = ["stage", "calls", "tokens in", "tokens out", "USD", "hours", "model"], len(models) > 1
    console.table(
        " — ".join([title, *([] if several else models)]),
        header if several else header[:-1],
        [row if several else row[:-1] for row in rows],
    )
    if sums["batch_cost"]:
        console.say(f"in batches (`--batch`): {_money(sums['batch_cost'])} USD")
    if sums["cost"] is None:
        console.say("prices are not known: set price_in and price_out (USD for a million tokens) under [models.NAME]")
    if sums["hours"] is None:
        doctor = here("ragtuned doctor", console.directory, console.run)
        console.say(f"hours are not known before a model was asked: `{doctor}` asks it")
    return {"total": sums, "stages": [asdict(s) for s in stages]}


def show_batch(console: Console, batch: Mapping[str, Any]) -> None:
    """Print which requests were written, for which roles, what they can take at most, and what else is to be known."""
    for file in batch["files"]:
        console.say(f"{file['path']}: {file['requests']:,} requests to {file['model']}")
    rows = [[role, f"{count:,}"] for role, count in batch["by_role"].items()]
    console.table("requests of this round", ["role", "requests"], rows)
    cost = "? USD" if batch["cost"] is None else f"{batch['cost']:.2f} USD at the price of a batch"
    tokens_in, tokens_out = batch["tokens_in"], batch["tokens_out"]
    console.say(f"at most {tokens_in:,} tokens in and {tokens_out:,} out (estimates), {cost}")
    if again := batch["written_before"]:
        first = f"{again:,} of them were written before (since {batch['first_written']}) and have no reply yet"
        console.say(f"{first}: if that batch is still out, import its results first, or they are paid for twice")
    if batch["held_back"]:
        console.say(f"held back by the caps of this start: {batch['held_back']:,} requests more")
    console.say("next: send it as a batch (docs/batches.md), and put its results into results.jsonl")


def show_record(console: Console, record: RunRecord) -> None:
    """Print what a run came to: files, questions, coverage, rows, calls against the plan, reasons of rejections."""
    items, start = record.items, record.start
    console.say(account(items, record.left_out))
    console.say(record.account)
    reached = ", ".join(f"{n} of {of} {name}" for name, (n, of) in record.coverage.kept.items())
    console.say(f"reached by kept rows: {reached}")
    if "review_accepted" in items:
        decided = ", ".join(f"{items[f'review_{name}']} {name}" for name in ("accepted", "edited", "rejected"))
        console.say(f"review: {decided} by a person")
    rows = ", ".join(f"{n} {name}" for name, n in record.rows.items())
    console.say(f"facts trained: {record.facts_trained}; rows: {rows}")
    if not record.unchanged:
        console.say(
            f"calls: {start.asked:,} asked, {start.from_store:,} from the store, {start.called:,} made; "
            f"tokens {start.tokens_in:,} in, {start.tokens_out:,} out; {_spent(start.cost)}"
        )
        if start.estimated:
            console.say(f"tokens of {start.estimated:,} of these replies are estimates: the server states none")
    if record.lost:
        console.say("left out, since a call for it failed:")
    for line in lost_lines(record.lost):
        console.say(f"  {line}")
    planned, tokens, fact = record.plan, record.tokens, record.per_fact
    each = f"{fact.calls:.1f} calls and {fact.tokens:,.0f} tokens"
    console.say(f"a kept fact took {each} ({fact.facts} facts, each counted once)")
    console.say(
        f"against the plan: {record.calls:,} of {_span(planned.calls)} calls, "
        f"{tokens.in_:,} of {_span(planned.tokens_in)} tokens in, "
        f"{tokens.out:,} of {_span(planned.tokens_out)} out, "
        f"{_spent(record.cost).removesuffix(' USD')} of {_money(planned.cost)} USD"
    )
    console.table(
        "rejected, by gate and reason",
        ["gate: reason", "rows"],
        [[reason, str(n)] for reason, n in record.reasons.items()],
    )


def _row(name: str, of: Mapping[str, Any], model: str) -> list[str]:
    spans = [_span(of[key]) for key in ("calls", "tokens_in", "tokens_out")]
    return [name, *spans, _money(of["cost"]), _money(of["hours"]), model]


def _span(pair: Sequence[int]) -> str:
    return f"{pair[0]:,} – {pair[1]:,}"


def _spent(cost: float | None) -> str:
    return "? USD" if cost is None else f"{cost:.2f} USD"


def _money(pair: Sequence[float] | None) -> str:
    return "?" if pair is None else f"{pair[0]:,.2f} – {pair[1]:,.2f}"

"""How well the critic finds planted faults.

Detection and false alarms by fault and by gate, thresholds from one half of the documents.

python -m bench.quality.critic examples/demo PROJECT --count 200
python -m bench.quality.critic examples/demo PROJECT --items .cache/critic-items.jsonl   # without wrong good lines

Each PROJECT is a folder with a finished run. The run's own critic is asked, through the project's call store: what is
interrupted goes on, and nothing is paid twice. All gates are asked of every item, not only up to the first failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.console import Console
from agents.errors import InputError, RagtunedError
from agents.files import read_jsonl, write_jsonl
from bench.measurement import ROOT, write_result
from bench.quality.critic_scores import measure, most_calls
from bench.quality.finished_runs import Finished, finished
from bench.quality.planted_faults import Planted
from bench.quality.planted_items import plant, struck

ITEMS = ROOT / ".cache" / "critic-items.jsonl"
SECONDS_A_CALL = 2.3  # of the embedded teacher on two cores, with a page in the prompt
HALVES = ("set", "report")


def open_runs(projects: Sequence[Path]) -> dict[str, Finished]:
    """The runs by the names of their folders. Raises `InputError` if two have the same."""
    runs = {run.name: run for run in map(finished, projects)}
    if len(runs) < len(projects):
        raise InputError("two projects have the same name", "rename one of the folders")
    return runs


def read_items(path: Path, runs: Mapping[str, Finished]) -> list[Planted]:
    """The items of `path` but those planted into a good row whose line is gone.

    Raises `InputError` for an item of no run of `runs`.
    """
    items = struck(read_jsonl(path, Planted))
    if strangers := {item.corpus for item in items} - set(runs):
        raise InputError(
            f"{path} holds items of {', '.join(sorted(strangers))}", "name the projects that they were planted from"
        )
    return items


def main(
    projects: Annotated[list[Path], typer.Argument(help="Folders with a finished run: PROJECT, or PROJECT/runs/NAME.")],
    count: Annotated[int, typer.Option(min=1, help="Items to plant, good ones included.")] = 200,
    items: Annotated[
        Path | None, typer.Option(help="Judge the items of this file, as they stand now, instead of planting.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say how many calls it takes, and ask nothing.")] = False,
    seed: int = 0,
    out: Annotated[Path | None, typer.Option(help="The file to write; bench/results/critic.json if not named.")] = None,
) -> None:
    """Plant faults in good rows, ask the critic about all of them, and say what it finds."""
    runs = open_runs(projects)
    chosen = read_items(items, runs) if items else plant(list(runs.values()), count, seed)
    if not items:
        write_jsonl(ITEMS, chosen)
    calls = most_calls(chosen, runs)
    print(
        (
            f"{len(chosen)} items of {items or ITEMS}: at most {calls} calls, about {calls * SECONDS_A_CALL / 60:.0f} "
            "minutes"
        ),
        flush=True,
    )
    if plan:
        return
    found = measure(chosen, runs, Console())
    show(found)
    write_result(
        "critic",
        {
            "seed": seed,
            "items": counts(chosen),
            "corpora": {name: _corpus(run, chosen) for name, run in runs.items()},
            **found,
        },
        out,
    )


def counts(items: Sequence[Planted]) -> dict[str, dict[str, int]]:
    """How many of each fault in each half."""
    return {
        fault: {half: sum((i.fault, i.half) == (fault, half) for i in items) for half in HALVES}
        for fault in dict.fromkeys(i.fault for i in items)
    }


def _corpus(run: Finished, items: Sequence[Planted]) -> dict[str, Any]:
    halves = {half: sorted({i.document for i in items if (i.corpus, i.half) == (run.name, half)}) for half in HALVES}
    return {"run": run.project.run, "documents": halves, "items": sum(i.corpus == run.name for i in items)}


def show(found: Mapping[str, Any]) -> None:
    """The tables for a person."""
    console = Console()
    for name in ("at_shipped_thresholds", "at_set_thresholds"):
        columns = list(next(iter(found[name].values())))
        rows = [
            [fault, *(f"{cells[c]['hits']}/{cells[c]['n']}" for c in columns)] for fault, cells in found[name].items()
        ]
        console.table(f"stopped, {name.replace('_', ' ')} (of good rows: false alarms)", ["", *columns], rows)
    gates = [
        [gate, *("" if told[key] is None else f"{told[key]:.2f}" for key in ("set", "auc"))]
        for gate, told in found["gates"].items()
    ]
    console.table("gates", ["gate", "threshold set", "AUC"], gates)
    console.say(str({name: told for name, told in found["calls"].items() if name != "tokens_in_out"}))


if __name__ == "__main__":
    try:
        typer.run(main)
    except RagtunedError as error:
        raise SystemExit(f"error: {error}") from None

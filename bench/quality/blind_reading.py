"""Faithfulness by blind reading: rows of several runs in one shuffled sheet, each with its passages.

The counts when it is filled.

python -m bench.quality.blind_reading draw ours=PROJECT/runs/main paper=PROJECT/runs/paper --rows 60 --sheet blind.md
python -m bench.quality.blind_reading count blind.md

A reader writes faithful, not faithful or cannot tell after every "verdict:". Which row is of which run stands in
blind.md.key.json alone, which is not to be opened before; `count` tells nothing while one verdict is missing.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.console import Console
from agents.errors import InputError, RagtunedError
from agents.files import write_text
from agents.records import MADE_BY_RULE, Example
from agents.text.printable import markdown
from bench.measurement import write_result
from bench.quality.finished_runs import Finished, finished
from eval.statistics import proportion

VERDICTS = ("faithful", "not faithful", "cannot tell")
VERDICT = re.compile(r"^verdict:(.*)$", re.MULTILINE)
ROW = re.compile(r"^## row (\d+)$", re.MULTILINE)
HEAD = """# {count} rows to judge

Read question and answer, then the passages under them. After `verdict:` write
- `faithful`: everything that the answer says is said by the passages, and it answers the question;
- `not faithful`: something in it is not said by them, or is said otherwise, or it answers another question;
- `cannot tell`: the row or the passages do not let you decide.
Nothing but the passages counts. Leave the rest of the sheet as it is.
"""


def draw(run: Finished, rows: int, seed: int) -> list[Example]:
    """`rows` rows that a model wrote for training, or all if there are fewer.

    One a fact, so that few answers are read twice; a second of each only where there are fewer facts than `rows`.
    """
    facts: dict[str, list[Example]] = {}
    for row in sorted(run.rows, key=lambda r: r.id):
        if row.split == "train" and row.kind != "unanswerable" and row.source.role not in MADE_BY_RULE:
            facts.setdefault(row.fact, []).append(row)
    rng = random.Random(f"{seed} {run.project.run}")
    shuffled = [rng.sample(facts[fact], len(facts[fact])) for fact in rng.sample(sorted(facts), len(facts))]
    return list(islice((row for turn in zip_longest(*shuffled) for row in turn if row), rows))


def page(number: int, run: Finished, row: Example, taught: str) -> str:
    """A row of the sheet.

    Every line of the corpus and of the model stands behind "> ", so that none can be taken for the sheet's own.
    """
    passages = "\n\n".join(
        f"**{markdown(run.documents[c.document_id].title)}**\n\n{_quoted(c.text)}"
        for c in (run.chunks[cid] for cid in row.source.chunks)
    )
    return (
        f"## row {number}\n\nquestion\n{_quoted(row.question)}\n\nanswer\n{_quoted(taught)}\n\nverdict:\n\n"
        f"passages\n\n{passages}\n"
    )


def _quoted(text: str) -> str:
    """Behind "> ", and without tags: a comment that is left open would hide what follows where the sheet is shown."""
    return "\n".join("> " + line.replace("<", "\\<") for line in text.splitlines())


def taught_by(run: Finished) -> dict[str, str]:
    """What each training row teaches: the assistant's text, by the row's id."""
    lines = (run.project.data_dir / "train.jsonl").read_text(encoding="utf-8").split("\n")
    return {row["id"]: row["messages"][-1]["content"] for row in map(json.loads, filter(None, lines))}


def sheet_of(runs: Mapping[str, Finished], rows: int, seed: int) -> tuple[str, list[dict[str, str]]]:
    """The sheet's text, and its key: the run and the id of each row in the sheet's order."""
    taught = {label: taught_by(run) for label, run in runs.items()}
    drawn = [(label, row) for label, run in runs.items() for row in draw(run, rows, seed)]
    random.Random(seed).shuffle(drawn)
    pages = [page(n, runs[label], row, taught[label][row.id]) for n, (label, row) in enumerate(drawn, 1)]
    return "\n".join([HEAD.format(count=len(drawn)), *pages]), [{"run": label, "id": row.id} for label, row in drawn]


def read_verdicts(text: str) -> list[str]:
    """The verdict of every row, in order. Raises `InputError` naming the rows that have none, or another word."""
    parts = ROW.split(text)[1:]
    found = {
        int(number): [v.strip().lower() for v in VERDICT.findall(body)]
        for number, body in zip(parts[::2], parts[1::2], strict=True)
    }
    if wrong := [
        number for number, verdicts in sorted(found.items()) if len(verdicts) != 1 or verdicts[0] not in VERDICTS
    ]:
        raise InputError(f"no verdict yet for row {', '.join(map(str, wrong))}", f"write one of: {', '.join(VERDICTS)}")
    return [found[number][0] for number in sorted(found)]


def counted(verdicts: Sequence[str], key: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """By run: each verdict's share of its rows with a Wilson interval."""
    if len(verdicts) != len(key):
        raise InputError(f"the sheet has {len(verdicts)} rows and its key {len(key)}", "they are not of one drawing")
    by_run = {
        run: [v for v, row in zip(verdicts, key, strict=True) if row["run"] == run]
        for run in dict.fromkeys(row["run"] for row in key)
    }
    return {
        run: {name: proportion(v == name for v in said).model_dump() for name in VERDICTS}
        for run, said in sorted(by_run.items())
    }


app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Faithfulness by blind reading."
)


@app.command("draw")
def draw_sheet(
    runs: Annotated[list[str], typer.Argument(help="LABEL=FOLDER of each run: PROJECT or PROJECT/runs/NAME.")],
    sheet: Annotated[Path, typer.Option(help="The Markdown file to write.")],
    rows: Annotated[int, typer.Option(min=1, help="Rows of each run.")] = 60,
    seed: int = 0,
) -> None:
    """Write a sheet of shuffled rows without labels, and its key beside it."""
    if sheet.exists():
        raise InputError(f"{sheet} exists already", "a sheet is not drawn over another: name a new file")
    named = dict(_labelled(run) for run in runs)
    if len(named) < max(2, len(runs)):
        raise InputError("a blind reading needs two runs with different labels", "LABEL=FOLDER LABEL=FOLDER")
    text, key = sheet_of(named, rows, seed)
    write_text(sheet, text)
    write_text(_key(sheet), json.dumps({"seed": seed, "rows": key}, indent=2) + "\n")
    print(
        f"{sheet}: {len(key)} rows; when every verdict is written: python -m bench.quality.blind_reading count {sheet}"
    )


def _labelled(run: str) -> tuple[str, Finished]:
    label, sign, folder = run.partition("=")
    if not (label and sign and folder):
        raise InputError(f"{run!r} is not LABEL=FOLDER", "ours=PROJECT/runs/main")
    return label, finished(Path(folder))


def _key(sheet: Path) -> Path:
    return sheet.with_name(f"{sheet.name}.key.json")


@app.command("count")
def count_sheet(
    sheet: Path,
    out: Annotated[Path | None, typer.Option(help="The file to write; bench/results/blind.json if not named.")] = None,
) -> None:
    """Say what the reader found, run by run; nothing while a verdict is missing."""
    verdicts = read_verdicts(sheet.read_text(encoding="utf-8"))
    found = counted(verdicts, json.loads(_key(sheet).read_text(encoding="utf-8"))["rows"])
    cells = [
        [run, *(f"{c['hits']}/{c['n']} ({c['low']:.0%}–{c['high']:.0%})" for c in told.values())]
        for run, told in found.items()
    ]
    Console().table("blind reading, 95 % Wilson intervals", ["run", *VERDICTS], cells)
    write_result("blind", {"runs": found}, out)


if __name__ == "__main__":
    try:
        app()
    except RagtunedError as error:
        raise SystemExit(f"error: {error}") from None

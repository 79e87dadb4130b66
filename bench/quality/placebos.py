"""Training rows that must teach nothing of the documents: tuned on them, a student may not know more than before.

python -m bench.quality.placebos permuted PROJECT placebo            # answers exchanged within their type
python -m bench.quality.placebos other PROJECT placebo --rows FILE   # the rows of another corpus

Each makes runs/NAME with the graph, the held-out questions and the validation rows of the run it is made from; then
`ragtuned tune --run NAME` and `ragtuned eval --run NAME`. The type of an answer is its row's kind and whether it is a
number, a name or words, so that a permuted row is as plausible as a true one. Rows of general knowledge and refusals
stay: they say nothing of the documents.
"""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from agents.console import DEFAULT_RUN
from agents.errors import InputError
from agents.files import write_jsonl
from agents.records import split_answer
from agents.text.numbers import numbers_in
from tuning.dataset import read_rows

Row = dict[str, Any]
UNTOUCHED = frozenset({"replay", "unanswerable", "document"})


def permuted(rows: Sequence[Mapping[str, Any]], seed: int = 0) -> list[Row]:
    """The rows with their answers exchanged within each type; an answer alone of its type is left out.

    Equal answers count as one, and all rows of one answer get the same other one, so that a wrong fact is told as
    consistently as the true one was.
    """
    kept: list[Row] = []
    groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("kind") in UNTOUCHED:
            kept.append(dict(row))
        else:
            groups[str(row.get("kind")), shape(answer_of(row))].append(dict(row))
    for kind in sorted(groups):
        answers = sorted({answer_of(row) for row in groups[kind]})
        if len(answers) < 2:
            continue
        random.Random(f"{seed} {kind}").shuffle(answers)
        other = dict(zip(answers, [*answers[1:], answers[0]], strict=True))
        kept += [_answered(row, other[answer_of(row)]) for row in groups[kind]]
    return sorted(kept, key=lambda row: str(row.get("id")))


def shape(answer: str) -> Literal["number", "name", "words"]:
    """What an answer looks like."""
    if numbers_in(answer):
        return "number"
    said = answer.strip(" .").split()
    return "name" if said and all(word[:1].isupper() for word in said) else "words"


def answer_of(row: Mapping[str, Any]) -> str:
    """What the row teaches to say, without its reasoning."""
    return split_answer(row["messages"][-1]["content"])[1]


def _answered(row: Row, answer: str) -> Row:
    *before, last = row["messages"]
    return {**row, "messages": [*before, {**last, "content": answer}]}


def new_run(source: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    """runs/NAME beside `source`, with its graph and held-out questions and these rows to train.

    Raises `InputError` where NAME is there already or no row is left.
    """
    target = source.parent / name
    if target.exists():
        raise InputError(f"{target} is there already", "take another name")
    if not rows:
        raise InputError("no row is left: every answer is alone of its type", "take a larger training set")
    shutil.copytree(source / "graph", target / "graph")
    (target / "data").mkdir()
    for file in ("heldout.jsonl", "validation.jsonl"):
        if (source / "data" / file).is_file():
            shutil.copy2(source / "data" / file, target / "data" / file)
    write_jsonl(target / "data" / "train.jsonl", [dict(row) for row in rows])
    return target


def main(
    kind: Annotated[str, typer.Argument(help="permuted or other.")],
    project: Annotated[Path, typer.Argument(help="The project's folder.")],
    name: Annotated[str, typer.Argument(help="Name of the new run.")],
    run: Annotated[str, typer.Option(help="The run it is made from.")] = DEFAULT_RUN,
    rows: Annotated[Path | None, typer.Option(help="train.jsonl of another corpus, for other.")] = None,
    seed: Annotated[int, typer.Option(help="Of the exchange.")] = 0,
) -> None:
    """Make the run of a placebo."""
    if kind not in ("permuted", "other") or (kind == "other") != (rows is not None):
        raise InputError(f"{kind} with --rows {rows}", "it is permuted without --rows, or other with them")
    source = project / "runs" / run
    made = [row.model_dump() for row in read_rows(rows or source / "data" / "train.jsonl")]
    target = new_run(source, name, made if rows else permuted(made, seed))
    print(f"{target}: next: ragtuned tune --run {name}; ragtuned eval --run {name}")


if __name__ == "__main__":
    typer.run(main)

"""What makes a small student know facts: one setting changed at a time, in cells that end and go on where they ended.

    python -m bench.quality.knowledge OUT --minutes 20              # cells of the list, the most valuable first
    python -m bench.quality.knowledge OUT --only rank-32            # this one

Each cell tunes the student on invented facts (`invented_facts`: nobody can know them) as `ragtuned tune` does it with
the PEFT backend, and asks two questions a fact that no row asks, 30 general ones and 24 about subjects that do not
exist. Its line in OUT/knowledge.jsonl has the counts; a cell that has its line is not run again. `placebo` is taught
another fact's answer of the same kind: what it answers right is chance. Settings are chosen by these held-out
questions; the gold questions of examples/ are asked of the chosen one alone (`bench.quality.students`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from agents.files import read_json, read_jsonl, write_jsonl
from agents.reading import Context
from agents.records import Item
from bench.measurement import machine
from bench.quality.invented_facts import (
    InventedFact,
    document_row,
    exchanged,
    heldout_rows,
    invent,
    page_text,
    pages,
    question_row,
    refusal_rows,
)
from bench.quality.student_exam import closed_book, counts
from bench.quality.students import Base, Experiment, append, on_the_gpu
from eval.contestants.answering import Answer
from eval.marks.grades import Exam, grade_all
from eval.metrics import score
from eval.questions import general_knowledge_questions, load_heldout, stranger_questions
from tuning.recipe import Recipe


class Cell(Item):
    """A student, the facts that it is taught, and how; the defaults are those of [tuning] where it has one.

    `questions` are the different ones trained a fact, `documents` the pages of facts that are trained as a whole (0–1),
    `refusals` the trained questions about strangers a question about a fact, `replay` the general questions.
    """

    name: str
    facts: int = 50
    questions: int = 4
    epochs: int = 4
    rank: int = 8
    learning_rate: float = 2e-3
    loss: Literal["answers", "distilled", "mixed"] = "answers"
    documents: float = 0.0
    refusals: float = 0.1
    replay: int = 20
    answer: Literal["span", "sentence"] = "sentence"
    placebo: bool = False
    seed: int = 0

    def recipe(self, base: str) -> Recipe:
        """The section [tuning]; alpha is twice the rank."""
        return Recipe.model_validate(
            {
                "base": base,
                "rank": self.rank,
                "alpha": 2 * self.rank,
                "learning_rate": self.learning_rate,
                "epochs": self.epochs,
                "loss": self.loss,
                "replay_rows": self.replay,
                "seed": self.seed,
            }
        )


CELLS = (
    Cell(name="base"),
    Cell(name="placebo", placebo=True),
    Cell(name="distilled", loss="distilled"),
    Cell(name="mixed", loss="mixed"),
    Cell(name="span", answer="span"),
    Cell(name="2-questions-8-epochs", questions=2, epochs=8),
    Cell(name="8-questions-2-epochs", questions=8, epochs=2),
    Cell(name="rank-32", rank=32),
    Cell(name="rate-5e-4", learning_rate=5e-4),
    Cell(name="rate-4e-3", learning_rate=4e-3),
    Cell(name="documents", documents=1.0),
    Cell(name="no-refusals", refusals=0.0),
    Cell(name="no-replay", replay=0),
    Cell(name="60-replay", replay=60),
    Cell(name="base-seed-1", seed=1),
    *(
        Cell(name=f"{facts}-facts-rank-{rank}-seed-{seed}", facts=facts, rank=rank, seed=seed)
        for facts in (150, 500)
        for rank in (8, 32)
        for seed in (0, 1)
    ),
)
"""The most valuable first; questions × epochs is 16 in all, so that cells of 50 facts train about as many tokens."""


def write_rows(cell: Cell, folder: Path) -> list[InventedFact]:
    """Write train.jsonl, contexts.jsonl and heldout.jsonl of a cell; the facts as they are true."""
    facts = invent(cell.facts, cell.seed)
    told = exchanged(facts) if cell.placebo else facts
    by_page = pages(told)
    asked = [question_row(fact, n, cell.answer) for fact in told for n in range(1, cell.questions + 1)]
    whole = [document_row(name, some) for name, some in list(by_page.items())[: round(cell.documents * len(by_page))]]
    write_jsonl(folder / "train.jsonl", [*asked, *whole, *refusal_rows(round(cell.refusals * len(asked)), cell.seed)])
    page_of = {fact.id: page_text(some) for some in by_page.values() for fact in some}
    page_of |= {name: page_text(some) for name, some in by_page.items()}
    write_jsonl(
        folder / "contexts.jsonl", [Context(id=row["id"], passages=[page_of[row["fact"]]]) for row in [*asked, *whole]]
    )
    write_jsonl(folder / "heldout.jsonl", heldout_rows(facts, cell.questions))
    return facts


def run_cell(cell: Cell, base: Base, out: Path) -> dict[str, Any]:
    """Tune and examine one student: its line of results."""
    folder = out / "cells" / cell.name
    facts = write_rows(cell, folder)
    exam = Exam(
        [],
        load_heldout(folder / "heldout.jsonl", 0),
        general_knowledge_questions(),
        stranger_questions(),
        [fact.who for fact in facts],
    )
    before = base.folder / "untuned.jsonl"
    if not before.is_file():
        write_jsonl(before, closed_book("base", base.student(), exam, with_heldout=False))
    recipe = cell.recipe(base.base.name)
    tuned = base.tune(Experiment(name=cell.name, corpus=folder, train=folder / "train.jsonl", recipe=recipe))
    started = time.monotonic()
    answers = {"base": read_jsonl(before, Answer), "tuned": closed_book("tuned", tuned.student, exam, True)}
    write_jsonl(folder / "tuned.jsonl", answers["tuned"])
    grades = list(grade_all(exam, {name: {one.question: one for one in some} for name, some in answers.items()}))
    return {
        **tuned.told,
        "train_loss": tuned.told["loss"],
        **cell.model_dump(),  # `loss` is the setting
        "answer_seconds": round(time.monotonic() - started, 1),
        **on_the_gpu(),
        "figures": {name: counts(score(name, grades, some)) for name, some in answers.items()},
    }


def chosen(names: Sequence[str], cells: Path | None) -> list[Cell]:
    """The cells of the list, or of a JSON file of them; only those named, if any is."""
    listed = read_json(cells, list[Cell], "see `Cell`") if cells else CELLS
    unknown = set(names) - {cell.name for cell in listed}
    if unknown:
        raise typer.BadParameter(f"no cell is called {', '.join(sorted(unknown))}")
    return [cell for cell in listed if not names or cell.name in names]


def main(
    out: Path,
    only: Annotated[list[str] | None, typer.Option(help="This cell (more than once: these).")] = None,
    cells: Annotated[Path | None, typer.Option(help="A JSON file with other cells.")] = None,
    student: Annotated[str, typer.Option(help="[tuning] base.")] = "smollm2-135m-instruct",
    minutes: Annotated[float, typer.Option(help="Begin no cell after so long.")] = 600.0,
) -> None:
    """Run the cells that have no line yet."""
    wanted, results, started = chosen(only or [], cells), out / "knowledge.jsonl", time.monotonic()
    lines = results.read_text(encoding="utf-8").splitlines() if results.is_file() else []
    done = {json.loads(line)["name"] for line in lines}
    base = None
    for cell in wanted:
        if cell.name in done:
            continue
        if time.monotonic() - started > 60 * minutes:
            print(f"{cell.name} and what follows: no time is left")
            return
        base = base or Base(Recipe.model_validate({"base": student}), out)
        told = run_cell(cell, base, out)
        append(results, json.dumps({**told, "student": student, "processor": machine()["processor"]}))
        shown = " ".join(f"{figure} {hits}/{n}" for figure, (hits, n) in told["figures"]["tuned"].items())
        print(f"{cell.name}: {shown}; {told['tokens']} tokens, loss {told['train_loss'][-1]}, {told['tune_seconds']} s")


if __name__ == "__main__":
    typer.run(main)

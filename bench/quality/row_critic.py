"""How well recipe facts' checks and its critic at volume find planted faults.

python -m bench.quality.row_critic write examples/demo main OUT       # OUT/requests.jsonl, to be answered by a model
python -m bench.quality.row_critic count OUT OUT/results.jsonl        # bench/results/row-critic.json

The requests are those of the product: one call a page, statements included, in the form of a batch. The rows taken for
good passed the critic of their run, so that its false alarms among them are few by choice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.console import Console
from agents.errors import RagtunedError, Waiting
from agents.files import write_text
from agents.models.batch import Batch
from agents.models.batch_results import import_results
from agents.models.client import Client
from agents.models.store import CallStore
from agents.records import Item
from bench.measurement import write_result
from bench.quality.finished_runs import Finished, finished
from bench.quality.planted_faults import GOOD
from bench.quality.planted_rows import Case, pages_of, plant_rows
from graphs.concurrency import gather
from graphs.facts.checks import check
from graphs.facts.passage import Page
from graphs.facts.rows import FactSources
from graphs.facts.writers import PassageWriter
from graphs.knowledge.merge import KnowledgeConfig
from graphs.run import open_clients

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


class Key(Item):
    """What was planted, and where: `run` is the folder of the finished run."""

    run: str
    seed: int
    cases: list[Case]


@app.command()
def write(
    project: Path,
    run: str,
    out: Path,
    good: Annotated[int, typer.Option(min=1, help="Rows left as they are.")] = 60,
    each: Annotated[int, typer.Option(min=1, help="Rows for each fault.")] = 14,
    seed: int = 0,
) -> None:
    """Plant faults in kept rows of a run, ask the checks, and write the rest as requests to the critic."""
    source = finished(project / "runs" / run)
    checked = [
        case.model_copy(update={"stopped": check(case.asked, page) or ""})
        for page, cases in pages_of(source, plant_rows(source, good, each, seed), seed)
        for case in cases
    ]
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("calls.sqlite*"):
        old.unlink()
    key = Key(run=str(source.project.run_dir.resolve()), seed=seed, cases=checked)
    write_text(out / "items.json", key.model_dump_json(indent=1))
    told = {fault: f"{n - stopped} of {n}" for fault, (n, stopped) in _by_fault(checked).items()}
    judge(source, checked, seed, out)
    Console().say(f"to the critic: {told}")


@app.command()
def count(out: Path, results: Path) -> None:
    """Read the critic's replies, and say what was stopped and what was missed."""
    key = Key.model_validate_json((out / "items.json").read_text(encoding="utf-8"))
    store = CallStore(out / "calls.sqlite")
    import_results(store, results)
    store.close()
    verdicts = judge(finished(Path(key.run)), key.cases, key.seed, out)
    if verdicts is None:
        raise SystemExit("error: rows are left without a verdict: answer the new requests, and count their results")
    found = figures(key.cases, verdicts)
    show(found)
    write_result("row-critic", {"run": Path(key.run).name, "seed": key.seed, **found})


def judge(run: Finished, cases: Sequence[Case], seed: int, out: Path) -> dict[str, str] | None:
    """The critic's verdict by the id of each case that the checks let pass; None where requests were written instead.

    They are in `out`/requests.jsonl.
    """
    store = CallStore(out / "calls.sqlite")
    try:
        clients = open_clients(run.project, store, replay=False, batch=out / "requests.jsonl")
        sources = FactSources(run.config, clients, run.documents, run.chunks)
        writer = PassageWriter(sources, run.project.section("knowledge", KnowledgeConfig))
        pages = pages_of(run, [case for case in cases if not case.stopped], seed)
        try:
            return asyncio.run(_verdicts(writer, pages))
        except* Waiting:
            batch = _batch(clients["critic"])
            Console().say(f"{batch.write()['requests']} requests in {batch.path}")
        return None
    finally:
        store.close()


def _batch(client: Client) -> Batch:
    assert client.batch is not None  # it was opened with one
    return client.batch


async def _verdicts(writer: PassageWriter, pages: Sequence[tuple[Page, list[Case]]]) -> dict[str, str]:
    async def one(page_and_cases: tuple[Page, list[Case]]) -> dict[str, str]:
        page, cases = page_and_cases
        faults = await writer.judge(page, [case.asked for case in cases])
        return {case.id: fault for case, fault in zip(cases, faults, strict=True)}

    return {k: v for found in await gather(pages, one, nullcontext()) for k, v in found.items()}


def _by_fault(cases: Sequence[Case]) -> dict[str, tuple[int, int]]:
    faults = sorted({case.fault for case in cases}, key=lambda fault: (fault != GOOD, fault))
    return {
        fault: (sum(c.fault == fault for c in cases), sum(c.fault == fault and bool(c.stopped) for c in cases))
        for fault in faults
    }


def figures(cases: Sequence[Case], verdicts: dict[str, str]) -> dict[str, Any]:
    """By fault: planted, stopped by the checks, by the critic, and missed, whose rows are told; for good rows too."""
    table: dict[str, dict[str, Any]] = {}
    for fault, (planted, stopped) in _by_fault(cases).items():
        said = Counter(verdicts[c.id] for c in cases if c.fault == fault and not c.stopped)
        table[fault] = {
            "planted": planted,
            "checks": stopped,
            "critic": said.total() - said["none"],
            "missed": said["none"],
            "reasons": dict(Counter(c.stopped.partition(":")[0] for c in cases if c.fault == fault and c.stopped)),
            "verdicts": dict(said.most_common()),
        }
    kept = table.pop(GOOD, {})
    missed = [_told(c) for c in cases if c.fault != GOOD and verdicts.get(c.id) == "none"]
    alarms = [_told(c) | {"said": c.stopped or verdicts[c.id]} for c in cases if c.fault == GOOD]
    return {
        "faults": table,
        "good": {("kept" if name == "missed" else name): value for name, value in kept.items()},
        "missed": missed,
        "false_alarms": [alarm for alarm in alarms if alarm["said"] != "none"],
    }


def _told(case: Case) -> dict[str, str]:
    told = {"statement": case.reasoning, "question": case.question, "answer": case.answer}
    return {"fault": case.fault, "detail": case.detail, **told}


def show(found: dict[str, Any]) -> None:
    """The table for a person."""
    columns = ["planted", "checks", "critic", "missed"]
    rows = [[fault, *(str(row[c]) for c in columns)] for fault, row in found["faults"].items()]
    good = found["good"]
    rows.append(["good (false alarms)", *(str(good.get(c, 0)) for c in ("planted", "checks", "critic")), "-"])
    console = Console()
    console.table("stopped by", ["fault", *columns], rows)
    for row in found["missed"]:
        console.say(f"missed: {row['fault']} ({row['detail']}): {row['question']} -> {row['answer']}")
    for row in found["false_alarms"]:
        console.say(f"false alarm ({row['said']}): {row['question']} -> {row['answer']}")


if __name__ == "__main__":
    try:
        app()
    except RagtunedError as error:
        raise SystemExit(f"error: {error}") from None

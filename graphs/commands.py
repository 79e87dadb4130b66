"""The verbs from documents to a training set: init, plan, synthesize, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run


def sections() -> dict[str, type[BaseModel]]:
    """The config sections this package reads."""
    from graphs.briefs import SynthesisConfig
    from graphs.documents import DocumentsConfig
    from graphs.knowledge import KnowledgeConfig

    return {"documents": DocumentsConfig, "knowledge": KnowledgeConfig, "synthesis": SynthesisConfig}


def init(directory: Directory = HERE, as_json: Json = False, quiet: Quiet = False) -> None:
    """Write a ragtuned.toml that works as it is, without a key."""
    from graphs.init import init as write

    path = write(directory)
    Console(as_json, quiet).done({}, path, then=f"put documents into {directory / 'documents'}, then `ragtuned plan`")


def plan(ctx: typer.Context, directory: Directory = HERE, run: Run = DEFAULT_RUN, as_json: Json = False, quiet: Quiet = False) -> None:
    """Show how many calls and tokens a synthesis will take, before it takes any."""
    from dataclasses import asdict

    from agents.project import Project
    from graphs.plan import plan as planned

    console = Console(as_json, quiet)
    stages = planned(Project.open(directory, run, ctx.obj), console.say)

    def span(pair: tuple[int, int]) -> str:
        return f"{pair[0]:,} – {pair[1]:,}"

    console.table(
        "what a synthesis asks for (tokens are estimates)",
        ["stage", "calls", "tokens in", "tokens out"],
        [[s.stage, span(s.calls), span(s.tokens_in), span(s.tokens_out)] for s in stages],
    )
    totals = {name: (sum(getattr(s, name)[0] for s in stages), sum(getattr(s, name)[1] for s in stages)) for name in ("calls", "tokens_in", "tokens_out")}
    if not as_json:
        print(", ".join(f"{name.replace('_', ' ')} {span(pair)}" for name, pair in totals.items()))
    console.done({"total": totals, "stages": [asdict(s) for s in stages]}, then="ragtuned synthesize")


def synthesize(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    dry: Annotated[bool, typer.Option("--dry", help="Ask the scripted model: no weights, no server, no cost; writes runs/NAME-dry.")] = False,
    replay: Annotated[Path | None, typer.Option("--replay", help="Answer from this recording only; a missing reply is an error.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Turn the documents into a filtered training set."""
    from agents.project import Project
    from agents.store import CallStore
    from graphs.run import synthesize as run_synthesis

    console = Console(as_json, quiet)
    project = Project.open(directory, run, ctx.obj)
    if replay:
        store = CallStore(project.calls)
        console.say(f"replaying {store.load(replay)} recorded replies of {replay}; no model is called")
        store.close()
    record = run_synthesis(project, console, replay=replay is not None, dry=dry)
    _summary(console, record)
    artifact = project.directory / "runs" / record["run"] / "data" / "train.jsonl"
    console.done(record, artifact, then="ragtuned tune")


def _summary(console: Console, record: dict) -> None:  # type: ignore[type-arg]
    counts, items, calls, tokens = record["counts"], record["items"], record["calls"], record["tokens"]
    parts = f"; rows and pages skipped: {items['parts_skipped']}" if items["parts_skipped"] else ""
    console.say(f"files: {items['files']} = {items['files_read']} read + {items['files_skipped']} skipped{parts}")
    console.say(f"briefs: {counts['planned']} planned = {counts['kept']} kept + {counts['rejected']} rejected + {counts['failed']} failed")
    console.say(f"facts trained: {record['facts_trained']}; rows: " + ", ".join(f"{n} {name}" for name, n in record["rows"].items()))
    console.say(
        f"calls: {calls['asked']} asked, {calls['from_store']} from the store, {calls['called']} made; tokens {tokens['in']:,} in, {tokens['out']:,} out"
    )
    console.table("rejected, by gate and reason", ["gate: reason", "rows"], [[reason, str(n)] for reason, n in record["reasons"].items()])


def export(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    form: Annotated[str, typer.Option("--format", help="messages or prompt-completion")] = "messages",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; data/train.FORMAT.jsonl if not named.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the training rows in another trainer's format."""
    from agents.project import Project
    from graphs.export import export as write

    project = Project.open(directory, run, ctx.obj)
    path = out or project.data_dir / f"train.{form}.jsonl"
    rows = write(project.data_dir / "train.jsonl", form, path)
    Console(as_json, quiet).done({"rows": rows}, path)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (init, plan, synthesize, export):
        app.command()(verb)

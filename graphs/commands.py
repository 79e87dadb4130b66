"""The verbs from documents to a training set: init, plan, diff, synthesize; and review in the terminal."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run
from agents.last_words import DRY

if TYPE_CHECKING:
    from agents.models.budget import Caps
    from agents.project import Project
    from graphs.run_record import RunRecord

Index = Annotated[
    Path | None,
    typer.Option("--graphrag-index", help="Start from the GraphRAG index in this folder, in place of the documents."),
]


def sections() -> dict[str, type[BaseModel]]:
    """The config sections this package reads."""
    from graphs.config import SynthesisConfig
    from graphs.corpus.documents import DocumentsConfig
    from graphs.knowledge.merge import KnowledgeConfig

    return {"documents": DocumentsConfig, "knowledge": KnowledgeConfig, "synthesis": SynthesisConfig}


def init(
    directory: Directory = HERE,
    provider: Annotated[
        str | None, typer.Option("--provider", help="local, openai, azure, anthropic, google, mistral, ollama or vllm.")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="The provider's name of the model.")] = "",
    base_url: Annotated[
        str,
        typer.Option("--base-url", help="Where its server is, such as http://127.0.0.1:8000/v1; the provider: openai."),
    ] = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a ragtuned.toml that works as it is; without a provider it asks at a terminal, and else takes no key."""
    from agents import terminal
    from graphs.init import LOCAL, SERVER
    from graphs.init import init as write

    console = Console(as_json, quiet, directory)
    if base_url and not provider:
        provider = SERVER
    if provider is None and not model and not console.quiet and terminal.on_terminal(sys.stdin):
        provider = terminal.ask("provider of the teacher (local, openai, anthropic, ollama, …) [local]: ").strip()
        model = terminal.ask("its model: ").strip() if provider not in ("", LOCAL) else ""
    path = write(directory, provider or LOCAL, model, base_url)
    console.say(f"put documents into {directory / 'documents'}")
    console.done({}, path, then="ragtuned doctor" if provider not in (None, "", LOCAL) else "ragtuned plan")


def _opened(ctx: typer.Context, directory: Path, run: str, index: Path | None) -> Project:
    from agents.project import Project
    from graphs.source import started_from

    return started_from(Project.open(directory, run, ctx.obj), index)


def _synthesize(index: Path | None) -> str:
    """The next command, on the same index."""
    return f"ragtuned synthesize --graphrag-index {index}" if index else "ragtuned synthesize"


def plan(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    graphrag_index: Index = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show how many calls and tokens a synthesis will take and what they cost, before it takes any."""
    from graphs.plan import plan as planned
    from graphs.source import Corpus
    from graphs.summary import show_plan

    console = Console(as_json, quiet, directory, run)
    corpus = Corpus(_opened(ctx, directory, run, graphrag_index))
    stages = planned(corpus.project, say=console.say, corpus=corpus)
    if corpus.account:
        console.say(corpus.account)
    told = show_plan(console, "what a synthesis asks for (tokens are estimates)", stages)
    console.done({**told, "files": corpus.counts}, then=_synthesize(graphrag_index))


def diff(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    graphrag_index: Index = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what changed since the last synthesis, what would be done again and what that costs."""
    from graphs.fingerprint import changes
    from graphs.plan import plan as planned
    from graphs.source import Corpus
    from graphs.summary import show_plan

    console = Console(as_json, quiet, directory, run)
    project = _opened(ctx, directory, run, graphrag_index)
    corpus = Corpus(project)
    found = changes(project, corpus)
    for sign, paths in (("+", found.added), ("~", found.changed), ("-", found.removed)):
        for path in paths:
            console.say(f"{sign} {path}")
    for setting in found.settings:
        console.say(f"! {setting}")
    again = planned(project, None if found.settings else found.new_chunks, corpus=corpus)
    console.say(
        f"{found.new_chunks} of {found.chunks} chunks are new; calls whose prompt is the same are never paid again"
    )
    told = show_plan(console, "what that asks for (tokens are estimates)", again)
    console.done({"changes": found.model_dump(), "again": told}, then=_synthesize(graphrag_index) if found.any else "")


def synthesize(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    graphrag_index: Index = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="USD this start may spend; the same command goes on later.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Requests this start may send.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Tokens in and out that this start may take.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew, whatever an earlier start left; its replies stay paid.")
    ] = False,
    dry: Annotated[
        bool,
        typer.Option("--dry", help="Ask the scripted model: no weights, no server, no cost; writes runs/NAME-dry."),
    ] = False,
    preview: Annotated[
        int | None,
        typer.Option("--preview", min=1, help="Only put so many briefs through the loop and show all that was said."),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Answer from this recording only; a missing reply is an error.")
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help="Call no model: write what can be asked now into this file, for a batch."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Turn the documents into a filtered training set; the same command continues, and pays for nothing twice."""
    from agents.errors import InputError
    from agents.models.budget import Caps
    from agents.models.store import CallStore
    from graphs.run import synthesize as run_synthesis

    console = Console(as_json, quiet, directory, f"{run}{DRY}" if dry else run)
    if batch and (replay or dry or preview):
        raise InputError("--batch goes with none of --replay, --dry and --preview", "leave one of them away")
    project = _opened(ctx, directory, run, graphrag_index)
    if replay:
        store = CallStore(project.calls)
        console.say(f"replaying {store.load(replay)} recorded replies of {replay}; no model is called")
        store.close()
    caps = Caps(max_calls, max_tokens, max_cost)
    if preview:
        return _previewed(console, project, preview, replay is not None, dry, caps)
    again = f"{_synthesize(graphrag_index)} --batch {shlex.quote(str(batch))}"
    with may_wait(console, again):
        record = run_synthesis(project, console, replay is not None, dry, caps=caps, fresh=fresh, batch=batch)
        _told(console, project, record)


def _previewed(console: Console, project: Project, count: int, replay: bool, dry: bool, caps: Caps) -> None:
    from graphs.preview.run import preview
    from graphs.preview.terminal import as_objects, show

    trials, path = preview(project, count, console, replay, dry, caps=caps)
    show(trials, console)
    console.done({"trials": as_objects(trials)}, path, then="ragtuned synthesize")


@contextmanager
def may_wait(console: Console, again: str = "") -> Iterator[None]:
    """Say what is next where a run waits for a person or a batch, and exit with a code of its own: that is no error.

    `again` is the command that goes on when the batch's results are there.
    """
    from agents.errors import BatchWritten, ReviewNeeded
    from graphs.summary import show_batch

    try:
        yield
    except BatchWritten as stop:
        show_batch(console, stop.batch)
        console.then("ragtuned calls import results.jsonl")
        console.done({"batch": stop.batch}, then=again)
        raise typer.Exit(stop.exit_code) from None
    except ReviewNeeded as stop:
        console.say(stop.what)
        console.done({"facts": stop.facts, "undecided": stop.undecided}, then="ragtuned review")
        raise typer.Exit(stop.exit_code) from None


def _told(console: Console, project: Project, record: RunRecord) -> None:
    from graphs.summary import show_record
    from graphs.verdict import verdict

    show_record(console, record)
    train = replace(project, run=record.run).data_dir / "train.jsonl"  # a dry run's has a name of its own
    if record.dry:
        console.say("a dry run: a scripted model made its rows up; synthesize without --dry for real ones")
    else:
        console.say(verdict(record))
    console.done(record.as_object(), train, then="ragtuned tune")


def review(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    graphrag_index: Index = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Decide about the kept facts (accept, reject, edit), then end the run that waits; --json only lists them."""
    from agents.errors import ReviewNeeded
    from graphs.review.decisions import read_decisions
    from graphs.review.terminal import as_objects, take_decisions, waiting
    from graphs.run import synthesize as run_synthesis

    console = Console(as_json, quiet, directory, run)
    project = _opened(ctx, directory, run, graphrag_index)
    if as_json:
        console.done(
            {"waiting": as_objects(waiting(project), set(read_decisions(project.decisions)))},
            project.decisions,
        )
        return
    dry = run.endswith(DRY)
    with may_wait(console):
        groups = waiting(project)
        if left := take_decisions(project, groups, console):
            raise ReviewNeeded(len(groups), left)
        _told(
            console,
            project,
            run_synthesis(_opened(ctx, directory, run.removesuffix(DRY), graphrag_index), console, dry=dry),
        )


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (init, plan, diff, synthesize):
        app.command()(verb)

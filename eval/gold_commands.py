"""The verbs gold draft and gold accept."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run
from agents.project import Project


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    gold = typer.Typer(no_args_is_help=True, help="Gold questions: drafted by a model, accepted by a person.")
    gold.command("draft")(gold_draft)
    gold.command("accept")(gold_accept)
    app.add_typer(gold, name="gold")


def gold_draft(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    questions: Annotated[int, typer.Option("--questions", min=1, help="How many to ask for.")] = 20,
    price: Annotated[bool, typer.Option("--price", help="Only say what it asks for and what that costs.")] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Ask the scripted model; writes nothing.")] = False,
    max_cost: Annotated[float | None, typer.Option(min=0, help="USD this start may spend.")] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Requests this start may send.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let the model `gold_writer` draft questions on the documents, into gold-drafts.jsonl."""
    from agents.models.budget import Caps
    from eval import gold_draft as package
    from graphs.summary import show_plan

    console = Console(as_json, quiet, directory, run)
    project = Project.open(directory, run, ctx.obj)
    chosen = package.read_passages(project, questions)
    told = show_plan(console, "what drafting asks for at most (tokens are estimates)", package.price(project, chosen))
    if price:
        return console.done(told, then="ragtuned gold draft")
    rows, left_out = package.draft(project, chosen, console, Caps(max_calls, None, max_cost), dry)
    for row in rows:
        console.say(f"{row.question} → {' | '.join(row.answers)}")
    for reason, count in left_out.most_common():
        console.say(f"left out: {count} × {reason}")
    console.say('read each one, edit it, and write "accept" or "strike" into its decision')
    result = {"drafts": [row.model_dump() for row in rows], "left_out": dict(left_out)}
    console.done(result, None if dry else project.directory / package.FILE, "ragtuned gold accept")


def gold_accept(
    ctx: typer.Context, directory: Directory = HERE, run: Run = DEFAULT_RUN, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Put the drafts that a person accepted into gold.jsonl, after the same checks."""
    from eval import gold_draft as package

    console = Console(as_json, quiet, directory, run)
    project = Project.open(directory, run, ctx.obj)
    counts = package.accept(project)
    console.say(", ".join(f"{count} {what}" for what, count in counts.items()))
    console.done(counts, project.gold if counts["accepted"] else None, "ragtuned eval")

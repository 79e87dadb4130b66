"""The verb judge, and those of gold questions."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run
from agents.project import Project
from eval import gold_commands
from graphs.commands import may_wait

if TYPE_CHECKING:
    from agents.models.budget import Caps

One = Annotated[str, typer.Argument(help="The contestant whose win rate is told.")]
Other = Annotated[str, typer.Argument(help="The one that it is compared with.")]


def sections() -> dict[str, type[BaseModel]]:
    """The config section of the judge."""
    from eval.judge.config import JudgeConfig

    return {"judge": JudgeConfig}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("judge")(judge)
    gold_commands.register(app)


def judge(
    ctx: typer.Context,
    one: One = "tuned",
    other: Other = "rag",
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    protocol: Annotated[
        str | None, typer.Option("--protocol", help="fair or published, in place of \\[judge].")
    ] = None,
    price: Annotated[bool, typer.Option("--price", help="Only say what it asks for and what that costs.")] = False,
    gold: Annotated[
        bool, typer.Option("--gold", help="Mark every answer to gold with its reference in view; writes marks.json.")
    ] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Ask the scripted model; writes nothing.")] = False,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help="Call no model: write what it would be asked into this file, for a batch."),
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="USD this start may spend; the same command goes on later.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Requests this start may send.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Tokens in and out that this start may take.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let a model compare the answers of two contestants, blind, once it has passed its exam; writes judge.json."""
    from agents.config import check_config
    from agents.errors import InputError
    from agents.models.budget import Caps
    from eval.judge import run as package
    from eval.judge.config import JudgeConfig
    from eval.judge.show import show
    from graphs.summary import show_plan

    console = Console(as_json, quiet, directory, run)
    if batch and dry:
        raise InputError("--batch does not go with --dry", "leave one of them away")
    project = Project.open(directory, run, ctx.obj)
    config = project.section("judge", JudgeConfig)
    if protocol:
        asked = {"judge": {**config.model_dump(), "protocol": protocol}}
        config = check_config(asked, {"judge": JudgeConfig}, "--protocol")["judge"]
    caps = Caps(max_calls, max_tokens, max_cost)
    if gold:
        return _mark(console, project, price, caps, dry, batch)
    task = package.read_task(project, config, one, other)
    stages = package.price(project, config, task)
    told = show_plan(console, f"what judging {one} against {other} asks for at most (tokens are estimates)", stages)
    if price:
        return console.done(told, then="ragtuned judge")
    again = f"ragtuned judge {one} {other}{f' --protocol {protocol}' if protocol else ''}"
    with may_wait(console, _in_batches(again, batch)), project.locked():
        console.keep(project.run_dir)
        made = package.judge(project, config, task, console, caps, dry, batch=batch)
    show(console, made)
    console.done(made.model_dump(mode="json"), None if dry else project.eval_dir / package.FILE, "ragtuned report")


def _in_batches(command: str, batch: Path | None) -> str:
    """The command that goes on when the results of a batch are there."""
    return f"{command} --batch {shlex.quote(str(batch))}"


def _mark(console: Console, project: Project, only_price: bool, caps: Caps, dry: bool, batch: Path | None) -> None:
    """Mark the answers to gold by the judge with the reference."""
    from eval.judge import marks
    from eval.judge.show import show_marks
    from graphs.summary import show_plan

    found = marks.answered(project)
    told = show_plan(console, "what marking asks for at most (tokens are estimates)", marks.price(project, found))
    if only_price:
        return console.done(told, then="ragtuned judge --gold")
    with may_wait(console, _in_batches("ragtuned judge --gold", batch)), project.locked():
        console.keep(project.run_dir)
        made = marks.mark_all(project, found, console, caps, dry, batch=batch)
    show_marks(console, made)
    console.done(made.model_dump(mode="json"), None if dry else project.eval_dir / marks.FILE, "ragtuned report")

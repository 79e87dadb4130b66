"""The verb of tuning: `tune`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run

if TYPE_CHECKING:
    from pydantic import BaseModel


def sections() -> dict[str, type[BaseModel]]:
    """The config sections that tuning reads."""
    from tuning.recipe import Recipe

    return {"tuning": Recipe}


def register(app: typer.Typer) -> None:
    """Add the verb to the command."""
    app.command()(tune)


def tune(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    seed: Annotated[int | None, typer.Option(min=0, help="Overrides seed under \\[tuning].")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tune the student on the run's train.jsonl and leave the adapter beside it; the same command continues."""
    from agents.project import Project
    from tuning.recipe import Recipe
    from tuning.train import train

    console = Console(as_json, quiet, directory, run)
    project = Project.open(directory, run, ctx.obj)
    recipe = project.section("tuning", Recipe)
    if seed is not None:
        recipe = recipe.model_copy(update={"seed": seed})
    data = project.data_dir
    with project.locked():
        result = train(recipe, data / "train.jsonl", data / "validation.jsonl", project.adapter_dir, console)
    console.say(str(result))
    console.done(asdict(result), project.adapter_dir, "ragtuned eval")

"""The verbs of tuning: tune, validate."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents import terminal
from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run

if TYPE_CHECKING:
    from pydantic import BaseModel


def sections() -> dict[str, type[BaseModel]]:
    """The config sections that tuning reads."""
    from tuning.recipe import Recipe

    return {"tuning": Recipe}


def register(app: typer.Typer) -> None:
    """Add the verbs to the command."""
    app.command()(tune)
    app.command()(validate)


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
        console.keep(project.run_dir)
        result = train(recipe, data / "train.jsonl", data / "validation.jsonl", project.adapter_dir, console)
    console.say(str(result))
    console.done(asdict(result), project.adapter_dir, "ragtuned eval")


def validate(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Training rows: messages, prompt-completion, ShareGPT or Alpaca.")],
    row: Annotated[str, typer.Option("--row", help="Id (or `line 3`) of the row to show; the first kept one.")] = "",
    directory: Directory = HERE,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show which tokens of a row are under loss, and count what a trainer would drop; exit 1 if nothing is left."""
    from agents.config import FILE_NAME
    from agents.errors import EmptyResult, InputError
    from agents.project import Project
    from tuning.base import open_base
    from tuning.dataset import Encoded
    from tuning.model import load_tokenizer
    from tuning.recipe import Recipe
    from tuning.validate import pieces
    from tuning.validate import validate as read

    console = Console(as_json, quiet, directory)
    known = (directory / FILE_NAME).is_file()
    recipe = (
        Project.open(directory, DEFAULT_RUN, ctx.obj).section("tuning", Recipe) if known else Recipe.model_validate({})
    )
    tokenizer = load_tokenizer(open_base(recipe.base, console.say))
    found = read(file, tokenizer, recipe.max_length)
    shown = next((one for one in found.rows if not row or one.id == row), None)
    if row and not shown:
        raise InputError(f"--row {row}: no kept row of {file} is called so", "take an id or a line of the file")
    text = pieces(shown, tokenizer) if shown else []
    if shown:
        console.say(f"{shown.id}: {len(shown.input_ids)} tokens, under loss what is marked")
        _show(text, console)
    console.table(
        f"{file.name} for {recipe.base}",
        ["", "rows"],
        [
            [f"trained ({', '.join(found.forms)})", str(len(found.rows))],
            *([k, str(n)] for k, n in found.reasons.items()),
        ],
    )
    for name, reason, why in found.dropped[:5]:
        console.say(f"{name}: {reason}: {why}")
    result = {
        "rows": len(found.rows),
        "formats": dict(found.forms),
        "tokens": Encoded(found.rows, []).tokens,
        "answer_tokens": Encoded(found.rows, []).answer_tokens,
        "dropped": found.reasons,
        "shown": {"id": shown.id, "pieces": [{"text": part, "loss": loss} for part, loss in text]} if shown else None,
    }
    if not found.rows:
        told = ", ".join(f"{n} {reason}" for reason, n in found.reasons.items())
        raise EmptyResult(f"{file}: a trainer would drop every row: {told}", "mend the rows, or raise max_length")
    console.done(result)


def _show(text: list[tuple[str, bool]], console: Console) -> None:
    """A row with what is under loss in green at a terminal, in brackets elsewhere."""
    if not terminal.on_terminal(sys.stdout):
        console.say("".join(f"[{part}]" if loss else part for part, loss in text))
    elif not console.quiet:
        from rich.text import Text

        terminal.screen().print(Text.assemble(*((part, "bold green" if loss else "dim") for part, loss in text)))

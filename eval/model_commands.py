"""The verbs of a tuned model outside of this program: export, serve; and improve."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run
from agents.project import Project


def export(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    form: Annotated[
        str, typer.Option("--format", help="messages, prompt-completion, sharegpt, alpaca, graphml or graphrag.")
    ] = "messages",
    model: Annotated[
        str, typer.Option("--model", help="In place of rows, the tuned model: merged (safetensors) or gguf.")
    ] = "",
    quantize: Annotated[str, typer.Option("--quantize", help="Form of a gguf: f16, q8_0 or q4_k_m.")] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="The file to write (graphrag and models: the folder); one under runs/NAME/export if not named.",
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write training rows for another trainer, the graph for other viewers, or the tuned model for other programs."""
    from agents.errors import InputError
    from eval.export import export_model
    from graphs.dataset.export import export as write

    if quantize and model != "gguf":
        raise InputError(f"--quantize {quantize} is for a GGUF file", "add --model gguf")
    project = Project.open(directory, run, ctx.obj)
    console = Console(as_json, quiet, directory, run)
    if not model:
        rows, path = write(project, form, out)
        console.done({"rows": rows}, path)
        return
    with project.locked():
        proof, path = export_model(project, model, quantize or "f16", out, console)
    result = {"asked": proof.asked, "same": proof.same, "different": len(proof.differences)}
    console.done(result, path, "ragtuned serve" if model == "gguf" else "")


def improve(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="USD that further wordings (\\[improve] write) may take in this start.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Requests that they may send.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Tokens in and out that they may take.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Probe every fact closed book, train on with further rows of what is not known, and stop when it does not pay."""
    from agents.models.budget import Caps
    from eval.improve.loop import improve as loop
    from eval.improve.settings import ImproveConfig
    from eval.session import load_student
    from tuning.backends import choose_backend
    from tuning.footprint import use_one_gpu
    from tuning.recipe import Recipe
    from tuning.train import train

    use_one_gpu()  # before the first probe: once a student lies on a GPU, `train` can no longer choose one
    console = Console(as_json, quiet, directory, run)
    project = Project.open(directory, run, ctx.obj)
    config, recipe = project.section("improve", ImproveConfig), project.section("tuning", Recipe)
    recipe = recipe.model_copy(update={"epochs": config.epochs, "train_tokens": 0, "patience": 0, "loss": "answers"})

    def go_on(rows: Path, out: Path, start: Path) -> None:
        console.say(str(train(recipe, rows, rows.with_name("none"), out, console, start)))

    choose_backend(recipe)  # before the first probe too: Unsloth rewrites transformers while that is not imported yet
    writer = None
    if config.write:
        from eval.improve.writing import Writer

        writer = Writer(project, console, Caps(max_calls, max_tokens, max_cost))
    with project.locked():
        console.keep(project.run_dir)
        load = partial(load_student, recipe.base)
        state = loop(project, config, load, go_on, console, writer)
    result = {
        "known": [[one.known.hits, one.known.n] for one in state.rounds],
        "kept": state.kept,
        "ended": state.ended,
    }
    console.done(result, project.run_dir / "improve" / "improve.json", "ragtuned eval")


def serve(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on 127.0.0.1.")] = 8080,
    slots: Annotated[int, typer.Option("--slots", min=1, max=64, help="Questions answered at once.")] = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Offer the exported model to other programs behind the OpenAI protocol, on this machine only, until Ctrl-C."""
    from eval.serve import offer

    console = Console(as_json, quiet, directory, run)
    offer(Project.open(directory, run, ctx.obj), port, slots, console)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (improve, export, serve):
        app.command()(verb)

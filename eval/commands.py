"""The verbs of this package: eval, report, chat, review, ui, demo."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run
from agents.project import Project
from graphs.commands import Index, may_wait
from graphs.commands import review as decide

Also = Annotated[
    list[str] | None,
    typer.Option("--also", help="Another evaluated run (of another seed), for means; may be repeated."),
]
Ask = Annotated[str | None, typer.Argument(help="A question; without one, ask line by line.", show_default=False)]
With = Annotated[
    list[str] | None,
    typer.Option("--with", help="Who answers (of \\[eval] contestants; rag and tuned if not named); may be repeated."),
]
Web = Annotated[bool, typer.Option("--web", help="Serve it as a page on this machine.")]
Port = Annotated[
    int | None, typer.Option("--port", min=1, max=65535, help="Port of the page (the first free one from 7860 on).")
]
Host = Annotated[
    str,
    typer.Option(
        "--host", help="Address to serve the page on; any but the loopback asks for a password ($RAGTUNED_PASSWORD)."
    ),
]
LOCAL = "127.0.0.1"


def sections() -> dict[str, type[BaseModel]]:
    """The config sections of this package."""
    from eval.improve.settings import ImproveConfig
    from eval.settings import ContestantsConfig, EvalConfig

    return {"eval": EvalConfig, "contestants": ContestantsConfig, "improve": ImproveConfig}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    from eval import model_commands

    model_commands.register(app)
    app.command("eval")(evaluate)
    app.command("report")(report)
    app.command("compare")(compare)
    app.command("chat")(chat)
    app.command("review")(review)
    app.command("ui")(ui)
    app.command("demo")(demo)


def evaluate(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only show what would be asked, what it costs and how long it takes.")
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Ask students anew; served models' replies in calls.sqlite are not paid for again."
        ),
    ] = False,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="USD that served contestants may take; the same command goes on later.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Requests that served contestants may send.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Tokens in and out that they may take.")] = None,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help="Call no served model: write what they would be asked into this file."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask all contestants the same questions, and write metrics.json; the same command continues where it stopped."""
    from agents.models.budget import Caps
    from eval.session import plan_evaluation, run_evaluation

    console = Console(as_json, quiet, directory, run)
    project = Project.open(directory, run, ctx.obj)
    if plan:
        return console.done(plan_evaluation(project, console, fresh), then="ragtuned eval")
    caps = Caps(max_calls, max_tokens, max_cost)
    with may_wait(console, f"ragtuned eval --batch {shlex.quote(str(batch))}"), project.locked():
        console.keep(project.run_dir)
        metrics = run_evaluation(project, console, fresh=fresh, caps=caps, batch=batch)
    result = {"primary": metrics.primary.model_dump(), "seconds": metrics.seconds}
    console.done(result, project.eval_dir / "metrics.json", "ragtuned report")


def demo(
    ctx: typer.Context,
    directory: Directory = Path("examples/demo"),
    teacher: Annotated[
        str,
        typer.Option(
            "--teacher",
            help="recorded: replay a strong teacher; embedded: replay the embedded one; live: ask the embedded one.",
        ),
    ] = "recorded",
    seeds: Annotated[str, typer.Option("--seeds", help="Tuning seeds, by commas; one run each.")] = "0",
    record: Annotated[
        bool, typer.Option("--record", help="Make the recording by a real run of the teacher, and stop.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go the whole way on the example corpus: training set, tuned model, comparison, report."""
    from agents.errors import InputError
    from eval import demo as package

    asked = package.STRONG if teacher == "recorded" else package.EMBEDDED
    console = Console(as_json, quiet, directory, asked.run)
    given = seeds.split(",")
    if teacher not in ("recorded", "embedded", "live") or not all(seed.strip().isdecimal() for seed in given):
        raise InputError(
            f"--teacher {teacher} --seeds {seeds}",
            "the teacher is recorded, embedded or live; seeds are numbers such as 0,1,2",
        )
    if record:
        console.done({}, package.record(directory, ctx.obj, console), "make demo")
    else:
        path = package.demo(directory, ctx.obj, console, list(map(int, given)), asked, live=teacher == "live")
        console.done({}, path, 'ragtuned chat "a question"')


def report(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    also: Also = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write report.html (verdict, figures, every answer), report.md, and its picture, light and dark, as SVG."""
    from eval.report import headline, write_report

    console = Console(as_json, quiet, directory, run)
    project = Project.open(directory, run, ctx.obj)
    others = [Project.open(directory, name, ctx.obj) for name in also or []]
    path = write_report(project, others)
    words = headline(project, others)
    console.say(f"{words['head']} {words['body']}")
    console.done({"verdict": words["head"]}, path, 'ragtuned chat "a question"')


def compare(
    ctx: typer.Context,
    runs: Annotated[
        list[str], typer.Argument(help="Two evaluated runs or more; the others are held against the first.")
    ],
    directory: Directory = HERE,
    out: Annotated[
        Path | None, typer.Option("--out", help="The JSON file (runs/FIRST/eval/compare-OTHERS.json if not named).")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put evaluated runs side by side, each figure with the interval of its difference to the first run."""
    from eval import compare as package

    console = Console(as_json, quiet, directory, runs[0])
    projects = [Project.open(directory, run, ctx.obj) for run in runs]
    found = package.compare(projects)
    package.show(found, console)
    path = out or projects[0].eval_dir / f"compare-{'-'.join(runs[1:])}.json"
    package.write(found, path)
    console.done({"rows": len(found.rows)}, path, "ragtuned report")


def chat(
    ctx: typer.Context,
    question: Ask = None,
    names: With = None,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    web: Web = False,
    port: Port = None,
    host: Host = LOCAL,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask retrieval and the tuned model the same question, side by side."""
    from contextlib import closing

    from agents.errors import InputError
    from eval import chat as package
    from eval.session import load_panel

    _only_with(web, port, host)
    if web and question is not None:
        raise InputError("--web takes no question", "type it on the page")
    project = Project.open(directory, run, ctx.obj)
    if web:
        return _serve(project, host, port, "chat")
    console = Console(as_json, quiet, directory, run)
    with closing(load_panel(project, console.say, names or ())) as panel:
        package.chat(panel, question, console)


def review(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    graphrag_index: Index = None,
    web: Web = False,
    port: Port = None,
    host: Host = LOCAL,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Decide about the kept facts (accept, reject, edit), then end the run that waits; --json only lists them."""
    from graphs.source import started_from

    _only_with(web, port, host)
    if web:
        return _serve(started_from(Project.open(directory, run, ctx.obj), graphrag_index), host, port, "rows")
    decide(ctx, directory, run, graphrag_index, as_json, quiet)


def ui(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    port: Port = None,
    host: Host = LOCAL,
) -> None:
    """Serve the page of a run: chat, rows, graph, the run itself and its report."""
    _serve(Project.open(directory, run, ctx.obj), host, port, "chat")


def _only_with(web: bool, port: int | None, host: str) -> None:
    from agents.errors import InputError

    if not web and (port is not None or host != LOCAL):
        raise InputError(f"{f'--port {port}' if port is not None else f'--host {host}'} is for the page", "add --web")


def _serve(project: Project, host: str, port: int | None, part: str) -> None:
    from agents import terminal
    from eval.session import open_contestants
    from eval.ui.site import serve

    serve(project, open_contestants(project, terminal.say), host, port, part)

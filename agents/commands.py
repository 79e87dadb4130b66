"""The verbs of this package: models list|pull, calls stats|export|import|prune, doctor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run
from agents.project import CALLS, Project

MOST_SAID = 5  # sayings of a server that are shown

if TYPE_CHECKING:
    from agents.models.store import CallStore


def sections() -> dict[str, type[BaseModel]]:
    """The config sections whose consumers live in this package."""
    from agents.privacy import PrivacyConfig
    from agents.roles.prompts import PromptsConfig
    from agents.roles.registry import LimitedModels, roles_config

    return {"models": LimitedModels, "roles": roles_config(), "prompts": PromptsConfig, "privacy": PrivacyConfig}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    models = typer.Typer(no_args_is_help=True, help="The models that run in the process: what is known, what is here.")
    models.command("list")(list_models)
    models.command("pull")(pull_model)
    app.add_typer(models, name="models")
    calls = typer.Typer(no_args_is_help=True, help="The call store: every reply that was paid for.")
    for verb in (calls_stats, calls_export, calls_import, calls_prune):
        calls.command(verb.__name__.removeprefix("calls_"))(verb)
    app.add_typer(calls, name="calls")
    app.command()(doctor)


def list_models(as_json: Json = False, quiet: Quiet = False) -> None:
    """Show the known models: role, size, licence, origin, and where each one is."""
    from agents.models.weights import KNOWN, on_this_machine

    console = Console(as_json, quiet)
    rows = [
        {
            "name": m.name,
            "role": m.role,
            "bytes": m.size,
            "license": m.license,
            "origin": m.origin,
            "path": str(on_this_machine(m) or ""),
        }
        for m in KNOWN.values()
    ]
    header = ["name", "role", "MB", "licence", "origin", "where"]
    cells = [
        [r["name"], r["role"], f"{r['bytes'] / 1e6:.0f}", r["license"], r["origin"], r["path"] or "not here"]
        for r in rows
    ]
    console.table("Models that run in the process", header, cells)
    console.done({"models": rows}, then="ragtuned models pull NAME")


def pull_model(name: str, as_json: Json = False, quiet: Quiet = False) -> None:
    """Fetch the weights of one model and check their SHA-256."""
    from agents.models.weights import find_weights, known_model

    console = Console(as_json, quiet)
    model = known_model(name)
    path = find_weights(name, say=console.say)
    console.done(
        {"name": name, "sha256": model.sha256, "bytes": model.size}, artifact=path, then="ragtuned init -C DIR"
    )


@contextmanager
def _store(directory: Path) -> Iterator[CallStore]:
    from agents.config import FILE_NAME
    from agents.errors import InputError
    from agents.links import refuse_links
    from agents.models.store import CallStore

    if not (directory / FILE_NAME).is_file():
        raise InputError(f"no {FILE_NAME} in {directory.resolve()}", "name the project's folder with -C DIR")
    refuse_links(directory)
    store = CallStore(directory / CALLS)
    try:
        yield store
    finally:
        store.close()


def calls_stats(directory: Directory = HERE, as_json: Json = False, quiet: Quiet = False) -> None:
    """Show the kept calls: by role, model and how they ended, with their tokens and seconds."""
    console = Console(as_json, quiet, directory)
    with _store(directory) as store:
        rows = store.stats()
    header = ["role", "model", "status", "calls", "tokens_in", "tokens_out", "seconds"]
    console.table(
        "calls that were paid for",
        header,
        [[f"{row[name]:,.0f}" if name in header[3:] else row[name][:40] for name in header] for row in rows],
    )
    console.done({"calls": rows})


def calls_export(path: Path, directory: Directory = HERE, as_json: Json = False, quiet: Quiet = False) -> None:
    """Write every kept call to PATH as JSON lines, gzipped if its name ends in .gz."""
    with _store(directory) as store:
        Console(as_json, quiet, directory).done({"calls": store.export(path)}, path)


def calls_import(
    ctx: typer.Context, path: Path, directory: Directory = HERE, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Read the calls of PATH: a recording (`calls export`, `make record`), all or none, or the results of a batch."""
    from agents.models.batch_results import holds_results

    console = Console(as_json, quiet, directory)
    if holds_results(path):
        return _batch_imported(console, path, Project.open(directory, DEFAULT_RUN, ctx.obj or [sections]))
    with _store(directory) as store:
        count = store.load(path)
    console.say(f"{count} calls")
    console.done({"calls": count}, then="ragtuned synthesize")


def _batch_imported(console: Console, path: Path, project: Project) -> None:
    """Store the results and say what became of each line, and what is still missing."""
    from agents.models.batch_results import import_results
    from agents.models.config import ModelsConfig
    from agents.models.endpoints import secrets_of
    from agents.models.masking import Mask

    models = project.section("models", ModelsConfig).root.values()
    with _store(project.directory) as store:
        found = import_results(store, path, Mask(secret for model in models for secret in secrets_of(model)))
    out = sum(found.still_out.values())
    console.table("results of the batch", ["line", "lines"], [[name, str(n)] for name, n in found.counts.items() if n])
    for words, count in found.said.most_common(MOST_SAID):
        console.say(f"the server said, of {count}: {words}")
    for model, dialect in found.dialects.items():
        console.say(f"{model} does not take all that was sent; from now on: {'; '.join(dialect.words())}")
    console.say(f"requests without a reply: {out}{_days(found.still_out)}; the next round asks for them again")
    console.done(
        {**found.counts, "said": dict(found.said), "still_out": found.still_out},
        then=f"ragtuned {_asking(found.roles)} --batch FILE, as before",
    )


def _asking(roles: set[str]) -> str:
    """The command that asks these roles in batches."""
    if "judge.reference" in roles:
        return "judge --gold"
    if roles & {"contestant", "graph_map"}:
        return "eval"
    return "judge" if any(role.startswith("judge.") for role in roles) else "synthesize"


def _days(by_day: dict[str, int]) -> str:
    return f" ({', '.join(f'{n} written on {day}' for day, n in by_day.items())})" if by_day else ""


def calls_prune(
    directory: Directory = HERE,
    dry: Annotated[bool, typer.Option("--dry", help="Only say how many.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete them without a question.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Delete the calls that no finished work of this project asked for; no run may be half done."""
    from agents.errors import InputError
    from agents.models.kept import OF_NO_RUN, kept_calls

    console = Console(as_json, quiet, directory)
    if half_done := next(iter(sorted(directory.glob("runs/*/work"))), None):
        raise InputError(
            f"the run {half_done.parent.name} is not finished, and its replies would go",
            f"end it with the same command as before, or remove {half_done}",
        )
    kept = kept_calls(directory)
    if kept is None:
        raise InputError(
            f"no finished run in {directory.resolve()}",
            "every call would go; finish a run first, or delete the file yourself",
        )
    with _store(directory) as store:
        count = store.prune(kept, dry=True, roles=OF_NO_RUN)
        if count and not dry:
            if not yes:
                _ask_to_delete(f"{count} replies that were paid for")
            store.prune(kept, roles=OF_NO_RUN)
    console.say(f"{count} calls {'would go' if dry else 'deleted'}")
    console.done({"pruned": count, "dry": dry})


def _ask_to_delete(what: str) -> None:
    """Raises `InputError` unless a person at the terminal says yes."""
    from agents import terminal
    from agents.errors import InputError

    if not terminal.on_terminal(sys.stdin):
        raise InputError(f"{what} would be deleted, and there is no one to ask", "say --yes, or --dry to look first")
    if terminal.ask(f"delete {what}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise InputError("nothing was deleted")


def doctor(
    ctx: typer.Context,
    directory: Directory = HERE,
    run: Run = DEFAULT_RUN,
    ask: Annotated[bool, typer.Option(help="Ask every model a few things; it costs some 5,000 tokens each.")] = True,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check this machine, its packages, the config and what its models can do; exit 1 if a needed thing is missing."""
    from agents.config import FILE_NAME
    from agents.doctor import checks

    console = Console(as_json, quiet, directory, run)
    found = list(checks(directory, run, ctx.obj, ask))
    console.table("ragtuned doctor", ["what", "state", "found"], [[c.name, c.state, c.found] for c in found])
    faults = [c for c in found if c.state == "fault"]
    console.done(
        {"ok": not faults, "checks": [c.as_dict() for c in found]},
        then="fix the faults above"
        if faults
        else f"ragtuned {'plan' if (directory / FILE_NAME).is_file() else 'init'}",
    )
    if faults:
        raise typer.Exit(1)

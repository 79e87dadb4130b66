"""The verbs of this package: models list, models pull, doctor."""

from __future__ import annotations

import typer
from pydantic import BaseModel

from agents.console import DEFAULT_RUN, HERE, Console, Directory, Json, Quiet, Run


def sections() -> dict[str, type[BaseModel]]:
    """The config sections whose consumers live in this package."""
    from agents.models import ModelsConfig, RolesConfig

    return {"models": ModelsConfig, "roles": RolesConfig}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    models = typer.Typer(no_args_is_help=True, help="The models that run in the process: what is known, what is here.")
    models.command("list")(list_models)
    models.command("pull")(pull_model)
    app.add_typer(models, name="models")
    app.command()(doctor)


def list_models(as_json: Json = False, quiet: Quiet = False) -> None:
    """Show the known models: role, size, licence, origin, and where each one is."""
    from agents.weights import KNOWN, on_this_machine

    console = Console(as_json, quiet)
    rows = [
        {"name": m.name, "role": m.role, "bytes": m.size, "license": m.license, "origin": m.origin, "path": str(on_this_machine(m) or "")}
        for m in KNOWN.values()
    ]
    header = ["name", "role", "MB", "licence", "origin", "where"]
    cells = [[r["name"], r["role"], f"{r['bytes'] / 1e6:.0f}", r["license"], r["origin"], r["path"] or "not here"] for r in rows]
    console.table("Models that run in the process", header, cells)
    console.done({"models": rows}, then="ragtuned models pull NAME")


def pull_model(name: str, as_json: Json = False, quiet: Quiet = False) -> None:
    """Fetch the weights of one model and check their SHA-256."""
    from agents.weights import find_weights, known_model

    console = Console(as_json, quiet)
    model = known_model(name)
    path = find_weights(name, say=console.say)
    console.done({"name": name, "sha256": model.sha256, "bytes": model.size}, artifact=path, then="ragtuned init DIR")


def doctor(ctx: typer.Context, directory: Directory = HERE, run: Run = DEFAULT_RUN, as_json: Json = False, quiet: Quiet = False) -> None:
    """Check this machine, its packages, the weights and the config; exit 1 if something needed is missing."""
    from agents.doctor import checks

    console = Console(as_json, quiet)
    found = list(checks(directory, run, ctx.obj))
    console.table("ragtuned doctor", ["what", "state", "found"], [[c.name, c.state, c.found] for c in found])
    faults = [c for c in found if c.state == "fault"]
    console.done({"ok": not faults, "checks": [c.as_dict() for c in found]}, then="mend the faults above" if faults else "ragtuned init DIR")
    if faults:
        raise typer.Exit(1)

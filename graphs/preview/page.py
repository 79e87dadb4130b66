"""The preview as one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.models.client import Client
from graphs.preview.followed import Followed

WEB = Path(__file__).parent / "web"


def page(run: str, trials: Sequence[Followed], clients: Mapping[str, Client], of_facts: bool = False) -> str:
    """The preview as one HTML file that asks for nothing from any network; what documents and models say is escaped.

    `of_facts`: each trial is a fact with its questions, and there are no gates.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    models = {role: clients[role].config.model for role in ("question_writer", "critic")}
    return environment.get_template("preview.html.j2").render(run=run, trials=trials, models=models, of_facts=of_facts)

"""The graph that `langgraph dev` serves: the synthesis of the project in $RAGTUNED_PROJECT, without a checkpointer of our own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from agents.commands import sections as agents_sections
from agents.console import Console
from agents.project import Project
from agents.store import CallStore
from eval.commands import sections as eval_sections
from graphs.commands import sections as graphs_sections
from graphs.run import open_clients
from graphs.synthesis import build_synthesis
from graphs.workshop import Workshop
from tuning.commands import sections as tuning_sections

RUN = "studio"


def synthesis() -> Any:
    """The compiled synthesis graph; invoke it with `{"counts": {}, "drafts": []}`."""
    directory = Path(os.environ.get("RAGTUNED_PROJECT", "examples/demo"))
    project = Project.open(directory, RUN, [agents_sections, graphs_sections, tuning_sections, eval_sections])
    clients = open_clients(project, CallStore(project.calls), replay=False)
    return build_synthesis(Workshop(project, clients, Console(quiet=True)))

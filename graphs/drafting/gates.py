"""One gate as it is put to the critic: what it is shown, the verdict it must give, and the P(yes) it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from agents.roles.critic import GATES, Gate
from graphs.config import SynthesisConfig

SELF_CONTAINED, ANSWERABLE = (
    next(gate for gate in GATES if gate.name == name) for name in ("self_contained", "answerable")
)


@dataclass(frozen=True)
class GateCheck:
    """A gate with the source it sees, the verdict it must give, and what another verdict means."""

    gate: Gate
    source: str
    wanted: bool = True
    reason: str = "question is answerable"


class Fault(NamedTuple):
    """Why a draft is not kept."""

    gate: str
    """What stopped it: "writer" for a call that failed, "check", or the name of a gate of the critic."""
    reason: str
    raw: str = ""
    """The reply, or the P(yes), for whoever looks into it."""


def threshold(config: SynthesisConfig, gate: Gate) -> float:
    """The P(yes) a gate asks for: the config's, else its own."""
    return next((p for name, p in config.thresholds.items() if name == gate.name), gate.threshold)

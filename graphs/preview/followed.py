"""What a preview tells of one brief: its source, its drafts with their gates, and the outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.records import Brief
from agents.roles.checks import Draft
from graphs.drafting.gates import Fault

NEAR = 240  # characters of the page shown on either side of a sentence


@dataclass(frozen=True)
class GateResult:
    """One gate of a draft: P(yes) in 0–1, None if an earlier gate failed first; `wanted` is the verdict that passes."""

    name: str
    p: float | None
    threshold: float
    wanted: bool

    @property
    def passed(self) -> bool:
        """Whether the verdict is the wanted one."""
        return self.p is not None and (self.p >= self.threshold) is self.wanted


@dataclass
class Try:
    """One draft, the reasons its writer was told, the gates, and the fault if it failed."""

    told: list[str]
    draft: Draft | None
    gates: list[GateResult] = field(default_factory=list)
    fault: Fault | None = None


@dataclass
class Followed:
    """One brief through the loop: its source, every try, and what came of it."""

    brief: Brief
    documents: list[str]
    page: str
    tries: list[Try] = field(default_factory=list)
    outcome: str = ""
    wordings: list[str] = field(default_factory=list)
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    """(wording, gate and reason, raw) of the wordings that were rejected."""

    @property
    def passage(self) -> tuple[str, str, str]:
        """What stands before the sentence that the brief is about, the sentence, and what stands after it.

        All empty for a brief about more than one sentence.
        """
        one = self.brief.statements if self.brief.kind == "local" else []
        before, sentence, after = self.page.partition(one[0]) if one else ("", "", "")
        if len(before) > NEAR:
            before = "… " + before[-NEAR:].partition(" ")[2]
        if len(after) > NEAR:
            after = after[:NEAR].rpartition(" ")[0] + " …"
        return before, sentence, after

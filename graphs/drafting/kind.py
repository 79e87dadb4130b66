"""What a kind of question is: where its briefs come from, how one becomes a draft, and the gates the draft must pass.

A kind is one object in a file of its own; what it does not say is as for a question that one page answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from agents.records import Brief, Chunk, Entity, Evidence, Example, Kind, Reasoning, Report
from agents.roles.checks import Draft, Rules, check_draft
from agents.roles.critic import GATES, Gate
from agents.roles.role import Role
from graphs.config import SynthesisConfig
from graphs.drafting.gates import GateCheck, threshold
from graphs.knowledge.sources import Sources

PROMPT_TOKENS = 320  # of a role's own words, about


class Knowledge(NamedTuple):
    """What briefs are made of."""

    chunks: Sequence[Chunk]
    entities: Sequence[Entity]
    reports: Sequence[Report] = ()


class Forecast(NamedTuple):
    """What is known before anything is asked: chunks, how many reports there will be, tokens of a page's prompt."""

    chunks: Sequence[Chunk]
    reports: int
    page: int


class Amount(NamedTuple):
    """The fewest and the most briefs of a kind, and the tokens of one of its prompts."""

    fewest: int
    most: int
    tokens_in: int


class QuestionKind(ABC):
    """One kind of question, by its name in briefs and rows."""

    name: Kind
    writer: Role[Any]
    """Who writes its rows, as their source says."""
    rules = Rules()
    """What the checks without a model ask of its drafts."""
    of_reports = False
    """Whether its briefs are made of reports: then they are planned and drafted in the branch that waits for these."""
    reworded = True
    """Whether a kept question gets further wordings and framings."""
    by_rule = False
    """Whether its first questions may be asked without a model, so that the plan's least is no call."""
    teaches = True
    """Whether its rows teach an answer and reach what they are about; refusals and quotes alone do not."""
    contrasted = False
    """Whether its kept questions are asked again of invented names."""

    @abstractmethod
    def briefs(self, known: Knowledge, config: SynthesisConfig) -> list[Brief]:
        """What to ask, before anything is drafted."""

    @abstractmethod
    def amount(self, ahead: Forecast, config: SynthesisConfig) -> Amount:
        """How much of it there will be, for the plan."""

    @abstractmethod
    async def draft(self, sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
        """A draft, its evidence found in the chunks.

        `reasons` say why earlier ones failed. Raises what `Role.ask` raises.
        """

    def again(self, brief: Brief) -> Brief:
        """What a draft that was sent back is written by."""
        return brief

    def rounds(self, brief: Brief, config: SynthesisConfig) -> int:
        """The drafts of a brief before it is given up."""
        return config.max_rounds

    def source(self, sources: Sources, brief: Brief, draft: Draft) -> str:
        """What the checks and the critic compare a draft with."""
        return sources.page(brief)

    def check(self, draft: Draft, source: str) -> str | None:
        """The reason why a draft fails without asking a model, or None."""
        return check_draft(draft, source, self.rules)

    def gates(self, reasoning: Reasoning) -> list[tuple[Gate, bool]]:
        """The gates, cheapest first, with the verdict each must give. Reasoning that is not taught is not judged."""
        return [(gate, True) for gate in GATES if gate.name != "reasoning" or reasoning != "none"]

    def open_gates(self, config: SynthesisConfig) -> list[tuple[Gate, bool]]:
        """Those that are asked: a threshold of 0 lets everything pass."""
        return [(gate, wanted) for gate, wanted in self.gates(config.reasoning) if threshold(config, gate) > 0]

    def most_checks(self, config: SynthesisConfig) -> int:
        """The most calls of the critic one draft takes."""
        return len(self.open_gates(config))

    def settled(self, brief: Brief, draft: Draft) -> set[str]:
        """The names of the gates that a draft passes by how it was made."""
        return set()

    def gate_checks(self, sources: Sources, brief: Brief, draft: Draft) -> list[GateCheck]:
        """What the critic is asked of a draft, cheapest first."""
        source, settled = self.source(sources, brief, draft), self.settled(brief, draft)
        return [
            GateCheck(gate, source, wanted)
            for gate, wanted in self.open_gates(sources.config)
            if gate.name not in settled
        ]

    def hidden(self, first: Example) -> tuple[str, ...]:
        """Names that no wording of a kept question may hold."""
        return ()

    def community(self, brief: Brief) -> str | None:
        """The community that a row is about."""
        return None


def quoted(sources: Sources, evidence: Sequence[Evidence]) -> str:
    """The evidence sentence by sentence, each behind the title of its document.

    Several facts together are compared with it.
    """
    return "\n".join(f"{sources.title(e.chunk_id)}: {e.quote}" for e in evidence)

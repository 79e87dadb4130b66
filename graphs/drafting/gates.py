"""Which gates a draft must pass, what each of them is shown, and the verdict it must give."""

from __future__ import annotations

from dataclasses import dataclass

from agents.records import Brief, Kind, Reasoning
from agents.roles.critic import GATES, Draft, Gate
from graphs.briefs.community import asked_by_rule
from graphs.config import SynthesisConfig
from graphs.drafting.sources import Sources

ANSWERABLE = next(gate for gate in GATES if gate.name == "answerable")


@dataclass(frozen=True)
class GateCheck:
    """A gate with the source it sees, the verdict it must give, and what another verdict means."""

    gate: Gate
    source: str
    wanted: bool = True
    reason: str = "question is answerable"


def gate_checks(sources: Sources, brief: Brief, draft: Draft) -> list[GateCheck]:
    """The gates of a draft that are open, cheapest first, each with its source.

    Half of its evidence must not answer a multi-hop question.
    """
    source, settled = source_of(sources, brief, draft), _settled(brief, draft)
    checks = [
        GateCheck(gate, source, wanted)
        for gate, wanted in asked_of(brief.kind, sources.config)
        if gate.name not in settled
    ]
    if brief.kind == "multi_hop":
        checks += [
            GateCheck(ANSWERABLE, f"{sources.title(e.chunk_id)}: {e.quote}", False, "one document is enough")
            for e in draft.evidence
        ]
    return checks


def source_of(sources: Sources, brief: Brief, draft: Draft) -> str:
    """What the draft is compared with: the page; for several facts together the evidence, sentence by sentence, with its titles."""
    if brief.kind not in ("global", "multi_hop"):
        return sources.page(brief)
    return "\n".join(f"{sources.title(e.chunk_id)}: {e.quote}" for e in draft.evidence)


def _settled(brief: Brief, draft: Draft) -> set[str]:
    """The gates that a draft passes by how it was made.

    Findings that name a thing are what is known about it, in whatever order, and quoted ones are true; a passage
    answers what asks for it by its names.
    """
    if brief.kind == "document" and brief.style == "rewrite":
        return {"self_contained", "relevant", "answerable", "reasoning"}
    if not asked_by_rule(brief):
        return set()
    quotes = [" ".join(e.quote.split()) for e in draft.evidence]
    quoted = all(any(claim in quote for quote in quotes) for claim in brief.statements)
    return {gate for gate, passed in (("relevant", brief.style != "comparison"), ("faithful", quoted)) if passed}


def threshold(config: SynthesisConfig, gate: Gate) -> float:
    """The P(yes) a gate asks for: the config's, else its own."""
    return next((p for name, p in config.thresholds.items() if name == gate.name), gate.threshold)


def asked_of(kind: Kind, config: SynthesisConfig) -> list[tuple[Gate, bool]]:
    """The gates of a kind that are asked: a threshold of 0 lets everything pass."""
    return [(gate, wanted) for gate, wanted in gates_of(kind, config.reasoning) if threshold(config, gate) > 0]


def gates_of(kind: Kind, reasoning: Reasoning) -> list[tuple[Gate, bool]]:
    """The gates of a kind, cheapest first, with the verdict each must give: an unanswerable question must not be answerable.

    Reasoning that is not taught is not judged.
    """
    if kind == "unanswerable":
        return [(next(gate for gate in GATES if gate.name == "self_contained"), True), (ANSWERABLE, False)]
    return [(gate, True) for gate in GATES if gate.name != "reasoning" or reasoning != "none"]

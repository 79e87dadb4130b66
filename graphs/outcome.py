"""What a synthesis came to, counted from its files and calls: the making of run.json."""

from __future__ import annotations

import platform
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agents.errors import ITEM_REASONS
from agents.files import each_item, file_hash, read_jsonl
from agents.models.budget import total_usage
from agents.records import MADE_BY_RULE, Brief, Example, Kind, Rejected, Skipped, Source
from agents.roles.critic import SAME_QUESTION
from graphs.config import SynthesisConfig
from graphs.context import Context
from graphs.corpus.documents import reasons_of
from graphs.dataset.publish import reasons
from graphs.drafting.kinds import KINDS, teaches
from graphs.facts import tally
from graphs.facts.files import each_passage, written
from graphs.fingerprint import fingerprint, inputs
from graphs.lost import lost
from graphs.plan import StagePlan, total
from graphs.review.decisions import QUOTES, decisions_hash
from graphs.run_record import (
    Asked,
    Counts,
    Coverage,
    GateTally,
    LastStart,
    PerFact,
    Planned,
    Round,
    RunRecord,
    Tally,
    Tokens,
    Wordings,
)
from graphs.state import DraftedBrief, drafted

WORDING_GATES = {"wordings", SAME_QUESTION.name}
PACKAGES = ("langgraph", "langchain-openai", "networkx", "graspologic-native")


def record(
    context: Context, state: Mapping[str, Any], replay: bool, dry: bool, started: float, planned: list[StagePlan]
) -> RunRecord:
    """The record of a run that ended in `state`; `started` is a time of the monotonic clock, in seconds."""
    rejected = read_jsonl(context.project.data_dir / "rejected.jsonl", Rejected)
    questions = [fault for fault in rejected if fault.gate != QUOTES]
    usage, asked = total_usage(client.usage for client in context.each_client), context.asked()
    store = context.each_client[0].store
    took = store.tokens(asked)
    costs = [
        context.clients[role.partition(".")[0]].config.cost(*tokens, batched)
        for batched in (False, True)
        for role, tokens in store.tokens(asked, batched).items()
    ]
    seconds = {**context.seconds, "total": time.monotonic() - started}
    now = inputs(context.project, context.corpus)
    skipped = context.graph("skipped", Skipped)
    if context.synthesis.recipe == "facts":
        passages = each_passage(context.work)
        counted, accepted = (
            tally.counts(written(context.work), _examples(context), questions),
            tally.acceptance(passages),
        )
    else:
        counted = counts_of(context, questions, state["rounds"])
        accepted = acceptance(drafted(state), context.all_briefs(state["rounds"]), context.synthesis)
    return RunRecord(
        run=context.project.run,
        teacher={role: client.config.model for role, client in context.clients.items()} if not dry else "scripted",
        recorded=replay,
        dry=dry,
        counts=counted,
        acceptance=accepted,
        reasons=reasons(rejected),
        items=state["counts"],
        coverage=Coverage.model_validate(state["coverage"]),
        skipped=skipped,
        left_out=reasons_of(skipped),
        lost=lost(context, rejected, state["rounds"]),
        **state["result"],
        calls=len(asked),
        tokens=Tokens.model_validate({"in": sum(t for t, _ in took.values()), "out": sum(t for _, t in took.values())}),
        cost=round(sum(costs), 6) if context.budget.priced else None,
        per_fact=_per_fact(context, len(asked), sum(sum(tokens) for tokens in took.values())),
        plan=Planned.model_validate(total(planned)),
        start=LastStart(
            **{k: usage[k] for k in ("asked", "from_store", "called", "tokens_in", "tokens_out")},
            requests=context.budget.spent.calls,
            estimated=usage.get("estimated", 0),
            cost=round(context.budget.spent.cost, 6) if context.budget.priced else None,
            seconds={stage: round(spent, 2) for stage, spent in seconds.items()},
        ),
        versions={"python": platform.python_version(), **{package: version(package) for package in PACKAGES}},
        inputs=now,
        fingerprint=fingerprint(now),
        decisions=decisions_hash(context.project.decisions),
        files=hashes(context.project.run_dir),
    )


def hashes(run_dir: Path) -> dict[str, str]:
    """The SHA-256 of every file under graph/ and data/, by its path in the run."""
    files = sorted(f for folder in ("graph", "data") for f in (run_dir / folder).glob("[!.]*") if f.is_file())
    return {f.relative_to(run_dir).as_posix(): file_hash(f) for f in files}


def counts_of(context: Context, rejected: list[Rejected], rounds: int) -> Counts:
    """Briefs in all and by kind, and the further wordings of drafted facts."""
    briefs = context.all_briefs(rounds)
    rows: Counter[tuple[Kind, bool]] = Counter()
    kept: list[Source] = []
    for e in _examples(context):
        if e.source.role not in MADE_BY_RULE:
            rows[e.kind, e.wording_of is None] += 1
            kept += [e.source] if e.kind == "local" and not e.wording_of else []
    first = Counter({kind: count for (kind, is_first), count in rows.items() if is_first})
    of_briefs = [r for r in rejected if r.gate not in WORDING_GATES]
    of_wordings = [r for r in rejected if r.gate in WORDING_GATES]
    by_kind = {
        kind: Tally(planned=n, kept=first[kind], **_split([r for r in of_briefs if r.kind == kind]))
        for kind, n in sorted(Counter(b.kind for b in briefs).items())
    }
    return Counts(
        planned=len(briefs),
        kept=first.total(),
        **_split(of_briefs),
        by_kind=by_kind,
        local_by=by_manner([b for b in briefs if b.kind == "local"], kept),
        wordings=Wordings(kept=rows.total() - first.total(), **_split(of_wordings)),
    )


def by_manner(planned: Sequence[Brief], kept: Sequence[Source]) -> dict[str, dict[str, Asked]]:
    """Local questions by style, asker, length and depth: what a writer is asked for and cannot do is seen here.

    A question that was sent back is kept as the plain one that it was asked for then.
    """
    counts = {
        field: (Counter(getattr(b, field) for b in planned), Counter(getattr(s, field) for s in kept))
        for field in ("style", "asker", "length", "depth")
    }
    return {
        field: {value: Asked(planned=asked[value], kept=found[value]) for value in sorted({*asked, *found})}
        for field, (asked, found) in counts.items()
    }


def acceptance(rows: Iterable[DraftedBrief], briefs: Sequence[Brief], config: SynthesisConfig) -> dict[str, Round]:
    """By round of the writer–critic loop: drafts written and accepted, and how many each gate saw and let pass.

    A gate that is asked twice of a multi-hop draft stands where it is asked first; one that a draft passes by how it
    was made lets it pass.
    """
    kinds: dict[str, Kind] = {brief.id: brief.kind for brief in briefs}
    drafts, accepted = Counter[int](), Counter[int]()
    seen: dict[int, Counter[str]] = defaultdict(Counter)
    passed: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        gates = ["writer", "check", *(gate.name for gate, _ in KINDS[kinds[row.brief_id]].open_gates(config))]
        for number, stopped_by in enumerate(row.stopped_by, 1):
            drafts[number] += 1
            accepted[number] += not stopped_by
            reached = gates[: gates.index(stopped_by) + 1] if stopped_by else gates
            seen[number].update(reached)
            passed[number].update(gate for gate in reached if gate != stopped_by)
    return {
        str(number): Round(
            drafts=drafts[number],
            accepted=accepted[number],
            gates={gate: GateTally(seen=count, passed=passed[number][gate]) for gate, count in seen[number].items()},
        )
        for number in sorted(drafts)
    }


def _examples(context: Context) -> Iterator[Example]:
    return each_item(context.project.data_dir / "examples.jsonl", Example)


def _per_fact(context: Context, calls: int, tokens: int) -> PerFact:
    """What one kept fact took; refusals and quoted passages are no facts."""
    single = context.synthesis.recipe == "facts"  # what is asked over several facts is made of these
    facts = len({e.fact for e in _examples(context) if (e.kind == "local" if single else teaches(e.kind))})
    each = max(1, facts)  # of a small budget all rows may be about several facts
    return PerFact(facts=facts, calls=round(calls / each, 2), tokens=round(tokens / each, 1))


def _split(rejected: list[Rejected]) -> dict[str, int]:
    failed = sum(r.reason in ITEM_REASONS for r in rejected)
    return {"rejected": len(rejected) - failed, "failed": failed}

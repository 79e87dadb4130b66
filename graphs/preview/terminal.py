"""The preview on the screen: each brief with its source sentence, its drafts, their gates and the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.console import Console
from agents.terminal import screen, shown
from graphs.preview.followed import Followed, Try

MARKS = {True: ("✓", "green"), False: ("✗", "red")}


def show(trials: Sequence[Followed], console: Console) -> None:
    """Print every trial; nothing under --json or --quiet."""
    if console.quiet:
        return
    from rich.panel import Panel
    from rich.text import Text

    out = screen()
    for number, trial in enumerate(trials, 1):
        mark, colour = MARKS[trial.outcome == "kept"]
        lines: list[Any] = [(f"{trial.brief.about}\n", "italic")]
        for turn, one in enumerate(trial.tries, 1):
            lines += _draft(turn, one)
        lines += [(f"\n✓ {wording}", "green") for wording in trial.wordings] + [
            (f"\n✗ {text or '(not written)'} – {why}", "red") for text, why, _ in trial.lost
        ]
        about = f"{trial.brief.kind}: {trial.brief.wanted} · {', '.join(trial.documents)}"
        title = Text(shown(f"{number} of {len(trials)} · {about}"))
        subtitle = Text(shown(f"{mark} {trial.outcome}"), colour)
        body = Text.assemble(*(shown(line) if isinstance(line, str) else (shown(line[0]), line[1]) for line in lines))
        out.print(Panel(body, title=title, title_align="left", subtitle=subtitle, subtitle_align="left"))


def _draft(turn: int, one: Try) -> list[Any]:
    """The lines of one draft: question, answer, P(yes) against the threshold of each gate, and what it failed at."""
    lines: list[Any] = [
        (f"\ndraft {turn}", "bold"),
        *([(f" · told: {'; '.join(one.told)}", "dim")] if one.told else []),
    ]
    if one.draft:
        lines += [f"\n  Q {one.draft.question}\n  A {one.draft.answer}"]
    for gate in one.gates:
        mark, colour = MARKS[gate.passed]
        said = (
            f"P(yes) {gate.p:.2f} (wanted {'≥' if gate.wanted else '<'} {gate.threshold:g}) {mark}"
            if gate.p is not None
            else "not asked"
        )
        lines.append((f"\n    {gate.name:<15} {said}", colour if gate.p is not None else "dim"))
    return [*lines, (f"\n  ✗ {one.fault.gate}: {one.fault.reason}\n", "red") if one.fault else "\n"]


def as_objects(trials: Sequence[Followed]) -> list[dict[str, Any]]:
    """The trials for a program: brief, documents, tries with their gates, outcome, wordings."""
    from dataclasses import asdict

    return [
        asdict(trial) | {"brief": trial.brief.model_dump(), "tries": [_plain(one) for one in trial.tries]}
        for trial in trials
    ]


def _plain(one: Try) -> dict[str, Any]:
    draft = (
        {"question": one.draft.question, "reasoning": one.draft.reasoning, "answer": one.draft.answer}
        if one.draft
        else None
    )
    evidence = [e.model_dump() for e in one.draft.evidence] if one.draft else []
    gates = [
        {"name": gate.name, "p": gate.p, "threshold": gate.threshold, "wanted": gate.wanted, "passed": gate.passed}
        for gate in one.gates
    ]
    return {"told": one.told, "draft": draft, "evidence": evidence, "gates": gates, "fault": one.fault}

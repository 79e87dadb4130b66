"""`ragtuned review`: the terminal in which a person decides about the kept facts, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agents.console import Console
from agents.errors import InputError
from agents.files import read_jsonl
from agents.project import Project
from agents.records import FRAMING, Example
from agents.terminal import ask, say, screen, shown
from graphs.fingerprint import fingerprint, inputs
from graphs.review.decisions import Decision, add_decisions, read_decisions, undecided, with_wordings
from graphs.work_folder import WorkFolder

KEYS = "a accept · r reject · e edit · d 1 2 … drop wordings 1 and 2, accept the rest · q stop"


def waiting(project: Project) -> list[list[Example]]:
    """The facts of a run that waits for its review, each with its wordings. Raises `InputError` if none waits."""
    kept = project.work_dir / "kept.jsonl"
    if not kept.is_file() or (project.work_dir / "reviewed.jsonl").is_file():
        raise InputError(
            f"the run {project.run} does not wait for a review",
            "set `review = true` under [synthesis], then `ragtuned synthesize`",
        )
    if WorkFolder(project.work_dir).begun() != fingerprint(inputs(project)):
        raise InputError(
            "documents or settings changed since the run stopped",
            "run `ragtuned synthesize` again; on an index, name it here too",
        )
    return with_wordings(read_jsonl(kept, Example))


def take_decisions(project: Project, groups: Sequence[Sequence[Example]], console: Console) -> int:
    """Ask about every fact of `groups` without a decision, keep each answer at once, and return how many are left.

    The person may stop at any fact; the next time goes on there.
    """
    path = project.decisions
    decisions = read_decisions(path)
    open_ids = set(undecided([row for group in groups for row in group], decisions))
    for number, group in enumerate(groups, 1):
        if group[0].id not in open_ids:
            continue
        _show(group, number, len(groups))
        taken = _ask(group)
        if not taken:
            break
        add_decisions(path, taken)
        open_ids.discard(group[0].id)
    console.say(f"{len(groups) - len(open_ids)} of {len(groups)} facts decided → {path}")
    return len(open_ids)


def as_objects(groups: Sequence[Sequence[Example]], decided: set[str]) -> list[dict[str, Any]]:
    """The waiting facts for a program that writes review.jsonl itself."""
    return [
        {
            "id": first.id,
            "kind": first.kind,
            "question": first.question,
            "answer": first.answer,
            "evidence": [e.quote for e in first.evidence],
            "documents": first.source.documents,
            "wordings": {row.id: row.question for row in _worded(wordings)},
        }
        for first, *wordings in groups
        if first.id not in decided
    ]


def _worded(rows: Sequence[Example]) -> list[Example]:
    """The wordings a person reads: a framing is the same question behind a set phrase, and follows it."""
    return [row for row in rows if row.source.role != FRAMING]


def _show(group: Sequence[Example], number: int, of: int) -> None:
    from rich.panel import Panel
    from rich.text import Text

    first, *wordings = group
    lines = [("Q  ", "bold"), (first.question, "bold"), ("\nA  ", ""), (first.answer, "")]
    lines += [(f"\n   “{' '.join(e.quote.split())}”", "dim") for e in first.evidence]
    lines += [(f"\n{n:>2} {row.question}", "") for n, row in enumerate(_worded(wordings), 1)]
    title = Text(shown(f"{number} of {of} · {first.kind} · {', '.join(first.source.documents)}"))
    body = Text.assemble(*((shown(text), style) for text, style in lines))
    screen().print(Panel(body, title=title, title_align="left", subtitle=KEYS, subtitle_align="left"))


def _ask(group: Sequence[Example]) -> list[Decision]:
    """The decisions about one fact; none if the person stops."""
    first, *wordings = group
    for said in _typed():
        key, *numbers = said.lower().split() or [""]
        if key == "q":
            return []
        if key == "e":
            return [_edit(first)]
        if key in ("a", "r") and not numbers:
            return [Decision(id=first.id, decision="accept" if key == "a" else "reject")]
        listed = {str(n): row.id for n, row in enumerate(_worded(wordings), 1)}
        if key == "d" and numbers and set(numbers) <= set(listed):
            return [
                Decision(id=first.id, decision="accept"),
                *(Decision(id=listed[n], decision="reject") for n in numbers),
            ]
        say(KEYS)
    return []


def _typed() -> Iterator[str]:
    while True:
        try:
            yield ask("? ")
        except EOFError:
            return


def _edit(first: Example) -> Decision:
    """The person's words; what is left empty stays, and if all is, the row is accepted."""
    question, answer = (next(_prompted(name), "").strip() for name in ("question", "answer"))
    return Decision(id=first.id, decision="edit" if question or answer else "accept", question=question, answer=answer)


def _prompted(name: str) -> Iterator[str]:
    try:
        yield ask(f"{name} (empty: as it is): ")
    except EOFError:
        return

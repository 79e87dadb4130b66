"""How often the marking rules err, on hand-written answers: wrong ones accepted, right ones refused.

python -m bench.quality.marks              # the table of errors, by rule and by contestant
python -m bench.quality.marks --errors     # and the answers of the first half that are marked wrongly

bench/quality/marks.jsonl was written by hand before the rules that it measures: one question a line, of a marking rule
(gold, agreement, refusal, claims), with answers `said` as each kind of contestant gives them and the verdict of a fair
reader: right or not, a refusal or not, the claims covered. Every second question of the first round is held back: its
errors were never looked at, and its figures stand apart. The second and the third round were written to find the limits
of the rules made so far (their first figures: docs/quality.md), which were then mended; the fourth after all of them,
and changed none. The fifth is of kinds that the others lack (Markdown, "everybody but", a guess behind "I'm not sure");
the rules were mended on it. The sixth was written before the rules of `eval.marks.others`; its errors were not
printed until no rule was changed any more, and are read by now.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from bench.measurement import ROOT, write_result
from eval.marks.agreement import agrees
from eval.marks.gold import claims_covered, matches
from eval.marks.refusal import is_refusal
from eval.statistics import of_counts

STICK = ROOT / "bench" / "quality" / "marks.jsonl"
ROUNDS = {2: "second round", 3: "third round", 4: "fourth round", 5: "fifth round", 6: "sixth round"}
LOOKED_AT = ("tuned on", "second round", "third round", "fifth round")
"""Parts whose errors may be read while a rule is made."""


class Verdict(NamedTuple):
    """One thing to decide about an answer: what is fair, and what the rule says."""

    rule: str
    half: str
    contestant: str
    fair: bool
    marked: bool
    question: str
    answer: str


def verdicts(stick: Path = STICK) -> Iterator[Verdict]:
    """What the rules say about each answer; of claims one verdict a claim."""
    seen: Counter[str] = Counter()
    for line in stick.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        first = "held back" if seen[row["rule"]] % 2 else "tuned on"
        half = ROUNDS.get(row["round"], first)
        seen[row["rule"]] += row["round"] == 1
        for contestant, fair, answer in row["said"]:
            told = fair if isinstance(fair, list) else [fair]
            for want, got in zip(told, marks(row, answer), strict=True):
                yield Verdict(row["rule"], half, contestant, bool(want), got, row["question"], answer)


def marks(row: dict[str, Any], answer: str) -> list[bool]:
    """The verdicts of the rule of `row` about an answer."""
    if row["rule"] == "refusal":
        return [is_refusal(answer)]
    if row["rule"] == "agreement":
        return [agrees(answer, row["question"], row["reference"])]
    if row["rule"] == "claims":
        return [bool(claims_covered(answer, [claim], row["question"])) for claim in row["claims"]]
    return [matches(answer, row["answers"], row["question"])]


def errors(found: list[Verdict]) -> dict[str, Any]:
    """How many wrong answers were accepted and how many right ones refused, with their shares."""
    kinds = {
        "false_accepts": of_counts(sum(v.marked for v in found if not v.fair), sum(not v.fair for v in found)),
        "false_rejects": of_counts(sum(not v.marked for v in found if v.fair), sum(v.fair for v in found)),
    }
    return {kind: one.model_dump() for kind, one in kinds.items()}


def wrongly_marked(found: list[Verdict]) -> dict[str, list[int]]:
    """Of each rule the places of its wrong verdicts among its own, in the order of the file."""
    by_rule: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in found:
        by_rule[verdict.rule].append(verdict)
    return {rule: [at for at, v in enumerate(some) if v.marked != v.fair] for rule, some in by_rule.items()}


def main(
    errors_too: Annotated[bool, typer.Option("--errors", help="Print the errors that may be looked at.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file to write; bench/results/marks.json if not named.")] = None,
) -> None:
    """Measure the marking rules on the hand-written answers."""
    groups: defaultdict[str, list[Verdict]] = defaultdict(list)
    found = list(verdicts())
    for verdict in found:
        for group in (verdict.rule, f"{verdict.rule}, {verdict.half}", f"{verdict.rule}, {verdict.contestant}"):
            groups[group].append(verdict)
        if errors_too and verdict.half in LOOKED_AT and verdict.marked != verdict.fair:
            name = "accepted" if verdict.marked else "refused"
            print(f"{verdict.rule}: wrongly {name}: {verdict.question} | {verdict.answer}")
    table = {group: errors(some) for group, some in sorted(groups.items())}
    for group, one in table.items():
        print(f"{group:28}", *(f"{kind} {share['hits']:3} of {share['n']:3}" for kind, share in one.items()))
    write_result("marks", {"errors": table, "wrongly_marked": wrongly_marked(found)}, out)


if __name__ == "__main__":
    typer.run(main)

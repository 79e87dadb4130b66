"""How often the marking rules err, on hand-written answers: wrong ones accepted, right ones refused.

python -m bench.quality.marks              # the table of errors, by rule and by contestant
python -m bench.quality.marks --errors     # and the answers that are marked wrongly, of the rounds that may be read

bench/quality/marks.jsonl holds one question a line, of a marking rule (gold, agreement, refusal, claims), with answers
`said` as each kind of contestant gives them and the verdict of a fair reader: right or not, a refusal or not, the
claims covered. The rounds 1 to 6 are of one author, who knew the rules and wrote most wrong answers to deceive them;
the rules were mended after each but the fourth. The rounds 7 and 8 are natural answers: several authors wrote what each
contestant would really say, without knowing the rules, and other readers marked the answers without their verdicts;
what they did not agree about (2 of 1,750 answers) is left out. The rules were mended on the seventh round and
not on the eighth, whose errors nobody has read.
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
from eval.marks.gold import claims_covered, is_free_form, matches
from eval.marks.refusal import is_refusal
from eval.questions import GoldQuestion
from eval.statistics import of_counts

STICK = ROOT / "bench" / "quality" / "marks.jsonl"
ROUNDS = dict(enumerate(["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"], 2))
NATURAL = ("seventh round", "eighth round")
LOOKED_AT = ("tuned on", "second round", "third round", "fifth round", "sixth round", "seventh round")
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
    form: str = ""
    """Of gold "free-form", or "names and values" where an accepted answer holds one."""


def verdicts(stick: Path = STICK) -> Iterator[Verdict]:
    """What the rules say about each answer; of claims one verdict a claim."""
    seen: Counter[str] = Counter()
    for line in stick.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        first = "held back" if seen[row["rule"]] % 2 else "tuned on"
        half = f"{ROUNDS[row['round']]} round" if row["round"] in ROUNDS else first
        seen[row["rule"]] += row["round"] == 1
        for contestant, fair, answer in row["said"]:
            told = fair if isinstance(fair, list) else [fair]
            for want, got in zip(told, marks(row, answer), strict=True):
                yield Verdict(row["rule"], half, contestant, bool(want), got, row["question"], answer, _form(row))


def _form(row: dict[str, Any]) -> str:
    if row["rule"] != "gold":
        return ""
    gold = GoldQuestion(id="q", kind="local", question=row["question"], answers=row["answers"])
    return "free-form" if is_free_form(gold) else "names and values"


def marks(row: dict[str, Any], answer: str) -> list[bool]:
    """The verdicts of the rule of `row` about an answer."""
    if row["rule"] == "refusal":
        return [is_refusal(answer, row["question"])]
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


def _groups(one: Verdict) -> list[str]:
    """The rows of the table that a verdict counts in; contestants apart in the natural rounds alone."""
    names = [one.rule, f"{one.rule}, {one.half}"]
    if one.half in NATURAL:
        names.append(f"{one.rule}, {one.half}, {one.contestant}")
        names += [f"{names[1]}, {one.form}", f"{names[2]}, {one.form}"] if one.form else []
    else:
        names.append(f"{one.rule}, {one.contestant}")
    return names


def main(
    errors_too: Annotated[bool, typer.Option("--errors", help="Print the errors that may be looked at.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file to write; bench/results/marks.json if not named.")] = None,
) -> None:
    """Measure the marking rules on the hand-written answers."""
    groups: defaultdict[str, list[Verdict]] = defaultdict(list)
    found = list(verdicts())
    for verdict in found:
        for group in _groups(verdict):
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

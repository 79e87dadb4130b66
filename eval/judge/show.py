"""A judgement as a person reads it in the terminal."""

from __future__ import annotations

from agents.console import Console
from eval.judge.exam import ExamResult
from eval.judge.marks import Marks
from eval.judge.run import Judgement
from eval.judge.tally import Rate, Table

RESULT = ["", "win rate", "W / T / L", "p (Holm)"]
TRUST = ["same in both orders", "first won", "longer won", "at equal length", "unread"]


def show(console: Console, made: Judgement) -> None:
    """Print how the exam went, the tables if there are any, and what they may be taken for."""
    for exam in made.exams:
        console.say(told(exam))
    if made.tables:
        pair = f"{made.one} against {made.other}, {made.protocol} protocol, by {made.judge}"
        console.table(pair, RESULT, [[name, *result(table)] for name, table in made.tables.items()])
        console.table("what these verdicts go by", ["", *TRUST], [[n, *trust(t)] for n, t in made.tables.items()])
    for line in remarks(made):
        console.say(line)


def show_marks(console: Console, made: Marks) -> None:
    """Print what the judge with the reference found right, and how far it agrees with the rules."""
    kinds = list(dict.fromkeys(kind for by_kind in made.right.values() for kind in by_kind))
    rows = [
        [name, *(f"{by[kind].hits}/{by[kind].n}" if kind in by else "–" for kind in kinds), agreed(made, name)]
        for name, by in made.right.items()
    ]
    console.table(f"right answers to gold, by {made.judge} with the reference", ["", *kinds, "agrees (kappa)"], rows)
    for line in discordant(made):
        console.say(line)
    whole = made.agreement
    console.say(f"agrees with the rules on {whole.agreed.hits} of {whole.n} answers; {made.unreadable} unreadable")
    for one in made.apart:
        console.say(f"  {one.contestant}, {one.question}: rule {one.rule}, judge {one.judge}: {one.reason}")
    if made.self_judged:
        console.say(f"self-judged: {made.judge} is the {' and the '.join(made.self_judged)} too; the rules lead")


def discordant(made: Marks) -> list[str]:
    """What only tuned and only rag have right by the judge, a line for each kind of question."""
    return [
        f"{kind.replace('_', '-')}, by the judge: only tuned right {one.only_tuned}, only rag {one.only_rag}; "
        f"p of the exact sign test: {probability(one.p)}"
        for kind, one in made.pairs.items()
    ]


def agreed(made: Marks, name: str) -> str:
    """How far the judge agrees with the rules on one contestant: the share, and kappa."""
    found = made.by_contestant[name]
    return f"{percent(found.agreed.share)} ({'–' if found.kappa is None else f'{found.kappa:.2f}'})"


def remarks(made: Judgement) -> list[str]:
    """What a reader must know beside the table."""
    lines = []
    if made.protocol == "published":
        lines.append(
            f"the published protocol is repeated with its biases: {made.one} always first, no ties, {made.other} held "
            "to three sentences; its win rate stands beside the fair one and decides nothing"
        )
    elif not made.counts:
        lines.append(f"{made.judge} did not pass: there is no pairwise table; name another model as judge in [roles]")
    if made.self_judged:
        who = " and the ".join(made.self_judged)
        lines.append(f"self-judged: {made.judge} is the {who} too; gold leads, whatever this table says")
    if made.counts and made.without_source:
        lines.append(f"correctness: not asked for {made.without_source} questions whose source is not known")
    return lines


def told(exam: ExamResult) -> str:
    """How an exam went, in a line."""
    parts = [
        f"identical answers: the first in {percent(exam.first_slot)}",
        f"real pairs: the same in both orders in {percent(exam.consistency)}",
        f"planted faults: {exam.found.hits} of {exam.found.n} found",
        f"padded answers preferred in {percent(exam.padded)}",
        f"{exam.unreadable} unreadable",
    ]
    verdict = "passed" if exam.passed else f"not passed: {'; '.join(exam.faults)}"
    return f"exam, {exam.reading}: {', '.join(parts)} — {verdict}"


def result(table: Table) -> list[str]:
    """What the verdicts on one criterion say, under `RESULT`."""
    return [
        rate(table.win_rate),
        f"{table.wins} / {table.ties} / {table.losses}",
        f"{probability(table.p)} ({probability(table.p_holm)})",
    ]


def trust(table: Table) -> list[str]:
    """How far the verdicts on one criterion go by place and length, under `TRUST`."""
    return [
        percent(table.consistency),
        percent(table.first_slot),
        percent(table.longer),
        rate(table.length_controlled),
        f"{table.unreadable} of {table.verdicts}",
    ]


def probability(p: float) -> str:
    """A p-value to three places."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def rate(found: Rate | None) -> str:
    """A win rate with its interval, "–" for none."""
    return f"{found.share:.0%} ({found.low:.0%} – {found.high:.0%})" if found else "–"


def percent(share: float | None) -> str:
    """A share, "–" for none."""
    return "–" if share is None else f"{share:.0%}"

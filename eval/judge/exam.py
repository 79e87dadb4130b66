"""What a judge must show before its table counts, on this corpus: no favourite place, steadiness, an eye for faults.

- the same answer twice, in one order: neither place may win more than `FIRST_SLOT` allows;
- real pairs, in both orders: the verdict must be the same in `LEAST_CONSISTENCY` of them;
- a right answer against that of another question, by the source, in both orders: the right one must win both times in
  `LEAST_FAULTS` of the pairs. In every second pair the wrong one is the longer, in the others the shorter, so that
  nobody passes by length;
- a right answer against the same with empty sentences behind it: who prefers those is told, and fails nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agents.models.client import Client
from agents.progress import Stage
from agents.records import Item
from agents.roles.pairwise_judge import NEEDS_SOURCE, Criterion
from agents.spread import spread
from agents.text.numbers import numbers_in
from agents.text.words import content_words
from eval.judge.config import Reading
from eval.judge.pairs import Asked, Pair
from eval.judge.tally import first_slot, order_effects
from eval.judge.verdicts import Comparison, Verdict, comparisons, judged, log_odds
from eval.statistics import Proportion, of_counts

FIRST_SLOT = (0.4, 0.6)
LEAST_CONSISTENCY = 0.7
LEAST_FAULTS = 0.8
FEWEST = 8  # items of a part: a share of fewer says nothing
PADDING = (
    "This is an interesting question, and there is more than one way to look at it. It is worth taking a moment to "
    "consider what is asked here before coming to a conclusion. As so often, the details matter, and a careful reader "
    "will want to keep them in mind. In any case, this is what can be said about it at this point."
)
"""Says nothing. In English whatever the language of the answers: it is padding in any."""


class ExamResult(Item):
    """How a judge did; `faults` says why it did not pass, nothing if it did.

    `first_slot`, `consistency` and `padded` are shares (None: nothing could be read), `found` the planted faults found
    in both orders, `items` the comparisons read of each part. `bias` is the log-odds taken off every probability.
    """

    reading: Reading
    first_slot: float | None
    consistency: float | None
    found: Proportion
    padded: float | None
    padded_by_criterion: dict[str, float]
    unreadable: int
    items: dict[str, int]
    bias: float = 0.0
    faults: list[str] = []

    @property
    def passed(self) -> bool:
        """Whether the judge's table counts."""
        return not self.faults


class ExamItems(NamedTuple):
    """The comparisons of an exam, part by part; of pairs in both orders, one order behind the other."""

    identical: list[Comparison]
    real: list[Comparison]
    planted: list[Comparison]
    padded: list[Comparison]

    @property
    def calls(self) -> int:
        """The comparisons of all parts."""
        return sum(len(part) for part in self)


def exam_items(
    pairs: Sequence[Pair], questions: Sequence[Asked], criteria: Sequence[Criterion], most: int
) -> ExamItems:
    """At most `most` comparisons of each part, from this corpus and these answers; the same every time."""
    known = spread([asked for asked in questions if asked.answer and asked.source], most)
    return ExamItems(
        _identical(spread(pairs, most), criteria),
        comparisons(spread([pair for pair in pairs if not pair.alike], most), criteria, 1),
        [one for item in _planted(known) for one in (item, item.swapped())],
        [one for item in _padded(known, criteria) for one in (item, item.swapped())],
    )


def _identical(pairs: Sequence[Pair], criteria: Sequence[Criterion]) -> list[Comparison]:
    """Each question with one and the same answer in both places; the contestants and the criteria take turns."""
    found: list[Comparison] = []
    for number, pair in enumerate(pairs):
        criterion = criteria[number % len(criteria)]
        same = (pair.one, pair.other)[number % 2] or pair.one or pair.other
        source = pair.asked.source if criterion in NEEDS_SOURCE else ""
        asks: Criterion = "directness" if criterion in NEEDS_SOURCE and not source else criterion
        found.append(_comparison(pair.asked, same, same, asks, source))
    return found


def _planted(known: Sequence[Asked]) -> list[Comparison]:
    """The right answer as `one`, that of another question as `other`; they take turns in being padded."""
    found = []
    for number, asked in enumerate(known):
        wrong = _wrong_for(asked, [*known[number + 1 :], *known[:number]])
        if wrong:
            right, wrong = (
                (asked.answer, f"{wrong}. {PADDING}") if number % 2 else (f"{asked.answer}. {PADDING}", wrong)
            )
            found.append(_comparison(asked, right, wrong, "correctness", asked.source))
    return found


def _wrong_for(asked: Asked, others: Sequence[Asked]) -> str:
    """The answer of another question that the source of this one does not hold: a number for a number if it can be."""
    shown = content_words(f"{asked.source} {asked.answer}") | numbers_in(f"{asked.source} {asked.answer}")
    apart = [o.answer for o in others if not (content_words(o.answer) | numbers_in(o.answer)) & shown]
    like = [answer for answer in apart if bool(numbers_in(answer)) == bool(numbers_in(asked.answer))]
    return next(iter([*like, *apart]), "")


def _padded(known: Sequence[Asked], criteria: Sequence[Criterion]) -> list[Comparison]:
    """The padded answer as `one`, the short one as `other`."""
    return [
        _comparison(
            asked,
            f"{asked.answer}. {PADDING}",
            asked.answer,
            criteria[number % len(criteria)],
            asked.source if criteria[number % len(criteria)] in NEEDS_SOURCE else "",
        )
        for number, asked in enumerate(known)
    ]


def _comparison(asked: Asked, one: str, other: str, criterion: Criterion, source: str) -> Comparison:
    return Comparison(question=asked.id, text=asked.text, one=one, other=other, criterion=criterion, source=source)


async def take_exam(client: Client, exam: ExamItems, reading: Reading, stage: Stage) -> ExamResult:
    """Ask the judge and mark what it says.

    By probabilities, half of the identical answers tell the judge's own preference for a place, which is taken off
    every verdict; the other half tells whether that helps. Raises as `judged` does.
    """
    bias, identical = 0.0, exam.identical
    if reading == "probabilities":
        tried = await judged(client, identical[::2], reading, stage)
        odds = [log_odds(v.share) for v in tried if v.share is not None]
        bias, identical = sum(odds) / max(len(odds), 1), identical[1::2]
    parts = [await judged(client, part, reading, stage, bias) for part in (identical, *exam[1:])]
    return mark(*parts, reading=reading, bias=bias)


def mark(
    identical: Sequence[Verdict],
    real: Sequence[Verdict],
    planted: Sequence[Verdict],
    padded: Sequence[Verdict],
    reading: Reading = "written",
    bias: float = 0.0,
) -> ExamResult:
    """The figures of an exam, and why it is not passed if it is not."""
    right: dict[str, list[int | None]] = {}
    for verdict in planted:
        right.setdefault(verdict.question, []).append(verdict.winner)
    readable = [(*part,) for part in (identical, real, planted, padded)]
    items = {
        name: sum(v.share is not None for v in part)
        for name, part in zip(("identical", "real", "planted", "padded"), readable, strict=True)
    }
    by_criterion: dict[str, list[Verdict]] = {}
    for verdict in padded:
        by_criterion.setdefault(verdict.criterion, []).append(verdict)
    exam = ExamResult(
        reading=reading,
        first_slot=first_slot(identical),
        consistency=order_effects(real)["consistency"],
        found=of_counts(sum(winners == [1, 1] for winners in right.values()), len(right)),
        padded=_share_of_one(padded),
        padded_by_criterion={
            c: share for c, part in by_criterion.items() if (share := _share_of_one(part)) is not None
        },
        unreadable=sum(len(part) for part in readable) - sum(items.values()),
        items=items,
        bias=bias,
    )
    return exam.model_copy(update={"faults": _faults(exam)})


def _share_of_one(verdicts: Sequence[Verdict]) -> float | None:
    won = [(1 + v.winner) / 2 for v in verdicts if v.winner is not None]
    return sum(won) / len(won) if won else None


def _faults(exam: ExamResult) -> list[str]:
    found = []
    if exam.first_slot is None or exam.items["identical"] < FEWEST:
        found.append(f"only {exam.items['identical']} verdicts on identical answers could be read; {FEWEST} are needed")
    elif not FIRST_SLOT[0] <= exam.first_slot <= FIRST_SLOT[1]:
        found.append(f"of identical answers it prefers the first in {exam.first_slot:.0%}, beyond 40–60 %")
    if exam.consistency is None or exam.items["real"] < 2 * FEWEST:
        found.append(f"only {exam.items['real']} verdicts on real pairs could be read; {2 * FEWEST} are needed")
    elif exam.consistency < LEAST_CONSISTENCY:
        found.append(f"it keeps its verdict in the other order in {exam.consistency:.0%} of real pairs, under 70 %")
    if exam.found.n < FEWEST:
        found.append(
            f"only {exam.found.n} faults could be planted; {FEWEST} are needed (gold with answers and evidence)"
        )
    elif exam.found.hits < LEAST_FAULTS * exam.found.n:
        found.append(f"it finds {exam.found.hits} of {exam.found.n} planted faults in both orders, under 80 %")
    return found

"""Verdicts of a judge: who is better in one respect, asked blind, and turned back to the contestants' names."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress

from agents.errors import ITEM_ERRORS
from agents.models.client import Client
from agents.models.dialect import Unsupported
from agents.progress import Stage
from agents.records import Item
from agents.roles.pairwise_judge import (
    NEEDS_SOURCE,
    PAIRWISE_JUDGE,
    TOKEN_JUDGE,
    Criterion,
    PairwiseVerdict,
    p_first,
    shown,
)
from agents.roles.role import GREEDY, Sampling
from eval.judge.config import Reading
from eval.judge.pairs import Pair
from graphs.concurrency import ITEMS_A_CALL, gather

TIE = 0.05  # a probability so near to one half is no preference
WARM = 0.7  # temperature of the trials behind the first
SHARES = {"1": 1.0, "2": 0.0, "tie": 0.5}
MOST_SAID = 300  # characters of a reply that are kept with a verdict
SURE = 1e-6  # no probability is taken for surer


class Comparison(Item):
    """What the judge is asked: whether the answer of `one` is better than that of `other` in this respect.

    `one_first`: whether that of `one` is shown as answer 1.
    """

    question: str
    text: str
    one: str
    other: str
    criterion: Criterion
    source: str = ""
    one_first: bool = True
    trial: int = 0

    @property
    def answers(self) -> tuple[str, str]:
        """As they are shown."""
        return (self.one, self.other) if self.one_first else (self.other, self.one)

    def swapped(self) -> Comparison:
        """The same in the other order."""
        return self.model_copy(update={"one_first": not self.one_first})


class Verdict(Item):
    """What came of a comparison: `share` is 1 where `one` is better, 0 where `other` is, between them by how much.

    None: the verdict could not be read; `said` is the judge's reason, or what came in place of a verdict.
    """

    question: str
    criterion: str
    one_first: bool
    trial: int
    share: float | None
    said: str = ""

    @property
    def winner(self) -> int | None:
        """1 for `one`, -1 for `other`, 0 for neither."""
        return None if self.share is None else (self.share > 0.5 + TIE) - (self.share < 0.5 - TIE)


def comparisons(pairs: Sequence[Pair], criteria: Sequence[Criterion], trials: int) -> list[Comparison]:
    """Every pair by every criterion in both orders; those whose source is not known not by correctness.

    Pairs of the same words are left out: they are ties without a call.
    """
    return [
        Comparison(
            question=pair.asked.id,
            text=pair.asked.text,
            one=pair.one,
            other=pair.other,
            criterion=criterion,
            source=pair.asked.source if criterion in NEEDS_SOURCE else "",
            one_first=one_first,
            trial=trial,
        )
        for pair in pairs
        if not pair.alike
        for one_first in (True, False)
        for criterion in criteria
        if pair.asked.source or criterion not in NEEDS_SOURCE
        for trial in range(trials)
    ]


async def judged(
    client: Client, asked: Sequence[Comparison], reading: Reading, stage: Stage, bias: float = 0.0
) -> list[Verdict]:
    """A verdict a comparison, in order; `bias` is the log-odds that the judge gives the first place whatever it holds.

    Raises what `Client.ask` raises, but for one bad reply: that is a verdict that could not be read.
    """

    async def one(comparison: Comparison) -> Verdict:
        first, said = await (_written if reading == "written" else _token)(client, comparison)
        stage.count("judged" if first is not None else "unreadable")
        if first is not None and bias:
            first = unbiased(first, bias)
        share = first if first is None or comparison.one_first else 1 - first
        return Verdict(
            question=comparison.question,
            criterion=comparison.criterion,
            one_first=comparison.one_first,
            trial=comparison.trial,
            share=share,
            said=said[:MOST_SAID],
        )

    return await gather(asked, one, asyncio.Semaphore(ITEMS_A_CALL * client.config.calls_at_once))


def log_odds(p: float) -> float:
    """ln(p / (1 - p)), finite for 0 and 1."""
    p = min(max(p, SURE), 1 - SURE)
    return math.log(p / (1 - p))


def unbiased(p: float, bias: float) -> float:
    """The probability without the judge's own preference for a place (Zhao and others 2021, arXiv 2102.09690)."""
    return 1 / (1 + math.exp(bias - log_odds(p)))


async def _written(client: Client, asked: Comparison) -> tuple[float | None, str]:
    """P(first) as 1, 0 or a half, and the reason."""
    sampling = Sampling(asked.trial, WARM) if asked.trial else GREEDY
    try:
        verdict: PairwiseVerdict = await PAIRWISE_JUDGE.ask(client, sampling, **_inputs(asked))
    except ITEM_ERRORS as error:
        return None, f"{error.reason}: {error.said}"
    return SHARES[verdict.winner], verdict.reason


async def _token(client: Client, asked: Comparison) -> tuple[float | None, str]:
    """P(first) from the log-probabilities of the one token asked for."""
    if client.dialect.probabilities:
        with suppress(Unsupported):
            try:
                reply = await TOKEN_JUDGE.ask_text(client, logprobs=True, **_inputs(asked))
            except ITEM_ERRORS as error:
                return None, f"{error.reason}: {error.said}"
            return p_first(reply), reply.text
    return None, "the server gives no log-probabilities"


def _inputs(asked: Comparison) -> dict[str, str]:
    return shown(asked.text, *asked.answers, asked.criterion, asked.source)

"""Which of the checked rows are taught: one ranking of the whole set, cut where the budget ends.

Written wide, chosen after: facts first, then their sides, then chunks. Since it is one ranking, the set of a larger
budget holds that of a smaller one, and a student can be taught more without unlearning what was chosen before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from agents.records import SYSTEM_PROMPT, Example, Rejected
from agents.text.words import CHARACTERS_PER_TOKEN
from graphs.config import SynthesisConfig
from graphs.dataset.diversity import MOST_COMPARED, Asked
from graphs.dataset.duplicates import answer_key
from graphs.dataset.filters import as_rejected
from graphs.dataset.splits import taught

MOST_REFUSALS = 0.07  # of any part of the ranking, so that they stay under 8 % of what is left to train
GATE = "selection"
OVER_BUDGET = "over the budget"
TOO_LIKE = "too like another question"
TOO_MANY_REFUSALS = "more refusals than 7 of 100 rows"
REFUSED = "unanswerable"


class Selected(NamedTuple):
    """The rows to teach, best first, and the others with why they are left out; `tokens` is an estimate of the kept."""

    kept: list[Example]
    dropped: list[Rejected]
    tokens: int


class Place(NamedTuple):
    """A row in the ranking: it is its fact's `turn`-th, from 0, and may be the first of its side."""

    row: Example
    turn: int
    opens_side: bool


class Ranking(NamedTuple):
    """All rows that may be taught, best first, and those that never are, with their reason."""

    places: list[Place]
    left: list[tuple[Example, str]]


def row_tokens(row: Example, config: SynthesisConfig) -> int:
    """Training tokens of a row, its system prompt included: an estimate from its characters."""
    characters = len(SYSTEM_PROMPT) + len(row.question) + len(taught(row, config))
    return max(1, characters // CHARACTERS_PER_TOKEN)


def select(rows: Sequence[Example], config: SynthesisConfig, source_characters: int) -> Selected:
    """The rows under `rows_per_fact`, `row_budget` and `token_budget`, out of the checked rows of every kind.

    Kept rows with the same fact and the same answer are wordings of the best of them (`wording_of`). `rows_per_fact`
    counts the rows of a fact, `token_budget` is a multiple of the documents' tokens (`source_characters` / 4), and 0
    stands for no such limit. The order of `rows` changes nothing.
    """
    ranking = rank(rows)
    most_tokens = config.token_budget * source_characters / CHARACTERS_PER_TOKEN
    kept: list[Example] = []
    left = list(ranking.left)
    tokens, full = 0, False
    for place in ranking.places:
        size = row_tokens(place.row, config)
        more = place.turn >= config.rows_per_fact
        full = (
            full
            or (more and place.row.kind != REFUSED)  # no later answered row is of an earlier turn
            or (bool(most_tokens) and tokens + size > most_tokens)
            or (bool(config.row_budget) and len(kept) >= config.row_budget)
        )
        if full or more:
            left.append((place.row, OVER_BUDGET))
            continue
        kept.append(place.row)
        tokens += size
    return Selected(_as_wordings(kept), [_left_out(row, reason) for row, reason in left], tokens)


def rank(rows: Sequence[Example]) -> Ranking:
    """All rows, the most needed first, in time n·log n.

    Every answered fact has its first row before any has its second, and so on. Within a turn the rows that open a new
    side come first; then kinds are mixed in proportion, and chunks take turns. Refusals are spread evenly, at most 7 of
    the first 100 rows, and of every other number; their facts take turns among themselves.
    """
    by_fact: dict[str, list[Example]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.id, row.answer)):
        by_fact[row.fact].append(row)
    left: list[tuple[Example, str]] = []
    turns: dict[tuple[bool, int, bool], list[Place]] = defaultdict(list)
    for of_fact in by_fact.values():
        places, out = _order(of_fact)
        left += out
        for place in places:
            turns[place.row.kind == REFUSED, place.turn, not place.opens_side].append(place)
    answered = [place for key in sorted(turns) if not key[0] for place in _mixed(turns[key])]
    refusals = [place for key in sorted(turns) if key[0] for place in _mixed(turns[key])]
    most = int(MOST_REFUSALS * len(answered) / (1 - MOST_REFUSALS))
    left += [(place.row, TOO_MANY_REFUSALS) for place in refusals[most:]]
    return Ranking(list(_spread(answered, refusals[:most])), left)


def _order(rows: Sequence[Example]) -> tuple[list[Place], list[tuple[Example, str]]]:
    """The rows of a fact in the order in which they are wanted, and those that it does not need.

    Next is a row of the side with the fewest rows so far, of it the answer with the fewest, of those the question that
    is least like what is chosen. One that is too like a chosen one with the same answer is out.
    """
    asked = [Asked.of(row.question) for row in rows]
    answers = [answer_key(row.answer) for row in rows]
    likeness = [0.0] * len(rows)
    sides, given = Counter[str](), Counter[tuple[str, ...]]()
    waiting = set(range(len(rows)))
    places: list[Place] = []
    out: list[tuple[Example, str]] = []
    while waiting and len(places) < MOST_COMPARED:
        best = min(waiting, key=lambda n: (sides[rows[n].source.style], given[answers[n]], likeness[n], n))
        waiting.discard(best)
        side = rows[best].source.style
        places.append(Place(rows[best], len(places), not sides[side]))
        sides[side] += 1
        given[answers[best]] += 1
        for n in list(waiting):
            if answers[n] == answers[best] and asked[n].too_like(asked[best]):
                waiting.discard(n)
                out.append((rows[n], TOO_LIKE))
            else:
                likeness[n] = max(likeness[n], asked[n].rouge_l(asked[best]))
    return places, [*out, *((rows[n], OVER_BUDGET) for n in sorted(waiting))]


def _mixed(places: Iterable[Place]) -> list[Place]:
    """Rows of one turn: each kind evenly spread over it, and within a kind one row a chunk before the second of any.

    Otherwise they come in the order of their ids, which are hashes: a fair draw that is the same everywhere.
    """
    seen = Counter[tuple[str, str]]()
    by_kind: dict[str, list[tuple[int, str, Place]]] = defaultdict(list)
    for place in places:
        kind, chunk = place.row.kind, _chunk(place.row)
        by_kind[kind].append((seen[kind, chunk], place.row.id, place))
        seen[kind, chunk] += 1
    spread = [
        ((n + 0.5) / len(of_kind), kind, place)
        for kind, of_kind in by_kind.items()
        for n, (_, _, place) in enumerate(sorted(of_kind, key=lambda entry: entry[:2]))
    ]
    return [place for _, _, place in sorted(spread, key=lambda entry: entry[:2])]


def _chunk(row: Example) -> str:
    """Where a row's answer stands first."""
    return row.evidence[0].chunk_id if row.evidence else next(iter(row.source.chunks), "")


def _spread(answered: Sequence[Place], refusals: Sequence[Place]) -> Iterator[Place]:
    """Refusals at even distances among the answered rows, never more than their share of what came so far."""
    total = len(answered) + len(refusals)
    rest = iter(answered)
    given = 0
    for length in range(1, total + 1):
        if (given + 1) * total <= len(refusals) * length:
            yield refusals[given]
            given += 1
        else:
            yield next(rest)


def _as_wordings(kept: Sequence[Example]) -> list[Example]:
    first: dict[tuple[str, tuple[str, ...]], str] = {}
    groups = [first.setdefault((row.fact, answer_key(row.answer)), row.id) for row in kept]
    return [
        row.model_copy(update={"wording_of": None if group == row.id else group})
        for row, group in zip(kept, groups, strict=True)
    ]


def _left_out(row: Example, reason: str) -> Rejected:
    return as_rejected(row.model_copy(update={"wording_of": None}), reason, GATE)

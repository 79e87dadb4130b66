"""How many rows a corpus is to get: a budget in rows, or in their tokens for each token of the documents.

It is spent round by round. The first asks as if every draft and wording were kept; what the critic took away is asked
for in the next ones, until the budget is reached or `local.briefs` are asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agents.records import SYSTEM_PROMPT, Chunk, Example
from agents.text.words import CHARACTERS_PER_TOKEN
from graphs.config import SynthesisConfig

# of the briefs asked so far that a further round asks for: a last row that is never kept must not cost a round a try
LEAST_SHARE = 0.1
ROW_TOKENS = 44  # of a row of examples/demo, its system prompt included: 175 characters in the mean


class Spent(NamedTuple):
    """What the kept rows come to; tokens are an estimate."""

    rows: int = 0
    tokens: int = 0

    @classmethod
    def on(cls, rows: Iterable[Example]) -> Spent:
        """The sum over `rows`."""
        sizes = [len(SYSTEM_PROMPT) + len(row.question) + len(row.answer) for row in rows]
        return cls(len(sizes), sum(sizes) // CHARACTERS_PER_TOKEN)


def wanted(chunks: Sequence[Chunk], config: SynthesisConfig, spent: Spent, asked: int) -> int | None:
    """Local briefs to ask for beyond the `asked` ones: 0 when the budget is reached, None where the config has none."""
    shares = []
    if config.row_budget:
        shares.append((config.row_budget, spent.rows, 1.0))
    if config.token_budget:
        shares.append(
            (config.token_budget * sum(len(c.text) for c in chunks) / CHARACTERS_PER_TOKEN, spent.tokens, ROW_TOKENS)
        )
    if not shares:
        return None
    most = 1 + config.wordings.per_question + config.wordings.framings  # rows of a brief when nothing is rejected
    left = min((budget - used) / (max(used, 1) / asked if asked else most * size) for budget, used, size in shares)
    return max(math.ceil(left), math.ceil(LEAST_SHARE * asked)) if left > 0 else 0

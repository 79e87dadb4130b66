"""The model's word on pairs of names that may be one thing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from agents.errors import ITEM_ERRORS
from agents.models.client import Client
from agents.records import Chunk, content_id
from agents.roles.same_entity import Doubt, judge_many, judge_pair
from agents.text.spans import locate
from graphs.concurrency import gather
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.merge import Merged, Merging
from graphs.knowledge.names import Name
from graphs.knowledge.pairs import Pair

Turn = AbstractAsyncContextManager[Any]
PAIRS_A_CALL = 20  # about: 1,500 tokens of names and sentences
MOST_OTHERS = 5  # names that are shown as what else the briefer one may be
MOST_TOLD = 300  # characters of a sentence


async def resolved(merging: Merging, client: Client, turn: Turn) -> Merged:
    """The graph with its names in doubt decided by the model or by rule, as [knowledge] resolution says.

    Pairs of a call that failed are two things each, and counted.
    """
    asked = merging.config.asks(client.config)
    same, unjudged = await same_pairs(merging, client, turn) if asked else (merging.likely(), 0)
    return (await asyncio.to_thread(merging.end, same))._replace(unjudged=unjudged)


async def same_pairs(merging: Merging, client: Client, turn: Turn) -> tuple[list[Pair], int]:
    """The pairs that the model takes for one thing, and how many pairs had a call that failed."""
    fuller: dict[str, list[str]] = defaultdict(list)
    for pair in merging.pairs:
        fuller[pair.short].append(pair.full)
    one_by_one = client.config.provider == "local"

    async def one(call: Sequence[Pair]) -> tuple[list[Pair], int]:
        doubts = [doubt(merging, pair, fuller[pair.short]) for pair in call]
        try:
            verdicts = [await judge_pair(client, doubts[0])] if one_by_one else await judge_many(client, doubts)
        except ITEM_ERRORS:
            return [], len(call)
        return [pair for pair, same in zip(call, verdicts, strict=True) if same], 0

    calls = [[pair] for pair in merging.pairs] if one_by_one else in_calls(merging.pairs)
    judged = await gather(calls, one, turn)
    return [pair for same, _ in judged for pair in same], sum(failed for _, failed in judged)


def in_calls(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs in calls of about 20: a call ends where the pair itself says so.

    So a new document, which brings new pairs, leaves most calls as they were, and they are not paid again.
    """
    calls: list[list[Pair]] = [[]]
    for pair in pairs:
        calls[-1].append(pair)
        if int(content_id("pair", *pair)[-4:], 16) % PAIRS_A_CALL == 0 or len(calls[-1]) == 2 * PAIRS_A_CALL:
            calls.append([])
    return [call for call in calls if call]


def doubt(merging: Merging, pair: Pair, fuller: Sequence[str] = ()) -> Doubt:
    """What the model is shown of a pair: a sentence each, from one page or document where both stand in one.

    `fuller` are the keys of all names that the briefer one may stand for.
    """
    names, text = merging.names, merging.text
    left, right = names[pair.short], names[pair.full]
    pages = [text.ordered(name.chunks) for name in (left, right)]
    shared = left.chunks & right.chunks
    documents = left.documents & right.documents
    where, near = "in two documents", pages
    if shared:
        where, near = "on one page", [[chunk for chunk in side if chunk.id in shared] for side in pages]
    elif documents:
        where = "in one document"
        near = [[chunk for chunk in side if chunk.document_id in documents] for side in pages]
    others = [names[key].spelling for key in fuller if key != pair.full][:MOST_OTHERS]
    told = (_told(left, near[0], text, right.form), _told(right, near[1], text))
    kinds = [name.types.most_common(1)[0][0] for name in (left, right)]
    return Doubt(left.spelling, right.spelling, kinds[0], kinds[1], told[0], told[1], where, others)


def _told(name: Name, chunks: Sequence[Chunk], text: Mentions, longer: str = "") -> str:
    """The first sentence of these chunks that holds the name, best if not only within the longer one.

    Else what is near it: in a table, a heading, or after a "Dr." where a sentence seems to end.
    """
    for within in dict.fromkeys((longer, "")):
        if found := next(filter(None, (text.told({name.form}, chunk, within) for chunk in chunks)), ""):
            return found[:MOST_TOLD]
    page = chunks[0].text
    at = locate(name.spelling, page) or (0, 0)
    start = page.rfind(" ", 0, max(0, at[0] - MOST_TOLD // 2)) + 1
    return page[start : max(page.rfind(" ", 0, start + MOST_TOLD), at[1])] if len(page) > MOST_TOLD else page

"""Do two names mean one person, place or thing? Asked only where normalised names leave it in doubt.

Matching by a language model given both descriptions: Peeters and Bizer 2023, arXiv 2310.11244. A capable model judges
many pairs in one call; an embedded one is asked one token a pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel

from agents.models.client import Client
from agents.roles.critic import YesOrNo, p_yes
from agents.roles.entries import readable_entries, verdicts_by_number
from agents.roles.role import READS, Role, fence, fill

BOTH = "facts and ragtuned"
LEAST_SURE = 0.7  # P(yes) of a pair that counts as one: set on 44 pairs of bench/quality/resolution.jsonl


class PairVerdict(BaseModel):
    """The verdict on one pair, by its number."""

    pair: int
    verdict: Literal["same", "different", "unsure"]


class PairVerdicts(BaseModel):
    """A verdict for every pair."""

    verdicts: Annotated[list[PairVerdict], readable_entries(PairVerdict)]


PROMPT = """{{pairs}}

Each number above holds two names that stand in a collection of documents, what kind of thing each was taken for, \
whether both stand on one page, and a sentence of each. "Or" names others in the collection that the briefer one may \
stand for. Do both mean the same person, place or thing?

verdicts: for every number (pair) one verdict:
- same: a briefer or fuller form, a title, an abbreviation, another spelling or another name of the same one. A \
briefer name is that of the only one who bears it here, unless something above speaks for a second;
- different: two of them, such as members of a family, a place and what is named after it or lies in it, a part and \
its whole, two of a series, two companies, or two that one sentence tells of as two;
- unsure: it may be one of several, or the kinds, places and company that they are met in do not go together."""

PAIR_PROMPT = """{{pair}}

Do the names A and B mean the same person, place or thing? Answer yes or no."""


class Doubt(NamedTuple):
    """Two names that may be one thing: how each is spelled, what kind it is said to be, and a sentence of each."""

    left: str
    right: str
    left_kind: str
    right_kind: str
    left_told: str
    right_told: str
    where: str = ""
    """Whether both were read on one page, in one document or in two."""
    others: Sequence[str] = ()
    """What else the briefer name may stand for."""


def _in_one_call(doubt: Doubt) -> str:
    """A pair among others: the names, and a line for the sentence of each."""
    others = f"; or: {', '.join(doubt.others)}" if doubt.others else ""
    told = (
        [f"Both: {doubt.left_told}"]
        if doubt.left_told == doubt.right_told
        else [f"{doubt.left}: {doubt.left_told}", f"{doubt.right}: {doubt.right_told}"]
    )
    lines = [f"{doubt.left} ({doubt.left_kind}) and {doubt.right} ({doubt.right_kind}), {doubt.where}{others}", *told]
    return "\n   ".join(" ".join(line.split()) for line in lines)


def _alone(doubt: Doubt) -> str:
    """A pair in a call of its own."""
    lines = (
        f"A: {doubt.left} ({doubt.left_kind}). {doubt.left_told}",
        f"B: {doubt.right} ({doubt.right_kind}). {doubt.right_told}",
    )
    return fence("\n".join(" ".join(line.split()) for line in lines))


EXAMPLES = (
    ("Dr. Ruth Alder", "Ruth Alder", "person", "Dr. Ruth Alder spoke.", "Ruth Alder lives in Umber.", "yes"),
    ("Clara Voss", "Edgar Voss", "person", "Clara Voss sang.", "Edgar Voss sold the barn.", "no"),
    ("Tom", "Tom Barlow", "person", "Tom shut the gate.", "Tom Barlow keeps the ferry.", "yes"),
    ("Ferrin", "Ferrin Street", "place", "Ferrin has a market.", "The shop is in Ferrin Street.", "no"),
    (
        *("UFA", "Ulm Fishing Association", "organization"),
        *("The UFA met.", "The Ulm Fishing Association has a boat.", "yes"),
    ),
    ("the bell", "bell rope", "thing", "The bell rang.", "The bell rope broke.", "no"),
    ("Jon Birk Sr.", "Jon Birk Jr.", "person", "Jon Birk Sr. is a smith.", "Jon Birk Jr. went to sea.", "no"),
    ("Ed Marsh", "Edward Marsh", "person", "Ed Marsh paid.", "Edward Marsh has the key.", "yes"),
)
"""Without them a 1.5B model says no to every pair."""

SAME_ENTITY = Role(
    "same_entity",
    PairVerdicts,
    PROMPT,
    4_000,
    lambda inputs: PairVerdicts(
        verdicts=[PairVerdict(pair=n, verdict="unsure") for n in range(1, inputs["count"] + 1)]
    ),
    rank=READS,
    usual_tokens=300,
    recipe=BOTH,
)
SAME_PAIR = Role(
    "same_entity.pair",
    YesOrNo,
    PAIR_PROMPT,
    1,
    lambda inputs: 0.0,
    rank=READS,
    examples=tuple(
        (fill(PAIR_PROMPT, {"pair": _alone(Doubt(left, right, kind, kind, told, other))}), said)
        for left, right, kind, told, other, said in EXAMPLES
    ),
    recipe=BOTH,
)


async def judge_many(client: Client, doubts: Sequence[Doubt]) -> list[bool]:
    """Whether each pair is one thing, in one call.

    A pair that the reply leaves out, or judges twice and differently, is asked about once more; one without a verdict
    then is two things, as is one that the model is unsure of. Raises what `Role.ask` raises.
    """

    async def ask(numbers: Sequence[int]) -> list[tuple[int, str]]:
        listed = "\n".join(f"{n + 1}. {_in_one_call(doubts[n])}" for n in numbers)
        reply = await SAME_ENTITY.ask(client, pairs=fence(listed), count=len(doubts))
        return [(verdict.pair - 1, verdict.verdict) for verdict in reply.verdicts]

    return [verdict == "same" for verdict in await verdicts_by_number(len(doubts), ask)]


async def judge_pair(client: Client, doubt: Doubt) -> bool:
    """Whether a pair is one thing, by P(yes) of one token, or by the token where the server gives none.

    Raises what `Client.ask` raises.
    """
    reply = await SAME_PAIR.ask_text(client, logprobs=True, pair=_alone(doubt))
    sure = p_yes(reply)
    return reply.text.strip().casefold().startswith("yes") if sure is None else sure >= LEAST_SURE

"""What a server sent, made fit to keep: bounded, of characters that every file takes, with numbers that are numbers.

A reply is a stranger's text. Nothing of it may break the run or the project's files: what cannot be used is left out,
and a text that no role asks for is an unreadable reply of its own.
"""

from __future__ import annotations

import math
import re
from typing import Any

MOST_REPLY = 64_000  # characters that are read: the most that a role asks for, 16,000 tokens, of 4 characters each
MOST_TOKENS = 10_000_000  # of one call: a server that says more is not believed
MOST_LOGPROBS = 20  # alternatives of a token that the protocol knows
LIKELY = 0.01  # a log-probability above 0 by more than rounding is none
UNLIKELY = -1e6
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # what UTF-8, XML or a terminal refuses
THOUGHTS = (("<think>", "</think>"), ("<thinking>", "</thinking>"), ("[THINK]", "[/THINK]"))


def readable(text: str) -> str:
    """`text` with U+FFFD in place of lone surrogates and control characters, cut one character behind the most.

    That character tells `parse` that there was more.
    """
    return UNFIT.sub("\ufffd", text[: MOST_REPLY + 1])


def without_thoughts(text: str) -> str:
    """`text` without its thoughts and the white space after each; linear in time.

    A thought that is not closed stays. Where only the end mark came (a chat template wrote the other one into the
    prompt), all before it was thought.
    """
    for opens, closes in THOUGHTS:
        kept: list[str] = []
        at = 0
        while (end := text.find(closes, at)) >= 0:
            if (begin := text.find(opens, at, end)) >= 0:
                kept.append(text[at:begin])
            else:
                kept.clear()
            at = end + len(closes)
            while at < len(text) and text[at].isspace():
                at += 1
        text = "".join([*kept, text[at:]])
    return text


def storable(value: Any) -> Any:
    """The same strings, lists and objects with U+FFFD in place of lone surrogates and control characters.

    JSON spells them as escapes, so a readable reply may hold them all the same.

    Raises:
        ValueError: a number is not finite, or has more digits than a database holds.

    """
    if isinstance(value, str):
        return UNFIT.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value) or isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError("a number is not finite, or too large")
    return value


def stated(count: Any) -> int:
    """The number of tokens a server states; 0 where it states none, or nonsense."""
    return count if type(count) is int and 0 < count <= MOST_TOKENS else 0


def first_token(logprobs: Any) -> dict[str, float]:
    """The log-probabilities of the first token's alternatives, whatever shape `logprobs` is of; empty without any."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    first = content[0] if isinstance(content, list) and content else None
    tops = first.get("top_logprobs") if isinstance(first, dict) else None
    found: dict[str, float] = {}
    for top in tops[:MOST_LOGPROBS] if isinstance(tops, list) else []:
        token, p = (top.get("token"), top.get("logprob")) if isinstance(top, dict) else (None, None)
        if isinstance(token, str) and isinstance(p, int | float) and UNLIKELY <= p <= LIKELY:
            found[readable(token)] = min(float(p), 0.0)
    return found

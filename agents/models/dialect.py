"""What one model takes: found out from what its server refuses, and kept in the call store.

Servers of the OpenAI protocol differ in the parameters they know. Everything is sent until a refusal names a part of
it; that part is then left out, renamed or said in another way, and the request goes out once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import ValidationError

from agents.records import Item

Rung = Literal["json_schema", "tools", "json_object", "prompt"]
# how structured output is asked for, the surest first
LADDER: tuple[Rung, ...] = ("json_schema", "tools", "json_object", "prompt")
LIMITS = ("max_completion_tokens", "max_tokens")  # the names that the limit of a reply goes by, the newer one first
LEFT_OUT = ("temperature", "seed", "reasoning_effort")
OBJECTS = frozenset({"response_format", "tools"})
UNSURE = frozenset({*OBJECTS, *LEFT_OUT, "logprobs"})  # what a call can do without: any of it may be refused
REFUSALS = (400, 403, 404, 422, 500, 501)  # the statuses by which servers refuse a parameter
SURE_BY_ITSELF = (400, 404, 422, 501)  # elsewhere the words must say that something is not taken
FEWER_LOGPROBS = 5  # the most that several hosts give
NEAR_A_LIMIT = 64  # tokens: a server may have a least limit of its own, or count marks of its template
ABOUT_ONE_REPLY = ("json_validate_failed", "content_filter", "context_length_exceeded")
# of these no parameter is at fault, though some may be named
TOO_LONG = re.compile(
    r"context (length|window|size)|maximum context|reduce the (length|prompt)|too long|max\w*_tokens\W+(is )?too large|"
    r"failed_generation"
)
NOT_TAKEN = re.compile(
    r"support|not (allow|permit|accept|availab|implement)|unknown|unrecogni[sz]ed|unexpected|extra|invalid|forbidden"
)
STRICT = re.compile(r"\bstrict\b|additionalproperties|invalid schema|required to be supplied")
ABOUT_SCHEMA = ("response_format", "schema", "grammar", "tool", "function", "json")


class Unsupported(Exception):
    """The model does not take `name`: a parameter, a rung of structured output, or a limit without room to think.

    `sent`: it answered all the same, and is paid for.
    """

    def __init__(self, name: str, sent: bool = False) -> None:
        super().__init__(name)
        self.name = name
        self.sent = sent


class Dialect(Item):
    """What is known of one model."""

    rung: Rung = LADDER[0]
    without: tuple[str, ...] = ()
    """The parameters that it refused. `many_logprobs`: not so many; `system`: no message of that role."""
    thinks: bool = False
    """It spends tokens before its first word: the limits of the roles leave no room for that."""

    def knowing(self, name: str) -> Dialect:
        """The dialect after a refusal of `name`; the same if that is known already."""
        if name == "thinks":
            return self.model_copy(update={"thinks": True})
        if name in LADDER:
            return self.on(LADDER[LADDER.index(name) + 1]) if self.rung == name else self
        return self.model_copy(update={"without": tuple(sorted({*self.without, name}))})

    def on(self, rung: Rung) -> Dialect:
        """The same on another rung."""
        return self if rung == self.rung else self.model_copy(update={"rung": rung})

    def plainest(self, names: Iterable[str]) -> Dialect:
        """The same without these of `UNSURE`, for a server that refuses one of them and does not say which."""
        rung = LADDER[-1] if OBJECTS.intersection(names) else self.rung
        return self.model_copy(update={"rung": rung, "without": tuple(sorted({*self.without, *names} - OBJECTS))})

    @property
    def limit(self) -> str:
        """What the limit of a reply is called; empty where it takes none."""
        return next((name for name in LIMITS if name not in self.without), "")

    @property
    def probabilities(self) -> bool:
        """Whether the first token tells P(yes): not of a model that thinks first."""
        return "logprobs" not in self.without and not self.thinks

    def words(self) -> Iterator[str]:
        """What is done in place of what it does not take, a clause each."""
        instead = {
            "max_completion_tokens": "its limit is called max_tokens",
            "max_tokens": "it gets no limit",
            "logprobs": "yes or no is decided by a reasoned verdict",
            "many_logprobs": "fewer log-probabilities are asked for",
            "strict": "schemas are not strict",
            "system": "what the system says stands in the question",
        }
        if self.rung != LADDER[0]:
            yield f"objects are asked for by {self.rung}"
        yield from (instead.get(name, f"{name} is left out") for name in self.without)
        if self.thinks:
            yield "it thinks first, and gets tokens for that"


def read_dialect(text: str | None) -> Dialect:
    """The dialect in the call store; a new one where it holds none that this version can read."""
    try:
        return Dialect.model_validate_json(text) if text else Dialect()
    except ValidationError:
        return Dialect()


def unsupported(status: int, error: Any, body: Mapping[str, Any]) -> str:
    """The name of what a server refuses of `body`, as `Dialect.knowing` takes it; empty where it refuses nothing of it.

    `error` is what it said: the object in its answer, or text.
    """
    words = " ".join(_words(error)).lower()
    if status not in REFUSALS or TOO_LONG.search(words) or any(code in words for code in ABOUT_ONE_REPLY):
        return ""
    if status not in SURE_BY_ITSELF and not NOT_TAKEN.search(words):
        return ""
    for name in LEFT_OUT:
        if name in body and name in words:
            return name
    if "logprobs" in body and "logprob" in words:
        most = body.get("top_logprobs", 0) > FEWER_LOGPROBS and re.search(r"top_logprobs.*\d", words)
        return "many_logprobs" if most else "logprobs"
    limit = next((name for name in LIMITS if name in body), "")
    if limit and any(name in words for name in LIMITS):
        return limit
    if "system" in words and re.search("role|message", words) and _has_system(body["messages"]):
        return "system"
    return _rung_refused(words, body)


def misses_limit(tokens_out: int, most: int, whole: bool) -> bool:
    """Whether a reply shows that its limit of `most` tokens was not read; 0 `tokens_out` are not known.

    It is longer, or was cut off (not `whole`) far below it, by a limit of the server's own.
    """
    below = not whole and tokens_out < most - NEAR_A_LIMIT
    return tokens_out > 0 and (tokens_out > most + NEAR_A_LIMIT or below)


def _has_system(messages: list[dict[str, str]]) -> bool:
    return len(messages) > 1 and messages[0]["role"] == "system"


def _rung_refused(words: str, body: Mapping[str, Any]) -> str:
    wanted = body.get("response_format", {})
    rung = "tools" if "tools" in body else wanted.get("type", "")
    if rung == "json_schema" and wanted["json_schema"].get("strict") and STRICT.search(words):
        return "strict"
    return rung if any(word in words for word in ABOUT_SCHEMA) else ""


def _words(error: Any) -> Iterator[str]:
    """All that an error says, but for the input that some servers quote in it."""
    if isinstance(error, Mapping):
        for key, value in error.items():
            if key not in ("input", "ctx", "url", "failed_generation"):
                yield from _words(value)
            elif key == "failed_generation":
                yield key
    elif isinstance(error, list):
        for value in error:
            yield from _words(value)
    elif isinstance(error, str):
        yield error[:1000]

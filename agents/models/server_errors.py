"""What a server's error is about: this request alone, every request, or a moment that passes.

Servers agree on little but the protocol's statuses, so the words decide where a status says too little. A prompt that
a filter stopped, or that is too long, is that item's fault; a key, a model that is not there or an exhausted quota is
everybody's.
"""

from __future__ import annotations

import html
import re
from typing import Literal

from agents.errors import EndpointError, FailedCall, LongPrompt, RateLimited, RefusedPrompt, UnexplainedRefusal
from agents.models.config import ModelConfig
from agents.models.endpoints import key_of, shown
from agents.models.providers import key_variable
from agents.models.request import Busy

Kind = Literal["filtered", "too long", "request", "key", "model", "quota", "later"]
LONGEST_WORDS = 300  # characters of what a server says

FILTERED = re.compile(
    r"content.?filter|content management policy|content.?policy|responsibleai|usage polic|moderation|"
    r"\bflagged|inappropriate content|data_inspection|content exists risk|considered high risk|prohibited_content|"
    r"blocked by .{0,30}(safety|guard|filter|polic)|safety (system|filter|reason)|敏感|不安全",
    re.IGNORECASE,
)
"""Azure, OpenAI, OpenRouter, DashScope, DeepSeek, Moonshot, Google, Zhipu."""
TOO_LONG = re.compile(
    r"context.{0,3}(length|window|size)|maximum (context|prompt|input)|(prompt|input|request|message)s? (is|are) too "
    r"(long|large)|request (entity )?too large|too many (input )?tokens|reduce the length|string_above_max_length|"
    r"exceeds? the (available |maximum |model'?s? )*(context|input|number of tokens)",
    re.IGNORECASE,
)
QUOTA = re.compile(
    r"insufficient.?(quota|balance|credit|funds)|exceeded your current quota|credit balance|billing|payment required|"
    r"out of credits|(daily|monthly) (limit|quota)|(per|a) (day|month)\b|spending limit|余额不足|欠费",
    re.IGNORECASE,
)
KEY = re.compile(
    r"(api|access|authentication|auth).?(key|token)|unauthori[sz]ed|invalid (key|credentials)|"
    r"incorrect .{0,9}key|permission",
    re.IGNORECASE,
)
MODEL = re.compile(
    r"model.{0,80}(not (found|exist|available|supported)|does ?n[o']t exist|no longer|deprecated|unknown)|"
    r"(unknown|invalid|no such|unsupported|not a valid) model|model_not_found|no model|deployment.{0,40}not exist",
    re.IGNORECASE,
)
TOO_MUCH = re.compile(
    r"max_(completion_)?tokens\W{0,3} is too (large|long)", re.IGNORECASE
)  # of a reply: every prompt's
STREAMS_ONLY = re.compile(
    r"stream.{0,40}(only|must|required|support|enable|true)|(only|must|require).{0,40}stream", re.I
)
VAGUE = re.compile(
    r"(an?|the|is|was|of|in|for|errors?|bad|requests?|invalid|wrong|unprocessable|entity|content|input|fail(ed|ure)|"
    r"could|can|not|be|process(ed)?|handle|code|status|type|message|detail|http|none|null|param(eter)?s?|arguments?|"
    r"values?|please|check|your|server|nginx|请求|参数|错误)+"
)
"""Words that a refusal may be made of without saying what was refused."""
SERVER = "is the server in order? `ragtuned doctor` finds out what it takes"
PASSING = (408, 409, 425, 429)  # worth another try, beside the 5xx
PAGE = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)

ADVICE = {
    "key": "check the key in {env}: that it is this server's, and allowed to use the model",
    "model": "check model and base_url (it usually ends in /v1)",
    "quota": "see the billing page of the provider; the same command goes on from here",
}


def kind_of(status: int, words: str, waits: bool = False) -> Kind:
    """What an error is about; `waits`: the server said when to come again, so that a quota is one of the minute."""
    if FILTERED.search(words):
        return "filtered"
    if status == 413 or (status == 429 and "too large" in words.lower()):  # a minute's tokens, and more are asked for
        return "too long"
    if TOO_LONG.search(words) and not TOO_MUCH.search(words) and status not in PASSING:
        return "too long"
    if status == 402 or (QUOTA.search(words) and status < 500 and ("insufficient" in words.lower() or not waits)):
        return "quota"
    if status in PASSING or status >= 500:
        return "later"
    if status == 401 or (status in (400, 403) and KEY.search(words)):
        return "key"
    if status == 404 or MODEL.search(words):
        return "model"
    return "key" if status == 403 else "request"


def refusal(config: ModelConfig, status: int, words: str, wait: float | None = None) -> Exception:
    """What a server's error comes to, by what it is about; `wait`: seconds that it asks for."""
    kind = kind_of(status, words, wait is not None)
    what = f"{shown(config)} answered {status}: {words or 'without a word'}"
    if kind in ("filtered", "too long"):
        return (RefusedPrompt if kind == "filtered" else LongPrompt)(what, raw=words)
    if kind == "request":
        return (FailedCall if says_something(words) else UnexplainedRefusal)(what, raw=words)
    if kind == "later":
        limited = status == 429
        advice = "lower calls_at_once, or check the quota of the key" if limited else SERVER
        return Busy((RateLimited if limited else EndpointError)(what, advice), wait, sent=not limited)
    keyless = kind == "key" and not key_of(config)
    advice = "no key was sent: name its variable as api_key_env" if keyless else ADVICE[kind]
    return EndpointError(what, advice.format(env=key_variable(config)))


def says_something(words: str) -> bool:
    """Whether the words of a refusal say more than that there was one."""
    return any(not VAGUE.fullmatch(word) for word in re.findall(r"[^\W\d_]+", words.lower()))


def plain(text: str) -> str:
    """A page of HTML, or any text, as one line of at most 300 characters."""
    page = PAGE.sub(" ", text[:100_000]) if "<" in text else text
    words = " ".join(html.unescape(page).split())
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…"

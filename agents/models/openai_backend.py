"""A model behind the OpenAI protocol, through langchain-openai.

OpenAI, vLLM, Ollama, LM Studio, llama.cpp, any gateway.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from agents.errors import (
    EndpointError,
    FailedCall,
    RagtunedError,
    RefusedPrompt,
    RefusedReply,
    TruncatedReply,
)
from agents.models import server_errors
from agents.models.completions import AnsweredError, NoChoice, words_in
from agents.models.config import ModelConfig
from agents.models.endpoints import key_of, secrets_in_url, way
from agents.models.masking import Mask
from agents.models.network import spare_loopback
from agents.models.providers import address
from agents.models.replies import first_token, readable, without_thoughts
from agents.models.request import Busy, Request, Rung, SchemaUnsupported, estimated_tokens
from agents.models.retry_after import wait_asked
from agents.models.store import Reply
from agents.models.unreached import CONNECT, FIRST_CONNECT, unreached, was_sent

UNSUPPORTED = (400, 404, 422, 501)  # how servers refuse a parameter they do not know
HICCUP = (
    0.5  # seconds to the next try after a page where an answer should be: a wrong address is told within two or three
)
UNPARSED = (
    "does not match the expected"  # llama.cpp's 500 for a reply its own parser cannot read: the same at every try
)
UNUSABLE = (
    AttributeError,
    TypeError,
    ValueError,
    LookupError,
    ArithmeticError,
    RecursionError,
)  # what a body of another form ends in
# one call for so many at once is made ready beforehand: making one takes milliseconds in which its place would stand
# empty
READY = 8
TOP_LOGPROBS = 10  # enough to find yes and no among the spellings of a first token
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}  # the answer comes whole all the same


class OpenAIBackend:
    """Calls one model of one server.

    The key comes from the environment, is kept nowhere, and is masked in all that the server says.
    """

    def __init__(self, config: ModelConfig, mask: Mask | None = None) -> None:
        self.config = config
        self.identity = config.model
        self.spare = max(1, config.calls_at_once // READY)
        self._chat: Any = None
        self._mask = mask or Mask()
        self._connecting = asyncio.Lock()
        self._reached = self._was_good = False
        self._streams = False
        """Whether the server was found to answer in streams only."""

    async def close(self) -> None:
        """Close the connections to the server."""
        if self._chat is not None:
            await self._chat.http_async_client.aclose()
            self._chat = None

    async def call(self, request: Request, rung: Rung) -> Reply:
        """One call, told apart by how it ended.

        Raises:
            Busy: 429, 5xx, time-out or a lost connection; worth another try.
            SchemaUnsupported: the server refuses a JSON schema.
            EndpointError: the key is refused, the model unknown, the quota used up: no other call would fare better.
            RefusedPrompt, FailedCall: the server refuses this request, and would do so again.
            TruncatedReply, RefusedReply: as the server says.

        """
        streamed = self._streams
        try:
            return await self._answered(request, rung, streamed)
        except RagtunedError:
            raise
        except Exception as error:  # noqa: BLE001 - all are raised again: classified, or as they are but for secrets
            status, said = getattr(error, "status_code", 0), str(error)
            if not streamed and 400 <= status < 500 and server_errors.STREAMS_ONLY.search(said):
                self._streams = True
                return await self.call(request, rung)
            classified = self._classified(error, rung, bool(request.json_schema))
            classified.args = tuple(self._mask(str(arg)) for arg in classified.args)
            raise classified from None  # not from the server's own error: a traceback would print what that quotes

    async def _answered(self, request: Request, rung: Rung, streamed: bool) -> Reply:
        import httpx2

        chat, started = await self._connected(), time.monotonic()
        body = {**_body(request, rung), **(STREAMED if streamed else {})}
        connect = CONNECT if self._reached else FIRST_CONNECT
        timeout = httpx2.Timeout(self.config.timeout, connect=min(connect, self.config.timeout))
        message = await chat.ainvoke(request.messages, extra_body=body, timeout=timeout)
        self._reached = self._was_good = True
        return self._reply(message, request, time.monotonic() - started)

    def read(self, completion: Any, request: Request) -> Reply:
        """The reply in a chat completion that came in a batch, read as one that came over the line.

        Raises:
            AnsweredError, NoChoice: it is an error, or empty.
            EndpointError: it is no chat completion.
            TruncatedReply, RefusedReply: as the server says.

        """
        from agents.models.openai_chat import message_of

        try:
            reply = self._reply(message_of(completion), request, 0.0)
        except NoChoice:
            raise
        except UNUSABLE as error:
            said = readable(self._mask(str(error)))[:200]
            raise EndpointError(f"no chat completion of the OpenAI protocol: {said}") from None
        return reply.model_copy(update={"batched": True})

    def endpoint(self) -> tuple[str, str]:
        """(base URL, key; "none" where the server gets none). Raises `ConfigError` as `key_of` does."""
        return address(self.config), key_of(self.config) or "none"

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._chat is None:
                self._chat = self._connect(
                    *await asyncio.to_thread(self.endpoint)
                )  # an embedded server takes seconds to start
        return self._chat

    def _connect(self, base_url: str, key: str) -> Any:
        import openai
        from httpx2 import Limits
        from pydantic import SecretStr

        from agents.models.openai_chat import PlainChat

        spare_loopback(base_url)
        self._mask = Mask([key, *secrets_in_url(self.config)])
        pool = Limits(max_connections=self.config.calls_at_once)  # holds back what was made ready beforehand
        return PlainChat(
            model=self.config.model,
            base_url=base_url,
            api_key=SecretStr(key),
            timeout=self.config.timeout,
            max_retries=0,
            http_async_client=openai.DefaultAioHttpClient(timeout=self.config.timeout, limits=pool),
        )

    def _classified(self, error: Exception, rung: Rung, structured: bool) -> Exception:
        import openai

        where, said = way(self.config), readable(self._mask(str(error)))
        if isinstance(error, openai.APIConnectionError):  # time-outs are connection errors
            why, advice, stays = unreached(error, self.config)
            lost = EndpointError(f"{where} cannot be reached: {self._mask(why)[:200]}", advice)
            return Busy(lost, retry_after(error), sent=was_sent(error), stays=stays)
        self._reached = True
        if isinstance(error, openai.APIStatusError | AnsweredError):
            status = error.status if isinstance(error, AnsweredError) else error.status_code
            words = server_errors.plain(readable(self._mask(words_in(error.body))) or said)
            if status == 403 and self._was_good and not isinstance(error.body, dict):
                return FailedCall(f"{where} answered 403: {words}", raw=words)  # a firewall that this prompt provoked
            refused = server_errors.refusal(self.config, status, words, retry_after(error))
            unknown = status in UNSUPPORTED and structured and rung != "prompt" and about_schema(said)
            if unknown and not isinstance(refused, RefusedPrompt):
                return SchemaUnsupported()
            unparsed = status >= 500 and UNPARSED in said
            what = f"{self.config.model}: its server could not parse what it wrote"
            return RefusedReply(what, raw=said[:1000]) if unparsed else refused
        if isinstance(error, NoChoice):  # what a filter or a gateway sends in place of an answer
            return Busy(FailedCall(f"{where}: {said}", raw=said), after=HICCUP, sent=True)
        if isinstance(error, (openai.OpenAIError, *UNUSABLE)):
            foreign = EndpointError(
                f"{where} does not speak the OpenAI protocol: {server_errors.plain(said)}",
                "check base_url (it usually ends in /v1)",
            )
            return Busy(foreign, after=HICCUP, sent=True)  # a gateway's page, or a wrong address: the tries tell
        return error

    def _reply(self, message: Any, request: Request, seconds: float) -> Reply:
        """What came, masked and of bounded size.

        Tokens that the server does not state are counted by characters, thoughts included.
        """
        meta, whole = message.response_metadata, _tool_arguments(message) or str(message.content)
        text = readable(self._mask(without_thoughts(whole)))
        if message.additional_kwargs.get("refusal") or meta.get("finish_reason") == "content_filter":
            raise RefusedReply(
                f"{self.config.model} refused",
                raw=readable(self._mask(str(message.additional_kwargs.get("refusal") or text))),
            )
        if meta.get("finish_reason") == "length" and not request.logprobs:
            raise TruncatedReply(
                f"{self.config.model}: cut off at {request.max_tokens} tokens", "raise the limit of the role", raw=text
            )
        usage = message.usage_metadata or {}
        tokens_in, tokens_out = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
        return Reply(
            text=text,
            tokens_in=tokens_in or request.most_tokens[0],
            tokens_out=tokens_out or estimated_tokens(whole, message.additional_kwargs.get("thoughts", "")),
            seconds=round(seconds, 3),
            top_logprobs={self._mask(token): logprob for token, logprob in first_token(meta.get("logprobs")).items()},
            estimated=not (tokens_in and tokens_out),
        )


def retry_after(error: BaseException) -> float | None:
    """Seconds that the server asks to wait, in a header or in its words."""
    return wait_asked(getattr(getattr(error, "response", None), "headers", {}), str(error))


def about_schema(text: str) -> bool:
    """Whether a server's refusal names the way in which structured output was asked for."""
    return any(word in text.lower() for word in ("response_format", "schema", "grammar", "tool", "function", "json"))


def body(model: str, request: Request, rung: Rung) -> dict[str, Any]:
    """All that a call sends, as a batch's line holds it."""
    return {"model": model, "messages": request.messages, **_body(request, rung)}


def _body(request: Request, rung: Rung) -> dict[str, Any]:
    """What goes out beside model and messages; as extra_body, like the messages (`PlainChat`)."""
    first_token = {"logprobs": True, "top_logprobs": TOP_LOGPROBS} if request.logprobs else {}
    return {
        "max_completion_tokens": request.max_tokens,
        "temperature": request.temperature,
        **first_token,
        **_structured(request, rung),
    }


def _structured(request: Request, rung: Rung) -> dict[str, Any]:
    """What a rung adds to a call that wants an object."""
    if not request.json_schema or rung == "prompt":
        return {}
    if rung == "json_object":
        return {"response_format": {"type": "json_object"}}
    if rung == "tools":
        function = {"name": request.schema_name, "parameters": request.json_schema}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": request.schema_name}},
        }
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": request.schema_name, "schema": request.json_schema, "strict": True},
        }
    }


def _tool_arguments(message: Any) -> str:
    """The arguments of a forced tool call as they came; what cannot be parsed is for the role to repair."""
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    if not calls:
        return ""
    arguments = calls[0]["args"]
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


class LocalBackend(OpenAIBackend):
    """The embedded llama.cpp: started at the first call that the store cannot answer, so a replay needs no weights."""

    def __init__(self, config: ModelConfig) -> None:
        from agents.models.weights import model_identity

        super().__init__(config)
        self.identity = model_identity(config.model)

    def endpoint(self) -> tuple[str, str]:
        """Start the server if it is not running; its loopback URL and its key of this start."""
        from agents.models.local import serve

        endpoint = serve(self.config.model, slots=self.config.calls_at_once, context=self.config.context)
        return endpoint.base_url, endpoint.api_key

"""A model behind the OpenAI protocol, through langchain-openai.

OpenAI, vLLM, Ollama, LM Studio, llama.cpp, any gateway.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from agents.errors import EndpointError, FailedCall, RagtunedError, RefusedReply, TruncatedReply
from agents.models import server_errors
from agents.models.body import allowance, body, most_out
from agents.models.completions import AnsweredError, NoChoice, words_in
from agents.models.config import ModelConfig
from agents.models.connection_errors import CONNECT, FIRST_CONNECT, unreachable, was_sent
from agents.models.dialect import LIMITS, Dialect, Unsupported, misses_limit, unsupported
from agents.models.endpoints import headers_of, key_of, secrets_in_url, way
from agents.models.masking import Mask
from agents.models.network import spare_loopback
from agents.models.providers import address
from agents.models.replies import THOUGHTS, first_token, readable, without_thoughts
from agents.models.request import Busy, Request, estimated_tokens
from agents.models.retry_after import wait_asked
from agents.models.store import Reply

HICCUP = 0.5
"""Seconds to the next try after a page where an answer should be: a wrong address is told within two or three."""
UNPARSED = "does not match the expected"
"""llama.cpp's 500 for a reply that its own parser cannot read: the same at every try."""
UNUSABLE = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError)
"""What a body of another form ends in."""
READY = 8
"""One call for so many at once is made ready beforehand: making one takes milliseconds, its place would stand empty."""
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

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        """One call, told apart by how it ended.

        Raises:
            Busy: 429, 5xx, time-out or a lost connection; worth another try.
            Unsupported: the server refuses a part of the request, or the model thought until its limit.
            EndpointError: the key is refused, the model unknown, the quota used up: no other call would fare better.
            RefusedPrompt, FailedCall: the server refuses this request, and would do so again.
            TruncatedReply, RefusedReply: as the server says.

        """
        streamed = self._streams
        try:
            return await self._answered(request, dialect, streamed)
        except (RagtunedError, Unsupported):
            raise
        except Exception as error:  # noqa: BLE001 - all are raised again: classified, or as they are but for secrets
            status, said = getattr(error, "status_code", 0), str(error)
            if not streamed and 400 <= status < 500 and server_errors.STREAMS_ONLY.search(said):
                self._streams = True
                return await self.call(request, dialect)
            told = getattr(error, "body", None)
            name = unsupported(status, told or said, body(self.config, request, dialect))
            if name and server_errors.kind_of(status, said) not in ("filtered", "too long", "quota"):
                raise Unsupported(name) from None
            if isinstance(told, dict) and "failed_generation" in told:  # what it wrote is no JSON: the role mends it
                text = readable(self._mask(str(told["failed_generation"])))
                tokens_in, tokens_out = request.most_tokens[0], estimated_tokens(text)
                return Reply(text=text, tokens_in=tokens_in, tokens_out=tokens_out, estimated=True)
            classified = self._classified(error)
            classified.args = tuple(self._mask(str(arg)) for arg in classified.args)
            raise classified from None  # not from the server's own error: a traceback would print what that quotes

    async def _answered(self, request: Request, dialect: Dialect, streamed: bool) -> Reply:
        import httpx2

        chat, started = await self._connected(), time.monotonic()
        sent = {**body(self.config, request, dialect), **(STREAMED if streamed else {})}
        connect = CONNECT if self._reached else FIRST_CONNECT
        timeout = httpx2.Timeout(self.config.timeout, connect=min(connect, self.config.timeout))
        message = await chat.ainvoke(sent["messages"], extra_body=sent, timeout=timeout)
        self._reached = self._was_good = True
        return self._reply(message, request, dialect, time.monotonic() - started)

    def read(self, completion: Any, request: Request, dialect: Dialect) -> Reply:
        """The reply in a chat completion that came in a batch, read as one that came over the line.

        Raises:
            AnsweredError, NoChoice: it is an error, or empty.
            EndpointError: it is no chat completion.
            Unsupported: the model thought until its limit.
            TruncatedReply, RefusedReply: as the server says.

        """
        from agents.models.openai_chat import message_of

        try:
            reply = self._reply(message_of(completion), request, dialect, 0.0)
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
                where = await asyncio.to_thread(self.endpoint)  # an embedded server takes seconds to start
                self._chat = self._connect(*where)
        return self._chat

    def _connect(self, base_url: str, key: str) -> Any:
        import openai
        from httpx2 import Limits
        from pydantic import SecretStr

        from agents.models.openai_chat import PlainChat

        spare_loopback(base_url)
        config, headers = self.config, headers_of(self.config)
        self._mask = Mask([key, *secrets_in_url(config), *headers.values()])
        pool = Limits(max_connections=config.calls_at_once)  # holds back what was made ready beforehand
        http = openai.DefaultAioHttpClient(timeout=config.timeout, limits=pool)
        common: dict[str, Any] = {
            "organization": config.organization,
            "default_headers": headers or None,
            "timeout": config.timeout,
            "max_retries": 0,
        }
        version = {"default_query": {"api-version": config.api_version}} if config.api_version else {}
        azure: dict[str, Any] = {}
        resource = config.base_url or base_url
        if version and not resource.rstrip("/").endswith("/v1"):  # which is asked as any server is
            client = openai.AsyncAzureOpenAI(
                azure_endpoint=resource, api_version=config.api_version, api_key=key, http_client=http, **common
            )
            azure = {"root_async_client": client, "async_client": client.chat.completions}
        return PlainChat(
            model=config.model,
            base_url=base_url,
            api_key=SecretStr(key),
            http_async_client=http,
            http_socket_options=(),  # of a client that is never used, whose proxy LangChain would warn of
            **common,
            **version,
            **azure,
        )

    def _classified(self, error: Exception) -> Exception:
        import openai

        where, said = way(self.config), readable(self._mask(str(error)))
        if isinstance(error, openai.APIConnectionError):  # time-outs are connection errors
            why, advice, stays = unreachable(error, self.config)
            lost = EndpointError(f"{where} cannot be reached: {self._mask(why)[:200]}", advice)
            return Busy(lost, retry_after(error), sent=was_sent(error), stays=stays)
        self._reached = True
        if isinstance(error, openai.APIStatusError | AnsweredError):
            status = error.status if isinstance(error, AnsweredError) else error.status_code
            words = server_errors.plain(readable(self._mask(words_in(error.body))) or said)
            if status == 403 and self._was_good and not isinstance(error.body, dict):
                return FailedCall(f"{where} answered 403: {words}", raw=words)  # a firewall that this prompt provoked
            refused = server_errors.refusal(self.config, status, words, retry_after(error))
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

    def _reply(self, message: Any, request: Request, dialect: Dialect, seconds: float) -> Reply:
        """What came, masked and of bounded size.

        Tokens that the server does not state are counted by characters, thoughts included.
        """
        meta, whole = message.response_metadata, tool_arguments(message) or str(message.content)
        text = readable(self._mask(without_thoughts(whole)))
        if message.additional_kwargs.get("refusal") or meta.get("finish_reason") == "content_filter":
            raise RefusedReply(
                f"{self.config.model} refused",
                raw=readable(self._mask(str(message.additional_kwargs.get("refusal") or text))),
            )
        tops = first_token(meta.get("logprobs"))
        usage = message.usage_metadata or {}
        tokens_in, tokens_out = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
        if meta.get("finish_reason") == "length":
            self._cut(text, request, dialect, bool(tops), tokens_out)
        return Reply(
            text=text,
            tokens_in=tokens_in or request.most_tokens[0],
            tokens_out=tokens_out or estimated_tokens(whole, message.additional_kwargs.get("thoughts", "")),
            seconds=round(seconds, 3),
            top_logprobs={self._mask(token): logprob for token, logprob in tops.items()},
            estimated=not (tokens_in and tokens_out),
        )

    def _cut(self, text: str, request: Request, dialect: Dialect, told: bool, tokens_out: int) -> None:
        """Raise what a reply that ran into its limit is; nothing where only its first token was wanted.

        One without a word of text was all thought: P(yes) (`told`) is not to be had then, and else a higher limit may
        do. One that ran into another limit than its own may find its own under the other name.
        """
        all_thought = not text or text.startswith(tuple(opens for opens, _ in THOUGHTS))
        if request.logprobs:
            if all_thought and not told:
                raise Unsupported("logprobs", sent=True)
            return
        added = allowance(self.config, dialect)
        if all_thought and not added and self.config.reasoning_tokens is None:
            raise Unsupported("thinks", sent=True)
        most = most_out(self.config, request, dialect)
        if not all_thought and misses_limit(tokens_out, most, whole=False):
            if dialect.limit == LIMITS[0]:
                raise Unsupported(LIMITS[0], sent=True)
            what = f"{self.config.model}: cut off at {tokens_out} tokens, though {most} were allowed"
            raise TruncatedReply(what, "raise the server's context, or its own limit of a reply", raw=text)
        key = "reasoning_tokens" if all_thought else f"max_tokens = {{ {request.role.partition('.')[0]} = … }}"
        what = "nothing but thoughts in" if all_thought else "cut off at"
        raise TruncatedReply(f"{self.config.model}: {what} {most} tokens", f"raise {key} of [models.NAME]", raw=text)


def retry_after(error: BaseException) -> float | None:
    """Seconds that the server asks to wait, in a header or in its words."""
    return wait_asked(getattr(getattr(error, "response", None), "headers", {}), str(error))


def tool_arguments(message: Any) -> str:
    """The arguments of a forced tool call as JSON, "" without one; what cannot be parsed is for the role to repair."""
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    arguments = calls[0]["args"] if calls else ""
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

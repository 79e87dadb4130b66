"""A model behind the OpenAI protocol, through langchain-openai: OpenAI, vLLM, Ollama, LM Studio, llama.cpp, any gateway."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from typing import Any

from agents.errors import ConfigError, EndpointError, RateLimited, RefusedReply, TruncatedReply
from agents.llm import Busy, Request, Rung, SchemaUnsupported
from agents.models import ModelConfig
from agents.store import Reply

THINK = re.compile(r"<think>.*?</think>\s*", re.DOTALL)
UNSUPPORTED = (400, 404, 422, 501)  # how servers refuse a parameter they do not know
HICCUP = 0.5  # seconds to the next try after a page where an answer should be: a wrong address is told within two or three
UNPARSED = "does not match the expected"  # llama.cpp's 500 for a reply its own parser cannot read: the same at every try
READY = 8  # one call for so many at once is made ready beforehand: making one takes milliseconds in which its place would stand empty
TOP_LOGPROBS = 10  # enough to find yes and no among the spellings of a first token


class OpenAIBackend:
    """Calls one model of one server; the key comes from the environment and is kept nowhere."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.identity = config.model
        self.spare = max(1, config.calls_at_once // READY)
        self._chat: Any = None
        self._connecting = asyncio.Lock()

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
            EndpointError: the key is refused, the model unknown, or the answer is not of the OpenAI protocol.
            TruncatedReply, RefusedReply: as the server says.

        """
        started = time.monotonic()
        chat = await self._connected()
        try:
            message = await chat.ainvoke(request.messages, extra_body=_body(request, rung))
        except Exception as error:  # classified below; anything unknown is raised as it is
            raise self._classified(error, rung, bool(request.json_schema)) from error
        return self._reply(message, request, time.monotonic() - started)

    def endpoint(self) -> tuple[str | None, str]:
        """(base URL, key). Raises `ConfigError` when the key is not in the environment."""
        key = os.environ.get(self.config.api_key_env, "")
        if not key and self.config.base_url is None:
            raise ConfigError(f"no key: the environment variable {self.config.api_key_env} is empty", 'export it, or set provider = "local"')
        return self.config.base_url, key or "none"

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._chat is None:
                self._chat = self._connect(*await asyncio.to_thread(self.endpoint))  # an embedded server takes seconds to start
        return self._chat

    def _connect(self, base_url: str | None, key: str) -> Any:
        import openai
        from httpx2 import Limits
        from pydantic import SecretStr

        from agents.openai_chat import PlainChat

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

        where = self.config.base_url or "the provider's endpoint"
        if isinstance(error, openai.RateLimitError):
            advice = "lower calls_at_once, or check the quota of the key"
            return Busy(RateLimited(f"{where} still answers 429 for {self.config.model}", advice), retry_after(error))
        if isinstance(error, openai.APIStatusError) and error.status_code in UNSUPPORTED and structured and rung != "prompt" and _about_schema(str(error)):
            return SchemaUnsupported()
        if isinstance(error, openai.InternalServerError) and UNPARSED in str(error):
            return RefusedReply(f"{self.config.model}: its server could not parse what it wrote", raw=str(error)[:1000])
        if isinstance(error, openai.APIConnectionError | openai.InternalServerError):  # time-outs are connection errors
            return Busy(EndpointError(f"{where} cannot be reached: {_root(error)}", "is the server running, and base_url right?"), retry_after(error))
        if isinstance(error, openai.APIStatusError):
            return EndpointError(f"{where} answered {error.status_code}: {str(error)[:300]}", "check model, base_url and the key's environment variable")
        if isinstance(error, ConfigError):
            return error
        if isinstance(error, openai.OpenAIError | AttributeError | TypeError | ValueError | KeyError):
            foreign = EndpointError(f"{where} does not speak the OpenAI protocol: {str(error)[:200]}", "check base_url (it usually ends in /v1)")
            return Busy(foreign, after=HICCUP)  # a gateway's page, or a wrong address: the tries tell
        return error

    def _reply(self, message: Any, request: Request, seconds: float) -> Reply:
        meta = message.response_metadata
        text = _tool_arguments(message) or THINK.sub("", str(message.content))
        if message.additional_kwargs.get("refusal") or meta.get("finish_reason") == "content_filter":
            raise RefusedReply(f"{self.config.model} refused", raw=str(message.additional_kwargs.get("refusal") or text))
        if meta.get("finish_reason") == "length" and not request.logprobs:
            raise TruncatedReply(f"{self.config.model}: cut off at {request.max_tokens} tokens", "raise the limit of the role", raw=text)
        usage = message.usage_metadata or {}
        first = ((meta.get("logprobs") or {}).get("content") or [{}])[0]
        return Reply(
            text=text,
            tokens_in=usage.get("input_tokens", 0),
            tokens_out=usage.get("output_tokens", 0),
            seconds=round(seconds, 3),
            top_logprobs={top["token"]: top["logprob"] for top in first.get("top_logprobs") or []},
        )


def retry_after(error: Exception) -> float | None:
    """Seconds the server asks to wait, if its answer has a numeric Retry-After (at most 10 minutes)."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    value = str(headers.get("retry-after", ""))
    return min(float(value), 600.0) if re.fullmatch(r"\d+(\.\d+)?", value) else None


def _about_schema(text: str) -> bool:
    return any(word in text.lower() for word in ("response_format", "schema", "grammar", "tool", "function", "json"))


def _body(request: Request, rung: Rung) -> dict[str, Any]:
    """What goes out beside model and messages; as extra_body, like the messages (`PlainChat`)."""
    first_token = {"logprobs": True, "top_logprobs": TOP_LOGPROBS} if request.logprobs else {}
    return {"max_completion_tokens": request.max_tokens, "temperature": request.temperature, **first_token, **_structured(request, rung)}


def _structured(request: Request, rung: Rung) -> dict[str, Any]:
    """What a rung adds to a call that wants an object."""
    if not request.json_schema or rung == "prompt":
        return {}
    if rung == "json_object":
        return {"response_format": {"type": "json_object"}}
    if rung == "tools":
        function = {"name": request.schema_name, "parameters": request.json_schema}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": {"type": "function", "function": {"name": request.schema_name}}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": request.schema_name, "schema": request.json_schema, "strict": True}}}


def _tool_arguments(message: Any) -> str:
    """The arguments of a forced tool call as they came; what cannot be parsed is for the role to repair."""
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    if not calls:
        return ""
    arguments = calls[0]["args"]
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _root(error: BaseException) -> str:
    return str(error.__cause__ or error)[:200]


class LocalBackend(OpenAIBackend):
    """The embedded llama.cpp: started at the first call that the store cannot answer, so a replay needs no weights."""

    def __init__(self, config: ModelConfig) -> None:
        from agents.weights import model_identity

        super().__init__(config)
        self.identity = model_identity(config.model)

    def endpoint(self) -> tuple[str | None, str]:
        """Start the server if it is not running; its loopback URL and its key of this start."""
        from agents.local import serve

        endpoint = serve(self.config.model, slots=self.config.calls_at_once, context=self.config.context)
        return endpoint.base_url, endpoint.api_key

"""A model behind the OpenAI protocol, through langchain-openai.

OpenAI, vLLM, Ollama, LM Studio, llama.cpp, any gateway.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

from agents.errors import EndpointError, RagtunedError, RateLimited, RefusedReply, TruncatedReply
from agents.models.config import ModelConfig
from agents.models.endpoints import PROVIDER, key_of, secrets_in_url, shown
from agents.models.masking import Mask
from agents.models.replies import first_token, readable, without_thoughts
from agents.models.request import Busy, Request, Rung, SchemaUnsupported, estimated_tokens
from agents.models.store import Reply

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


class OpenAIBackend:
    """Calls one model of one server.

    The key comes from the environment, is kept nowhere, and is masked in all that the server says.
    """

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.identity = config.model
        self.spare = max(1, config.calls_at_once // READY)
        self._chat: Any = None
        self._mask = Mask()
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
            return self._reply(message, request, time.monotonic() - started)
        except RagtunedError:
            raise
        except Exception as error:  # noqa: BLE001 - all are raised again: classified, or as they are but for secrets
            classified = self._classified(error, rung, bool(request.json_schema))
            classified.args = tuple(self._mask(str(arg)) for arg in classified.args)
            raise classified from None  # not from the server's own error: a traceback would print what that quotes

    def endpoint(self) -> tuple[str, str]:
        """(base URL, key; "none" where the server gets none). Raises `ConfigError` as `key_of` does."""
        return self.config.base_url or PROVIDER, key_of(self.config) or "none"

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

        where, said = shown(self.config), readable(self._mask(str(error)))
        if isinstance(error, openai.RateLimitError):
            advice = "lower calls_at_once, or check the quota of the key"
            return Busy(RateLimited(f"{where} still answers 429 for {self.config.model}", advice), retry_after(error))
        if (
            isinstance(error, openai.APIStatusError)
            and error.status_code in UNSUPPORTED
            and structured
            and rung != "prompt"
            and _about_schema(said)
        ):
            return SchemaUnsupported()
        if isinstance(error, openai.InternalServerError) and UNPARSED in said:
            return RefusedReply(f"{self.config.model}: its server could not parse what it wrote", raw=said[:1000])
        if isinstance(error, openai.APIConnectionError | openai.InternalServerError):  # time-outs are connection errors
            root = self._mask(str(error.__cause__ or error))[:200]
            unreached = EndpointError(
                f"{where} cannot be reached: {root}", "is the server running, and base_url right?"
            )
            return Busy(unreached, retry_after(error), sent=_was_sent(error))
        if isinstance(error, openai.APIStatusError):
            keyless = error.status_code in (401, 403) and not key_of(self.config)
            advice = (
                "no key was sent: name its variable as api_key_env"
                if keyless
                else "check model, base_url and the key's environment variable"
            )
            return EndpointError(f"{where} answered {error.status_code}: {said[:300]}", advice)
        if isinstance(error, (openai.OpenAIError, *UNUSABLE)):
            foreign = EndpointError(
                f"{where} does not speak the OpenAI protocol: {said[:200]}", "check base_url (it usually ends in /v1)"
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
            tokens_out=tokens_out or estimated_tokens(whole),
            seconds=round(seconds, 3),
            top_logprobs={self._mask(token): logprob for token, logprob in first_token(meta.get("logprobs")).items()},
            estimated=not (tokens_in and tokens_out),
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


def _was_sent(error: BaseException | None) -> bool:
    """Whether the server may have got the prompt: not where no connection came about."""
    import httpx2

    while error:
        if isinstance(
            error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout | httpx2.UnsupportedProtocol
        ):
            return False
        error = error.__cause__
    return True


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

"""A model behind another protocol than OpenAI's, through LangChain's `init_chat_model` and the provider's package.

Objects are asked for by a forced tool call, which every chat model of LangChain's knows; where that is refused, in the
prompt. No log-probabilities: yes or no is decided by the text.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from agents.errors import EndpointError, RefusedReply, TruncatedReply
from agents.models import server_errors
from agents.models.body import most_out
from agents.models.config import ModelConfig
from agents.models.connection_errors import causes, unreachable, was_sent
from agents.models.dialect import Dialect, Unsupported, unsupported
from agents.models.endpoints import key_of, secrets_in_url, way
from agents.models.masking import Mask
from agents.models.network import spare_loopback
from agents.models.openai_backend import retry_after, tool_arguments
from agents.models.providers import address, check_installed, entry_of
from agents.models.replies import readable, stated, without_thoughts
from agents.models.request import Busy, Request, estimated_tokens
from agents.models.store import Reply

CUT = ("max_tokens", "length", "model_context_window_exceeded")  # the reasons to stop, in the words of the providers
REFUSED = ("refusal", "content_filter", "safety", "prohibited_content", "blocklist", "recitation", "spii")


class LangChainBackend:
    """Calls one chat model of LangChain's; its key comes from the environment and is masked in all that comes back."""

    def __init__(self, config: ModelConfig, chat: Any = None) -> None:
        self.config = config
        self.identity = config.model
        self.spare = 1
        self._chat = chat
        self._mask = Mask()
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        """Let go of the chat model; its packages close their connections by themselves."""
        self._chat = None

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        """One call, told apart by how it ended.

        Raises:
            Busy: 429, 5xx, time-out or a lost connection; worth another try.
            Unsupported: neither a JSON schema nor JSON mode is asked for; or it refuses a part of the request.
            EndpointError: the key is refused, the model unknown, or its package cannot use what came.
            TruncatedReply, RefusedReply: as the provider says.

        """
        structured = bool(request.json_schema) and dialect.rung != "prompt"
        if structured and dialect.rung != "tools":
            raise Unsupported(dialect.rung)  # a forced tool call is the one way that every package knows
        started = time.monotonic()
        async with self._connecting:
            chat = self._chat = self._chat or await asyncio.to_thread(self._connect)
        try:
            message = await self._asked(_with_tool(chat, request) if structured else chat, request, dialect)
        except Exception as error:  # noqa: BLE001 - every package has its own; all are raised again, classified
            status, said = _status(error), str(error)
            sent: dict[str, Any] = {
                name: [] for name in ("temperature", "messages", *(["tools"] if structured else []))
            }
            name = unsupported(status, said, {k: v for k, v in sent.items() if k not in dialect.without})
            if name and server_errors.kind_of(status, said) not in ("filtered", "too long", "quota"):
                raise Unsupported(name) from None
            classified = self._classified(error)
            classified.args = tuple(self._mask(str(arg)) for arg in classified.args)
            raise classified from None  # a traceback would print what the server's own error quotes
        return self._reply(message, request, dialect, time.monotonic() - started)

    async def _asked(self, chat: Any, request: Request, dialect: Dialect) -> Any:
        """The message that came."""
        package = entry_of(self.config).package
        limit = package.limit if package else "max_tokens"
        sent = {limit: most_out(self.config, request, dialect), "temperature": request.temperature, **self.config.extra}
        known = {name: value for name, value in sent.items() if name not in dialect.without}
        if package and package.rest:  # on a loop it speaks gRPC only; a bare temperature is dropped
            if "temperature" in known:
                known["generation_config"] = {"temperature": known.pop("temperature")}
            return await asyncio.to_thread(chat.invoke, request.messages, **known)
        return await chat.ainvoke(request.messages, **known)

    def _connect(self) -> Any:
        check_installed(self.config)
        from langchain.chat_models import init_chat_model  # pyright: ignore[reportMissingImports] - an extra

        package, key, url = entry_of(self.config).package, key_of(self.config), address(self.config)
        assert package
        spare_loopback(url)
        self._mask = Mask([key, *secrets_in_url(self.config)])
        own = {"base_url": url} if self.config.base_url or self.config.provider == "anthropic" else {}
        own |= {"transport": "rest"} if package.rest else {}
        return init_chat_model(
            self.config.model,
            model_provider=package.model_provider,
            api_key=key or "none",
            timeout=self.config.timeout,
            max_retries=0,
            **own,
        )

    def _classified(self, error: Exception) -> Exception:
        where, status, said = way(self.config), _status(error), readable(self._mask(str(error)))
        after = next((after for link in causes(error) if (after := retry_after(link)) is not None), None)
        if status:
            return server_errors.refusal(self.config, status, server_errors.plain(said), after)
        if any(isinstance(link, OSError | TimeoutError) or _is_lost(link) for link in causes(error)):
            why, advice, stays = unreachable(error, self.config)
            lost = EndpointError(f"{where} cannot be reached: {self._mask(why)[:200]}", advice)
            return Busy(lost, after, sent=was_sent(error), stays=stays)
        return EndpointError(
            f"{where}, {self.config.model}: {type(error).__name__}: {said[:300]}", "check model and base_url"
        )

    def _reply(self, message: Any, request: Request, dialect: Dialect, seconds: float) -> Reply:
        meta = message.response_metadata
        stop = str(meta.get("stop_reason") or meta.get("finish_reason") or "").lower()
        whole = tool_arguments(message) if request.json_schema else ""
        whole = whole or str(message.text)
        text = readable(self._mask(without_thoughts(whole)))
        if stop in REFUSED:
            raise RefusedReply(f"{self.config.model} refused ({stop})", raw=text)
        if stop in CUT and not request.logprobs:
            most = most_out(self.config, request, dialect)
            raise TruncatedReply(
                f"{self.config.model}: cut off at {most} tokens", "raise max_tokens of [models.NAME]", raw=text
            )
        usage = message.usage_metadata or {}
        tokens_in, tokens_out = stated(usage.get("input_tokens")), stated(usage.get("output_tokens"))
        return Reply(
            text=text,
            tokens_in=tokens_in or request.most_tokens[0],
            tokens_out=tokens_out or estimated_tokens(whole),
            seconds=round(seconds, 3),
            estimated=not (tokens_in and tokens_out),
        )


def _with_tool(chat: Any, request: Request) -> Any:
    function = {"name": request.schema_name, "parameters": request.json_schema}
    return chat.bind_tools([{"type": "function", "function": function}], tool_choice=request.schema_name)


def _status(error: BaseException) -> int:
    """The HTTP status that a server answered with; 0 where it did not."""
    codes = (getattr(link, name, None) for link in causes(error) for name in ("status_code", "code"))
    return next((code for code in codes if isinstance(code, int) and 400 <= code < 600), 0)


def _is_lost(error: BaseException) -> bool:
    """Whether a client says by its own kind of error that a connection was lost: httpx, anthropic, gRPC."""
    return any(word in type(error).__name__ for word in ("Connect", "Timeout", "Transport", "Unavailable", "Protocol"))

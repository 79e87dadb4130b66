"""ChatOpenAI with its messages sent as they are.

Imported when the first call is made, since langchain_openai takes a second.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

from langchain_core.language_models import LanguageModelInput  # noqa: TID253
from langchain_core.outputs import ChatResult  # noqa: TID253
from langchain_openai import ChatOpenAI  # noqa: TID253
from openai import BaseModel  # noqa: TID253
from pydantic import SecretStr

from agents.models.completions import completion_of

warnings.filterwarnings("ignore", "Invalid schema for OpenAI")  # how else it is asked for, we find out ourselves


class PlainChat(ChatOpenAI):
    """Chat completions whose messages travel in extra_body, which the SDK does not touch.

    Elsewhere it looks through every message for fields to rename (`async_maybe_transform`), of which chat completions
    has none: a sixth of the client's time a call (docs/performance.md).
    """

    use_responses_api: bool | None = False

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        return {
            **payload,
            "messages": [],
            "extra_body": {**(payload.get("extra_body") or {}), "messages": payload["messages"]},
        }

    def _create_chat_result(
        self, response: dict[str, Any] | BaseModel, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        """The reply, whatever shape the server gave it (`completion_of`)."""
        body = response.model_dump(warnings=False) if isinstance(response, BaseModel) else response
        completion = completion_of(body)
        result = super()._create_chat_result(completion, generation_info)
        said = completion["choices"][0]["message"]
        result.generations[0].message.additional_kwargs |= {name: said[name] for name in ("refusal", "thoughts")}
        return result


def message_of(completion: Any) -> Any:
    """The message in a chat completion (JSON), as `PlainChat` gives it for one that it asked for.

    Raises what `completion_of` raises, or another one of `agents.models.openai_backend.UNUSABLE` if it is none.
    """
    (generation,) = _reader()._create_chat_result(completion).generations
    message = generation.message
    message.response_metadata = {**(generation.generation_info or {}), **message.response_metadata}
    return message


@cache
def _reader() -> PlainChat:
    """One that is never asked."""
    return PlainChat(model="batch", api_key=SecretStr("none"), base_url="http://127.0.0.1:9/v1", http_socket_options=())

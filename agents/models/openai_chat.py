"""ChatOpenAI with its messages sent as they are.

Imported when the first call is made, since langchain_openai takes a second.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from langchain_core.language_models import LanguageModelInput  # noqa: TID253
from langchain_core.outputs import ChatResult  # noqa: TID253
from langchain_openai import ChatOpenAI  # noqa: TID253
from openai import BaseModel  # noqa: TID253
from openai.types import CompletionUsage  # noqa: TID253
from openai.types.chat import ChatCompletion  # noqa: TID253
from pydantic import SecretStr

from agents.models.replies import stated


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
        """The reply with token counts that are numbers.

        Text or a list in their place would be an error, though the reply is there and paid.
        """
        if isinstance(response, BaseModel):
            told = getattr(response, "usage", None)
            tokens_in, tokens_out = (
                stated(getattr(told, name, None)) for name in ("prompt_tokens", "completion_tokens")
            )
            usage = CompletionUsage(
                prompt_tokens=tokens_in, completion_tokens=tokens_out, total_tokens=tokens_in + tokens_out
            )
            response = response.model_copy(update={"usage": usage})
        return super()._create_chat_result(response, generation_info)


def message_of(completion: Any) -> Any:
    """The message in a chat completion (JSON), as `PlainChat` gives it for one that it asked for.

    Raises one of `agents.models.openai_backend.UNUSABLE` if it is none.
    """
    if not isinstance(completion, dict):
        raise ValueError(f"found {type(completion).__name__}")
    answered = ChatCompletion.construct(**completion)  # as the SDK makes one of a body: nothing is checked
    (generation, *_) = _reader()._create_chat_result(answered).generations
    message = generation.message
    message.response_metadata = {**(generation.generation_info or {}), **message.response_metadata}
    return message


@cache
def _reader() -> PlainChat:
    """One that is never asked."""
    return PlainChat(model="batch", api_key=SecretStr("none"), base_url="http://127.0.0.1:9/v1")

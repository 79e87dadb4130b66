"""ChatOpenAI with its messages sent as they are; imported when the first call is made, since langchain_openai takes a second."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import LanguageModelInput  # noqa: TID253
from langchain_openai import ChatOpenAI  # noqa: TID253


class PlainChat(ChatOpenAI):
    """Chat completions whose messages travel in extra_body, which the SDK does not touch.

    Elsewhere it looks through every message for fields to rename (`async_maybe_transform`), of which chat completions has
    none: a sixth of the client's time a call (docs/performance.md).
    """

    use_responses_api: bool | None = False

    def _get_request_payload(self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        return {**payload, "messages": [], "extra_body": {**(payload.get("extra_body") or {}), "messages": payload["messages"]}}

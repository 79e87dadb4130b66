"""The exported student in llama.cpp, asked as `tuning.model.Student` is, so that one can stand for the other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from agents.errors import EndpointError, InputError
from agents.models import local
from agents.records import Message
from tuning.dataset import plain_text
from tuning.model import Generation

COMPLETIONS = "/v1/chat/completions"
SECONDS = 600
"""Longest wait for one answer."""


class EmbeddedStudent:
    """A GGUF file in a server of this process; one answer at a time, greedily, as in training's own loop."""

    def __init__(self, file: Path, tokenizer: Any, context: int, threads: int | None = None) -> None:
        """Load `file` with room for `context` tokens of prompt and answer; `tokenizer` is the student's own."""
        self.tokenizer = tokenizer
        self._file = str(file)
        self._endpoint = local.serve(self._file, 1, context, threads)

    def close(self) -> None:
        """Stop the server and free its memory."""
        local.stop(self._file)

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int = 1) -> list[Generation]:
        """Answer each conversation, in order; `batch_size` is for the protocol's sake.

        Raises:
            InputError: llama.cpp refuses a conversation, such as one that is longer than the model.

        """
        return [self._answer(prompt, max_new_tokens) for prompt in prompts]

    def prompt_tokens(self, prompt: Sequence[Message]) -> list[int]:
        """The tokens that llama.cpp makes of a conversation with its own template engine and tokenizer."""
        text = self._post("/apply-template", {"messages": self._plain(prompt)})["prompt"]
        return self._post("/tokenize", {"content": text, "parse_special": True, "add_special": True})["tokens"]

    def stream(self, prompt: list[Message], max_new_tokens: int, heard: Callable[[str], None]) -> Generation:
        """Answer one conversation, and tell `heard` the text so far; what it raises ends the answer."""
        started, text, ended, usage = time.perf_counter(), "", "", {}
        asked = {**self._asked(prompt, max_new_tokens), "stream": True, "stream_options": {"include_usage": True}}
        with self._opened(COMPLETIONS, asked) as reply:
            for line in reply:
                told = line.removeprefix(b"data: ").strip()
                if not told.startswith(b"{"):  # blank lines, and the [DONE] at the end
                    continue
                part = json.loads(told)
                usage = part.get("usage") or usage
                for choice in part["choices"]:
                    text += choice["delta"].get("content") or ""
                    ended = choice["finish_reason"] or ended
                heard(text.strip())
        return self._generation(text, ended, usage, started)

    def _answer(self, prompt: Sequence[Message], most: int) -> Generation:
        started = time.perf_counter()
        reply = self._post(COMPLETIONS, self._asked(prompt, most))
        choice = reply["choices"][0]
        return self._generation(choice["message"]["content"] or "", choice["finish_reason"], reply["usage"], started)

    def _asked(self, prompt: Sequence[Message], most: int) -> dict[str, Any]:
        return {"messages": self._plain(prompt), "max_tokens": most, "temperature": 0}

    def _generation(self, text: str, ended: str, usage: dict[str, int], started: float) -> Generation:
        seconds = time.perf_counter() - started
        return Generation(
            text.strip(),
            usage.get("prompt_tokens", 0),
            usage.get("completion_tokens", 0),
            seconds,
            finished=ended == "stop",
        )

    def _plain(self, prompt: Sequence[Message]) -> list[Message]:
        return [{**message, "content": plain_text(message["content"], self.tokenizer)} for message in prompt]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        with self._opened(path, body) as reply:
            return json.load(reply)

    @contextmanager
    def _opened(self, path: str, body: dict[str, Any]) -> Iterator[Any]:
        request = Request(
            self._endpoint.base_url.removesuffix("/v1") + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self._endpoint.api_key}"},
        )
        try:
            reply = urlopen(request, timeout=SECONDS)
        except HTTPError as error:
            said = error.read().decode(errors="replace")[:300]
            raise InputError(f"llama.cpp does not answer: {said}", "ask something shorter") from error
        except OSError as error:
            raise EndpointError(f"llama.cpp does not answer: {error}", "is there memory for the model?") from error
        with reply:
            yield reply

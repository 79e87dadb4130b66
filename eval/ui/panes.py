"""The contestants behind the panes: loaded one after the other, asked all at once, each telling what it writes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agents.errors import RagtunedError
from eval.chat import HEARD, let_go
from eval.contestants.answering import Answer, Contestant, Question

SECONDS_BETWEEN = 0.04  # of two pieces of a stream: as often as is seen


class Stopped(Exception):
    """A person pressed stop."""


@dataclass
class Pane:
    """One contestant: where its loading stands, and what to run where something is missing."""

    name: str
    open: Callable[[], Contestant]
    state: Literal["waiting", "loading", "ready", "missing"] = "waiting"
    what: str = ""
    do: str = ""
    memory_mb: int = 0
    """By how much the memory of the process grew while it loaded; what it shares with an earlier one counts there."""
    contestant: Contestant | None = None

    def load(self) -> None:
        """Open the contestant; what is missing is said in its pane, and the others go on."""
        self.state, before = "loading", memory_mb()
        try:
            self.contestant = self.open()
        except RagtunedError as error:
            self.state, self.what, self.do = "missing", error.what, error.do
        except Exception as error:  # noqa: BLE001 - whatever a library raises: the others still load
            self.state, self.what, self.do = "missing", f"it could not be loaded: {error}", "ragtuned doctor"
        else:
            self.state, self.memory_mb = "ready", max(0, memory_mb() - before)

    def as_object(self) -> dict[str, Any]:
        """What the page shows of it."""
        return {
            "name": self.name,
            "state": self.state,
            "what": self.what,
            "do": self.do,
            "memory_mb": self.memory_mb,
        }


class Panes:
    """All of them, by name, in the order in which they load."""

    def __init__(self, openers: Mapping[str, Callable[[], Contestant]]) -> None:
        self.panes = {name: Pane(name, open_) for name, open_ in openers.items()}

    def load(self) -> None:
        """One after the other: two models that load at once take longer, and their memory cannot be told apart."""
        for pane in self.panes.values():
            pane.load()

    def load_aside(self) -> threading.Thread:
        """The same in a thread: the page is there before the models are."""
        thread = threading.Thread(target=self.load, name="models", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Let go of the served models."""
        let_go(pane.contestant for pane in self.panes.values())


@dataclass
class Said:
    """What a pane answered, and what it took; `answer` is None if it was stopped or failed."""

    answer: Answer | None
    text: str
    seconds: float
    first_token: float | None
    stopped: bool = False
    fault: str = ""


def ask(pane: Pane, question: Question, heard: Callable[[str], None], stop: threading.Event) -> Said:
    """Ask one contestant in this thread; `heard` gets the text so far, and `stop` ends it at the next token."""
    assert pane.contestant is not None
    started, last = time.monotonic(), 0.0
    said = Said(None, "", 0.0, None)

    def listen(text: str) -> None:
        nonlocal last
        if stop.is_set():
            raise Stopped
        if not text:  # a server names the role before it says a word
            return
        said.text, now = text, time.monotonic()
        if said.first_token is None:
            said.first_token = now - started
        if now - last >= SECONDS_BETWEEN:
            last = now
            heard(text)

    token = HEARD.set(listen)
    try:
        said.answer = pane.contestant.answer_all([question])[0]
        said.text, said.fault = said.answer.raw, said.answer.failed
    except Stopped:
        said.stopped = True
    except Exception as error:  # noqa: BLE001 - whatever a library raises ends this pane alone, not everybody's wait
        said.fault = str(error) or type(error).__name__
    finally:
        HEARD.reset(token)
    said.seconds = time.monotonic() - started
    return said


def memory_mb() -> int:
    """What this process holds in memory now."""
    import psutil

    return psutil.Process().memory_info().rss // 2**20

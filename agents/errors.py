"""The errors of ragtuned: what happened, the value, and what to do about it.

Every error a user can meet is a `RagtunedError` whose `exit_code` the command returns: 2 for wrong use or
config, 1 for a run that failed. A bad item is data, not an error: it ends in rejected.jsonl with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class RagtunedError(Exception):
    """The parent of all: `what` happened (with the value) and what to `do`."""

    exit_code = 1

    def __init__(self, what: str, do: str = "") -> None:
        super().__init__(f"{what}\n  → {do}" if do else what)
        self.what = what
        self.do = do


class ConfigError(RagtunedError, ValueError):
    """ragtuned.toml is missing or wrong; `faults` lists every fault, not just the first."""

    exit_code = 2

    def __init__(self, what: str, do: str = "", faults: Sequence[str] = ()) -> None:
        super().__init__("\n".join([what, *(f"  - {fault}" for fault in faults)]), do)
        self.faults = list(faults)


class InputError(RagtunedError, ValueError):
    """A document, a data file or an argument cannot be used."""

    exit_code = 2


class UnreadableFile(InputError):
    """A document cannot be read.

    It ends among the skipped with its `reason` (from a closed list), and the rest goes on.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class MissingExtra(RagtunedError, ImportError):
    """An optional package is not installed; `do` is the command that installs it."""

    exit_code = 2


class WeightsError(RagtunedError, OSError):
    """The weights of a model cannot be had, or their SHA-256 is not the one in the table."""


class WriteError(RagtunedError, OSError):
    """A file cannot be written: no space, or not allowed. What was there before is as it was."""


class StoreError(WriteError):
    """The call store cannot be read or written; what is in it stays."""


class TrainingDiverged(RagtunedError, ArithmeticError):
    """The loss or the gradient of an update is NaN or infinite; the last good checkpoint stays."""


class DeadAdapter(RagtunedError, RuntimeError):
    """A tuned adapter answers nothing of sense; it is kept aside and never takes the place of a good one."""


class OutOfMemory(RagtunedError, MemoryError):
    """The memory does not do for a pass of so many `tokens`, or (0) to load the student."""

    def __init__(self, tokens: int = 0) -> None:
        if tokens:
            what, do = f"with {tokens} tokens in one pass", "lower [tuning] batch_tokens, max_length or rank, or take"
        else:
            what, do = "while the student was loaded", "end what else takes memory (`nvidia-smi`), or take"
        super().__init__(f"out of memory {what}", f"{do} a smaller base")
        self.tokens = tokens


class UnlikeExport(RagtunedError, RuntimeError):
    """An exported model does not answer as the adapter does; it is kept aside and takes no good one's place."""


class EmptyResult(RagtunedError, RuntimeError):
    """The promised artifact would have been empty."""


class MissingReply(RagtunedError, LookupError):
    """In replay, a prompt has no recorded reply; a model is never called silently."""


class BudgetReached(RagtunedError, RuntimeError):
    """A cap of this start is reached; everything that was paid is kept, and the same command goes on."""


class Waiting(RagtunedError, RuntimeError):
    """What was asked for waits for the results of a batch.

    No bad item, and so none of `ITEM_ERRORS`: it goes on at a later start.
    """

    def __init__(self, items: int = 1) -> None:
        super().__init__(f"{items} wait for the results of a batch", "import them: `ragtuned calls import FILE`")
        self.items = items


class BatchWritten(RagtunedError, RuntimeError):
    """The run can go no further before a batch is answered; its requests are written, and nothing failed.

    `batch` is what a program is told of them (`agents.models.batch.Batch.write`).
    """

    exit_code = 0

    def __init__(self, batch: Mapping[str, Any]) -> None:
        super().__init__(f"{batch['requests']} requests wait for their results", "send them, then `calls import` them")
        self.batch = batch


class ReviewNeeded(RagtunedError, RuntimeError):
    """The run waits for a person.

    Nothing failed, and what it promised is not there yet: exit code 3, so that no command after it takes an older set.
    """

    exit_code = 3

    def __init__(self, facts: int, undecided: int) -> None:
        super().__init__(f"{undecided} of {facts} facts wait for a person's decision", "run `ragtuned review`")
        self.facts = facts
        self.undecided = undecided


class ModelError(RagtunedError, RuntimeError):
    """A call to a model did not end in a usable reply; the parent of the kinds below.

    `raw` keeps the text the model sent, if any.
    """

    reason = "model error"

    def __init__(self, what: str, do: str = "", raw: str = "") -> None:
        super().__init__(what, do)
        self.raw = raw

    @property
    def said(self) -> str:
        """The raw text; what happened where none came, as of a model that only thought."""
        return self.raw or self.what


class EndpointError(ModelError, ConnectionError):
    """The server cannot be reached, refuses the key, or answers something that is not the OpenAI protocol.

    It says nothing against one item, so it ends the run.
    """

    reason = "endpoint error"


class RateLimited(ModelError):
    """The server still answered 429 after every retry."""

    reason = "rate limited"


class FailedCall(ModelError):
    """One call failed: refused as it is, or at every try while the server answered others."""

    reason = "failed call"


class UnexplainedRefusal(FailedCall):
    """One call refused as it is, and not why: it may be the prompt, or how it is asked."""


class TruncatedReply(ModelError):
    """The reply ran into the token limit; what arrived is in `raw` and is never parsed."""

    reason = "truncated reply"


class RefusedReply(ModelError):
    """The model, or a filter of its server, declined to answer."""

    reason = "refused reply"


class RefusedPrompt(RefusedReply):
    """A filter of the server stopped the prompt: it is not answered, not billed, and a second try would end so too."""

    reason = "refused prompt"


class LongPrompt(RefusedPrompt):
    """The prompt is longer than the model, or its server, takes."""

    reason = "prompt too long"


class UselessReplies(ModelError):
    """So many replies in a row were of no use that the run ends, rather than pay for more; one of them is shown."""

    reason = "useless replies"


class UnreadableReply(ModelError, ValueError):
    """The reply is not what the schema asks for, even after repair and one re-ask."""

    reason = "unreadable reply"


ITEM_ERRORS = (FailedCall, TruncatedReply, RefusedReply, UnreadableReply)
"""One bad reply: the item is rejected with the reason, and the run goes on. A dead endpoint ends the run instead."""
ITEM_REASONS = frozenset(error.reason for error in (*ITEM_ERRORS, RefusedPrompt, LongPrompt))
"""The reasons of rejections that a call gave, and no check or critic."""

"""Replies that are lists: their readable entries are kept, and a verdict that is missing is asked for once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

V = TypeVar("V", bound=Hashable)
MOST_SHOWN = 300  # characters of an entry that could not be read
MISSING = "no verdict"  # the reason of an item that two replies had no verdict for


class Entries(list[Any]):
    """The entries of a list in a reply that can be read."""

    left_out: Sequence[str] = ()
    """The beginnings of the others."""


def readable_entries(model: type[BaseModel]) -> Any:
    """Keep the entries of a list that can be read: half a good reply is worth having. The list is an `Entries`."""

    def keep(entries: Any, handler: ValidatorFunctionWrapHandler) -> Entries:
        kept, left_out = [], []
        for entry in entries if isinstance(entries, list) else [entries] if entries else []:
            try:
                kept.append(model.model_validate(entry))
            except ValidationError:
                left_out.append(str(entry)[:MOST_SHOWN])
        read = Entries(handler(kept))
        read.left_out = left_out
        return read

    return WrapValidator(keep)


def left_out(entries: Sequence[Any]) -> Sequence[str]:
    """The beginnings of the entries that could not be read; none of a list that came from no reply."""
    return entries.left_out if isinstance(entries, Entries) else ()


async def verdicts_by_number(
    count: int, ask: Callable[[Sequence[int]], Awaitable[Iterable[tuple[int, V]]]]
) -> list[V | None]:
    """The verdict on each of `count` items, None where two replies had none for it.

    `ask` is given the numbers, from 0, of the items to ask about, and returns (number, verdict) as the reply has them.
    An item that a reply leaves out, or judges twice and differently, is asked about once more.
    """
    found: dict[int, V] = {}
    for attempt in range(2):
        left = [n for n in range(count) if n not in found]
        if not left:
            break
        if attempt:
            left.reverse()  # a request of the same words would bring the same reply
        said: dict[int, set[V]] = {}
        for number, verdict in await ask(left):
            said.setdefault(number, set()).add(verdict)
        found |= {n: verdicts.pop() for n, verdicts in said.items() if n in left and len(verdicts) == 1}
    return [found.get(n) for n in range(count)]

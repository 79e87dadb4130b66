"""Where a synthesis stands, kept by LangGraph in runs/NAME/checkpoints.sqlite and read back as plain values only.

LangGraph's own serializer imports and calls whatever a checkpoint names (its `JsonPlusSerializer` says so itself), and
a run may come from a stranger. What our state holds is plain: texts, numbers, lists and mappings, sets of names, and
two classes of LangGraph, `Send` and `Interrupt`, which are made here by name. Anything else in the file ends the start.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NotRequired

import ormsgpack
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict  # as in graphs.state

from agents.errors import InputError
from agents.text.printable import printable
from graphs.state import ShardState, SynthesisState

OPTIONS = ormsgpack.OPT_NON_STR_KEYS  # as LangGraph packs
LONGEST = 200  # characters of what is told about a foreign value
TASKS = "__pregel_tasks"  # LangGraph's name for the channel of what was sent
SHARD = re.compile(r"[\w-]+")  # a shard's name becomes that of a file in the work folder
SEND, INTERRUPT, SET = ("langgraph.types", "Send"), ("langgraph.types", "Interrupt"), ("builtins", "set")


class _Refused(ValueError):
    """The file holds what no checkpoint of ours holds."""


class PlainSerializer:
    """Packs as LangGraph does; unpacks plain values, sets of names, `Send` and `Interrupt`, and raises for all else."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """(type, bytes) as LangGraph keeps them."""
        from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

        return JsonPlusSerializer().dumps_typed(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The value again.

        Raises `ValueError` for anything that is not plain; nothing is imported and nothing is called.
        """
        kind, packed = data
        if kind == "null":
            return None
        if kind != "msgpack":
            raise _Refused(f"it holds a value packed as {kind!r}")
        return ormsgpack.unpackb(packed, ext_hook=_allowed, option=OPTIONS)


def _allowed(code: int, packed: bytes) -> Any:
    """A `Send`, an `Interrupt` or the set of the nodes that a joint waits for; what they hold is plain itself."""
    from langgraph.types import Interrupt, Send

    found = ormsgpack.unpackb(packed, ext_hook=_nothing, option=OPTIONS)
    if not (isinstance(found, list) and len(found) == 3):
        raise _Refused("it holds an object")
    module, name, values = found
    if (module, name) == SEND and isinstance(values, list) and len(values) == 2 and isinstance(values[0], str):
        return Send(values[0], _shard(values[1]))
    if (module, name) == INTERRUPT and isinstance(values, dict):
        return Interrupt(value=values.get("value"), id=str(values.get("id")))
    if (module, name) == SET and isinstance(values, list) and all(isinstance(value, str) for value in values):
        return set(values)
    raise _Refused(f"it holds an object of {module}.{name}")


def _nothing(code: int, packed: bytes) -> Any:
    raise _Refused("it holds an object inside another")


def _shard(value: Any) -> Any:
    shard = TypeAdapter(ShardState).validate_python(value, strict=True)
    if not SHARD.fullmatch(shard["shard"]):
        raise _Refused(f"it names a shard {shard['shard']!r}")
    return shard


async def position(graph: Any, name: str, connection: Any, file: Path, work_dir: Path) -> Any:
    """Where the synthesis `name` stands, as `aget_state` says, once every row of it in `file` has been looked at.

    Raises:
        InputError: the file holds what no synthesis of ours wrote, or is damaged.

    """
    try:
        state = await graph.aget_state({"configurable": {"thread_id": name}})  # makes the tables of a new file
        async with connection.execute(
            "SELECT type, checkpoint, metadata FROM checkpoints WHERE thread_id = ?", (name,)
        ) as rows:
            async for kind, packed, metadata in rows:
                _check(PlainSerializer().loads_typed((kind, packed)), json.loads(metadata), work_dir)
        async with connection.execute("SELECT channel, type, value FROM writes WHERE thread_id = ?", (name,)) as rows:
            async for channel, kind, packed in rows:
                _check_value(channel, PlainSerializer().loads_typed((kind, packed)), work_dir)
    except Exception as error:  # a file of another origin makes SQLite, ormsgpack and LangGraph raise anything
        raise _unusable(file, error) from error
    return state


class _Checkpoint(TypedDict):
    """What LangGraph keeps of a step; `counts` and the others of our state are among the `channel_values`."""

    v: int
    ts: str
    id: str
    channel_values: dict[str, Any]
    channel_versions: dict[str, str]
    versions_seen: dict[str, dict[str, str]]
    updated_channels: NotRequired[list[str] | None]


class _Metadata(TypedDict):
    source: str
    step: int
    parents: dict[str, str]


def _check(checkpoint: Any, metadata: Any, work_dir: Path) -> None:
    TypeAdapter(_Metadata).validate_python(metadata)
    for channel, value in TypeAdapter(_Checkpoint).validate_python(checkpoint)["channel_values"].items():
        _check_value(channel, value, work_dir)


def _check_value(channel: str, value: Any, work_dir: Path) -> None:
    """State values are of their types, tasks to come are shards, and what was drafted lies in the work folder."""
    from langgraph.types import Send

    if channel in SynthesisState.__annotations__:
        TypeAdapter(SynthesisState).validate_python({channel: value})
    if channel == TASKS and not all(isinstance(task, Send) for task in (value if isinstance(value, list) else [value])):
        raise _Refused("one of its tasks is none")
    if channel == "drafts" and (
        strange := [path for path in value if Path(path).resolve().parent != work_dir.resolve()]
    ):
        raise _Refused(f"it names the file {strange[0]!r}")


def _unusable(file: Path, error: Exception) -> InputError:
    cause = error.__cause__ or error  # ormsgpack says only that its hook failed
    what = (
        f"{cause.errors()[0]['loc']}: {cause.errors()[0]['msg']}"
        if isinstance(cause, ValidationError)
        else str(cause) or repr(cause)
    )
    return InputError(
        f"{file} was not written by ragtuned as it is: {printable(what)[:LONGEST]}",
        "remove it, or start with --fresh: the run starts anew, "
        "and no finished call is paid again, since calls.sqlite has them",
    )

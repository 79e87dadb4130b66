"""A recording of calls, as `calls export` writes it.

One call a line, read a line at a time and checked before it is believed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agents.errors import InputError
from agents.files import told

LONGEST_LINE = 20_000_000  # bytes: a prompt and a reply of a million tokens each, and more
MOST_UNPACKED = 10_000_000_000  # bytes of all lines: a few megabytes of gzip unpack to as many gigabytes as one likes
DO = "name a file that `ragtuned calls export` wrote"
Status = Literal["ok", "truncated", "refused", "filtered", "too long", "unreadable"]
"""How a call ended; only `ok` is ever served outside a replay."""
Whole = Annotated[int, Field(ge=0, lt=2**53)]


class _Strict(BaseModel):
    """Takes no text for a number, and nothing that it does not know."""

    model_config = ConfigDict(strict=True, extra="forbid")


class RecordedReply(_Strict):
    """The fields of `agents.models.store.Reply`."""

    text: str
    tokens_in: Whole = 0
    tokens_out: Whole = 0
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    top_logprobs: dict[str, float] = {}
    estimated: bool = False
    batched: bool = False


class RecordedRequest(BaseModel):
    """What of a request the store itself reads; the rest only makes its key."""

    model_config = ConfigDict(strict=True, extra="allow")
    model: str


class RecordedCall(_Strict):
    """One finished call."""

    role: str
    status: Status
    request: RecordedRequest
    reply: RecordedReply


class RecordedDialect(_Strict):
    """What a model takes: `agents.models.dialect.Dialect`, of an older version its rung alone."""

    rung: str
    model: str
    without: list[str] = []
    thinks: bool = False


def read_recording(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a recording, each a call or a dialect as it stands there.

    Raises:
        InputError: the file is not there, is no recording, or has a line or a size out of all bounds; line, field and
        types are named.

    """
    number = 0
    try:
        for number, line in each_line(path):  # noqa: B007 - told in the errors
            yield _row(line)
    except ValidationError as error:
        raise InputError(f"{path} is not a recording of calls: line {number}: {told(error)}", DO) from error
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}", DO) from error
    except (OSError, EOFError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        at = f"line {number}: " if number else ""
        raise InputError(f"{path} is not a recording of calls: {at}{error!r}", DO) from error


def each_line(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file, gzipped if its name ends in .gz, with their numbers from 1.

    Raises:
        InputError: a line or the whole is out of all bounds. OSError, EOFError, zlib.error: as reading does.

    """
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        yield from _bounded(lines, path)


def _bounded(lines: Any, path: Path) -> Iterator[tuple[int, bytes]]:
    number = unpacked = 0
    while line := lines.readline(LONGEST_LINE + 1):
        number, unpacked = number + 1, unpacked + len(line)
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"{path} is not a recording of calls: line {number} has more than {LONGEST_LINE} bytes", DO
            )
        if unpacked > MOST_UNPACKED:
            raise InputError(f"{path} unpacks to more than {MOST_UNPACKED} bytes, at line {number}", "divide it")
        yield number, line


def _row(line: bytes) -> dict[str, Any]:
    row = json.loads(line)
    kind = RecordedDialect if isinstance(row, dict) and "rung" in row else RecordedCall
    TypeAdapter(kind).validate_python(row)
    json.dumps(row, ensure_ascii=False, allow_nan=False).encode()  # half a surrogate pair, or NaN, cannot be stored
    return row

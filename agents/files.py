"""The files that hold items, one JSON object a line: written aside and renamed, read one item at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from agents.errors import InputError, WriteError
from agents.text.printable import printable

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - the item type of a file


def write_text(path: Path, text: str) -> None:
    """Write aside and rename: a reader sees the old file or the new one, never half of one. Raises `WriteError`."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """The same for bytes."""
    with _replacing(path) as file:
        file.write(data)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` at the end.

    What a killed process left aside is overwritten by the next one.
    """
    aside = path.with_name(f".{path.name}.aside")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        with aside.open("xb") as file:  # a link that somebody laid there would be written through
            yield file
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise WriteError(
            f"{path} cannot be written: {error.strerror or error}",
            "make space, or the folder writable; the same command continues",
        ) from error


def take_place(folder: Path, place: Path) -> None:
    """Rename a finished `folder` to `place`; what stood there goes after it, so that no half of it is ever read."""
    before = place.with_name(f".{place.name}.before")
    shutil.rmtree(before, ignore_errors=True)  # of a kill
    if place.exists():
        place.rename(before)
    folder.rename(place)
    shutil.rmtree(before, ignore_errors=True)


def write_jsonl(path: Path, items: Iterable[BaseModel | dict[str, Any]]) -> int:
    """Write one item a line (aside, then renamed), each as it comes, and return how many."""
    count = 0
    with _replacing(path) as file:
        for item in items:
            count += 1
            line = item.model_dump_json() if isinstance(item, BaseModel) else json.dumps(item, ensure_ascii=False)
            file.write(f"{line}\n".encode())
    return count


def append_jsonl(path: Path, item: BaseModel) -> None:
    """Add one item to a file of items and wait until it is on the disk.

    The rest of a line that a crash cut off is taken away first: it was never said to be there. Raises `WriteError`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            whole = file.seek(0, os.SEEK_END)
            while whole and _byte_before(file, whole) != b"\n":
                whole -= 1
            file.truncate(whole)
            file.write(f"{item.model_dump_json()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written: {error.strerror or error}", "make space, or the file writable"
        ) from error


def _byte_before(file: BinaryIO, at: int) -> bytes:
    file.seek(at - 1)
    return file.read(1)


def read_jsonl(path: Path, item: type[I]) -> list[I]:
    """Read a file of items. Raises `InputError` naming file and line if one is not an `item`."""
    return list(each_item(path, item))


def each_item(path: Path, item: type[I]) -> Iterator[I]:
    """The same one by one: ten thousand chunks have rows of a hundred megabytes."""
    if not path.is_file():
        raise InputError(f"{path} does not exist", "run the stage that writes it first (`ragtuned synthesize`)")
    number = 0
    with path.open(encoding="utf-8-sig", newline="\n") as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _validated(line, number, path, item)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}, after line {number}: not UTF-8 text: {error.reason}", "save it as UTF-8"
            ) from error


def read_text(path: Path, do: str) -> str:
    """The text of a file that a person wrote, without a byte order mark. Raises `InputError`: `do` if it is missing."""
    if not path.is_file():
        raise InputError(f"{path} does not exist", do)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error}", "save it as UTF-8") from error


def _validated(line: str, number: int, path: Path, item: type[I]) -> I:
    try:
        return item.model_validate_json(line)
    except ValidationError as error:
        raise InputError(f"{path}, line {number}: not a {item.__name__}: {told(error)}") from error


def told(error: ValidationError) -> str:
    """The first fault: the field, what is wanted, and the type and value that were found instead."""
    return told_fault(error.errors()[0])


def told_fault(fault: Mapping[str, Any]) -> str:
    """One of `ValidationError.errors()` in words."""
    where = ".".join(str(part) for part in fault["loc"]) or "row"
    if fault["type"] in WITHOUT_VALUE:
        return f"{where}: {fault['msg']}"
    found = repr(fault["input"])
    shown = printable(found if len(found) <= LONGEST_SHOWN else f"{found[:LONGEST_SHOWN]}…")
    return f"{where}: {fault['msg']}, found {TYPES.get(type(fault['input']), type(fault['input']).__name__)}: {shown}"


WITHOUT_VALUE = ("missing", "json_invalid", "value_error")  # where the value is the whole row, or said already
LONGEST_SHOWN = 80  # characters of a value in an error
TYPES: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
"""Python's types as JSON has them."""


def state_of(path: Path) -> tuple[int, ...]:
    """Device, inode, size, and the times of the content and of the change: the same as long as a file is as it was.

    The change time is set by the system alone: a file that was swapped and given its old modification time again is
    noticed.
    """
    stat = path.stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def read_json(path: Path, kind: Any, do: str) -> Any:
    """What a JSON file holds, if it is of the `kind` (as an annotation says it).

    Raises `InputError` naming field and types, and what to `do`.
    """
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes().removeprefix(BOM_UTF8), strict=True)
    except ValidationError as error:
        raise InputError(f"{path}: {told(error)}", do) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}", do) from error


def file_hash(path: Path) -> str:
    """The SHA-256 of a file of any size, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""The files that hold items, one JSON object a line: written aside and renamed, read one item at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError

from agents.errors import InputError, WriteError

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
    """A file that takes the place of `path` at the end. What a killed process left aside is overwritten by the next one."""
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
        raise WriteError(f"{path} cannot be written: {error.strerror or error}", "make space, or the folder writable; the same command continues") from error


def write_jsonl(path: Path, items: Iterable[BaseModel | dict[str, Any]]) -> int:
    """Write one item a line (aside, then renamed), each as it comes, and return how many."""
    count = 0
    with _replacing(path) as file:
        for item in items:
            count += 1
            line = item.model_dump_json() if isinstance(item, BaseModel) else json.dumps(item, ensure_ascii=False)
            file.write(f"{line}\n".encode())
    return count


def read_jsonl(path: Path, item: type[I]) -> list[I]:
    """Read a file of items. Raises `InputError` naming file and line if one is not an `item`."""
    return list(each_item(path, item))


def each_item(path: Path, item: type[I]) -> Iterator[I]:
    """The same one by one: ten thousand chunks have rows of a hundred megabytes."""
    if not path.is_file():
        raise InputError(f"{path} does not exist", "run the stage that writes it first (`ragtuned synthesize`)")
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield item.model_validate_json(line)
            except ValidationError as error:
                fault = error.errors()[0]
                where = ".".join(str(part) for part in fault["loc"])
                raise InputError(f"{path}, line {number}: not a {item.__name__}: {where} {fault['msg']}") from error


def file_hash(path: Path) -> str:
    """The SHA-256 of a file of any size, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

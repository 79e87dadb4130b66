"""Answers on disk, kept as they come: an evaluation that was killed goes on, and nothing is asked or paid for twice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from agents.errors import WriteError
from agents.files import write_jsonl
from agents.records import content_id
from eval.contestants.answering import Answer


def kept(files: Iterable[Path], asked: Mapping[str, str]) -> dict[str, Answer]:
    """Of each question the answer to the same prompt by the same model, if one of the `files` holds it.

    `asked` names by question what decides its answer. A line that is no answer (another version's, or half of one) and
    an answer that failed are passed over.
    """
    found: dict[str, Answer] = {}
    for file in files:
        for answer in answers_in(file):
            if answer.asked == asked.get(answer.question) and not answer.failed:
                found.setdefault(answer.question, answer)
    return found


def answers_in(file: Path) -> Iterator[Answer]:
    """Every line of a file that is an answer; none if the file is not there."""
    if not file.is_file():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield Answer.model_validate_json(line)
            except ValidationError:
                continue


def answers_key(folder: Path, contestants: Iterable[str]) -> str:
    """Names what these contestants say in the files of `folder` now: what was made of answers may be of older ones."""
    said = {
        name: sorted((one.question, one.text, one.failed) for one in answers_in(folder / f"{name}.jsonl"))
        for name in contestants
    }
    return content_id("answers", sorted(said.items()))


def keep_each(
    path: Path, asked: Mapping[str, str], known: Mapping[str, Answer], batches: Iterable[Sequence[Answer]]
) -> Iterator[list[Answer]]:
    """Every answer once it is on the disk: `known` ones first, then those of `batches`, each batch synced.

    Raises `WriteError`, and what `batches` raises as it is: an error of a server or of weights may be an OSError too.
    """
    write_jsonl(path, known.values())
    for batch in batches:
        named = [answer.model_copy(update={"asked": asked[answer.question]}) for answer in batch]
        _append(path, named)
        yield named


def _append(path: Path, answers: Sequence[Answer]) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{answer.model_dump_json()}\n" for answer in answers)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written: {error.strerror or error}",
            "make space, or the folder writable; the same command continues",
        ) from error

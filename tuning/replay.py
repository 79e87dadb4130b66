"""General questions with the student's own answers, mixed in so that the student keeps what it knew.

A student tuned on the facts alone forgets and leaks: asked for a well-known capital, it names a place of the corpus.
Its own answers, not better ones, are the rows: nothing new is taught, the old behaviour is held in place.
The questions are a file of ours, disjoint from those by which the evaluation measures forgetting.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from agents.console import Console
from agents.errors import InputError
from agents.files import write_jsonl
from agents.records import content_id, to_messages
from agents.spread import spread
from tuning.base import Base
from tuning.dataset import Row, read_rows
from tuning.model import Generation, Student, load_model, load_tokenizer

PROMPTS = Path(__file__).with_name("general_prompts.jsonl")
RECORDED = Path(__file__).with_name("general_answers.jsonl")
"""The rows of the default student: what SmolLM2-135M-Instruct, de-quantised, answered on a CPU in float32."""
ANSWER_TOKENS = 40
"""Longest answer (tokens): about as long as the answers that the facts get, so that replay does not outweigh them."""


def general_questions() -> list[str]:
    """The questions of the file, in its order."""
    return [json.loads(line)["question"] for line in PROMPTS.read_text(encoding="utf-8").splitlines()]


def replay_rows(wanted: int, cache: Path, base: Base, console: Console) -> list[Row]:
    """`wanted` rows of kind replay, evenly spread over the topics; answered once and kept in `cache`.

    The cache names the student by the SHA-256 of its weights: another student's is not used. The default student's
    answers come with this version.

    Raises:
        InputError: more rows are wanted than questions got a whole answer.

    """
    if not wanted:
        return []
    rows = (
        _cached(cache, base.sha256)
        or _cached(RECORDED, base.sha256)
        or _answer(cache, base.sha256, Student(load_model(base), load_tokenizer(base)), console)
    )
    if wanted > len(rows):
        raise InputError(
            f"[tuning] replay_rows = {wanted}, but the student answered {len(rows)} general questions",
            f"at most {len(rows)}",
        )
    return spread(rows, wanted)


def whole_sentences(generation: Generation) -> str:
    """The answer up to its last whole sentence; empty if the limit cut it inside the first."""
    text = " ".join(generation.text.split())
    if generation.finished:
        return text
    ends = [match.end() for match in re.finditer(r"(?<!\b\d)[.!?](?=\s|$)", text)]
    return text[: ends[-1]] if ends else ""


def _cached(cache: Path, base: str) -> list[Row]:
    if not cache.is_file() or not cache.stat().st_size:
        return []
    try:
        first = json.loads(cache.read_text(encoding="utf-8").splitlines()[0])
    except (ValueError, IndexError, RecursionError):
        return []
    return read_rows(cache) if isinstance(first, dict) and first.get("base") == base else []


def _answer(cache: Path, base: str, student: Student, console: Console) -> list[Row]:
    questions = general_questions()
    prompts = [to_messages(question, "")[:-1] for question in questions]
    with console.stage("general questions", len(questions)) as stage:
        answers = [whole_sentences(answer) for answer in student.generate(prompts, ANSWER_TOKENS)]
        stage.count("kept", sum(bool(answer) for answer in answers))
        stage.count("unfinished", sum(not answer for answer in answers))
    kept = [(question, answer) for question, answer in zip(questions, answers, strict=True) if answer]
    rows = [
        {
            "id": content_id("replay", base, question),
            "kind": "replay",
            "messages": to_messages(question, answer),
            "base": base,
        }
        for question, answer in kept
    ]
    write_jsonl(cache, rows)
    return [Row.model_validate(row) for row in rows]

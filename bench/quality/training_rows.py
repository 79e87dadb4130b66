"""What a set of training rows holds of its corpus, whichever recipe made it.

Coverage and duplicates, counted from the files of a run.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from agents.files import read_jsonl
from agents.project import Project
from agents.records import Chunk, Example, Item
from agents.text.matching import rouge_l
from agents.text.words import content_words, words
from graphs.dataset.filters import SAME_QUESTION


class Quality(Item):
    """Counts of rows unless said otherwise.

    `chunks_covered` is the share of chunks that an answering row names as its source, `content_words` the mean share of
    a chunk's content words that the answers of those rows teach; both 0–1. `same_question` repeats the words of an
    earlier row's question, `same_question_other_answer` with another answer; `near_duplicates` are the others that come
    near (ROUGE-L above 0.85) an earlier question of another fact.
    """

    rows: int
    by_role: dict[str, int]
    chunks: int
    chunks_covered: float
    content_words: float
    same_question: int
    same_question_other_answer: int
    near_duplicates: int


def quality(project: Project, trained: Collection[str]) -> Quality:
    """Coverage and duplicates of the rows of a run whose ids were `trained`."""
    taught = _taught(project, trained)
    rows = [row for row in read_jsonl(project.data_dir / "examples.jsonl", Example) if row.id in taught]
    chunks = read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)
    told: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for chunk_id in row.source.chunks if row.kind != "unanswerable" else ():
            told[chunk_id] |= content_words(taught[row.id])
    same, other, near = _duplicates(rows)
    return Quality(
        rows=len(rows),
        by_role=dict(sorted(Counter(row.source.role for row in rows).items())),
        chunks=len(chunks),
        chunks_covered=sum(chunk.id in told for chunk in chunks) / len(chunks),
        content_words=sum(_share(content_words(chunk.text), told.get(chunk.id, set())) for chunk in chunks)
        / len(chunks),
        same_question=same,
        same_question_other_answer=other,
        near_duplicates=near,
    )


def _taught(project: Project, trained: Collection[str]) -> dict[str, str]:
    """What the student learns to say, by row: its reasoning only where that is taught."""
    lines = (json.loads(line) for line in (project.data_dir / "train.jsonl").read_text(encoding="utf-8").splitlines())
    return {line["id"]: line["messages"][-1]["content"] for line in lines if line["id"] in trained}


def _share(wanted: set[str], held: set[str]) -> float:
    return len(wanted & held) / max(1, len(wanted))


def _duplicates(rows: Sequence[Example]) -> tuple[int, int, int]:
    """(same question, of these with another answer, near an earlier question of another fact); each row counts once."""
    same = other = near = 0
    first: dict[tuple[str, ...], Example] = {}
    for row in sorted(rows, key=lambda row: row.id):
        key = tuple(words(row.question))
        if key in first:
            same += 1
            other += content_words(row.answer) != content_words(first[key].answer)
            continue
        near += any(
            row.fact != earlier.fact and rouge_l(row.question, earlier.question) > SAME_QUESTION
            for earlier in first.values()
        )
        first[key] = row
    return same, other, near

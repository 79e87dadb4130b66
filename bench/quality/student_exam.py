"""What a small student is asked in `bench.quality.students`: the exam of `ragtuned eval`, retrieval done beforehand.

`write_corpus` searches where Chroma and the embedding model are; on the machine with the GPU its files are enough.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.files import read_json, read_jsonl, write_jsonl, write_text
from agents.models.embedding import Embed
from agents.project import Project
from agents.records import Document
from eval.contestants import readings
from eval.contestants.answering import Answer, Reader
from eval.contestants.lineup import open_retriever
from eval.contestants.rag import Passage
from eval.marks.forgetting import corpus_names
from eval.marks.grades import Exam
from eval.metrics import FIGURES, Scores
from eval.questions import general_knowledge_questions, load_gold, load_heldout, stranger_questions
from eval.settings import EvalConfig

Passages = Mapping[str, list[Passage]]
"""What retrieval found for each question, the nearest first."""
TUNED_RAG = "tuned_rag"
RIGHT_PAGE = "right_page"
"""The untuned student with the passages in its prompt that hold the answer: what reading can reach."""
LONG_CONTEXT = "long_context"
UNTUNED = ("base", "rag", RIGHT_PAGE, LONG_CONTEXT)
GPU_BATCH_TOKENS = 40_000
"""Tokens of prompts and answers under way at once on a GPU: some 256 questions alone, 32 with four passages."""


def write_corpus(project: Project, embed: Embed, out: Path) -> str:
    """Write gold, the passages of each question and the names of the documents; what was written, in words."""
    config, gold = EvalConfig.model_validate({}), load_gold(project.gold)
    found = open_retriever(project, config, embed).search([q.question for q in gold], config.top_k)
    passages = {q.question: [p.model_dump() for p in each] for q, each in zip(gold, found, strict=True)}
    write_jsonl(out / "gold.jsonl", gold)
    documents = read_jsonl(project.graph_dir / "documents.jsonl", Document)
    write_jsonl(out / "documents.jsonl", documents)
    write_text(out / "passages.json", json.dumps(passages, ensure_ascii=False))
    proofs = readings.evidence_passages(documents, gold, config.chunk_characters)
    pages = {q.question: [p.model_dump() for p in proofs[q.id]] for q in gold if q.id in proofs}
    write_text(out / "pages.json", json.dumps(pages, ensure_ascii=False))
    write_text(out / "names.json", json.dumps(corpus_names(project.graph_dir / "entities.jsonl"), ensure_ascii=False))
    return f"{out}: {len(gold)} gold questions with {sum(map(len, passages.values()))} passages"


def read_corpus(corpus: Path, heldout: Path | None, limit: int) -> tuple[Exam, Passages]:
    """The exam over a folder of `write_corpus` and at most `limit` held-out questions (0: all)."""
    again = "run `prepare` again"
    exam = Exam(
        load_gold(corpus / "gold.jsonl"),
        load_heldout(heldout, limit) if heldout else [],
        general_knowledge_questions(),
        stranger_questions(),
        read_json(corpus / "names.json", list[str], again),
    )
    return exam, read_json(corpus / "passages.json", dict[str, list[Passage]], again)


class Recorded:
    """The passages that retrieval found on another machine; takes the place of `eval.contestants.rag.Retriever`."""

    def __init__(self, found: Passages) -> None:
        self._found = found

    def search(self, questions: Sequence[str], top_k: int) -> list[list[Passage]]:
        """The `top_k` nearest passages of each question."""
        return [self._found[question][:top_k] for question in questions]


def untuned_answers(
    exam: Exam, passages: Passages, corpus: Path, load: Callable[[], Any], place: Path
) -> dict[str, list[Answer]]:
    """What the `UNTUNED` contestants answer, asked once and kept beside `place`; held-out never."""
    files = {name: place.with_name(f"{place.name}-{name}.jsonl") for name in UNTUNED}
    if not all(file.is_file() for file in files.values()):
        student, pages = load(), read_json(corpus / "pages.json", dict[str, list[Passage]], "run `prepare` again")
        write_jsonl(files["base"], closed_book("base", student, exam, with_heldout=False))
        write_jsonl(files["rag"], with_passages("rag", student, exam, passages))
        write_jsonl(files[RIGHT_PAGE], with_passages(RIGHT_PAGE, student, exam, pages))
        documents = read_jsonl(corpus / "documents.jsonl", Document)
        reader = Reader(LONG_CONTEXT, student, readings.Corpus(documents, "", settings(), None), settings())
        write_jsonl(files[LONG_CONTEXT], reader.answer_all(exam.about_corpus()[: len(exam.gold)]))
    return {name: read_jsonl(file, Answer) for name, file in files.items()}


def closed_book(name: str, student: Any, exam: Exam, with_heldout: bool) -> list[Answer]:
    """The answers from the weights alone."""
    about = exam.about_corpus() if with_heldout else exam.about_corpus()[: len(exam.gold)]
    return Reader(name, student, readings.Nothing(), settings()).answer_all([*about, *exam.beyond_corpus()])


def with_passages(name: str, student: Any, exam: Exam, passages: Passages) -> list[Answer]:
    """The answers to gold with passages that `prepare` found in the prompt; asked is what has some."""
    reading = readings.Passages(lambda: Recorded(passages), settings())
    asked = [question for question in exam.about_corpus()[: len(exam.gold)] if question.text in passages]
    return Reader(name, student, reading, settings()).answer_all(asked)


def settings() -> EvalConfig:
    """[eval] as it is by default, in batches for a GPU if there is one."""
    import torch

    return EvalConfig.model_validate({"batch_tokens": GPU_BATCH_TOKENS} if torch.cuda.is_available() else {})


def counts(scores: Scores) -> dict[str, list[int]]:
    """[hits, n] of every figure that was asked."""
    found = {figure: pick(scores) for figure, pick in FIGURES.items()}
    return {figure: [one.hits, one.n] for figure, one in found.items() if one.n}

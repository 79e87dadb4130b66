"""What is judged: both contestants' answers to each question, and the passages that the question is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agents.errors import InputError
from agents.files import each_item, read_json, read_jsonl
from agents.project import Project
from agents.records import Document, Example, Item, content_id
from agents.spread import spread
from eval.contestants.answering import Answer
from eval.contestants.answers import answers_key
from eval.marks.grades import Exam
from eval.own_questions import own_questions
from eval.questions import (
    evidence_document,
    general_knowledge_questions,
    gold_of,
    heldout_of,
    stranger_questions,
)
from eval.settings import EvalConfig

AROUND = 400  # characters of a document that are shown before and behind a quoted passage
MOST_SOURCE = 6_000  # characters of all passages of a question: some 1,500 tokens
GAP = "\n[…]\n"


class Asked(Item):
    """A question with its kind, its cluster (document or fact), the passages about it and what counts as right.

    `source` is "" where nobody knows which passages those are, `answer` where none was given.
    """

    id: str
    kind: str
    text: str
    cluster: str
    source: str = ""
    answer: str = ""


class Pair(Item):
    """What two contestants said to one question."""

    asked: Asked
    one: str
    other: str

    @property
    def alike(self) -> bool:
        """Whether both said the same."""
        return self.one.split() == self.other.split()


def read_questions(project: Project) -> list[Asked]:
    """The questions about the documents: gold, held-out ones and the user's own, with their sources.

    Raises `InputError` as the readers of the files do.
    """
    path = project.graph_dir / "documents.jsonl"
    documents = read_jsonl(path, Document) if path.is_file() else []
    texts = {document.id: document.text for document in documents}
    found: list[Asked] = []
    for gold in gold_of(project):
        holding = [(e.quote, evidence_document(e, documents)) for e in gold.evidence]
        spans = [(d.id, start := d.text.index(quote), start + len(quote)) for quote, d in holding if d]
        quoted = [quote for quote, d in holding if not d]
        source = source_around(texts, spans, quoted)
        cluster = gold.evidence[0].path if gold.evidence else gold.id
        answer = max(gold.answers, key=len, default="")
        found.append(
            Asked(id=gold.id, kind=gold.kind, text=gold.question, cluster=cluster, source=source, answer=answer)
        )
    rows = heldout_of(project)
    evidence = _evidence(project.data_dir / "examples.jsonl", {row.id for row in rows})
    for row in rows:
        spans = [(name, start, end) for name, start, end in evidence.get(row.id, []) if name in texts]
        found.append(
            Asked(
                id=row.id,
                kind=row.kind,
                text=row.question,
                cluster=row.fact,
                source=source_around(texts, spans),
                answer=row.reference if row.kind == "local" else "",
            )
        )
    own = own_questions(project, project.section("eval", EvalConfig).questions)
    return [*found, *(Asked(id=one.id, kind="own", text=one.question, cluster=one.id) for one in own)]


def read_pairs(project: Project, questions: Iterable[Asked], one: str, other: str, most: int = 0) -> list[Pair]:
    """What `one` and `other` said to each question, at most `most` of them, spread evenly (0: all).

    Raises `InputError` where a contestant has no answers, or both answered no question in common.
    """
    said = {name: _answers(project, name) for name in (one, other)}
    pairs = [
        Pair(asked=asked, one=said[one][asked.id], other=said[other][asked.id])
        for asked in questions
        if asked.id in said[one] and asked.id in said[other]
    ]
    if not pairs:
        raise InputError(f"{one} and {other} answered no question in common", "run `ragtuned eval` again")
    return spread(pairs, most) if most else pairs


def judged_key(project: Project, contestants: Iterable[str]) -> str:
    """Names what a judge is shown of these contestants as it stands now: their answers, and gold."""
    said = answers_key(project.eval_dir / "answers", contestants)
    return content_id("judged", said, [one.model_dump() for one in gold_of(project)])


def evaluated(project: Project) -> list[str] | None:
    """The contestants of the last evaluation; None where none came to its end.

    Raises `InputError` if gold.jsonl has changed since: the answers are to other questions.
    """
    path = project.eval_dir / "metrics.json"
    if not path.is_file():
        return None
    metrics = read_json(path, dict[str, Any], "run `ragtuned eval` again")
    exam = Exam(gold_of(project), [], general_knowledge_questions(), stranger_questions(), [])
    if metrics.get("exam", exam.name) != exam.name:
        raise InputError("gold.jsonl is not the one that the run was evaluated with", "run `ragtuned eval` again")
    return [*metrics.get("contestants", {})]


def source_around(
    documents: Mapping[str, str], spans: Iterable[tuple[str, int, int]], beside: Iterable[str] = ()
) -> str:
    """The passages of documents around (name, start, end), joined where they touch; `beside` are further quotes."""
    parts = list(beside)
    last = ("", 0, 0)
    for name, start, end in sorted(span for span in spans if span[2] > span[1]):
        begin, stop = max(0, start - AROUND), min(len(documents[name]), end + AROUND)
        if last[0] == name and begin <= last[2]:
            last = (name, last[1], max(stop, last[2]))
            parts[-1] = documents[name][last[1] : last[2]]
        else:
            last = (name, begin, stop)
            parts.append(documents[name][begin:stop])
    return GAP.join(part.strip() for part in parts)[:MOST_SOURCE]


def _evidence(path: Path, wanted: set[str]) -> dict[str, list[tuple[str, int, int]]]:
    """(document id, start, end) of the evidence of each wanted row of examples.jsonl; rows over one document alone."""
    if not path.is_file():
        return {}
    return {
        row.id: [(row.source.documents[0], e.start, e.end) for e in row.evidence]
        for row in each_item(path, Example)
        if row.id in wanted and len(row.source.documents) == 1
    }


def _answers(project: Project, name: str) -> dict[str, str]:
    path = project.eval_dir / "answers" / f"{name}.jsonl"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.jsonl"))) or "none"
        raise InputError(f"no answers of {name!r} in {path.parent} (there are: {known})", "run `ragtuned eval` first")
    return {answer.question: answer.text for answer in read_jsonl(path, Answer) if not answer.failed}

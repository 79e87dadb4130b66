"""The questions of an evaluation: hand-written gold, held-out wordings, general knowledge and invented subjects.

Gold is written by people from the documents, apart from the pipeline; held-out questions come from synthesis with
the teacher's answer. General questions measure what tuning forgets; strangers are people, places and ships that no
corpus holds, so that any definite answer about them is invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from agents.errors import InputError
from agents.files import read_jsonl, read_text, told_fault
from agents.project import Project
from agents.records import Document, Item, Kind, Message, split_answer
from agents.spread import spread

GoldKind = Literal["local", "global", "multi_hop", "unanswerable"]
HERE = Path(__file__).parent


class GoldEvidence(Item):
    """Where a person found the answer: the document's file name and the words in it."""

    path: str
    quote: str


class GoldQuestion(Item):
    """A question with what counts as right.

    Accepted `answers` (local, multi_hop) or `claims`, each a list of alternatives (global).
    """

    id: str
    kind: GoldKind
    question: str = Field(min_length=1)
    answers: list[str] = []
    claims: list[list[str]] = []
    evidence: list[GoldEvidence] = []


class HeldoutQuestion(Item):
    """A row of data/heldout.jsonl.

    A new wording of a trained fact (`wording`) or a fact without training row (`untrained`).
    """

    id: str
    kind: Kind
    tag: Literal["wording", "untrained"]
    fact: str
    training_rows: list[str]
    messages: list[Message]

    @field_validator("messages")
    @classmethod
    def _asked_and_answered(cls, messages: list[Message]) -> list[Message]:
        roles = [message.get("role") for message in messages]
        if roles[-2:] != ["user", "assistant"] or not all("content" in message for message in messages):
            raise ValueError(
                f"must end with a user's and an assistant's message, each with role and content; the roles are {roles}"
            )
        return messages

    @property
    def question(self) -> str:
        """The user's turn."""
        return next(message["content"] for message in self.messages if message["role"] == "user")

    @property
    def reference(self) -> str:
        """The teacher's answer without its reasoning."""
        return split_answer(self.messages[-1]["content"])[1]


class GeneralQuestion(Item):
    """General knowledge with its accepted answers."""

    id: str
    question: str
    answers: list[str]


class StrangerQuestion(Item):
    """A question about somebody or something that does not exist."""

    id: str
    question: str


def gold_of(project: Project) -> list[GoldQuestion]:
    """The gold questions of a project; none without gold.jsonl. Raises what `load_gold` raises."""
    return load_gold(project.gold) if project.gold.is_file() else []


def load_gold(path: Path) -> list[GoldQuestion]:
    """Read gold.jsonl. Raises `InputError` with every fault of the file, each with its line."""
    questions: list[GoldQuestion] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            question = GoldQuestion.model_validate_json(line)
        except ValidationError as error:
            faults += [f"line {number}: {told_fault(fault)}" for fault in error.errors()]
            continue
        faults += [f"line {number}: {fault}" for fault in gold_faults(question)]
        for key in (question.id, question.question.casefold()):
            if key in seen:
                faults.append(f"line {number}: {key!r} stands already in line {seen[key]}")
            seen[key] = number
        questions.append(question)
    if faults:
        raise InputError(
            f"{path}: {len(faults)} fault{'s' * (len(faults) > 1)}\n  - " + "\n  - ".join(faults),
            "mend the lines named",
        )
    if not questions:
        raise InputError(f"{path} holds no question", "write some, or remove the file")
    return questions


def gold_faults(question: GoldQuestion) -> Iterator[str]:
    """What is wrong with one gold question, if anything."""
    needs_answers = question.kind in ("local", "multi_hop")
    if needs_answers and not any(answer.strip() for answer in question.answers):
        yield f"a {question.kind} question needs accepted `answers`"
    if not needs_answers and question.answers:
        yield f"a {question.kind} question takes no `answers`"
    if question.kind == "global" and not (question.claims and all(question.claims)):
        yield "a global question needs `claims`, each with at least one alternative"
    if question.kind != "global" and question.claims:
        yield f"a {question.kind} question takes no `claims`"
    if question.kind != "unanswerable" and not question.evidence:
        yield "an answerable question needs `evidence`"


def evidence_document(evidence: GoldEvidence, documents: Sequence[Document]) -> Document | None:
    """The document that holds the quote; a person may have named it by its path or by its file name alone."""
    name = evidence.path.rsplit("/", 1)[-1]
    found = [one for one in documents if one.path.rsplit("/", 1)[-1] == name and evidence.quote in one.text]
    return next((one for one in found if one.path == evidence.path), found[0] if found else None)


def heldout_of(project: Project, limit: int = 0) -> list[HeldoutQuestion]:
    """At most `limit` held-out questions of a run (0: all); none before its rows are written."""
    path = project.data_dir / "heldout.jsonl"
    return load_heldout(path, limit) if path.is_file() else []


def load_heldout(path: Path, limit: int) -> list[HeldoutQuestion]:
    """Read at most `limit` rows of heldout.jsonl, spread evenly over the file; 0 means all."""
    rows = read_jsonl(path, HeldoutQuestion)
    return spread(rows, limit) if limit else rows


def general_knowledge_questions() -> list[GeneralQuestion]:
    """The questions about general knowledge that ship with ragtuned; none of them is ever trained."""
    return read_jsonl(HERE / "general_questions.jsonl", GeneralQuestion)


def stranger_questions() -> list[StrangerQuestion]:
    """The questions about invented subjects that ship with ragtuned; none of them is ever trained."""
    return read_jsonl(HERE / "stranger_questions.jsonl", StrangerQuestion)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    text = read_text(path, "write gold questions by hand: docs/gold.md shows the format")
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())

"""The items that travel through ragtuned, one definition each.

Every id is a content hash, so that the same input gives the same ids on every machine. Offsets are
characters into `Document.text`: re-reading the span gives the same text.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.text.control_tokens import messages_as_text

KIND_NAMES = {"local", "global", "multi_hop", "unanswerable", "document", "replay"}
"""The kinds of rows. They stand here since tuning and evaluation read rows of all kinds and know no kind itself."""


def _known(kind: str) -> str:
    if kind not in KIND_NAMES:
        raise ValueError(f"{kind!r} is no kind of row (known: {', '.join(sorted(KIND_NAMES))})")
    return sys.intern(kind)  # one for all rows


Kind = Annotated[str, AfterValidator(_known)]
Split = Literal["train", "validation", "heldout"]
Reasoning = Literal["none", "short", "full"]
Length = Literal["sentence", "paragraph"]  # of an answer: one sentence, or two and more
Depth = Literal["recall", "connect"]  # of a question: for one thing that is told, or for several together
SkipReason = Literal[
    "empty",
    "binary",
    "not UTF-8",
    "too large",
    "encrypted",
    "broken",
    "no text",
    "ragged row",
    "not a row",
    "same text as",
    "link to a folder",
    "link out of the project",
    "cannot be opened",
    "no reader",
    "archive",
    "hidden",
    "the project's own",
    "unknown text unit",
    "unknown entity",
    "unknown community",
]
Message = dict[str, str]

SYSTEM_PROMPT = "Answer from memory. If you do not know, say so."  # short: it stands in every training row
REFUSAL = "I don't know. The documents do not say."
FRAMING = "framing"  # the role of a wording made without a model: the question behind a set phrase
PASSAGE = "passage"  # of a row that quotes the documents
CONTRAST = "contrast"  # of a refusal made from a kept question
MADE_BY_RULE = (FRAMING, PASSAGE, CONTRAST)  # the roles of rows that no model wrote
ANSWER_MARK = "Answer:"


class Item(BaseModel):
    """A frozen record; unknown fields are refused, so that a file of another version is noticed."""

    # values in the cache of strings would pin the memory of rows that are gone
    model_config = ConfigDict(frozen=True, extra="forbid", cache_strings="keys")


class Document(Item):
    """One text as read, with where it came from in `metadata`."""

    id: str
    path: str
    title: str
    text: str
    metadata: dict[str, Any] = {}


class Skipped(Item):
    """A file that was not read, or a `part` of one ("row 7", "page 3") while the rest was.

    `detail` says the value and what to do.
    """

    path: str
    part: str = ""
    reason: SkipReason
    detail: str = ""

    def __str__(self) -> str:
        """One line for a person."""
        return ": ".join(filter(None, [", ".join(filter(None, [self.path, self.part])), self.reason, self.detail]))


class Chunk(Item):
    """`text == document.text[start:end]`."""

    id: str
    document_id: str
    start: int
    end: int
    text: str
    headings: list[str] = Field(default=[], exclude_if=lambda headings: not headings)
    """Those over it, the highest first, without its document's title."""


class Entity(Item):
    """A named thing and every chunk that mentions it."""

    id: str
    name: str
    type: str
    description: str
    aliases: list[str] = []
    chunk_ids: list[str]


class Relation(Item):
    """A directed statement about two entities (ids); `weight` counts the chunks that make it."""

    id: str
    source: str
    target: str
    description: str
    weight: float
    chunk_ids: list[str]


class Community(Item):
    """Entities that belong together; level 0 is the whole, `parent` is the id one level up."""

    id: str
    level: int
    parent: str | None
    entity_ids: list[str]
    chunk_ids: list[str]


class Finding(Item):
    """One claim of a report and the chunks that carry it."""

    claim: str
    chunk_ids: list[str]


class Report(Item):
    """What a community is about; `id` is the community's."""

    id: str
    title: str
    summary: str
    findings: list[Finding]


class Brief(Item):
    """What to ask, decided before any question is written.

    `targets` are ids of entities, relations, communities or facts. `statements` are what the question is to be about:
    one sentence, the facts to be joined, the findings of a report, or one passage. `subject` is the name that it is
    about, "" where the statements say it. `asker` is who asks, "" for nobody in particular.
    """

    id: str
    kind: Kind
    style: str
    targets: list[str]
    chunk_ids: list[str]
    statements: list[str] = []
    subject: str = ""
    asker: str = ""
    length: Length = "sentence"
    depth: Depth = "recall"

    @property
    def about(self) -> str:
        """What it is about, for a person and for its id: the statements, a line each, else the subject."""
        return "\n".join(self.statements) or self.subject

    @property
    def wanted(self) -> str:
        """What is asked for, in words: the style, and who asks, how long and how deep where it is not the plain one."""
        more = [
            f"asked by {self.asker}" * bool(self.asker),
            "a paragraph" * (self.length == "paragraph"),
            "several things together" * (self.depth == "connect"),
        ]
        return ", ".join(filter(None, [self.style, *more]))


class Evidence(Item):
    """A verbatim span: `quote == document.text[start:end]` of the chunk's document."""

    chunk_id: str
    start: int
    end: int
    quote: str


class Source(Item):
    """Where a row comes from: its documents, the prompt and the model that wrote it, and what its brief asked for.

    `style` and what follows are the brief's; a row that was made without a brief has an empty style.
    """

    documents: list[str]
    chunks: list[str]
    community: str | None = None
    role: str
    prompt: str
    model: str
    seed: int
    parent: str | None = None
    style: str = ""
    asker: str = ""
    length: Length = "sentence"
    depth: Depth = "recall"


class Verdict(Item):
    """What the critic said: the score of each gate passed, P(yes) in 0–1 where the server gives it."""

    gates: dict[str, float]


class Example(Item):
    """A question with its answer and the proof of it; `fact` groups the wordings of one piece of knowledge."""

    id: str
    kind: Kind
    fact: str
    wording_of: str | None = None
    question: str
    reasoning: str
    answer: str
    evidence: list[Evidence]
    source: Source
    round: int
    split: Split | None = None
    verdict: Verdict


class Rejected(Item):
    """A brief or draft that did not become a row.

    The `gate` it failed, the `reason` (from a closed list) and the `raw` text, or what happened where none came.
    """

    id: str
    kind: Kind
    brief: str
    question: str
    answer: str
    gate: str
    reason: str
    raw: str
    round: int


def content_id(prefix: str, *parts: object) -> str:
    """A stable id: the prefix and 12 hex digits of the SHA-256 of the parts as JSON."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def render(reasoning_text: str, answer: str, reasoning: Reasoning) -> str:
    """The assistant's text: the answer alone, or the reasoning, a blank line and `Answer: …`.

    `short` keeps the first sentence of the reasoning.
    """
    thought = " ".join(reasoning_text.split())
    if reasoning == "none" or not thought:
        return answer.strip()
    if reasoning == "short":
        thought = thought.split(". ")[0].rstrip(".") + "."
    return f"{thought}\n\n{ANSWER_MARK} {answer.strip()}"


def split_answer(text: str) -> tuple[str, str]:
    """Take `render`'s text apart: (reasoning, answer); without the mark all of it is the answer."""
    head, mark, tail = text.rpartition(ANSWER_MARK)
    return (head.strip(), tail.strip()) if mark else ("", text.strip())


def to_messages(question: str, assistant: str, system: str = SYSTEM_PROMPT) -> list[Message]:
    """The three messages of a training row, as TRL, Unsloth, axolotl and LLaMA-Factory read them.

    They hold no mark of a chat template.
    """
    said = (("system", system), ("user", question), ("assistant", assistant))
    return messages_as_text({"role": role, "content": content} for role, content in said)

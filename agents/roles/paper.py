"""The published recipe in our own words, as a baseline (RAG-Tuned-LLM, arXiv 2503.16071, and its authors' MIT scripts).

Three kinds of rows, none of them checked: a template question about each entity and each relation, answered by its
description; a question with a long reasoned answer over all its passages; and of every passage a question about each
entity and relation in it, then a thought and an answer.

Where this departs from the scripts: the index is asked for the five entity types that the scripts keep of it; several
descriptions of one thing are joined, not summarised; counts and lengths are capped, because a small teacher's lists and
texts do not end (docs/decisions/0007); texts are plain, not Markdown.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from agents.models.client import Client
from agents.roles.role import WRITES, Role, fence
from agents.text.names import names_in

NOUNS = {"event": "event", "organization": "organization", "person": "person", "geo": "place", "food": "dish"}
"""The five entity types, and the word for one."""
MOST_ENTITIES = 10  # of one look, as the default extractor's
MOST_RELATIONS = 8
MOST_CHUNKS = 30  # that a long answer reads
TEMPLATE = "template"  # the role of a row whose question is one of the forms below
# what the writer says of a passage that tells too little; such rows are kept too, as published
UNABLE = "Unable to generate."
# characters of a thought and of an answer, the 500 words asked for together; llama.cpp's grammar counts to 1999
LONG = 1500
SHORT = 900
TYPES = "|".join(NOUNS)
NAME = r'[^|"\\\n]{2,50}'
TEXT = r'[^|"\\\n]{2,160}'

ENTITY_FORMS = (
    "Tell me about {name}.",
    "What do you know of the {noun} {name}?",
    "Describe the {noun} called {name}.",
    "I keep hearing of {name}. What is there to know?",
    "Does the {noun} {name} mean anything to you? What can you tell?",
    "Give me a short account of the {noun} {name}.",
)
RELATION_FORMS = (
    "How are {source} and {target} connected?",
    "What links {source} to {target}?",
    "What have {source} and {target} to do with each other?",
    "Explain how {source} relates to {target}.",
    "Tell me about {source} and {target}.",
    "What is known about {source} together with {target}?",
    "Do {source} and {target} belong together, and how?",
    "Describe what is between {source} and {target}.",
    "In what way does {source} matter to {target}?",
)


@dataclass(frozen=True)
class Subject:
    """What a row is about and what is told of it: an entity (one name, its type) or a relation (two names, no type)."""

    names: tuple[str, ...]
    type: str
    description: str

    @property
    def words(self) -> str:
        """The subject as a prompt calls it."""
        return (
            f"the {NOUNS[self.type]} {self.names[0]}"
            if self.type
            else f"how {self.names[0]} and {self.names[1]} are connected"
        )


def _line(read: str, asked: str) -> Any:
    """A line that is asked to be short (`asked`); a longer one of the same form is read all the same."""
    return Field(pattern=f"^{read}$", json_schema_extra={"pattern": f"^{asked}$"})


def _text(most: int) -> Any:
    """A text of at least a word that is asked to be no longer than `most` characters.

    A longer one is read all the same.
    """
    return Field(pattern=r"\S", json_schema_extra={"pattern": rf'^[^"\\\n]{{2,{most}}}$'})


class Described(BaseModel, extra="forbid"):
    """What one look may list, a line each: "type: name | description" and "one name | another name | description"."""

    entities: list[Annotated[str, _line(rf"({TYPES}): [^|]+ \| .+", rf"({TYPES}): {NAME} \| {TEXT}")]] = Field(
        max_length=MOST_ENTITIES
    )
    relations: list[Annotated[str, _line(r"[^|]+ \| [^|]+ \| .+", rf"{NAME} \| {NAME} \| {TEXT}")]] = Field(
        max_length=MOST_RELATIONS
    )

    def read(self) -> list[Subject]:
        """The lines taken apart, entities first; a line that stands twice, once."""
        found: list[Subject] = []
        for line in dict.fromkeys(self.entities):
            kind, _, rest = line.partition(": ")
            name, description = rest.split(" | ", 1)
            found.append(Subject((name.strip(),), kind, description.strip()))
        for line in dict.fromkeys(self.relations):
            source, target, description = line.split(" | ", 2)
            found.append(Subject((source.strip(), target.strip()), "", description.strip()))
        return found


class LongDraft(BaseModel, extra="forbid"):
    """A question about a subject, with the way to its answer."""

    question: str = _text(300)
    thought: str = _text(LONG)
    answer: str = _text(LONG)


class QuestionDraft(BaseModel, extra="forbid"):
    """A question of one passage, thought about first."""

    thought: str = _text(SHORT)
    question: str = _text(300)


class AnswerDraft(BaseModel, extra="forbid"):
    """An answer from one passage, thought about first."""

    thought: str = _text(SHORT)
    answer: str = _text(SHORT)


DESCRIBED_PROMPT = """{{document}}

List what this document names, and what joins it.
- entities: at most ten, the most important first, each as "type: full name as written | all that the document tells of it, in one or two sentences". Types: {{types}}.
- relations: at most eight, each as "one name | another name | how the two are connected, in one sentence", both from your list.
{{known}}"""  # noqa: E501

LONG_PROMPT = """{{document}}

The subject is {{subject}}. In short: {{description}}

Write one question about the subject and its answer, from the passages above.
- question: it names {{names}} and is worth thinking about: what is special here, why it matters, what came of it.
- thought: retell in good sentences whatever the passages say that helps to answer, as much of it as you can, and tie it to what was said in short.
- answer: what follows from the thought, in good order and in full.
Thought and answer together have at least 300 words, and at least 500 where the passages tell much.
"""  # noqa: E501

QUESTION_PROMPT = """{{document}}

The subject is {{subject}}. In short: {{description}}

Write one question about the subject that this document and the short description answer, at least in part. It should look at the whole and not at one detail, so that several things must be put together.
- thought: whether there is enough here for such a question, and what it could be.
- question: the question; if there is too little for one, "{{unable}}"
"""  # noqa: E501

ANSWER_PROMPT = """{{document}}

The subject is {{subject}}. In short: {{description}}
The question: {{question}}
What was thought when it was written: {{why}}

Answer the question from this document and the short description.
- thought: how the answer comes about, with the wider view where the question asks for it.
- answer: clear and complete; where they tell only a part, answer that part and say what is missing.
"""


def scripted_described(inputs: dict[str, Any]) -> Described:
    """What a dry run answers: the capitalised names of the document at the first look, each joined to the next.

    The second look finds nothing.
    """
    names = list(dict.fromkeys(names_in(inputs["document"])))[:MOST_ENTITIES] if not inputs["known"] else []
    pairs = list(zip(names, names[1:], strict=False))[:MOST_RELATIONS]
    return Described(
        entities=[f"person: {name} | {name} is told of." for name in names],
        relations=[f"{a} | {b} | {a} is told of together with {b}." for a, b in pairs],
    )


def scripted_long(inputs: dict[str, Any]) -> LongDraft:
    """What a dry run answers."""
    return LongDraft(
        question=f"Why does {inputs['names']} matter?",
        thought=f"It is told: {inputs['description']}",
        answer=inputs["description"],
    )


def scripted_question(inputs: dict[str, Any]) -> QuestionDraft:
    """What a dry run answers."""
    return QuestionDraft(thought="There is enough.", question=f"What is to be said of {inputs['subject']}?")


def scripted_answer(inputs: dict[str, Any]) -> AnswerDraft:
    """What a dry run answers."""
    return AnswerDraft(thought=f"It is asked: {inputs['question']}", answer=inputs["description"])


EXTRACTOR = Role(
    "extractor.paper",
    Described,
    DESCRIBED_PROMPT,
    max_tokens=1300,
    script=scripted_described,
    usual_tokens=650,
    recipe="paper",
)
LONG_WRITER = Role(
    "question_writer.paper_long",
    LongDraft,
    LONG_PROMPT,
    max_tokens=1300,
    script=scripted_long,
    rank=WRITES,
    usual_tokens=700,
    recipe="paper",
)
ASKER = Role(
    "question_writer.paper_question",
    QuestionDraft,
    QUESTION_PROMPT,
    max_tokens=500,
    script=scripted_question,
    rank=WRITES,
    usual_tokens=120,
    recipe="paper",
)
ANSWERER = Role(
    "question_writer.paper_answer",
    AnswerDraft,
    ANSWER_PROMPT,
    max_tokens=800,
    script=scripted_answer,
    rank=WRITES,
    usual_tokens=300,
    recipe="paper",
)
ROLES = (EXTRACTOR, LONG_WRITER, ASKER, ANSWERER)


async def describe(client: Client, title: str, text: str) -> list[Subject]:
    """What a chunk tells of its entities and relations.

    A second look always asks for what the first left out (one gleaning).
    """
    inputs = {"document": fence(f"{title}\n\n{text}"), "types": ", ".join(NOUNS), "known": ""}
    first = (await EXTRACTOR.ask(client, **inputs)).read()
    names = ", ".join(" and ".join(told.names) for told in first) or "nothing"
    second = (
        await EXTRACTOR.ask(
            client, **{**inputs, "known": f"Listed already, leave it out: {names}. The lists may be empty."}
        )
    ).read()
    return [*first, *second]


def template_question(subject: Subject, rng: random.Random) -> str:
    """One of the forms of the subject's kind, with its names."""
    if subject.type:
        return rng.choice(ENTITY_FORMS).format(name=subject.names[0], noun=NOUNS[subject.type])
    return rng.choice(RELATION_FORMS).format(source=subject.names[0], target=subject.names[1])


async def write_long(client: Client, passages: Sequence[str], subject: Subject) -> LongDraft:
    """A question about the subject with a reasoned answer over its passages."""
    return await LONG_WRITER.ask(
        client, document=fence("\n\n".join(passages)), names=" and ".join(subject.names), **_about(subject)
    )


async def ask_passage(client: Client, passage: str, subject: Subject) -> QuestionDraft:
    """A question about the subject that the passage answers, or `UNABLE`."""
    return await ASKER.ask(client, document=fence(passage), unable=UNABLE, **_about(subject))


async def answer_passage(client: Client, passage: str, subject: Subject, asked: QuestionDraft) -> AnswerDraft:
    """The thought and the answer to a question of `ask_passage`."""
    return await ANSWERER.ask(
        client, document=fence(passage), question=asked.question, why=asked.thought, **_about(subject)
    )


def _about(subject: Subject) -> dict[str, str]:
    return {"subject": subject.words, "description": subject.description}

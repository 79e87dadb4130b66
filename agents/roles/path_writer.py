"""The path writer: questions over two facts, for a capable model; many pairs a call.

A path leads from one document to another over a name that both speak of (MultiHop-RAG, arXiv 2401.15391): the question
says who or what is meant by the first fact and asks for a part of the second. A truth is computed from dated facts
(graphs/facts/aggregates.py): its answer is decided there, and only put into words here, in any language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel

from agents.models.client import Client
from agents.roles.entries import readable_entries
from agents.roles.role import WRITES, Role, fence

Form = Literal["first", "last", "next", "change"]
"""What is asked of two facts in the order of their dates: which came first or last, what came next, what changed."""


class PathDraft(BaseModel):
    """Questions over a pair, by its number, for a part of its fact `asked`."""

    pair: int
    asked: Literal["a", "b"]
    answer: str
    questions: list[str]


class PathsDraft(BaseModel):
    """The pairs that make a sensible question."""

    paths: Annotated[list[PathDraft], readable_entries(PathDraft)]


class TruthDraft(BaseModel):
    """The wording of a computed truth, by its number."""

    item: int
    earlier: str = ""
    later: str = ""
    answer: str
    questions: list[str]


class TruthsDraft(BaseModel):
    """The truths that can be asked for."""

    truths: Annotated[list[TruthDraft], readable_entries(TruthDraft)]


class Pair(NamedTuple):
    """Two facts of different documents, a line each, and the name that both speak of."""

    bridge: str
    a: str
    b: str


class Truth(NamedTuple):
    """Two dated facts in the order of their dates, a line each, and what is asked of them; `about` is their name."""

    form: Form
    about: str
    earlier: str
    later: str
    values: tuple[str, str] | None = None
    """Of a change: the quantity before and after."""


STYLE = """- The {{phrasings}} questions of one answer differ in syntax, vocabulary and register: one plain and \
grammatical, one terse as typed into a search field, one as somebody would ask a friend. Never put a set phrase \
before the same question.
- They are for a closed-book exam: whoever answers has no document. So no "the document", "fact a", "he", "it" or \
"the above": name everything but what is to be left out.
- Write in {{language}}."""

PROMPT = (
    """{{document}}

Each pair above is two facts, a and b, from different documents, and the name that both speak of. Write exam \
questions that only somebody can answer who knows both facts of a pair and puts them together.
- paths: one or two for each pair, by its number (pair). Pass over a pair that makes no natural question with one \
right answer.
- A question leaves the shared name out. In its place stands what one fact tells of it, precise enough that nobody \
and nothing else in the documents can be meant: "the man who bought the mill at Orrin in May", not "a man of the \
town". It then asks for a part of the other fact.
- asked: a or b, the fact that the answer is from. The other one gives the description.
- answer: copied word for word from the fact that is asked for, and as short as it can be while it is right: a name, \
a date, a number with its unit, a place, a thing, at most eight words. It is not the shared name, and the fact that \
gives the description does not tell it.
- questions: {{phrasings}} questions with this answer; none contains the answer.
"""
    + STYLE
)

TRUTHS_PROMPT = (
    """{{document}}

Each item above is two dated facts from the documents, the earlier one first, and a form. What came first and what \
the values are has been computed and is right. Write exam questions that ask for it.
- truths: one for each item, by its number (item). Pass an item over if a fact of it is no event that happened on \
its date (a plan, a habit, an opinion, something that lasted), or if the two are not comparable.
- form first or last: the questions ask which of the two happened first, or last. earlier, later: a short phrase for \
each of the two, by which anybody knows which event is meant, without its date. Both phrases stand word for word in \
every question, the later one before the other in about half of them. answer: the phrase that is right, word for \
word.
- form next: the questions ask what happened next, after the earlier event, to the name beside the item, or what it \
did. earlier: a short phrase for the earlier event, which stands word for word in every question. answer: what the \
later fact tells, as short as it can be, in words of that fact. later: "".
- form change: the questions ask how the quantity that both facts give changed, or what it was before and after; \
they say what quantity of what and hold neither value. answer: both values in their order, as short as it can be \
("from 5 to 7 miles"). earlier, later: "". Pass the item over if the two values are not of the same quantity of the \
same thing.
- questions: {{phrasings}} questions for each item.
"""
    + STYLE
)


def _dry_paths(inputs: dict[str, Any]) -> PathsDraft:
    """The last words of b are asked for by the first words of a without the name."""
    found = []
    pattern = r"^Pair (\d+), about (.+):\n\[a\] (.+)\n\[b\] (.+)$"
    for number, name, a, b in re.findall(pattern, inputs["document"], re.MULTILINE):
        told, asked = _statement(a), _statement(b).split()
        clue = " ".join(told.replace(name, "someone").split()[:8])
        head, tail = " ".join(asked[:-2]).replace(name, "the same"), " ".join(asked[-2:])
        questions = [f"If {clue}, {head} what?", f"Where {clue}: {head} which?"]
        found.append(PathDraft(pair=int(number), asked="b", answer=tail, questions=questions))
    return PathsDraft(paths=found)


def _dry_truths(inputs: dict[str, Any]) -> TruthsDraft:
    """The first words of each fact name it; values stand side by side."""
    found = []
    pattern = r"^Item (\d+), form (\w+), about (.+):\n\[earlier\] (.+)\n\[later\] (.+?)(?:\nvalues: (.+) -> (.+))?$"
    for number, form, name, a, b, before, after in re.findall(pattern, inputs["document"], re.MULTILINE):
        earlier, later = (" ".join(_statement(line).split()[:5]) for line in (a, b))
        asked = {
            "next": (_statement(b), f"What is told of {name} next after this: {earlier}?"),
            "change": (f"{before}, then {after}", f"How did the quantity of {name} change?"),
        }.get(form, (earlier if form == "first" else later, f"Which came {form}: {later}, or {earlier}?"))
        found.append(TruthDraft(item=int(number), earlier=earlier, later=later, answer=asked[0], questions=[asked[1]]))
    return TruthsDraft(truths=found)


def _statement(line: str) -> str:
    return line.partition(" (in ")[0].rstrip(".")


PATH_WRITER = Role(
    "question_writer.paths", PathsDraft, PROMPT, 6_000, _dry_paths, rank=WRITES, usual_tokens=1700, recipe="facts"
)
TRUTH_WRITER = Role(
    "question_writer.truths",
    TruthsDraft,
    TRUTHS_PROMPT,
    6_000,
    _dry_truths,
    rank=WRITES,
    usual_tokens=1700,
    recipe="facts",
)


async def write_paths(client: Client, pairs: Sequence[Pair], language: str, phrasings: int) -> list[PathDraft]:
    """Questions over pairs, which are numbered from 1 in their order. Raises what `Role.ask` raises."""
    lines = [f"Pair {n}, about {pair.bridge}:\n[a] {pair.a}\n[b] {pair.b}" for n, pair in enumerate(pairs, 1)]
    document = fence("\n\n".join(lines))
    reply = await PATH_WRITER.ask(client, document=document, language=language, phrasings=phrasings)
    return [path for path in reply.paths if 1 <= path.pair <= len(pairs)]


async def write_truths(client: Client, truths: Sequence[Truth], language: str, phrasings: int) -> list[TruthDraft]:
    """Questions for computed truths, which are numbered from 1 in their order. Raises what `Role.ask` raises."""
    lines = [
        f"Item {n}, form {truth.form}, about {truth.about}:\n[earlier] {truth.earlier}\n[later] {truth.later}"
        + (f"\nvalues: {' -> '.join(truth.values)}" if truth.values else "")
        for n, truth in enumerate(truths, 1)
    ]
    document = fence("\n\n".join(lines))
    reply = await TRUTH_WRITER.ask(client, document=document, language=language, phrasings=phrasings)
    return [truth for truth in reply.truths if 1 <= truth.item <= len(truths)]

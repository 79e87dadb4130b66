"""The passage writer: one call reads a passage and returns its facts, each with questions from several sides.

For any capable model; the embedded one writes a sentence at a time. A fact is asked for each of its parts (who, when,
how many, why, and the reverse), each part in several phrasings: a fact that is only ever asked one way is not known
(arXiv 2309.14316, 2309.12288), and answers cut to short spans teach more than sentences (arXiv 2607.21861).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

import regex
from pydantic import BaseModel

from agents.facts import Fact, Name, PartKind
from agents.models.client import Client
from agents.roles.entries import readable_entries
from agents.roles.role import WRITES, Role, fence

TOO_LONG = 16_000  # tokens of a reply; a passage whose reply is longer is asked in halves
PARTS = get_args(PartKind)


class AskDraft(BaseModel):
    """One part of a fact: its answer and the questions for it."""

    part: PartKind
    answer: str
    questions: list[str]


class FactDraft(BaseModel):
    """A fact of a passage by the numbers of its sentences."""

    sentences: list[int]
    statement: str
    date: str
    asks: Annotated[list[AskDraft], readable_entries(AskDraft)]


class NameDraft(BaseModel):
    """Somebody or something that the passage names."""

    name: str
    type: str


class UntoldDraft(BaseModel):
    """A sentence without a fact, and why."""

    sentence: int
    reason: Literal["heading", "greeting", "no statement", "repeats another"]


class PassageDraft(BaseModel):
    """Everything that a passage says."""

    names: Annotated[list[NameDraft], readable_entries(NameDraft)]
    facts: Annotated[list[FactDraft], readable_entries(FactDraft)]
    untold: Annotated[list[UntoldDraft], readable_entries(UntoldDraft)]


class MoreAsks(BaseModel):
    """Further questions about one fact, by its number."""

    fact: int
    asks: Annotated[list[AskDraft], readable_entries(AskDraft)]


class MoreDraft(BaseModel):
    """Further questions about facts that have too few."""

    facts: Annotated[list[MoreAsks], readable_entries(MoreAsks)]


RULES = """Rules for questions and answers. They are for a closed-book exam: whoever answers has not got the page.
- answer: copied word for word from the fact's sentences, and as short as it can be while it is right: a name, a date, \
a number with its unit, a place, a thing, at most eight words. Only a reason or an action may be a clause. Where the \
page says "I", "she" or "the captain", give the full name.
- A question names what it asks about: full names, never "he", "it", "the man" or "this page"; where the same could \
have happened on several occasions, it gives the date or the occasion. It has one right answer in all the documents.
- A question never contains its answer, and it is about what the passage says, not about the passage.
- The questions of one part differ in syntax, vocabulary and register: one plain and grammatical, one terse as typed \
into a search field (still with the full name), one that begins with the date, the place or the occasion, one as \
somebody would ask a friend. Never put a set phrase before the same question.
- Write in {{language}}."""

PROMPT = (
    """{{document}}

The sentences of this passage are numbered. Take down everything that it says as atomic facts, and write exam \
questions for each. {{scope}}
- names: every person, group, place and named or recurring thing, by its fullest name, with its type, one of {{types}}.
- facts: one thing each, so that a sentence usually gives one to three. Small things count too: an age, a colour, a \
habit, a comparison, what somebody said, felt or promised, the order of events, who wrote to whom and when.
  - sentences: the numbers of the sentences that say it.
  - statement: one sentence that is understood without the page: full names in place of pronouns, relative dates \
resolved ("tonight" by the date of the page), the occasion named.
  - date: when it happened or was so, as YYYY-MM-DD or --MM-DD, "" if nothing tells.
  - asks: {{asks}} parts of the fact, what somebody would most likely ask for first, each with its questions. Ask from \
different sides, and always also in reverse: not \
only what somebody did, but who did it, not only when something happened, but what happened then.
    - part: one of {{parts}}: what the answer is.
    - answer
    - questions: {{phrasings}} questions with this answer.
- untold: sentence and reason of every sentence that no fact uses (sentence: its number): heading, greeting, no \
statement, repeats another. Every sentence stands in a fact or here.

"""
    + RULES
)

MORE_PROMPT = (
    """{{document}}

The sentences of this passage are numbered. These facts of it need more questions; beside each stands what is asked \
already:
{{needs}}

For each of them, by its number:
- facts: fact (its number) and asks: {{asks}} parts, each with part (one of {{parts}}), answer and {{phrasings}} \
questions. Ask for other parts of the fact, or for the same in quite other words. Where a question was sent back, the \
reason stands beside it: do not repeat the fault.

"""
    + RULES
)


def numbered(title: str, sentences: Sequence[str], before: str = "", date: str = "") -> str:
    """A passage as writer and critic are shown it: title, date, what stands before it, numbered sentences.

    All of it is quoted data, so that a server's prompt cache serves both roles.
    """
    told = [("Title", title), ("Date", date), ("The document begins", before)]
    head = [*(f"{name}: {value}" for name, value in told if value or name == "Title"), ""]
    return fence("\n".join([*head, *(f"[{n}] {' '.join(text.split())}" for n, text in enumerate(sentences, 1))]))


def _dry(inputs: dict[str, Any]) -> PassageDraft:
    """A fact a sentence, asked for its last and for its first words."""
    facts, untold = [], []
    for number, text in re.findall(r"^\[(\d+)\] (.*)$", inputs["document"], re.MULTILINE):
        whole = text.rstrip(".!?。！？।؟۔")
        said, blank = (whole.split(), " ") if " " in whole else ([*whole], "")  # Chinese and Japanese write no blanks
        if text.startswith("#") or len(said) < 4:
            untold.append({"sentence": int(number), "reason": "heading" if text.startswith("#") else "no statement"})
            continue
        head, middle, tail = blank.join(said[:2]), blank.join(said[2:]), blank.join(said[-2:])
        asks = [
            {"part": "thing", "answer": tail, "questions": [f"{blank.join(said[:-2])} what?", f"Ending of {said[0]}?"]},
            {"part": "person", "answer": head, "questions": [f"Who or what {middle}?"]},
        ]
        facts.append({"sentences": [int(number)], "statement": text, "date": "", "asks": asks})
    names = sorted(set(regex.findall(r"\b\p{Lu}\p{Ll}{3,}\b", " ".join(f["statement"] for f in facts))))
    names = names or sorted({fact["asks"][1]["answer"] for fact in facts})  # in a script without capitals
    named = [{"name": name, "type": "thing"} for name in names]
    return PassageDraft.model_validate({"names": named, "facts": facts, "untold": untold})


PASSAGE_WRITER = Role(
    "question_writer.passage", PassageDraft, PROMPT, TOO_LONG, _dry, rank=WRITES, usual_tokens=195, recipe="facts"
)
MORE_WRITER = Role(
    "question_writer.more",
    MoreDraft,
    MORE_PROMPT,
    TOO_LONG,
    lambda inputs: MoreDraft(facts=[]),
    rank=WRITES,
    usual_tokens=200,
    recipe="facts",
)


async def write_passage(
    client: Client, document: str, scope: str, language: str, types: Sequence[str], asks: str, phrasings: int
) -> PassageDraft:
    """The facts of a passage (`document` as `numbered` shows it) with their questions.

    `scope` says which sentences, "" for all; `asks` how many parts of a fact are asked for ("two to four"),
    `phrasings` how often each. Raises what `Role.ask` raises.
    """
    return await PASSAGE_WRITER.ask(
        client,
        document=document,
        scope=scope,
        language=language,
        types=", ".join(types),
        asks=asks,
        parts=", ".join(PARTS),
        phrasings=phrasings,
    )


async def write_more(
    client: Client, document: str, language: str, needs: Sequence[tuple[Fact, Sequence[str]]], asks: str, phrasings: int
) -> MoreDraft:
    """Further questions about facts, each given with what was asked of it so far and why some of it was sent back."""
    lines = [
        "\n".join([f"{number}. {fact.statement}", *(f"   - {line}" for line in asked)])
        for number, (fact, asked) in enumerate(needs, 1)
    ]
    return await MORE_WRITER.ask(
        client,
        document=document,
        language=language,
        needs=fence("\n".join(lines), "lines"),
        asks=asks,
        parts=", ".join(PARTS),
        phrasings=phrasings,
    )


def named(draft: PassageDraft) -> list[Name]:
    """The names of a passage, each once."""
    found = {name.name.strip(): name.type for name in draft.names}
    return [Name(name=name, type=kind) for name, kind in found.items() if name]

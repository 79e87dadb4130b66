"""The question writer: a brief becomes a question with a reasoned answer and its evidence.

Questions and chain-of-thought answers from entities, relations and communities are the method of RAG-Tuned-LLM
(arXiv 2503.16071, section 3); what to ask, in which style, is decided in the brief, so that variety is sampled,
not hoped for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from agents.models.client import Client
from agents.records import Brief
from agents.roles.role import WRITES, Role, fence
from agents.text.names import names_in, undated_names
from agents.text.words import words

ASK = {
    "who": 'Ask "Who …?" so that the answer is a person.',
    "when": 'Ask "When …?" or "On what day …?" so that the answer is a date or a time.',
    "how many": 'Ask "How many …?", "How much …?" or "How long …?" so that the answer is a number or an amount.',
    "where": 'Ask "Where …?" so that the answer is a place.',
    "why": 'Ask "Why …?" so that the answer is the reason.',
    "what": 'Ask "What …?" so that the answer is a thing or what happened.',
    "summary": 'Ask "What is known about …?" or "What happened with …?".',
    "change": 'Ask "How did … change from first to last?".',
    "people": 'Ask "Who took part in …, and what did they do?".',
    "causes": 'Ask "Why …, and what came of it?".',
}
CONNECT = "The same question asks for a second thing that the sentence tells; the answer gives both."
PARAGRAPH = (
    "The answer has two or three full sentences: what is asked, then what the document tells right before or after it."
)


# where a grammar lets a quotation mark through, a small model closes the string and runs on to the token limit
TEXT = r"[^\"\\\n]+"
ASKED = r"[^\"\\\n?]+"  # one question, not a row of them
SENTENCE = rf"^{TEXT} {TEXT} {TEXT}\.$"  # three words and a full stop: small models answer with a bare name otherwise
QUESTION = rf"^{ASKED} {ASKED} {ASKED}\?$"
SUMMARY = "What is known about {name}?"
COMPARISON = "How do {first} and {second} compare?"
RANKING = "From the most {unit} to the fewest, what is known about {name}?"


class LocalDraft(BaseModel, extra="forbid"):
    """A question about one fact. `recall` is the reasoning: the fact as remembered."""

    evidence: str  # copied first, so that the rest is about it; the row's evidence is the brief's sentence
    recall: str = Field(pattern=SENTENCE)
    question: str = Field(pattern=QUESTION)
    answer: str = Field(pattern=SENTENCE)


class GlobalDraft(BaseModel, extra="forbid"):
    """A question that several findings of a report answer together; the findings are the answer, so nobody has to write one that is true."""  # noqa: E501 - a schema's docstring is part of the call

    question: str = Field(pattern=QUESTION)


class MultiHopDraft(BaseModel, extra="forbid"):
    """A question that two facts answer together, and its answer."""

    question: str = Field(pattern=QUESTION)
    answer: str = Field(pattern=SENTENCE)


class UnknownDraft(BaseModel, extra="forbid"):
    """A question that the document does not answer."""

    question: str = Field(pattern=QUESTION)


LOCAL_PROMPT = """{{document}}

Write one question about one sentence of the document.
- evidence: the words of that sentence that prove the answer, copied exactly.
- recall: the fact in one full sentence, as remembered. "Tom Hale sold the mill to Ann Hale in March."
- question: short; it names people, places and things in full, never "he", "it", "I" or "the document", since its reader sees no document. "Who bought the mill from Tom Hale?"
- answer: one short full sentence with the names in it. "Ann Hale bought the mill from Tom Hale."
The sentence: "{{focus}}"
{{ask}}
{{feedback}}"""  # noqa: E501

GLOBAL_PROMPT = """{{document}}

Write one short question about {{name}} that all these sentences answer together. {{ask}}
It names {{name}} in full: whoever reads it does not see the sentences. Never write "sentence", "document" or "text".
{{feedback}}"""

MULTI_HOP_PROMPT = """{{document}}

Both sentences tell of {{name}}. Write one question that nobody can answer who knows only one of them.
- question: it does not name {{name}}: it says who or what is meant by what sentence 1 tells, and asks for something that sentence 2 tells.
  It names everything else in full. "Tom Hale bought the mill from Ann Roe." and "Tom Hale moved to Dorn in May." give: "To which town did the man who bought the mill from Ann Roe move?"
- answer: one short full sentence with the names in it. "Tom Hale moved to Dorn."
{{feedback}}"""  # noqa: E501

UNKNOWN_PROMPT = """{{document}}

Write one question that a curious reader would ask and that the document does NOT answer.
The question names the person or thing in full and stands on its own.
Ask about {{name}}: {{ask}}.
{{feedback}}"""


def as_clause(text: str) -> str:
    """A sentence inside another one, without what the schemas refuse: a dry run must not end at a page of code."""
    return re.sub(r'["\\?]', "", text).rstrip(".! ")


def scripted_local(inputs: dict[str, Any]) -> LocalDraft:
    """What a dry run answers: the sentence itself, asked for by its first name."""
    focus = inputs["focus"]
    name = next(iter(names_in(focus)), focus.split()[0])
    plain = as_clause(focus)
    fact = f"It is told that {plain}."
    return LocalDraft(
        evidence=focus, recall=fact, question=f"What is told about {name} beside {plain.split()[-1]}?", answer=fact
    )


def scripted_global(inputs: dict[str, Any]) -> GlobalDraft:
    """What a dry run answers."""
    return GlobalDraft(question=f"What else is told of {inputs['name']}?")


def scripted_multi_hop(inputs: dict[str, Any]) -> MultiHopDraft:
    """What a dry run answers: the second sentence, asked for by the other names of the first."""
    first, second = (as_clause(line.partition(". ")[2]) for line in inputs["document"].split("\n")[1:3])
    others = [name for name in names_in(first) if not set(words(name)) & set(words(inputs["name"]))]
    return MultiHopDraft(
        question=f"What else is told of who had to do with {others[0]}?", answer=f"It is told that {second}."
    )


def scripted_unknown(inputs: dict[str, Any]) -> UnknownDraft:
    """What a dry run answers."""
    return UnknownDraft(question=f"What is the favourite song of {inputs['name']}?")


LOCAL_WRITER = Role(
    "question_writer.local",
    LocalDraft,
    LOCAL_PROMPT,
    max_tokens=240,
    script=scripted_local,
    rank=WRITES,
    usual_tokens=110,
)
GLOBAL_WRITER = Role(
    "question_writer.global",
    GlobalDraft,
    GLOBAL_PROMPT,
    max_tokens=80,
    script=scripted_global,
    rank=WRITES,
    usual_tokens=160,
)
MULTI_HOP_WRITER = Role(
    "question_writer.multi_hop",
    MultiHopDraft,
    MULTI_HOP_PROMPT,
    max_tokens=140,
    script=scripted_multi_hop,
    rank=WRITES,
    usual_tokens=60,
)
UNKNOWN_WRITER = Role(
    "question_writer.unanswerable",
    UnknownDraft,
    UNKNOWN_PROMPT,
    max_tokens=120,
    script=scripted_unknown,
    rank=WRITES,
    usual_tokens=25,
)


def feedback(reasons: Sequence[str]) -> str:
    """What the critic said of the earlier drafts, for the next one."""
    return "An earlier draft was rejected: " + "; ".join(reasons) + ". Write a better one.\n" if reasons else ""


def asked_for(brief: Brief) -> str:
    """What the writer is told of the style of a question, and of who asks it."""
    return " ".join([ASK[brief.style], *_asker(brief)])


def asked_of_a_sentence(brief: Brief) -> str:
    """The same for a question about one sentence, which is also told how much to ask for and how long the answer is."""
    deep, long = brief.depth == "connect", brief.length == "paragraph"
    return " ".join([ASK[brief.style], *[CONNECT] * deep, *[PARAGRAPH] * long, *_asker(brief)])


def _asker(brief: Brief) -> list[str]:
    return [f"Ask as {brief.asker} would."] if brief.asker else []


async def write_local(client: Client, document: str, brief: Brief, reasons: Sequence[str]) -> LocalDraft:
    """A question about the sentence of `document` that the brief names."""
    return await LOCAL_WRITER.ask(
        client,
        document=fence(document),
        focus=" ".join(brief.statements[0].split()),
        ask=asked_of_a_sentence(brief),
        feedback=feedback(reasons),
    )


async def write_global(client: Client, brief: Brief, reasons: Sequence[str]) -> GlobalDraft:
    """A question about the subject of the brief that its findings answer together."""
    return await GLOBAL_WRITER.ask(
        client,
        document=fence("\n".join(brief.statements)),
        name=brief.subject,
        ask=asked_for(brief),
        feedback=feedback(reasons),
    )


def subject_of(findings: Sequence[str]) -> str:
    """The name that the most of the `findings` tell of, with its article if they always give it one."""
    names = [name for claim in findings for name in dict.fromkeys(undated_names(claim))]
    return with_article(max(names, key=names.count, default="this"), "\n".join(findings))


def with_article(name: str, text: str) -> str:
    """`name` with "the" before it if `text` always says so."""
    mentions = re.findall(rf"(\b[Tt]he )?\b{re.escape(name)}\b", text)
    return f"the {name}" if mentions and all(mentions) else name


async def write_multi_hop(client: Client, first: str, second: str, name: str, reasons: Sequence[str]) -> MultiHopDraft:
    """A question that tells who or what `name` is by the sentence `first`, and asks for what `second` tells of it."""
    return await MULTI_HOP_WRITER.ask(
        client, document=fence(f"1. {first}\n2. {second}"), name=name, feedback=feedback(reasons)
    )


async def write_unknown(client: Client, document: str, name: str, style: str, reasons: Sequence[str]) -> UnknownDraft:
    """A question about `name` that `document` does not answer."""
    return await UNKNOWN_WRITER.ask(client, document=fence(document), name=name, ask=style, feedback=feedback(reasons))

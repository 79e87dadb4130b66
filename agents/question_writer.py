"""The question writer: a brief becomes a question with a reasoned answer and its evidence.

Questions and chain-of-thought answers from entities, relations and communities are the method of RAG-Tuned-LLM
(arXiv 2503.16071, section 3); what to ask, in which style, is decided in the brief, so that variety is sampled,
not hoped for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from agents.llm import Client
from agents.role import Role, fence

ASK = {
    "who": 'Ask "Who …?" so that the answer is a person.',
    "when": 'Ask "When …?" or "On what day …?" so that the answer is a date or a time.',
    "how many": 'Ask "How many …?", "How much …?" or "How long …?" so that the answer is a number or an amount.',
    "where": 'Ask "Where …?" so that the answer is a place.',
    "why": 'Ask "Why …?" so that the answer is the reason.',
    "what": 'Ask "What …?" so that the answer is a thing or what happened.',
    "summary": "Ask what the main points are.",
    "change": "Ask how something changed over time, from first to last.",
    "people": "Ask who took part and what each of them did.",
    "causes": "Ask what the reasons or the consequences were.",
}


class LocalDraft(BaseModel):
    """A question about one fact. `recall` is the reasoning: the fact as remembered."""

    evidence: str
    recall: str
    question: str
    answer: str


class GlobalDraft(BaseModel):
    """A question about the whole of a report, with the numbers of the findings that its answer uses."""

    question: str
    findings: list[int] = Field(max_length=5)
    recall: str
    answer: str


class UnknownDraft(BaseModel):
    """A question that the document does not answer."""

    question: str


class WordingsDraft(BaseModel):
    """The same question in other words."""

    wordings: list[str] = Field(max_length=6)


LOCAL_PROMPT = """{{document}}

Write one question about this sentence and nothing else:
"{{focus}}"
{{ask}}
- evidence: the words of that sentence that prove the answer, copied exactly.
- recall: the fact as somebody remembers it, one full sentence with full names. Example: "Tom Hale sold the mill to his sister Ann Hale in March."
- question: one short question. Whoever reads it cannot see the document: name the people, places and things in full, never "he", "she", "it", "I", "my" or "the document". If the fact was true at one time only, name the date. Example: "Who bought the mill from Tom Hale?"
- answer: one short full sentence with the names in it. Example: "Ann Hale bought the mill from Tom Hale."
{{feedback}}"""

GLOBAL_PROMPT = """What is known about {{title}}:
{{document}}

Write one question that needs several of these findings. {{ask}}
- question: one short question that names the people, places and things it is about. Whoever reads it sees no findings.
- findings: the numbers of the findings the answer needs.
- recall: one sentence that brings these findings together, with names and dates.
- answer: one to three full sentences with names, in the order of time, and nothing that the findings do not say.
Never write "finding", "document" or "text".
{{feedback}}"""

UNKNOWN_PROMPT = """{{document}}

Write one question about {{name}} that a curious reader would ask and that the document does NOT answer: {{ask}}
The question names {{name}} in full and stands on its own. Example: "What was the name of Ann Hale's first teacher?"
{{feedback}}"""

WORDINGS_PROMPT = """Question: {{question}}
Answer: {{answer}}

Ask for exactly the same answer in {{count}} other ways, each with a different beginning. Keep every name, date and place of the question. Do not give the answer away.
Example for "Who bought the mill from Tom Hale?": "To whom did Tom Hale sell the mill?", "Which person is the buyer of Tom Hale's mill?", "The mill of Tom Hale was bought by whom?", "Tell me who took over the mill from Tom Hale."
"""

LOCAL_WRITER = Role("question_writer.local", LocalDraft, LOCAL_PROMPT, max_tokens=400)
GLOBAL_WRITER = Role("question_writer.global", GlobalDraft, GLOBAL_PROMPT, max_tokens=600)
UNKNOWN_WRITER = Role("question_writer.unanswerable", UnknownDraft, UNKNOWN_PROMPT, max_tokens=120)
WORDINGS_WRITER = Role("question_writer.wordings", WordingsDraft, WORDINGS_PROMPT, max_tokens=400)


def feedback(reasons: Sequence[str]) -> str:
    """What the critic said of the earlier drafts, for the next one."""
    return "An earlier draft was rejected: " + "; ".join(reasons) + ". Write a better one.\n" if reasons else ""


async def write_local(client: Client, document: str, focus: str, style: str, reasons: Sequence[str]) -> LocalDraft:
    """A question about the sentence `focus` of `document`, in the brief's style."""
    return await LOCAL_WRITER.ask(client, document=fence(document), focus=" ".join(focus.split()), ask=ASK[style], feedback=feedback(reasons))


async def write_global(client: Client, title: str, findings: str, style: str, reasons: Sequence[str]) -> GlobalDraft:
    """A question over the numbered `findings` of a report."""
    return await GLOBAL_WRITER.ask(client, document=fence(findings), title=title, ask=ASK[style], feedback=feedback(reasons))


async def write_unknown(client: Client, document: str, name: str, style: str, reasons: Sequence[str]) -> UnknownDraft:
    """A question about `name` that `document` does not answer."""
    return await UNKNOWN_WRITER.ask(client, document=fence(document), name=name, ask=style, feedback=feedback(reasons))


async def write_wordings(client: Client, question: str, answer: str, count: int) -> list[str]:
    """Up to `count` other wordings of `question`."""
    draft = await WORDINGS_WRITER.ask(client, question=question, answer=answer, count=count)
    return [" ".join(w.split()) for w in draft.wordings[:count]]


def scripted_local(inputs: dict[str, Any]) -> LocalDraft:
    """What a dry run answers: the sentence itself, asked for by its first name."""
    from agents.text import names_in

    focus = inputs["focus"]
    name = next(iter(names_in(focus)), focus.split()[0])
    return LocalDraft(evidence=focus, recall=focus, question=f"What is told about {name} beside {focus.split()[-1].rstrip('.')}?", answer=focus)


def scripted_global(inputs: dict[str, Any]) -> GlobalDraft:
    """What a dry run answers: the findings, one after the other."""
    import re

    found = re.findall(r"^\[(\d+)\] (.+)", inputs["document"], re.MULTILINE)[:2]
    text = " ".join(claim for _, claim in found)
    return GlobalDraft(question=f"What is told of {inputs['title']}?", findings=[int(n) for n, _ in found], recall=text, answer=text)


def scripted_unknown(inputs: dict[str, Any]) -> UnknownDraft:
    """What a dry run answers."""
    return UnknownDraft(question=f"What is the favourite song of {inputs['name']}?")


def scripted_wordings(inputs: dict[str, Any]) -> WordingsDraft:
    """What a dry run answers: the question behind different openings."""
    question = inputs["question"]
    openings = ("Tell me:", "Do you remember this?", "One more thing to answer:", "From memory, please:", "A friend asks:", "In short:")
    return WordingsDraft(wordings=[f"{opening} {question}" for opening in openings[: inputs["count"]]])

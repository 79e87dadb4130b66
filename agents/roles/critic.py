"""The critic: is this draft true, asked of its source, and fit to be taught? A reason, or nothing.

First the checks that need no model, then small binary gates, cheapest first, stopping at the first failure.
Where the server gives log-probabilities P(yes) decides without reasoning; elsewhere the model reasons first.
Binary questions with P(yes) separate right from wrong answers where scores of the same model do not
(docs/decisions/0004).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from agents.models.client import Client
from agents.models.request import Request
from agents.models.store import Reply
from agents.records import REFUSAL, Evidence, Length
from agents.roles.role import COMPARES, JUDGES, PLAIN, SYSTEM, Role, Script, fence, fill
from agents.text.matching import rouge_l
from agents.text.names import names_in
from agents.text.normal_form import plain, tidy
from agents.text.numbers import numbers_in
from agents.text.prompt_injection import obeys
from agents.text.sentences import sentences
from agents.text.words import content_words, stem, words

MENTIONS_SOURCE = re.compile(
    r"\b(passage|documents?|excerpt|the text|the sentences?|sentence|according to|the source|findings?|mentioned|stated|states that|the given|provided)\b",
    re.IGNORECASE,
)
NEEDS_PAGE = re.compile(
    r"\b(I|me|my|mine|we|us|our|you|your|yours|yourself|this|these|here|tonight|today|yesterday|tomorrow)\b|^(Who|What|When|Where|Why|How)\W+(is|was|did|does|has|had)?\s*(he|she|it|they)\b"
)
SAYS_NOTHING = {"do", "doing", "happen"}  # stems; "did" and "is" are no content words
SPEAKS = {"say", "said", "ask", "tell", "told", "answer", "think", "thought"}  # says nothing of one person alone
COVER = {"global": 0.6, "document": 0.5}  # of the answer's content words, by kind; a rewrite has words of its own
LOCAL_COVER = 0.75
KEPT_NAMES = 0.75  # of the words of a sentence's names that its rewrite must hold
COPIED = 0.9  # ROUGE-L of a rewrite and its sentence


@dataclass(frozen=True)
class Draft:
    """What the critic reads: the question with its answer, and the evidence found in the source."""

    kind: str
    question: str
    reasoning: str
    answer: str
    evidence: list[Evidence]
    hidden: tuple[str, ...] = ()
    """Names that a multi-hop question must leave out, by which one of its facts alone would answer it."""
    terms: tuple[str, ...] = ()
    """What the corpus knows by a name without capitals ("the harbour meeting"): a question may be about it."""
    length: Length = "sentence"
    """What the brief wants of the answer."""

    def __post_init__(self) -> None:
        """A model may write letters that nobody sees: they are neither checked nor taught."""
        for name in ("question", "reasoning", "answer"):
            object.__setattr__(self, name, tidy(getattr(self, name)).strip())


def check_draft(draft: Draft, source: str) -> str | None:
    """The reason why a draft fails without asking a model, or None. Cheap checks that caught what P(yes) did not."""
    if not draft.question.strip().endswith(("?", ".")) or len(words(draft.question)) < 4:
        return "not a question"
    if draft.kind == "document" and not draft.evidence:
        return "no sentence told anew"
    taught = (
        (draft.question,) if draft.kind == "unanswerable" else (draft.question, draft.answer, draft.reasoning)
    )  # a refusal names the documents
    if any(MENTIONS_SOURCE.search(plain(text)) for text in taught):
        return "mentions the document"
    if NEEDS_PAGE.search(plain(draft.question)) or not _names_something(draft):
        return "question needs the page"
    if draft.kind == "local" and _vague(draft.question):
        return "question too vague"
    if obeys(draft.question, " ".join(taught[1:]), " ".join(e.quote for e in draft.evidence), source):
        return "follows an order of the document"
    if set(words(draft.question)) & {word for name in draft.hidden for word in words(name)}:
        return "question names what it must leave out"
    return None if draft.kind == "unanswerable" else _check_answer(draft, source)


def _names_something(draft: Draft) -> bool:
    asked = draft.question.lower()
    return bool(names_in(_without_opener(draft.question))) or any(term.lower() in asked for term in draft.terms)


def _vague(question: str) -> bool:
    """Whether a question says nothing beyond a name: "What did Ann Hale do?" and "What did Ann Hale say?" have too many answers to teach one."""
    names = set(names_in(question))
    empty = {stem(w) for name in names for w in words(name)} | SAYS_NOTHING | (SPEAKS if len(names) < 2 else set())
    return not content_words(question) - empty and not numbers_in(question)


def _check_answer(draft: Draft, source: str) -> str | None:
    if not draft.evidence:
        return "evidence not in source"
    if len(words(draft.answer)) < 3:
        return "answer too short"
    if draft.length == "paragraph" and len(sentences(draft.answer)) < 2:
        return "answer shorter than asked for"
    if NEEDS_PAGE.search(plain(draft.answer)):
        return "answer needs the page"
    if not content_words(draft.answer) - content_words(draft.question):
        return "question gives the answer away"
    quoted = " ".join(e.quote for e in draft.evidence)
    told, numbers = _told(source)  # not the question: a small writer takes a name from the example of its prompt
    if not numbers_in(draft.answer) | numbers_in(draft.question) <= numbers | numbers_in(quoted):
        return "number not in source"
    named = names_in(draft.answer) + names_in(_without_opener(draft.question))
    if strangers := {w for name in named for w in words(name)} - told - set(words(quoted)):
        return f"name not in source: {', '.join(sorted(strangers))}"
    cover = _cover(draft.answer, f"{quoted} {draft.question}")
    if cover < COVER.get(draft.kind, LOCAL_COVER):
        return "answer not in evidence"
    known = set(words(f"{quoted} {draft.question}"))
    if others := [name for name in names_in(draft.answer) if not known & set(words(name))]:
        return f"name not in evidence: {', '.join(others)}"  # it stands elsewhere on the page, as an order's word does
    return None


def check_told_anew(text: str, evidence: Sequence[Evidence], source: str) -> str | None:
    """The reason why `text` is not the sentence of `evidence` in other words, or None: it must say what that says, and not in its order."""
    sentence = " ".join(e.quote for e in evidence)
    if MENTIONS_SOURCE.search(plain(text)):
        return "mentions the document"
    if fault := _check_answer(Draft("document", "", "", text, list(evidence)), source):
        return fault
    if not numbers_in(sentence) <= numbers_in(text):
        return "rewrite loses a number"
    named = {word for name in names_in(sentence) for word in words(name)}
    if len(named & set(words(text))) < KEPT_NAMES * len(named):
        return "rewrite loses a name"
    return "rewrite copies the sentence" if rouge_l(text, sentence) > COPIED else None


@lru_cache(256)
def _told(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words and the numbers of a page, which many drafts are compared with."""
    return frozenset(words(source)), frozenset(numbers_in(source))


def _cover(answer: str, known: str) -> float:
    """The share of the answer's content words that the evidence or the question holds, in 0–1."""
    wanted = content_words(answer)
    return len(wanted & content_words(known)) / max(1, len(wanted))


ASKS = {
    "who": re.compile(r"\b(who|whom|whose|person|name)\b", re.IGNORECASE),
    "when": re.compile(r"\b(when|date|day|month|time)\b", re.IGNORECASE),
    "how": re.compile(r"\b(how (many|much|long|often|old)|number|amount|length)\b", re.IGNORECASE),
    "where": re.compile(r"\b(where|place)\b", re.IGNORECASE),
    "why": re.compile(r"\b(why|reason)\b", re.IGNORECASE),
}


def check_wording(question: str, wording: str) -> str | None:
    """The reason why `wording` cannot ask what `question` asks, or None: a lost name or number, or another question word."""
    lost = (
        (set(names_in(question)) | numbers_in(question))
        - set(names_in(wording))
        - numbers_in(wording)
        - set(names_in(question.split()[0]))
    )
    if lost:
        return "wording loses a name or number"
    asked = ASKS.get(question.split()[0].lower())
    return "wording asks for something else" if asked and not asked.search(wording) else None


def _without_opener(question: str) -> str:
    """The question without its first word: "Who" is no name."""
    return question.partition(" ")[2]


class YesOrNo(BaseModel):
    """One word, read from its log-probabilities: there are no fields."""


class Judgement(BaseModel, extra="forbid"):
    """The verdict of a server without log-probabilities: reasons first."""

    reasoning: str
    verdict: Literal["yes", "no"]


@dataclass(frozen=True)
class Gate:
    """One binary question; `reason` says what a "no" means, `threshold` the P(yes) it asks for; one of 0 is not asked.

    Thresholds: set between right and wrong on 4–5 hand-written questions a side, Qwen2.5-Coder-1.5B
    (docs/decisions/0004); those that
    bench/quality/critic.py sets were tried in a whole run and lost more truth than they kept out (docs/quality.md).
    """

    name: str
    reason: str
    ask: str
    threshold: float
    sees_source: bool = False
    script: Script = lambda inputs: 1.0
    rank: int = JUDGES

    @property
    def role(self) -> Role[YesOrNo]:
        """The gate as a role: its question, asked for one word."""
        system = SYSTEM if self.sees_source else PLAIN
        return Role(f"critic.{self.name}", YesOrNo, self.ask, 1, self.script, system, self.rank)


GATES = (
    Gate(
        "self_contained",
        "question needs the page",
        "Question: {{question}}\nDoes this question name the person, place or thing it asks about, so that it can be understood without any other text?",
        # the embedded critic said yes to 103 of 104 questions that had passed the check for names: for a stronger one
        0.0,
    ),
    Gate(
        "relevant",
        "answer does not answer the question",
        "Question: {{question}}\nAnswer: {{answer}}\nDoes the answer give what the question asks for?",
        0.7,
    ),
    Gate(
        "answerable",
        "question not answerable from the source",
        "Question: {{question}}\nCan this question be answered from the document?",
        0.45,
        True,
        script=lambda inputs: 0.0 if inputs["answer"] == REFUSAL else 1.0,
    ),
    Gate(
        "faithful",
        "answer not supported by the source",
        "Question: {{question}}\nAnswer: {{answer}}\nAccording to the document, is this answer correct?",
        0.6,
        True,
    ),
    Gate(
        "reasoning",
        "reasoning not sound",
        "Statement: {{reasoning}}\nAccording to the document, is this statement correct?",
        0.5,
        True,
    ),
)
SAME_QUESTION = Gate(
    "same_question",
    "wording asks for something else",
    "First question: {{question}}\nSecond question: {{wording}}\nDo both questions ask for the same thing?",
    0.6,
    rank=COMPARES,
)
YES_OR_NO = " Answer yes or no."


async def judge(client: Client, gate: Gate, document: str, inputs: Mapping[str, Any]) -> float:
    """P(yes) of one gate in 0–1; 1.0 or 0.0 from a verdict where the server gives no log-probabilities."""
    role = gate.role
    ask = client.prompts.get(role.name, role.template)
    prompt = (fence(document) + "\n\n" if gate.sees_source else "") + fill(ask, dict(inputs))
    request = Request(
        role=role.name,
        messages=[{"role": "system", "content": role.system}, {"role": "user", "content": prompt + YES_OR_NO}],
        max_tokens=role.max_tokens,
        logprobs=True,
        rank=role.rank,
        inputs={**inputs, "document": document, "gate": gate.name},
    )
    p = p_yes(await client.ask(request))
    return p if p is not None else await _reasoned(client, gate, prompt)


async def _reasoned(client: Client, gate: Gate, prompt: str) -> float:
    role = Role(
        f"critic.{gate.name}.reasoned",
        Judgement,
        "{{prompt}}\nReason in one or two sentences, then give the verdict, yes or no.",
        max_tokens=300,
        rank=gate.rank,
    )
    return 1.0 if (await role.ask(client, prompt=prompt)).verdict == "yes" else 0.0


def p_yes(reply: Reply) -> float | None:
    """P(yes) in 0–1 from the first token's log-probabilities: yes over yes and no; None where the server gave none."""
    mass = {"yes": 0.0, "no": 0.0}
    for token, logprob in reply.top_logprobs.items():
        word = token.strip().strip('"').lower()
        if word in mass:
            mass[word] += math.exp(min(logprob, 0.0))  # a log-probability above 0 would overflow
    total = mass["yes"] + mass["no"]
    return mass["yes"] / total if total > 0 else None

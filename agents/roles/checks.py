"""The checks of a draft that need no model: a reason, or nothing. They catch what P(yes) of a small critic does not.

Every kind of question has `Rules`; what a draft says is compared with its evidence and its source, word by word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.records import Evidence, Length
from agents.text.matching import rouge_l
from agents.text.names import names_in
from agents.text.normal_form import plain, tidy
from agents.text.numbers import numbers_in
from agents.text.prompt_injection import obeys
from agents.text.sentences import sentences
from agents.text.words import content_words, stem, words

MENTIONS_SOURCE = re.compile(
    r"\b(passage|documents?|excerpt|the text|the sentences?|sentence|according to|the source|findings?|mentioned|"
    r"stated|states that|the given|provided)\b",
    re.IGNORECASE,
)
NEEDS_PAGE = re.compile(
    r"\b(I|me|my|mine|we|us|our|you|your|yours|yourself|this|these|here|tonight|today|yesterday|tomorrow)\b"
    r"|^(Who|What|When|Where|Why|How)\W+(is|was|did|does|has|had)?\s*(he|she|it|they)\b"
)
SAYS_NOTHING = {"do", "doing", "happen"}  # stems; "did" and "is" are no content words
SPEAKS = {"say", "said", "ask", "tell", "told", "answer", "think", "thought"}  # says nothing of one person alone
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


@dataclass(frozen=True)
class Rules:
    """What the checks ask of the drafts of one kind."""

    cover: float = 0.75
    """The share of the answer's content words that the evidence and the question must hold, in 0–1."""
    answered: bool = True
    """Whether there is an answer to be proved; a refusal has none, and names the documents."""
    one_fact: bool = False
    """Whether the question is for one thing, so that it must say more than a name."""


TOLD_ANEW = Rules(cover=0.5)  # a rewrite has words of its own


def check_draft(draft: Draft, source: str, rules: Rules) -> str | None:
    """The reason why a draft fails without asking a model, or None. Cheap checks that caught what P(yes) did not."""
    if not draft.question.strip().endswith(("?", ".")) or len(words(draft.question)) < 4:
        return "not a question"
    taught = (draft.question, draft.answer, draft.reasoning) if rules.answered else (draft.question,)
    if any(MENTIONS_SOURCE.search(plain(text)) for text in taught):
        return "mentions the document"
    if NEEDS_PAGE.search(plain(draft.question)) or not _names_something(draft):
        return "question needs the page"
    if rules.one_fact and _vague(draft.question):
        return "question too vague"
    if obeys(draft.question, " ".join(taught[1:]), " ".join(e.quote for e in draft.evidence), source):
        return "follows an order of the document"
    if set(words(draft.question)) & {word for name in draft.hidden for word in words(name)}:
        return "question names what it must leave out"
    return _check_answer(draft, source, rules) if rules.answered else None


def _names_something(draft: Draft) -> bool:
    asked = draft.question.lower()
    return bool(names_in(_without_opener(draft.question))) or any(term.lower() in asked for term in draft.terms)


def _vague(question: str) -> bool:
    """Whether a question says nothing beyond a name.

    "What did Ann Hale do?" and "What did Ann Hale say?" have too many answers to teach one.
    """
    names = set(names_in(question))
    empty = {stem(w) for name in names for w in words(name)} | SAYS_NOTHING | (SPEAKS if len(names) < 2 else set())
    return not content_words(question) - empty and not numbers_in(question)


def _check_answer(draft: Draft, source: str, rules: Rules) -> str | None:
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
    if _cover(draft.answer, f"{quoted} {draft.question}") < rules.cover:
        return "answer not in evidence"
    known = set(words(f"{quoted} {draft.question}"))
    if others := [name for name in names_in(draft.answer) if not known & set(words(name))]:
        return f"name not in evidence: {', '.join(others)}"  # it stands elsewhere on the page, as an order's word does
    return None


def check_told_anew(text: str, evidence: Sequence[Evidence], source: str) -> str | None:
    """The reason why `text` is not the sentence of `evidence` in other words, or None.

    It must say what that says, and not in its order.
    """
    sentence = " ".join(e.quote for e in evidence)
    if MENTIONS_SOURCE.search(plain(text)):
        return "mentions the document"
    if fault := _check_answer(Draft("document", "", "", text, list(evidence)), source, TOLD_ANEW):
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
    """The reason why `wording` cannot ask what `question` asks, or None.

    A lost name or number, or another question word.
    """
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

"""The checks of a question that need no model: a reason from a closed list, or None. They come before the critic.

They compare values (numbers, dates), names and spans, and hold in any language; what only English shows stands under
a test of the language.
"""

from __future__ import annotations

import re
from functools import lru_cache

import regex

from agents.roles.role import FENCE
from agents.text.capitalised import NOUNS_IN_CAPITALS
from agents.text.document_dates import days_near
from agents.text.prompt_injection import gives_orders
from agents.text.spans import locate
from agents.text.stems import content_stems, stems
from agents.text.values import says, values_in
from graphs.facts.passage import Page
from graphs.facts.rows import Question

MOST_QUESTION = 300  # characters
MOST_ANSWER = 300
UNREAD = "unreadable entry"  # of a reply that is readable otherwise
CAPITALISED = regex.compile(r"(?<=[\w,;:)»”\"'’-] )[\p{Lu}\p{Lt}][\w'’-]+")  # within a sentence, not at its head
PAGE_WORDS = re.compile(r"\b(the|this) (passage|document|text|excerpt|sentence|statement)s?\b", re.IGNORECASE)


def check(asked: Question, page: Page) -> str | None:
    """The reason why a question or its answer fails, or None."""
    question, answer, language = asked.question, asked.answer, page.language
    if not asked.side:
        return UNREAD
    if not asked.evidence:
        return "no sentence of the page"
    if len(stems(question, language)) < 2 or len(question) > MOST_QUESTION:
        return "not a question"
    if not content_stems(question, language) & _stems(page.context, language):
        return "names nothing of the page"
    if not answer or len(answer) > MOST_ANSWER:
        return "no short answer"
    said = f"{question}\n{answer}"
    if gives_orders(said) or FENCE.search(said):
        return "follows an order of the document"
    if language == "en" and PAGE_WORDS.search(said):
        return "mentions the page"
    if not stands(answer, asked, page):
        return "answer not in the passage"
    known = _values(page.context, language) | days_near(page.date)
    stated = (value for text in (question, answer, asked.statement) for value in values_in(text, language))
    if not all(says(value, known) for value in stated):
        return "number not in the passage"
    if strangers := strange_names(said, page.context, language):
        return f"name not in the passage: {', '.join(sorted(strangers))}"
    if gives_away(question, answer, language):
        return "gives the answer away"
    return None


def stands(answer: str, asked: Question, page: Page) -> bool:
    """Whether the answer is found: in its evidence or page word for word, as the same value, or in the statement.

    The statement holds names in full and dates resolved; the critic judges it with the row.
    """
    return bool(
        locate(answer, " ".join(e.quote for e in asked.evidence))
        or locate(answer, page.context)
        or locate(answer, asked.statement)
        or _says_values(answer, asked, page)
        or content_stems(answer, page.language) <= content_stems(asked.statement, page.language)
    )


def _says_values(answer: str, asked: Question, page: Page) -> bool:
    """Whether the answer is a number or a date of the statement or the page, however it is written."""
    values = values_in(answer, page.language)
    told = _values(page.context, page.language) | values_in(asked.statement, page.language)
    return bool(values) and all(says(value, told) for value in values)


def gives_away(question: str, answer: str, language: str) -> bool:
    """Whether the question holds every word of the answer that carries meaning."""
    wanted = content_stems(answer, language)
    return bool(wanted) and wanted <= content_stems(question, language)


def strange_names(text: str, context: str, language: str) -> set[str]:
    """The words with a capital inside a sentence that its context (a page, or facts) does not hold."""
    if language in NOUNS_IN_CAPITALS:
        return set()
    known = _stems(context, language)
    return {
        word
        for word in CAPITALISED.findall(text)
        if not set(stems(word, language)) <= known and not values_in(word, language)
    }


@lru_cache(256)
def _values(text: str, language: str) -> frozenset[str]:
    return frozenset(values_in(text, language))


@lru_cache(256)
def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(stems(text, language))

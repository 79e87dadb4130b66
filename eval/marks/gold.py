"""Whether an answer is right: rules that need no model, each exact enough to be done by hand.

- local, multi_hop: an accepted answer is affirmed, of what was asked (`matches`);
- global: the share of claims that the whole answer affirms;
- unanswerable: the answer refuses (`eval.marks.refusal`); refusing an answerable question is a false refusal;
- heldout: agreement with the teacher (`eval.marks.agreement`);
- token F1 beside all of them, as in SQuAD (Rajpurkar et al. 2016, section 6.1).

How often they err: bench/quality/marks.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from agents.text.language import language_of
from eval.marks.asked import kind_of
from eval.marks.negation import YES_NO, listed
from eval.marks.normalise import Token, tokens, words
from eval.marks.others import of_a_relative, of_before, of_the_other, taken_back
from eval.marks.roles import (
    another_name,
    another_unit,
    beside_the_point,
    is_name,
    left_behind,
    left_open,
    out_of_date,
    swapped,
)
from eval.marks.statements import Place, affirmed, sentence_of, stems_of
from eval.questions import GoldQuestion

WINDOW = 40  # words of an answer in which anything is read; behind them a sentence must speak of what was asked
MOST = 1000  # tokens of an answer that are read at all: three pages


def matches(answer: str, accepted: Sequence[str], question: str = "") -> bool:
    """Whether the answer gives one of the accepted answers to the question.

    It must affirm it, of the right thing, and leave no others open beside it.
    """
    language = language_of(question) or "en"
    said = tokens(answer, language)[:MOST]
    asked = tokens(question, language)
    denied = any(token.raw.casefold() in listed("not", language) for token in asked)
    return any(_given(said, one, accepted, question, asked, denied, language) for one in accepted)


def _given(
    said: Sequence[Token],
    one: str,
    accepted: Sequence[str],
    question: str,
    asked: Sequence[Token],
    denied: bool,
    language: str,
) -> bool:
    if one.strip().casefold() in YES_NO:
        return bool(said) and said[0].raw.casefold() == one.strip().casefold()
    for place in affirmed(said, one, language, denied):
        if (
            _in_view(said, place, asked, language)
            and not another_name(said, place, accepted, language)
            and not another_unit(said, place, accepted, question, language)
            and not left_open(said, place, accepted, question, language)
            and not out_of_date(said, place, language)
            and not left_behind(said, place, question, language)
            and not (question and beside_the_point(said, place, accepted, question, language))
            and not (question and swapped(said, place, question, language))
            and not taken_back(said, place, language)
            and not (question and of_a_relative(said, place, accepted, question, language))
            and not (question and of_before(said, place, accepted, question, language))
            and not (question and of_the_other(said, place, accepted, question, language))
        ):
            return True
    return False


def _in_view(said: Sequence[Token], place: Place, asked: Sequence[Token], language: str) -> bool:
    """Whether a place is among the first words, or its sentence speaks of what was asked."""
    if sum(token.kind != "mark" for token in said[: place.end]) <= WINDOW:
        return True
    return bool(stems_of(said[slice(*sentence_of(said, place))], language) & stems_of(asked, language))


def claims_covered(answer: str, claims: Sequence[Sequence[str]], question: str = "") -> int:
    """How many claims the answer covers: one of the alternatives of each is affirmed anywhere."""
    language = language_of(question) or "en"
    said = tokens(answer, language)[:MOST]
    return sum(any(any(affirmed(said, one, language)) for one in claim) for claim in claims)


def is_free_form(question: GoldQuestion) -> bool:
    """Whether it asks for no name, place, date or number, and no accepted answer holds one: it has many wordings.

    Of claims, and of what nobody knows, False: they have rules of their own.
    """
    language = language_of(question.question) or "en"
    if kind_of(question.question):  # "wer" asks for a name, in whatever letters
        return False
    said = [[token for token in tokens(one, language) if token.kind != "mark"] for one in question.answers]
    return bool(said) and not any(_tells_a_name_or_value(one, language) for one in said)


def _tells_a_name_or_value(said: Sequence[Token], language: str) -> bool:
    """The first word may have its capital from its place, unless it stands alone; a German one from being a noun."""
    names = [is_name(token, language) for token in said]
    if language == "de":
        names = [one and after for one, after in pairwise(names)]
    elif len(said) > 1:
        names = names[1:]
    return any(names) or any(token.kind == "value" for token in said)


def token_f1(answer: str, reference: str) -> float:
    """The harmonic mean of word precision and recall, 0–1."""
    said, wanted = words(answer), words(reference)
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def best_f1(answer: str, question: GoldQuestion) -> float | None:
    """Token F1 against the nearest accepted answer; None for kinds without accepted answers."""
    return max((token_f1(answer, one) for one in question.answers), default=None)

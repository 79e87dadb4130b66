"""Whether an answer agrees with the teacher's: it must say what was asked for, and no more.

A teacher that is asked for a price adds when it is to be paid and to whom; a right answer need not. So the asked-for
thing is looked up in the teacher's answer: the name of a "who", the place of a "where", the date of a "when", the
number of a "how many", and it must be given as an accepted answer is (`eval.marks.gold.matches`). Where the question
asks for no such thing, the answer must be about what the teacher adds first, and bring in little else.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile, takewhile

from agents.text.language import language_of
from agents.text.spans import UNSPACED
from eval.marks.asked import is_date, kind_of
from eval.marks.gold import WINDOW, matches, token_f1
from eval.marks.negation import YES_NO
from eval.marks.normalise import TITLES, Token, is_stop, tokens
from eval.marks.refusal import is_refusal
from eval.marks.roles import is_name
from eval.marks.statements import affirmed, denied, sentences, stems_of

MATCH_F1 = 0.5  # for references that add no word to the question
HEAD = 5  # content words with which the teacher's answer begins beyond the question: two of them must be said
IF = frozenset(["if", "when", "wenn", "falls", "si", "quand", "se", "quando", "cuando", "als"])


def agrees(answer: str, question: str, reference: str) -> bool:
    """Whether `answer` says what of the teacher's `reference` was asked for; a refusal agrees with a refusal alone."""
    refused = [is_refusal(said, question) for said in (reference, answer)]
    if any(refused):
        return all(refused)
    language = language_of(question) or "en"
    told, asked = tokens(reference, language), tokens(question, language)
    given = tokens(answer, language)[: max(WINDOW, 2 * len(told))]
    if not told or not given:
        return False
    first, last = told[0].raw.casefold(), given[0].raw.casefold()
    if first in YES_NO and last in YES_NO:
        return first == last
    keys = asked_for(question, told, asked, language)
    if keys:
        return matches(answer, keys, question)
    return _same_news(given, told, asked, language, answer, reference)


def asked_for(question: str, told: Sequence[Token], asked: Sequence[Token], language: str) -> list[str]:
    """The ways to give what the question asks for, as the teacher has it; none where it asks for no such thing."""
    wants = kind_of(question)
    known = stems_of(asked, language)
    parts = sentences(told)
    parts.sort(key=lambda part: -len(known & stems_of(told[slice(*part)], language)))
    for part in parts:
        stretch = told[slice(*part)]
        if wants in ("date", "number"):
            for at, token in enumerate(stretch):
                if token.kind == "value" and token.form not in known and (is_date(token) == (wants == "date")):
                    unit = [t.raw for t in stretch[at + 1 : at + 2] if t.kind == "word" and not is_stop(t, language)]
                    return [" ".join([token.raw, *unit]), token.raw]
        elif wants in ("name", "place"):
            found = _first_name(stretch, known, wants == "place" and part.start == 0, language)
            if found:
                return found
    return []


def _first_name(stretch: Sequence[Token], known: frozenset[str], opens: bool, language: str) -> list[str]:
    """The first name that the question does not hold: whole, and by its first or last part."""
    name: list[str] = []
    for at, token in enumerate(stretch):
        fits = is_name(token, language) and token.stem not in known and token.raw.casefold() not in TITLES
        if fits and not (at == 0 and opens and len(stretch) > 1 and not is_name(stretch[1], language)):
            name.append(token.raw)
        elif name:
            break
    return list(dict.fromkeys([" ".join(name), name[0], name[-1]])) if name else []


def _same_news(
    given: Sequence[Token],
    told: Sequence[Token],
    asked: Sequence[Token],
    language: str,
    answer: str,
    reference: str,
) -> bool:
    """Whether the answer affirms one of the first things that the teacher adds to the question, and little else."""
    known = stems_of(asked, language)
    if UNSPACED.search(reference):
        return _same_letters(given, told, asked, language)
    news = _news(told, known, language)
    if not news:
        return token_f1(answer, reference) >= MATCH_F1
    values = [t for t in news if t.kind == "value"]
    head = news[:HEAD]
    mine = {t.stem for t in given if t.kind != "mark" and not is_stop(t, language)} - known
    shared = mine & {t.stem for t in news}
    hits = [t for t in (head[:3] if len(mine) == 1 else head) if _told_alike(given, told, t.raw, language)]
    wrong_values = {t.form for t in given if t.kind == "value"} - {t.form for t in (*values, *asked)}
    enough = (
        len(hits) > 1 and bool({t.stem for t in hits} & {t.stem for t in head[:2]}) or len(mine) == 1 or len(head) == 1
    )
    return bool(hits) and enough and not wrong_values and 2 * len(shared) >= len(mine)


def _told_alike(given: Sequence[Token], told: Sequence[Token], word: str, language: str) -> bool:
    """Whether the answer affirms a word that the teacher affirms, or denies one that the teacher denies."""
    as_meant = affirmed if any(affirmed(told, word, language)) else denied
    return any(as_meant(given, word, language))


def _news(told: Sequence[Token], known: frozenset[str], language: str) -> list[Token]:
    """The words that the teacher adds to the question.

    Those of a clause in front that repeats the question ("If the filter is not changed every month, …") do not count.
    """
    comma = next((at for at, token in enumerate(told) if token.raw == ","), 0)
    start = comma if told[0].raw.casefold() in IF and known & stems_of(told[:comma], language) else 0
    return [t for t in told[start:] if t.kind != "mark" and not is_stop(t, language) and t.stem not in known]


def _same_letters(given: Sequence[Token], told: Sequence[Token], asked: Sequence[Token], language: str) -> bool:
    """The same of a script that parts no words: the first run of letters that the question does not hold."""
    known = {t.form for t in asked}

    def is_new(token: Token) -> bool:
        return token.kind != "mark" and token.form not in known

    run = "".join(token.raw for token in takewhile(is_new, dropwhile(lambda token: not is_new(token), told)))
    return any(affirmed(given, run, language))

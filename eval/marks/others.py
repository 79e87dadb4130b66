"""Right things said of somebody or something else than was asked: rules that refuse such an answer.

"Emil's brother" is not Emil, "on Sundays at 6:30, on Saturdays at 7" says 7 of a Saturday, "until May Jutta led it,
since then Paul" is about Paul, and "the level, no: the saw" takes the level back. But for the last they say nothing
where the question is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import takewhile

from agents.text.words import word_set
from eval.marks.negation import listed
from eval.marks.normalise import OWNS, TITLES, Token, tokens
from eval.marks.roles import is_name, rival
from eval.marks.statements import SENTENCE, Place, clause, stems_of

BETWEEN = TITLES | word_set("the a her his their its queen king la le les el los il dem den")
"""May stand between "of" and a name."""
LONGEST_PARALLEL = 7  # words of a part between commas that is laid beside another: longer ones are sentences
RETRACTS = frozenset([",", ":", ";", "–", "—", "-"])


def of_a_relative(said: Sequence[Token], place: Place, accepted: Sequence[str], question: str, language: str) -> bool:
    """Whether somebody else is told of by this name: "Emil Brandt's brother", "a pupil of Marta Quill"."""
    kin, of = _kin(language), listed("of", language)
    if kin & {token.stem for token in tokens(question, language)}:  # "Whose brother …?"
        return False
    if any(token.raw == OWNS for one in accepted for token in tokens(one, language)[-1:]):  # "the baker's" apprentice
        return False
    name = {token.stem for one in accepted for token in tokens(one, language) if token.kind != "mark"}
    start, end = place  # of "Emil" the whole of "Emil Brandt"
    while start and said[start - 1].stem in name:
        start -= 1
    while end < len(said) and said[end].stem in name:
        end += 1
    behind = list(said[end : end + 3])
    owns = bool(behind) and behind[0].raw == OWNS  # "'s younger brother"
    if any(token.stem in kin for token in (behind[1:] if owns else behind[:1] if language == "de" else ())):
        return True
    before = [token for token in said[:start] if token.kind == "word"]
    while before and before[-1].raw.casefold() in BETWEEN - of:
        before.pop()
    return len(before) > 1 and before[-1].raw.casefold() in of and before[-2].stem in kin


@cache
def _kin(language: str) -> frozenset[str]:
    return frozenset(token.stem for one in listed("kin", language) for token in tokens(one, language))


def taken_back(said: Sequence[Token], place: Place, language: str) -> bool:
    """Whether the sentence goes on with a no and something else: "bronze, no: iron", "the level, then no, the saw"."""
    rest = list(takewhile(lambda token: token.raw not in SENTENCE, said[place.end :]))
    return any(
        token.raw.casefold() in listed("no", language)
        and at > 0
        and (rest[at + 1].raw in RETRACTS or rest[at + 1].raw.casefold() in ("wait", "sorry"))
        for at, token in enumerate(rest[:-2])
    )


def of_before(said: Sequence[Token], place: Place, accepted: Sequence[str], question: str, language: str) -> bool:
    """Whether it was so until a time alone, and somebody else is named behind it; not asked for that time."""
    asked = tokens(question, language)
    until = listed("until", language)
    if said[place.start].kind == "value" or any(token.raw.casefold() in until for token in asked):
        return False
    front = said[clause(said, place, language).start : place.start]
    at = next((n for n, token in enumerate(front) if token.raw.casefold() in until), len(front))
    ended = {token.form for token in front[at:] if token.kind == "value"}
    times = {token.form for token in asked if token.kind == "value"}
    if not ended or (times and not times & ended):
        return False
    known = {token.stem for one in (*accepted, question) for token in tokens(one, language)}
    rest = takewhile(lambda token: token.raw not in SENTENCE, said[place.end :])
    return any(is_name(token, language) and token.stem not in known for token in rest)


def of_the_other(said: Sequence[Token], place: Place, accepted: Sequence[str], question: str, language: str) -> bool:
    """Whether a part beside it says of what was asked something else: "on Sundays at 6:30, on Saturdays at 7".

    Both parts are short and stand between commas; the own one has something that was not asked ("Sundays"), the other
    one what was asked ("Saturdays") and a rival.
    """
    asked = stems_of(tokens(question, language), language)
    known = {token.stem for one in accepted for token in tokens(one, language)}
    parts = _between_commas(said)
    own = next(n for n, part in enumerate(parts) if part.start <= place.start < part.end)
    mine = said[slice(*parts[own])]
    if not stems_of(mine, language) - asked - known - {token.stem for token in mine if token.kind == "value"}:
        return False
    for n in (own - 1, own + 1):
        other = said[slice(*parts[n])] if 0 <= n < len(parts) else ()
        words = [token for token in other if token.kind != "mark"]
        if not words or max(len(words), sum(t.kind != "mark" for t in mine)) > LONGEST_PARALLEL:
            continue
        if words[0].raw.casefold() in listed("who", language):
            continue
        if any(token.raw.casefold() in listed("not", language) for token in words):  # ", not in the port of Tamsel"
            continue
        news = ((asked - known) & stems_of(other, language)) - stems_of(mine, language)
        if news and any(rival(token, said[place.start], asked | known, language) for token in other):
            return True
    return False


def _between_commas(said: Sequence[Token]) -> list[Place]:
    """The parts of an answer between commas and the ends of sentences."""
    ends = [at for at, token in enumerate(said) if token.kind == "mark" and token.raw in SENTENCE | {",", "，", "、"}]
    starts = [0, *(at + 1 for at in ends)]
    return [Place(start, end) for start, end in zip(starts, [*ends, len(said)], strict=True)]

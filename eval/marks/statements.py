"""Where an answer says something, and whether it affirms or denies it there.

A phrase is found by its stems and values, in a stretch little longer than itself; in Chinese, Japanese and other
scripts that part no words, letter by letter. It is denied by a negation in its own clause (`eval.marks.negation`),
however far in front of it, or close behind it ("Tobin did not").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from agents.text.spans import UNSPACED
from agents.text.values import says
from eval.marks.negation import ALL, JAPANESE_NOT, NO_DENIAL, listed
from eval.marks.normalise import Token, content, is_stop, tokens

SLACK = 4  # words that may stand between the words of a phrase: "it washed the old mill away"
BEHIND = {"de": 4, "nl": 4, "fr": 3}
"""Words behind a phrase within which a negation denies it; 2 elsewhere ("Tobin did not")."""
CLAUSE = frozenset(".!?;:,()…。！？；，、：—–")
SENTENCE = frozenset(".!?;…。！？；")
ENDS = SENTENCE | {":"}


class Place(NamedTuple):
    """`tokens[start:end]` of an answer."""

    start: int
    end: int


def affirmed(said: Sequence[Token], phrase: str, language: str, denied_question: bool = False) -> Iterator[Place]:
    """Each place where the answer `said` says `phrase` as it is meant.

    `denied_question`: the question itself asks for what is not ("Who did not vote?"), so that a negation behind the
    phrase repeats it.
    """
    wanted, turned = _wanted(phrase, language)
    for place in _places(said, wanted):
        if _denied(said, place, language, denied_question) == turned:
            yield place


def denied(said: Sequence[Token], phrase: str, language: str) -> Iterator[Place]:
    """Each place where the answer `said` says that `phrase` is not so."""
    wanted, turned = _wanted(phrase, language)
    for place in _places(said, wanted):
        if _denied(said, place, language, False) != turned:
            yield place


@lru_cache(maxsize=2**12)
def _wanted(phrase: str, language: str) -> tuple[tuple[Token, ...], bool]:
    """What must be found of a phrase, and whether it denies something itself ("did not approve")."""
    found = content(phrase, language)
    rest = [token for token in found if token.raw.casefold() not in listed("not", language)]
    negations = sum(token.raw.casefold() in listed("not", language) for token in tokens(phrase, language))
    return tuple(rest or found), bool(rest) and negations % 2 == 1


def _places(said: Sequence[Token], wanted: Sequence[Token]) -> Iterator[Place]:
    if not wanted or wanted[0].kind == "mark":
        return
    letters = [bool(UNSPACED.match(token.raw)) for token in wanted]
    figures = [token.kind == "value" for token in wanted]
    ordered = any(letters) or any(figures)
    slack = 0 if any(letters) and sum(letters) + sum(figures) == len(wanted) else SLACK
    first = wanted[:1] if ordered else wanted
    words = {form for one in first if one.kind == "word" for form in (one.form, one.stem)}
    for start, token in enumerate(said):
        if token.kind == "word" and token.form not in words and token.stem not in words:
            continue  # most tokens of most answers: nothing else has to be looked at
        if not any(same(one, token) for one in first):
            continue
        end = _end(said, start, wanted, ordered, slack)
        if end:
            yield Place(start, end)


def _end(said: Sequence[Token], start: int, wanted: Sequence[Token], ordered: bool, slack: int) -> int:
    """Where the stretch from `start` that holds all of `wanted` ends; 0 where there is none."""
    left = list(wanted)
    for at in range(start, min(len(said), start + len(wanted) + slack)):
        token = said[at]
        if token.kind == "mark":
            if token.raw in SENTENCE:
                return 0
            continue
        hit = next((one for one in (left[:1] if ordered else left) if same(one, token)), None)
        if hit is not None:
            left.remove(hit)
        if not left:
            return at + 1
    return 0


def same(wanted: Token, token: Token) -> bool:
    """Whether a token of an answer says a wanted one: the same word but for its ending, or a date that holds it."""
    if wanted.kind == token.kind == "value":
        return says(wanted.form, frozenset({token.form})) or _as_time(token.form) == wanted.form
    return wanted.kind == token.kind == "word" and (wanted.stem == token.stem or wanted.form == token.form)


def _as_time(value: str) -> str:
    """A decimal number read as a time, "6.3" (6.30) as T06:30; "" where it cannot be one."""
    hour, point, minute = value.partition(".")
    minute = minute.ljust(2, "0")
    fits = point and hour.isdecimal() and minute.isdecimal() and int(hour) <= 24 and len(minute) == 2 and minute < "60"
    return f"T{int(hour):02}:{minute}" if fits else ""


def clause(said: Sequence[Token], place: Place, language: str) -> Place:
    """The clause around a place: between marks and the words that begin a statement of their own."""
    borders = listed("and", language) | listed("but", language)

    def is_border(at: int) -> bool:
        token = said[at]
        if token.kind == "mark":
            return token.raw in CLAUSE
        denied = at > 0 and said[at - 1].raw.casefold() in listed("not", language)  # "not because"
        return token.raw.casefold() in borders and not denied

    start = next((at + 1 for at in range(place.start - 1, -1, -1) if is_border(at)), 0)
    end = next((at for at in range(place.end, len(said)) if is_border(at)), len(said))
    return Place(start, end)


def _denied(said: Sequence[Token], place: Place, language: str, denied_question: bool) -> bool:
    around = clause(said, place, language)
    front = [token.raw.casefold() for token in said[around.start : place.start]]
    behind = [token.raw.casefold() for token in said[place.end : around.end]]
    if language == "ja":
        return any(one in "".join(behind) for one in JAPANESE_NOT)
    turns = sum(_turns(front, at, language) for at in range(len(front)))
    before = [token.raw.casefold() for token in said[max(0, place.start - 2) : place.start]]
    turns += len(before) == 2 and before[1] == "but" and before[0] in ALL  # "everybody but Ann"
    if turns % 2:
        return True
    near = behind[: BEHIND.get(language, 2)]
    return not denied_question and any(
        word in listed("not", language) and not NO_DENIAL & set(behind[at + 1 : at + 2]) for at, word in enumerate(near)
    )


def _turns(front: Sequence[str], at: int, language: str) -> bool:
    """Whether the word at `at` of what stands in front of a phrase turns it round."""
    word, after = front[at], front[at + 1 : at + 2]
    if language == "fr" and word in ("ne", "n"):  # half of "ne … pas"
        return False
    if word in listed("not", language):
        return not NO_DENIAL & set(after)
    if word not in listed("away", language):
        return False
    if word == "than":
        return not {"later", "earlier", "other", "rather"} & set(front[max(at - 1, 0) : at])
    if word == "before":
        return at == 0 or len(front) - at <= 3
    return word != "used" or after == ["to"]


def sentences(said: Sequence[Token], also: frozenset[str] = frozenset()) -> list[Place]:
    """The sentences of an answer, cut at the words of `also` too; none is empty."""
    found, start = [], 0
    for at, token in enumerate(said):
        if token.raw in ENDS if token.kind == "mark" else also and token.raw.casefold() in also:
            found.append(Place(start, at))
            start = at + 1
    return [place for place in (*found, Place(start, len(said))) if place.start < place.end]


def sentence_of(said: Sequence[Token], place: Place) -> Place:
    """The sentence of an answer in which a place stands."""
    return next(s for s in sentences(said) if s.start <= place.start < s.end)


def stems_of(said: Sequence[Token], language: str) -> frozenset[str]:
    """The stems that carry meaning."""
    return frozenset(token.stem for token in said if token.kind != "mark" and not is_stop(token, language))

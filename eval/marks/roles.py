"""Who did it to whom: rules that refuse an answer that names the right thing in a wrong part.

All of them compare the answer with its question, and say nothing where the question is not known. The order of subject
and object is read in English alone: elsewhere it depends on endings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval.marks.negation import listed
from eval.marks.normalise import ARTICLES, TITLES, Token, is_stop, tokens
from eval.marks.statements import Place, sentence_of, sentences, stems_of

COUNTED = re.compile(
    r"\b(?:how many|wie ?viele?|combien d[e']|cu[aá]nt[oa]s|quant[ieoa]s?|hoeveel)\s*([^\W\d_]+)", re.IGNORECASE
)
FROM = {"en": {"from"}, "de": {"von"}, "fr": {"de"}, "es": {"de"}, "it": {"da"}, "pt": {"de"}, "nl": {"van"}}
TO = {"en": {"to"}, "de": {"auf"}, "fr": {"à"}, "es": {"a"}, "it": {"a"}, "pt": {"para", "a"}, "nl": {"naar"}}
TO_THE_OTHER_END = frozenset(["-", "–", "—", "to", "bis"])
"""Stands between the two ends of a range."""


def is_name(token: Token, language: str) -> bool:
    """Whether a token looks like a part of a name: capitalised, which says little in German."""
    return token.kind == "word" and token.raw[:1].isupper() and not is_stop(token, language)


def another_name(said: Sequence[Token], place: Place, accepted: Sequence[str], language: str) -> bool:
    """Whether a part of an accepted name stands in somebody else's: "Tobin Holt" for Tobin Rask."""
    known = {token.form for one in accepted for token in tokens(one, language)}
    titles = [token.form for token in said[max(place.start - 2, 0) : place.start] if token.form in TITLES]
    if titles and known & TITLES and not known & {*titles}:  # "Mrs Holt" for Mr Holt
        return True
    longer = any(len(tokens(one, language)) > place.end - place.start for one in accepted)
    if not longer or not is_name(said[place.start], language):
        return False
    after = said[place.end] if place.end < len(said) else None
    if after and is_name(after, language) and after.form not in known:
        return True
    alone = sum(token.kind != "mark" for token in said) == 2  # else the first word may be any, with a capital
    before = said[place.start - 1] if place.start > 1 or (place.start and alone) else None
    return bool(
        before
        and is_name(before, language)
        and before.form not in known
        and before.raw.casefold() not in TITLES
        and len(before.raw) > 1
        and language != "de"
    )


def another_unit(said: Sequence[Token], place: Place, accepted: Sequence[str], question: str, language: str) -> bool:
    """Whether a bare number of an accepted answer is said of something else: "fourteen months" for fourteen weeks.

    Where the question alone says what is counted another unit is something else; another word may be a synonym.
    """
    if place.end - place.start != 1 or said[place.start].kind != "value" or place.end >= len(said):
        return False
    counted = COUNTED.search(question)
    units = [unit for one in accepted for unit in _counted(tokens(one, language), language)]
    expected = {form for token in units for form in (token.stem, token.raw.casefold())}
    if counted:
        expected |= {token.stem for token in tokens("2 " + counted[1], language) if token.kind == "word"}
    following = said[place.end]
    near = {form for token in said[place.end : place.end + 3] for form in (token.stem, token.raw.casefold())}
    if not expected or following.kind != "word" or is_stop(following, language) or near & expected:
        return False
    is_verb_or_name = following.stem in stems_of(tokens(question, language), language) or (
        following.raw[:1].isupper() and language != "de"
    )
    return following.form.startswith("unit:") or (bool(units) and not is_verb_or_name)


def _counted(said: Sequence[Token], language: str) -> list[Token]:
    """The words behind the first value: "pounds" of "about 870 pounds"."""
    at = next((n for n, token in enumerate(said) if token.kind == "value"), len(said))
    return [token for token in said[at:] if token.kind == "word" and not is_stop(token, language)]


def left_behind(said: Sequence[Token], place: Place, question: str, language: str) -> bool:
    """Whether this is what was given up: "from three coppers to two"."""
    before = [t.raw.casefold() for t in said[: place.start] if _counts(t)]
    end = sentence_of(said, place).end
    after = said[place.end : end]
    if not before or before[-1] not in FROM.get(language, ()):
        return False
    asked = {token.raw.casefold() for token in tokens(question, language)}
    goes_on = any(token.raw.casefold() in TO[language] for token in after[:4])
    return goes_on and not asked & {*FROM[language], "before"}


def out_of_date(said: Sequence[Token], place: Place, language: str) -> bool:
    """Whether the sentence goes on that it has changed: "was to end in May but has been extended to June"."""
    end = sentence_of(said, place).end
    after = [token.raw.casefold() for token in said[place.end : end]]
    turn = next((n for n, word in enumerate(after) if word in listed("but", language)), None)
    return turn is not None and bool(listed("now", language) & set(after[turn:]))


def left_open(said: Sequence[Token], place: Place, accepted: Sequence[str], question: str, language: str) -> bool:
    """Whether the answer offers others beside the right one: "Pell or Dagny", "both", a list of names."""
    start, end = sentence_of(said, place)
    known = {token.stem for one in accepted for token in tokens(one, language) if token.kind != "mark"}
    if _range(said, place, {token.form for one in accepted for token in tokens(one, language)}):
        return True
    before = [token for token in said[start : place.start] if _counts(token)]
    after = [token for token in said[place.end : end] if _counts(token)]
    ors = listed("or", language)
    if after and after[0].raw.casefold() in ors and not {token.stem for token in after[1:3]} <= known | {""}:
        return True
    if language == "zh" and any(token.raw in "或" for token in after[:2]):
        return True
    if before and before[-1].raw.casefold() in ors and not {token.stem for token in before[-3:-1]} <= known:
        return True
    if listed("or", language) & {token.raw.casefold() for token in tokens(question, language)} and (
        _joined(before[::-1], question, language) or _joined(after, question, language)
    ):
        return True
    if any(token.raw.casefold() in listed("both", language) for token in before[-4:]) and any(
        token.raw.casefold() in listed("and", language) | ors for token in [*before[-2:], *after[:1]]
    ):
        return True
    return _in_a_list(said, Place(start, end), place, known, language)


def _counts(token: Token) -> bool:
    """Whether it is a word or a value, and no article."""
    return token.kind != "mark" and token.form not in ARTICLES


def _range(said: Sequence[Token], place: Place, accepted: set[str]) -> bool:
    """Whether the place is one end of "1-2 years", and the other end is not among the `accepted` forms."""
    if said[place.start].kind != "value":
        return False
    left, right = said[max(place.start - 2, 0) : place.start], said[place.start + 1 : place.start + 3]
    return any(
        other.form.isdecimal() and other.form not in accepted and between.raw in TO_THE_OTHER_END
        for other, between in (side for side in (left, right[::-1]) if len(side) == 2)
    )


def _joined(beside: Sequence[Token], question: str, language: str) -> bool:
    """Whether "and" joins another name of the question to the place."""
    names = {token.stem for token in tokens(question, language) if is_name(token, language)}
    return len(beside) > 1 and beside[0].raw.casefold() in listed("and", language) and beside[1].stem in names


def _in_a_list(said: Sequence[Token], sentence: Place, place: Place, known: set[str], language: str) -> bool:
    """Whether the place is one of three or more short items, of which two at least are not accepted."""
    joints = listed("and", language) | listed("or", language)
    items: list[list[int]] = [[]]
    for at in range(*sentence):
        if (said[at].kind == "mark" and said[at].raw in ",、，") or said[at].raw.casefold() in joints:
            items.append([])
        elif said[at].kind != "mark":
            items[-1].append(at)
    own = next((n for n, item in enumerate(items) if place.start in item), None)
    if own is None:
        return False
    if said[place.start].kind == "value":  # its unit says nothing: "22,000 euros, 14,600 euros and 1,150 euros"
        known = {stem for stem in known if stem[:1].isdecimal()}
    wrong = 0
    for step in (-1, 1):
        n = own + step
        while 0 <= n < len(items) and (not items[n] or _alike(said, items[n], place, step, language)):
            wrong += bool(items[n]) and not {said[at].stem for at in items[n]} & known
            n += step
    return wrong >= 2


def _alike(said: Sequence[Token], item: Sequence[int], place: Place, step: int, language: str) -> bool:
    """Whether an item of a list is of the kind of the place: a name beside a name, a value beside a value."""
    words_ = [said[at] for at in item if not is_stop(said[at], language)]
    if not words_:
        return False
    near = words_[-1] if step < 0 else words_[0]  # the first item of a list has its sentence in front of it
    right = said[place.start]
    if right.kind == "value" or near.kind == "value":
        return right.kind == near.kind
    return is_name(near, language) == is_name(right, language) and (len(item) <= 3 or is_name(near, language))


def beside_the_point(
    said: Sequence[Token], place: Place, accepted: Sequence[str], question: str, language: str
) -> bool:
    """Whether the question is answered elsewhere, with something else.

    "It was built in 1869 and burned down in 1871": where the answer speaks of what was asked another candidate of the
    same kind stands, and the part with the accepted answer speaks of less of it. Behind "since" or a semicolon no
    candidate is looked for: "A pony pulled it, since the donkey had died."
    """
    asked = stems_of(tokens(question, language), language)
    known = {token.stem for one in accepted for token in tokens(one, language)}
    parts = sentences(said, listed("and", language) | listed("but", language))
    own = next((n for n, part in enumerate(parts) if part.start <= place.start < part.end), None)
    if own is None:  # it begins with a word that parts: "yet", "while", the name "So"
        return False
    mine = stems_of(said[slice(*parts[own])], language)
    if _another_occasion([said[slice(*part)] for part in parts], own, question, known, language):
        return True
    end = parts[own].end
    explained = own == 0 and any(token.raw == ":" for token in said[end : end + 1])  # "Two, it seems: she raised it"
    bare = explained or end - parts[own].start <= place.end - place.start + 1  # "Tom and his sister host it"
    told = (asked - known) & mine
    last = sentence_of(said, place).end  # what a later sentence adds is no other answer
    if bare and own + 1 < len(parts):
        return False
    why = language == "en" and question.casefold().startswith("why")
    for n, part in enumerate(parts):
        stretch = said[slice(*part)]
        if n == own or parts[n].start > last or not told < (asked - known) & stems_of(stretch, language):
            continue
        joint = said[parts[own].start - 1].raw.casefold() if n + 1 == own else ""
        says_more = stems_of(stretch, language) - asked  # not so: "He was a good keeper because he was patient"
        if not told and says_more and joint in listed("instead", language) and not (why and joint != ";"):
            return True
        if any(rival(token, said[place.start], asked | known, language) for token in stretch):
            return True
        subject = next((token for token in said[slice(*parts[own])] if is_name(token, language)), None)
        if not told and n == own + 1 and subject and not any(is_name(token, language) for token in stretch):
            return rival(subject, said[place.start], asked | known, language)
    return False


def _another_occasion(
    parts: Sequence[Sequence[Token]], own: int, question: str, known: set[str], language: str
) -> bool:
    """Whether a part speaks of another number than the question, which another part names: "Episode 11 had …"."""
    asked = {token.form for token in tokens(question, language) if token.kind == "value"}
    values = [{token.form for token in part if token.kind == "value"} - known for part in parts]
    return bool(asked and values[own] and not values[own] & asked and any(each & asked for each in values))


def rival(token: Token, right: Token, known: frozenset[str] | set[str], language: str) -> bool:
    """Whether a token is a candidate of the kind of the `right` one."""
    if token.stem in known:
        return False
    both_values = token.kind == right.kind == "value" and token.form != "1"
    return both_values or (is_name(token, language) and is_name(right, language))


def swapped(said: Sequence[Token], place: Place, question: str, language: str) -> bool:
    """Whether subject and object changed places: "Orla lent Pell the key" to "Who lent Orla the key?" (English)."""
    if language != "en" or not is_name(said[place.start], language):
        return False
    asked = [token for token in tokens(question, language) if token.kind != "mark"]
    names = {token.stem for token in asked[1:] if is_name(token, language)}
    verbs = [n for n, t in enumerate(asked) if n and not is_stop(t, language) and t.stem not in names]
    if not names or not verbs or asked[0].raw.casefold() not in ("who", "whom", "which", "what"):
        return False
    verb = asked[verbs[0]]
    first_name = next(n for n, token in enumerate(asked) if n and token.stem in names)
    wants_subject = verbs[0] < first_name
    start, end = sentence_of(said, place)
    at_verb = next((at for at in range(start, end) if said[at].stem == verb.stem), None)
    at_name = next((at for at in range(start, end) if said[at].stem in names), None)
    if at_verb is None or at_name is None or not min(at_name, place.start) < at_verb < max(at_name, place.start):
        return False
    passive = any(token.raw.casefold() == "by" for token in said[at_verb : max(at_name, place.start)])
    return (place.start < at_verb) == passive if wants_subject else (place.start < at_verb) != passive

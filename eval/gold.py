"""Whether an answer is right: rules that need no model, each exact enough to be done by hand.

- local, multi_hop: an accepted answer stands as whole words within the first 40 words;
- global: the share of claims that the whole answer covers;
- unanswerable: the answer refuses (`is_refusal`); refusing an answerable question is a false refusal;
- heldout: agreement with the teacher (`agrees`);
- token F1 beside all of them, as in SQuAD (Rajpurkar et al. 2016, section 6.1).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from agents.records import Item
from eval.normalise import contains, words
from eval.questions import GoldQuestion

WINDOW = 40  # words of an answer that are read for an accepted answer; a longer list of guesses wins nothing
REFUSAL_WINDOW = 16  # words within which a refusal begins; later ones qualify an answer already given
Z_95 = 1.959964  # the 97.5 % point of the normal distribution
MATCH_F1 = 0.5  # for references that add no word to the question

_TEXTS = r"(?:documents?|texts?|passages?|contexts?|journals?|letters?|information|records?|sources?|story|notes?)"
_SAY = (
    r"(?:say|mention|specify|state|provide|contain|include|give|indicate|tell|record|explain|describe|reveal|name|"
    r"answer)"
)
_GIVEN = (
    r"(?:mentioned|specified|stated|provided|known(?! (?:for|as|to))|recorded|given (?:in|by)|"
    r"described in|answered|available)"
)
REFUSALS = (
    (
        r"\b(?:i|we) (?:do not|don't|cannot|can't|could not|couldn't) (?:really |actually )?"
        r"(?:know|say|tell|answer|find|determine|recall)\b"
    ),
    (
        r"\b(?:i|we) (?:do not|don't) have (?:\w+ ){0,3}"
        r"(?:information|knowledge|details?|data|access|record|answer|memory)\b"
    ),
    r"\b(?:i'm|i am|we are|we're) (?:not (?:sure|aware|certain|able|familiar)|unable|unsure)\b",
    rf"\b{_TEXTS} (?:do|does|did) ?(?:not|n't) (?:\w+ )?{_SAY}\b",
    (
        r"\bthere (?:is|was|are|were) no (?:\w+ ){0,2}"
        r"(?:information|mention|records?|details?|evidence|data|answer|indication)\b"
    ),
    (
        r"\bno (?:\w+ )?(?:information|details?|mention|data) (?:\w+ ){0,3}"
        r"(?:available|provided|given|found|about|on|of|regarding)\b"
    ),
    rf"\b(?:is|are|was|were) ?(?:not|n't) (?:\w+ )?{_GIVEN}\b",
    r"\b(?:is|are|was|were|remains?) (?:unknown|unspecified|unclear|unstated)\b",
    r"\b(?:cannot|can't|can not|could not) be (?:determined|answered|known|found|inferred)\b",
    r"^(?:unknown|unanswerable|no answer|not mentioned|not specified|not stated|n/a)\b",
    r"\bsorry,? (?:but )?i (?:can't|cannot|can not|do not|don't|am|have no)\b",
    r"\bi have no (?:\w+ )?(?:information|knowledge|idea|record|memory)\b",
)
_REFUSAL = re.compile("|".join(REFUSALS), re.IGNORECASE)
_FUNCTION_WORDS = """
of to in on at by for from with and or but as is are was were be been being it its he she they them his her their
this that these those there then than so not do does did has have had will would can could should may might who whom
whose which what when where why how if about into over after before because between also very more most some any
each all both i you we my your our me us
"""
_STOP = frozenset(_FUNCTION_WORDS.split())


class Proportion(Item):
    """`hits` of `n` with the Wilson 95 % interval [`low`, `high`]; `share` is None where nothing was asked."""

    hits: int
    n: int
    share: float | None
    low: float
    high: float


def wilson(hits: float, n: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927), within [0, 1]; (0, 1) for n = 0.

    `hits` may be a mean over runs.
    """
    if n == 0:  # scipy takes neither this nor a mean (docs/decisions/0012)
        return 0.0, 1.0
    p, z2 = hits / n, Z_95**2
    centre, spread = p + z2 / (2 * n), Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, (centre - spread) / (1 + z2 / n)), min(1.0, (centre + spread) / (1 + z2 / n))


def proportion(grades: Iterable[bool]) -> Proportion:
    """Count the true ones."""
    listed = list(grades)
    return of_counts(sum(listed), len(listed))


def of_counts(hits: int, n: int) -> Proportion:
    """A proportion from its counts."""
    low, high = wilson(hits, n)
    return Proportion(hits=hits, n=n, share=hits / n if n else None, low=low, high=high)


def sign_test(only_a: int, only_b: int) -> float:
    """The two-sided exact p of a paired comparison (McNemar, exact).

    It comes from the questions that only one of two got right.
    """
    from scipy.stats import binomtest

    n = only_a + only_b
    return float(binomtest(only_a, n).pvalue) if n else 1.0


def is_refusal(text: str) -> bool:
    """Whether the answer says that it does not know, within its first 16 words (a closed list, English)."""
    plain = " ".join(text.replace("’", "'").split())
    found = _REFUSAL.search(plain)
    return found is not None and len(plain[: found.start()].split()) < REFUSAL_WINDOW


def matches(answer: str, accepted: Sequence[str]) -> bool:
    """Whether one of the accepted answers stands as whole words within the first 40 words of `answer`."""
    window = words(" ".join(answer.split()[:WINDOW]))
    return any(contains(window, words(one)) for one in accepted)


def claims_covered(answer: str, claims: Sequence[Sequence[str]]) -> int:
    """How many claims the answer covers: one of the alternatives of each as whole words, anywhere."""
    said = words(answer)
    return sum(any(contains(said, words(one)) for one in claim) for claim in claims)


def token_f1(answer: str, reference: str) -> float:
    """The harmonic mean of word precision and recall, 0–1."""
    said, wanted = words(answer), words(reference)
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def best_f1(answer: str, question: GoldQuestion) -> float | None:
    """Token F1 against the nearest accepted answer; None for kinds without accepted answers."""
    return max((token_f1(answer, one) for one in question.answers), default=None)


def agrees(answer: str, question: str, reference: str) -> bool:
    """Whether `answer` says what the teacher's `reference` adds to the question.

    A reference that refuses wants a refusal. Otherwise the answer must not refuse, and within its first words (40, or
    twice the reference's length) must stand every number and every name of the reference that the question does not
    hold, and more than half of the other content words that the question does not hold. A reference that adds no word
    wants token F1 ≥
    0.5.
    """
    if is_refusal(reference):
        return is_refusal(answer)
    if is_refusal(answer):
        return False
    window = max(WINDOW, 2 * len(reference.split()))
    said = {_stem(word) for word in words(" ".join(answer.split()[:window]))}
    keys, others = _new_words(question, reference)
    if not keys and not others:
        return token_f1(answer, reference) >= MATCH_F1
    return keys <= said and (not others or 2 * len(others & said) > len(others))


def _new_words(question: str, reference: str) -> tuple[set[str], set[str]]:
    """What the reference adds to the question: (numbers and names, other content words), stemmed."""
    asked = {_stem(word) for word in words(question)}
    names = {
        _stem(word) for name in re.findall(r"(?<=[^.!?:]\s)[\"'“‘(]*([A-Z][\w’']+)", reference) for word in words(name)
    }
    new = {_stem(word) for word in words(reference) if word not in _STOP} - asked
    keys = {word for word in new if word[0].isdigit() or word in names or word in ("yes", "no")}
    return keys, new - keys


def _stem(word: str) -> str:
    """Plural and singular alike."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word

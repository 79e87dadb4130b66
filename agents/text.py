"""Small rules about words that several roles share: sentences with offsets, names, numbers, content words, near matches."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from agents.plain import folded, plain

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SPEAKER = r"[A-Z][A-Z .'’-]{2,40}:"  # who speaks, at the head of a turn of a transcript
SENTENCE_END = re.compile(rf"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])|\n\s*\n|\n(?=[#>*|-]|{SPEAKER}\s)")
LABEL = re.compile(rf"^{SPEAKER}\s*")
ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|No|vs|etc|e\.g|i\.e|[A-Z])\.$")
DATE = re.compile(
    r"\b(\d{1,2}(st|nd|rd|th)? (of )?)?(January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
)
NAME = re.compile(r"\b[A-Z][\w'’-]*(?:\s+(?:of\s+|the\s+)?[A-Z][\w'’-]*)*")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBER_WORDS = _set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
    "thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen half twice once"
)
STOP = _set(
    "a an and are as at be been but by did do does for from had has have he her hers him his how i in into is it its me my no not of on one or our out she so "
    "than that the their them then there they this to too up us was we were what when where which who whom whose why will with would you your also all any can "
    "could about after again before because both each few more most other some such only own same s t just over under very much many been being if while"
)
OPENERS = _set(
    "The A An In On At It He She They We I But And So If When Then This That There These Those My Our His Her Its Their No Yes Not For From To "
    "By With As After Before What Who Where Why How Which Whose While Every Each Some All Once Now Here You Your Do Did Does Is Are Was Were "
    "Yeah Oh Okay Right Sure Well Maybe Because Like Just Also Actually"
)


def printable(text: str) -> str:
    """`text` on one line that any file and terminal takes: line breaks, control characters and halves of characters as escapes."""
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)


def markdown(text: str) -> str:
    """A name as one line of Markdown that shows it as it is: nothing in it is a mark-up, a link, a cell's end or HTML."""
    return MARKUP.sub(lambda match: "".join(f"\\{c}" for c in match[0]), printable(text))


# What means something within a line, in CommonMark and in GitHub's additions; an underscore only where no word goes on, a colon
# and a dot only in what GitHub makes a link of
MARKUP = re.compile(
    r"[\\`*\[\]<>|$]|~~|(?<![^\W_])_+|_+(?![^\W_])|&(?=\w+;|#)|(?<=https)://|(?<=http)://|(?<=ftp)://|(?<=www)\.|(?<=\w)@(?=\w)|^[#+=-]|(?<=^\d)[.)]"
)


@lru_cache(maxsize=2**16)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of each sentence or heading of `text`, without surrounding white space."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in SENTENCE_END.finditer(text):
        if ABBREVIATION.search(text[start : match.start()]):
            continue
        spans.append((start, match.start() + len(match[0]) - len(match[0].lstrip("\"'”’)"))))
        start = match.end()
    spans.append((start, len(text)))
    return tuple((s + len(text[s:e]) - len(text[s:e].lstrip()), s + len(text[s:e].rstrip())) for s, e in spans if text[s:e].strip())


def is_prose(sentence: str) -> bool:
    """Whether a span of `sentences` says something by itself: a heading does not, nor a row of a table."""
    return not sentence.startswith(("#", "|"))


def said(sentence: str) -> str:
    """A sentence without the name of its speaker: "KEVIN SCOTT: Yeah." says "Yeah."."""
    return LABEL.sub("", sentence)


def words(text: str) -> list[str]:
    """The lower-case words of `text`, possessives without their 's."""
    return [w.removesuffix("'s") for w in map(str.lower, WORD.findall(plain(text)))]


@cache
def stem(word: str) -> str:
    """A word without its commonest English endings: enough to match "charges" and "charged"."""
    for ending in ("ing", "ies", "ied", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def content_words(text: str) -> set[str]:
    """The stems that carry meaning."""
    return {stem(w) for w in words(text) if w not in STOP}


def names_in(text: str) -> list[str]:
    """Capitalised names in reading order, sentence openers such as "The" taken off."""
    found: list[str] = []
    for match in NAME.finditer(text):
        parts = match[0].split()
        while parts and parts[0] in OPENERS:
            parts = parts[1:]
        if parts:
            found.append(re.sub(r"['’]s$", "", " ".join(parts)))
    return found


def undated_names(text: str) -> list[str]:
    """The names of `text` but for its dates and without an article: "On 19 May the Sandrel" names the Sandrel, and no May."""
    return [name.removeprefix("the ") for name in names_in(DATE.sub("", text))]


def numbers_in(text: str) -> set[str]:
    """The numbers of `text`, digits and number words."""
    return {w for w in set(words(text)) if _is_number(w)}


def _is_number(word: str) -> bool:
    if word.isalpha():
        return word in NUMBER_WORDS and word not in ("one", "once", "half")
    return any(c.isdigit() for c in word) or any(part in NUMBER_WORDS for part in word.split("-"))


def rouge_l(left: str, right: str) -> float:
    """ROUGE-L F1 of two texts in 0–1 (Lin 2004): the longest common subsequence of words over the mean length."""
    from rapidfuzz.distance import LCSseq

    a, b = words(left), words(right)
    return 2 * LCSseq.similarity(a, b) / (len(a) + len(b)) if a and b else 0.0


def find_quote(quote: str, text: str, least: float = 85.0) -> tuple[int, int] | None:
    """(start, end) of `quote` in `text`: verbatim, else in plain form, else the nearest span that is alike enough, else None.

    `least` is how alike, from 0 to 100.
    """
    at = text.find(quote)
    if at >= 0 and quote:
        return at, at + len(quote)
    wanted = folded(quote).text.strip()
    if wanted and (at := folded(text).text.find(wanted)) >= 0:
        return folded(text).starts[at], folded(text).ends[at + len(wanted) - 1]
    from rapidfuzz import fuzz

    if len(quote) < 8:
        return None
    match = fuzz.partial_ratio_alignment(quote, text, score_cutoff=least)
    return _whole_words(text, match.dest_start, match.dest_end) if match and len(quote) <= len(text) else None


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end

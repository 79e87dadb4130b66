"""What a question asks for, and whether a statement that something is not told is about that."""

from __future__ import annotations

import re

from agents.text.language import language_of
from eval.marks.normalise import TITLES, Token, is_stop, tokens
from eval.marks.refusal_languages import FACTS
from eval.marks.refusal_words import SOURCE, THING, WH
from eval.marks.roles import is_name
from eval.marks.statements import SENTENCE, stems_of

ASKS = {
    "name": r"who|whom|whose|wer|wen|wem|wessen|qui|qui[eé]n(?:es)?|chi|quem|wie(?= (?:is|was|heeft))",
    "place": r"where|wo|woher|wohin|où|d[oó]nde|dove|onde|waar",
    "date": r"when|(?:on |in |by )?(?:what|which) (?:date|day|year|month)|wann|quand|cu[aá]ndo|quando|wanneer",
    "number": r"how (?:many|much|old|long|far|high|tall|often|large|big|deep|heavy|wide|fast)|"
    r"wie ?viele?|wie (?:alt|lange?|hoch|weit|groß)|combien|"
    r"cu[aá]nt[oa]s?|quant[ieoa]s?|hoeveel",
}
"""What a question asks for, by the word it asks with."""
UNSPACED_ASKS = {
    "name": "谁|誰|だれ|何という",
    "place": "哪里|哪儿|哪裡|どこ",
    "date": "什么时候|何时|哪年|いつ",
    "number": "多少|几|何[人年円度回]|いくつ|いくら",
}
"""The same in scripts that part no words."""
ASIDE = re.compile(
    r"\b(?:further|more|else|others?|also|weitere\w*|sonst|autres?|otr[oa]s?|altr[oie]|outr[oa]s?)\b", re.I
)
GENERIC = re.compile(
    rf"(?:{THING}|{SOURCE}|{'|'.join(FACTS.values())}|exact|specific|precise|actual|such|given|provided|mentioned|"
    rf"stated|retrieved|there|regarding|concerning|document\w*|text\w*|dokument\w*|unterlagen)",
    re.IGNORECASE,
)
WHY = re.compile(r"\b(?:why|warum|weshalb|wieso|pourquoi|por qué|perché|waarom)\b", re.IGNORECASE)
REASON = re.compile(
    r"\b(?:reasons?|why|\w*explain\w*|cause|motives?|gr[uü]nde?|warum|weshalb|raisons?|pourquoi|motivos?|por qué|"
    r"perché|motivi|waarom|reden(?:en)?)\b",
    re.IGNORECASE,
)
GROUND = re.compile(
    r"\b(?:because|since|due|owing|weil|denn|wegen|parce|car|porque|debido|poiché|porque|omdat|want)\b", re.I
)
SPEAKS_OF_SOURCES = re.compile(rf"\b(?:{THING}|{SOURCE}|{'|'.join(FACTS.values())}|it|that|this)\b", re.IGNORECASE)
ASKING = re.compile(rf"\b{WH}\b", re.IGNORECASE)


def kind_of(question: str) -> str:
    """The key of `ASKS` that fits first, "" where none does."""
    found = (
        (re.search(rf"\b(?:{words})\b|{UNSPACED_ASKS.get(kind, '$^')}", question, re.I), kind)
        for kind, words in ASKS.items()
    )
    return min(((match.start(), kind) for match, kind in found if match), default=(0, ""))[1]


def still_open(question: str, before: str, refusal: str, rest: str, is_context: bool) -> bool:
    """Whether `refusal` leaves the question open, or only says that something else is not told.

    `before` is what the answer says first, `rest` the words of the refusal beside its verb; `is_context`: what is
    said first is what the documents tell.
    """
    language = language_of(question) or "en"
    asked = stems_of(tokens(question, language), language)
    first = tokens(before, language)
    told = stems_of(first, language)
    news = [t for t in first if t.stem not in asked and t.kind != "mark" and not is_stop(t, language)]
    if all(GENERIC.fullmatch(token.raw) for token in news) and (ASKING.search(question) or language != "en"):
        return True
    if ASIDE.search(refusal) or _asks_otherwise(question, refusal):
        return False
    new = (asked & stems_of(tokens(refusal, language), language)) - told
    extra = [
        token
        for token in tokens(rest, language)
        if token.kind != "mark"
        and token.stem not in asked | told
        and token.form != "1"
        and not is_stop(token, language)
        and not GENERIC.fullmatch(token.raw)
    ]
    if WHY.search(question) and REASON.search(refusal) and not GROUND.search(before):
        return True
    if not is_context and not asked & told:  # a bare answer
        return bool(new) and not extra
    kind = kind_of(question)
    given = any(_could_be(kind, first, at, asked, language) for at in range(len(first)))
    if kind and not given:
        return True
    if is_context and not kind:
        return True
    return bool(new) and (not extra or (not kind and not given and len(extra) <= len(new)))


def _asks_otherwise(question: str, refusal: str) -> bool:
    """Whether the refusal says that another thing is not told: "where", and the question is "who"."""
    wanted, told = ASKING.search(question), ASKING.findall(refusal)
    if not wanted or not told:
        own, other = kind_of(question), kind_of(refusal)
        return not wanted and bool(own and other and own != other)
    own = wanted[0].casefold()
    people = {"who", "whom", "whose"}
    alike = {own, "what", "which"} | (people if own in ("what", "which", *people) else set())
    alike |= {"how"} if own in ("what", "which") else set()
    return not alike & {word.casefold() for word in told}


def _could_be(kind: str, said: tuple[Token, ...], at: int, asked: frozenset[str], language: str) -> bool:
    """Whether the token may be what is asked for: a value for a number, a name for a "who"; either if nobody knows."""
    token = said[at]
    if token.stem in asked or token.form in asked:
        return False
    if token.kind == "value":
        return token.form != "1" and (kind == "" or kind == ("date" if is_date(token) else "number"))
    if kind in ("date", "number") or language == "de" or not is_name(token, language) or token.raw.casefold() in TITLES:
        return False
    opens = at == 0 or said[at - 1].raw in SENTENCE
    follows = said[at + 1] if at + 1 < len(said) else None
    return not opens or follows is None or follows.kind == "mark" or is_name(follows, language)


def is_date(token: Token) -> bool:
    """Whether a value is a day, a month, a year or a time."""
    return bool(re.match(r"(?:\d{4}|-)-\d\d|T\d\d:|[12]\d{3}$", token.form))


def gives_a_reason(question: str, statement: str) -> bool:
    """Whether "She was never named" may be the answer to a "why": nothing in it speaks of reasons or sources.

    Of English alone.
    """
    return "why" in question.casefold() and not REASON.search(statement) and not SPEAKS_OF_SOURCES.search(statement)

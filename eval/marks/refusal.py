"""Whether an answer says that it does not know, by rule, in nine languages.

The rule stands on its own: it knows how people say it (`eval.marks.refusal_words`), not the sentences that
`agents.text.refusals` trains. Such a statement must come first, or behind no more than a lead-in ("Based on the
documents") or what the documents do tell; behind anything else it must be about what the question asks
(`eval.marks.asked`). No answer may follow it ("…, but the tower is forty feet high"). Quoted speech refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from agents.text.language import language_of
from agents.text.normal_form import plain
from agents.text.spans import UNSPACED
from agents.text.words import word_set
from eval.marks.asked import gives_a_reason, still_open
from eval.marks.normalise import ARTICLES, CITATION
from eval.marks.refusal_languages import CHINESE, CHINESE_SOURCE, CHINESE_TURN, JAPANESE, JAPANESE_TURN, OTHERS
from eval.marks.refusal_languages import NEED as OTHERS_NEED
from eval.marks.refusal_words import (
    ABOUT_SOURCES,
    CONCESSION,
    LABEL,
    LEAD,
    NEED,
    STARTS,
    STATEMENTS,
    SUBORDINATE,
    TELL,
    TOLD,
)

TURN = re.compile(
    r"(?:[,;.:]|^| [–—-]) ?(?:but|however|nevertheless|still|yet|aber|doch|mais|pero|ma|mas|maar)\b,? (.+)$",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"^(?:i(?! (?:think|believe|guess|suppose|assume|would (?:say|guess))\b)|we|you|please|if|could you|perhaps you|"
    r"feel free|ich|je|yo|they|it only|the documents? only)\b",
    re.IGNORECASE,
)
OUTRIGHT = re.compile(r"\b(?:explicit|direct|outright|exact|precise|so many words|spell|figures|clear)", re.IGNORECASE)
GUESS = re.compile(r"\b(?:probably|likely|evidently|presumably|suggests?|i (?:think|believe|guess))\b", re.IGNORECASE)
EMPHASIS = re.compile(r"\*{1,3}|^#+ |^[-•] |`+", re.MULTILINE)  # of Markdown
LITTLE = re.compile(r"\b(?:only|just|no|not|never|nothing|nowhere)\b", re.IGNORECASE)
IS_TOLD = re.compile(rf"\b(?:is|are|was|were) (?:only |just )?{TOLD}$", re.IGNORECASE)
IS_NOT = re.compile(r"^(?:but |and )?(?:[\w'-]+ ){1,5}(?:is|are|was|were) (?:not|never)$", re.IGNORECASE)
"""After "the well is mentioned": "its depth is not"."""
COLON = re.compile(r"^there (?:is|are|was|were) no\b[^:]*: *(?!the|they|it|i\b)", re.IGNORECASE)
ASKS_FOR_GAPS = re.compile(
    rf"\b(?:missing|lack|omit|left out|exclude|refuse|unmentioned)|\b(?:not|n't|never)(?: \w+){{0,3}}? {TELL}\b",
    re.IGNORECASE,
)
"""What is not told is the answer to "What did the captain refuse to say?"."""
QUOTED = re.compile(r"[\"“„«]([^\"“”„«»]*)[\"”“»]")
ABBREVIATED = re.compile(r"\b(Dr|Mrs?|Ms|Mme|Prof|St|Sra?|Jr|Nr|Co|vs?)\.(?= )")  # the dot ends no sentence
SENTENCE = re.compile(r".+?(?:[.!?;](?=\s)|$)\s*")
CLAUSE = re.compile(
    r".+?(?:[,;:()](?= |$)| [–—-](?= )| (?=(?:but|so|mais|pero|sans) |without \w+ing |and (?:never|does|do|gives?|"
    r"makes?|nowhere|nothing) )|$)\s*"
)
RELATIVE = re.compile(
    r"^(?:the|his|her|their|its) \w+ (?:[\w'-]+ ){0,4}?(?:who|which|that|whom|where) \w+ ", re.IGNORECASE
)
ASKING = re.compile(
    r"^(?:who|whom|whose|what|which|where|when|why|how|whether|wer|wen|wem|was|wo|wann|warum|wie|ob|welche\w*|qui|"
    r"quand|comment|pourquoi|quién|qué|cuándo|dónde|cómo|chi|quando|dove|quem|wat|waar|wanneer)(?:$| \w+ \w+)",
    re.IGNORECASE,
)
VERB_FIRST = re.compile(
    r"(?:it |they )?(?:do|does|gives?|makes?|never|offers?|provides?|says?|names?|mentions?|not|nennt|nennen|sagt|"
    r"verrät|ne|n'\w+|no|non|não|noemt|noemen|vermeldt|zegt)\b(?! (?:\w+ ){1,4}(?:is|are|was|were)\b)",
    re.IGNORECASE,
)
"""Says it of the source in front: "The booklet mentions wifi but gives no password"."""
SPEECH = re.compile(r"\b(?:said|wrote|read|replied|asked|answered|sagte|schrieb|dijo|dit): $", re.IGNORECASE)
REPORTS = word_set("says said claims claimed thinks thought believes believed complains complained knew told")
READ = 4_000  # letters, and
WORDS = 70  # of an answer that are read: what is said later qualifies an answer already given
SUBJECT = 13  # words that may stand in front of "is not given"
LETTERS = 160  # of a Chinese or Japanese answer
LITTLE_LEFT = 4  # letters of a Chinese refusal that names nothing: "文中没有说明"
KANA = re.compile(r"[\u3040-\u30ff]")
HAN_OR_KATAKANA = re.compile(r"[\u4e00-\u9fff]+|[\u30a0-\u30ff]{2,}")
UNSPACED_SENTENCE = re.compile(r"[^。！？；]+[。！？；]?")
UNSPACED_CLAUSE = re.compile(r"[^。！？；，,：:]+[。！？；，,：:]?")
BEGINS = re.compile("|".join(f"(?:{one})" for one in STARTS))
ENGLISH = re.compile("|".join(f"(?:{one})" for one in STATEMENTS))
ABROAD = {language: re.compile("|".join(f"(?:{one})" for one in many)) for language, many in OTHERS.items()}
NEEDED = re.compile(NEED)
NEEDED_ABROAD = re.compile(OTHERS_NEED)


class Clause(NamedTuple):
    """A clause without its lead-in, and where it begins in the answer."""

    text: str
    start: int


@lru_cache(maxsize=2**14)  # an answer is asked about by more than one rule
def is_refusal(text: str, question: str = "") -> bool:
    """Whether the answer says that it does not know, and gives no answer before or after all.

    With its `question` a refusal is found behind other statements too: "She left in May. Nobody says who came."
    """
    said = EMPHASIS.sub("", text[:READ])
    said = CITATION.sub(lambda cited: "the document" if cited[0][0].isalpha() else " ", plain(said))
    said = re.sub(r" (?=[.,;!?])", "", " ".join(said.split()[:WORDS]))
    lead = LEAD.match(said)
    for quoted in (said, said[lead.end() :] if lead else ""):
        if QUOTED.fullmatch(quoted.rstrip(".")):
            said = quoted.strip('"“”„«». ')
    if UNSPACED.search(said) and _unspaced(said[:LETTERS], question):
        return True
    said = re.sub(r"\b(can)(?:'t|not)\b|n't\b", lambda found: f"{found[1] or ''} not", said, flags=re.IGNORECASE)
    said = re.sub(r"\b(there|it|that|he|she|what|name)'s\b", r"\1 is", said, flags=re.IGNORECASE)
    said = ABBREVIATED.sub(r"\1", said)
    small = said.lower()
    if not NEEDED.search(small) and not NEEDED_ABROAD.search(small):
        return False
    language = language_of(question or said) or ""
    return _refuses(LABEL.sub("", said), question, language)


def _refuses(said: str, question: str, language: str) -> bool:
    """Whether the first statement that refuses is about what was asked, and no answer stands around it."""
    is_context = True
    unquoted = QUOTED.sub(lambda quoted: "…" * len(quoted[0]), said)
    for sentence in SENTENCE.finditer(unquoted):
        clauses = list(_clauses(sentence))
        is_told = any(ABOUT_SOURCES.match(text) for text in [one.text for one in clauses if one.text][:1])
        for clause, behind in zip(clauses, [*clauses[1:], Clause("", 0)], strict=True):
            found = _statement(clause.text, language)
            if found or (IS_TOLD.search(clause.text) and IS_NOT.match(behind.text)):
                begins = bool(BEGINS.match(clause.text.lower()))
                if SPEECH.search(said[: clause.start]) or (not begins and gives_a_reason(question, clause.text)):
                    return False
                of_source = is_context or (clause is not clauses[0] and bool(VERB_FIRST.match(clause.text)))
                start = sentence.start() if ASKING.match(clauses[0].text) else clause.start
                refusal = said[start : clause.start + len(clause.text)]
                if question and not _leaves_open(question, said[:start], refusal, found, of_source):
                    continue
                if not begins and ASKS_FOR_GAPS.search(question):
                    return False
                rest = unquoted[clause.start : sentence.end()], unquoted[sentence.end() :]
                return not _answers_after(*rest, language)
            is_context = is_context and (is_told or _tells_nothing(clause.text, said[: behind.start]))
            if not is_context and not question:
                return False
    return False


def _leaves_open(question: str, before: str, refusal: str, found: str, is_context: bool) -> bool:
    """Whether nothing in front of the refusal answers the question."""
    only_leads_in = not LEAD.sub("", before).strip(" .,;:") and not re.search(r"\d", before)
    beside = refusal.lower().replace(found, " ", 1)
    return only_leads_in or still_open(question, before.strip(" .,;:"), refusal, beside, is_context)


def _clauses(sentence: re.Match[str]) -> Iterator[Clause]:
    """The clauses of a sentence, without marks at their ends."""
    for found in CLAUSE.finditer(sentence[0]):
        head = LEAD.sub("", found[0])
        start = sentence.start() + found.end() - len(head)
        yield Clause(head.strip(" .,;:!?()–—"), start)


def _statement(clause: str, language: str) -> str:
    """The words of a clause that refuse, in small letters; "" where none do.

    English is read in every answer, since models fall back on it, another language where it is that of the question.
    """
    small = clause.lower()
    if NEEDED.search(small):
        start = BEGINS.match(small)
        if start:
            return start[0]
    abroad = [ABROAD[language]] if language in ABROAD else [] if language == "en" else [*ABROAD.values()]
    for need, pattern in ((NEEDED, ENGLISH), *((NEEDED_ABROAD, one) for one in abroad)):
        if need.search(small):
            for one in pattern.finditer(small):
                if _is_subject(small[: one.start()]):
                    return one[0]
    return ""


def _is_subject(words: str) -> bool:
    """Whether what stands in front of "is not given" is one thing, and no statement of its own."""
    said = re.sub(r"\b(?:for|of|about|behind|on) that\b", "", words.casefold()).split()
    if len(said) > SUBJECT:
        return False
    if not said or ASKING.match(words):
        return True
    if said[0] == "that" and (len(said) > 2 or said[-1].endswith("s") or said[-1] in ARTICLES):
        return False  # "that the price is not given"; "that price is not given" is one thing
    if not (SUBORDINATE & set(said[1:]) or SUBORDINATE - {"that"} & set(said[:1]) or REPORTS & set(said)):
        return True
    return said[-1] not in SUBORDINATE and bool(RELATIVE.match(words))


def _tells_nothing(clause: str, up_to_next: str) -> bool:
    """Whether a clause answers nothing by itself: a lead-in, what the documents tell, a concession."""
    if not clause or ASKING.match(clause) or CONCESSION.search(clause):
        return True
    return bool(LITTLE.search(clause) and re.search(r"\bso $", up_to_next))


def _answers_after(refusal: str, rest: str, language: str) -> bool:
    """Whether an answer follows all the same."""
    turn = TURN.search(refusal)
    if turn and not OFFER.match(turn[1]) and not _statement(turn[1], language):
        return not ABOUT_SOURCES.match(turn[1]) or bool(OUTRIGHT.search(refusal))
    turn = TURN.match(rest)
    if turn and not OFFER.match(turn[1]) and GUESS.search(turn[1]):
        return True
    return bool(COLON.match(refusal))


def _unspaced(said: str, question: str) -> bool:
    """The same of Chinese and Japanese."""
    is_japanese = bool(KANA.search(said))
    pattern, turning = (JAPANESE, JAPANESE_TURN) if is_japanese else (CHINESE, CHINESE_TURN)
    before = ""
    for part in (UNSPACED_SENTENCE if is_japanese else UNSPACED_CLAUSE).findall(QUOTED.sub("…", said)):
        found = pattern.search(part)
        if not found:
            before += part
            continue
        turn = turning.search(said, said.find(part) + found.end())
        if turn and not pattern.search(said, turn.end()):
            return False
        if not before:
            return True
        new = _pairs(question) & _pairs(part) - _pairs(before)
        is_context = bool(CHINESE_SOURCE.search(before))
        names = HAN_OR_KATAKANA.findall(CHINESE_SOURCE.sub("", part[: found.start()])) if is_japanese else []
        if not is_context and any(name not in question for name in names):
            return False
        anaphoric = len(pattern.sub("", CHINESE_SOURCE.sub("", part))) <= LITTLE_LEFT
        return bool(new) or (is_context and (anaphoric or not question))
    return False


def _pairs(text: str) -> set[str]:
    """Each two neighbouring letters."""
    return {text[at : at + 2] for at in range(len(text) - 1)}

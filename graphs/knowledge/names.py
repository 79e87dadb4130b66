"""What a name is made of, read without a model.

How names are compared, titles, initials, surnames, legal forms, acronyms.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from agents.text.words import word_set

# scripts without spaces, or with endings on names: each sign is a word
ALONE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
WORDS = re.compile(rf"[{ALONE}]|[^\W{ALONE}]+")
MARKS = re.compile("[\u0300-\u036f]")  # accents, once they stand apart from their letters
PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})


MEN = word_set("mr mister sir lord herr monsieur senor signor king prince father brother uncle baron")
WOMEN = word_set(
    "mrs ms miss lady dame frau fraulein madame mme mlle senora senorita signora queen princess mother sister "
    "aunt baroness countess"
)
TITLES = (
    MEN
    | WOMEN
    | word_set(
        "dr doctor prof professor mx rev reverend captain capt cpt major maj colonel col lieutenant lt sergeant sgt "
        "admiral general gen judge justice president senator sen governor gov mayor councillor councilor minister "
        "chief inspector detective officer ambassador chancellor archbishop bishop rabbi imam pastor nurse"
    )
)
BEFORE_GIVEN = word_set(
    "sister brother aunt uncle king queen prince princess lady sir dame father mother"
)  # "Sister Agnete": the name is her first
ADDRESS = MEN | WOMEN | word_set("madam sirs gentlemen ladies")  # nobody, as long as no name follows
SUFFIXES = word_set("jr sr junior senior ii iii iv v vi vii viii ix x phd md esq")
PARTICLES = word_set("van von der den de del la le di da dos du bin ibn al ter ten of the")
LEGAL = word_set("inc incorporated ltd limited llc llp gmbh corp corporation co plc ag sa nv bv oy ab srl spa kg kgaa")
SMALL = word_set("of the and for in on at to a an de la le du des der die das und y e")
COMPASS = word_set(
    "north south east west northern southern eastern western old new upper lower great little inner outer mid central"
)
KIND_OF_PLACE = re.compile(r"^(?:(?:city|town|village|port|municipality|borough) of |river )")
# English diminutives: a given name, then what it is called
SHORT_NAMES = """
abigail abby | alexander alex sandy | alexandra alex sandra | andrew andy drew | anthony tony | benjamin ben benny |
catherine kate cathy katie | charles charlie chuck | christopher chris | daniel dan danny | david dave | deborah
debbie | edward ed eddie ted ned | elizabeth liz lizzie beth betty eliza | frederick fred freddie | gregory greg |
henry harry hank | james jim jimmy jamie | jennifer jen jenny | john johnny jack | jonathan jon | joseph joe joey |
joshua josh | katherine kate kathy katie kit | kenneth ken | lawrence larry | margaret maggie meg peggy peg |
matthew matt | michael mike mick | nicholas nick | pamela pam | patricia pat patty tricia | patrick pat paddy |
peter pete | philip phil | rebecca becky becca | richard rick dick rich | robert bob rob bobby robbie | ronald ron |
samuel sam | samantha sam | stephen steve | steven steve | susan sue susie | theodore ted theo | thomas tom tommy |
timothy tim | victoria vicky tori | william bill will billy willy
"""
GIVEN: dict[str, set[str]] = {}
for _given, *_called in (entry.split() for entry in SHORT_NAMES.split("|")):
    for _short in _called:
        GIVEN.setdefault(_short, set()).add(_given)


@lru_cache(maxsize=200_000)
def canonical(name: str) -> str:
    """A name as it is compared: case, accents, articles and punctuation folded.

    "Ann's house" keeps its s, so that it is no longer name of Ann.
    """
    return re.sub(r"^(the|a|an) ", "", folded(name))


def folded(text: str) -> str:
    """A text as names are looked for in it: its words in small plain letters, one space between."""
    text = text.casefold()
    if not text.isascii():
        text = (
            unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFKD", text)))
            .translate(PLAIN_LETTERS)
            .casefold()
        )
    return " ".join(WORDS.findall(text.replace("&", " and ")))


@dataclass(frozen=True)
class Person:
    """A person's name taken apart; `given` holds every word before the surname, `suffix` what tells father from son."""

    given: tuple[str, ...]
    surname: str
    suffix: str = ""
    title: str = ""

    @property
    def is_full(self) -> bool:
        """Whether it has a first name, or its letter, and a surname."""
        return bool(self.given)

    @property
    def base(self) -> str:
        """The name without its title."""
        return " ".join(filter(None, [*self.given, self.surname, self.suffix]))

    @property
    def gender(self) -> str:
        """What the title says: m, f or nothing."""
        return "m" if self.title in MEN else "f" if self.title in WOMEN else ""


@lru_cache(maxsize=200_000)
def person(name: str) -> Person | None:
    """The name of a person taken apart: "Scott, Kevin" is turned round.

    None for what is no name ("Ann's house", "mrs").
    """
    if name.count(",") == 1 and canonical(name.partition(",")[2]) not in SUFFIXES:
        name = " ".join(reversed(name.split(",")))
    words = canonical(name).split()
    if "s" in words[1:]:
        return None
    title = words[0] if words and words[0] in TITLES else ""
    while words and words[0] in TITLES:
        words = words[1:]
    suffix = words.pop() if len(words) > 2 and words[-1] in SUFFIXES else ""
    if not words:
        return None
    start = len(words) - 1
    while start > 1 and words[start - 1] in PARTICLES:
        start -= 1
    if words[0] in PARTICLES:  # "van Houten": a surname alone
        start = 0
    return Person(tuple(words[:start]), " ".join(words[start:]), suffix, title)


def fits(short: Person, full: Person) -> bool:
    """Whether `short` may be a briefer way to write `full`: letters for names, a diminutive, middle names left out.

    Same surname and suffix.
    """
    if (
        short.surname != full.surname
        or short.suffix != full.suffix
        or not (short.given and full.given)
        or {short.gender, full.gender} == {"m", "f"}
    ):
        return False
    if not _same_given(short.given[0], full.given[0]):
        return False
    middle = list(full.given[1:])
    for part in short.given[1:]:
        while middle and not _same_given(part, middle[0]):
            middle.pop(0)
        if not middle:
            return False
        middle.pop(0)
    return True


def _same_given(short: str, full: str) -> bool:
    return short == full or (len(short) == 1 and full.startswith(short)) or full in GIVEN.get(short, ())


def acronym(name: str) -> str:
    """The letters of "OHA" or "O.H.A."; nothing for other names."""
    letters = re.sub(r"[.\s]", "", name)
    return (
        letters.casefold()
        if letters.isalpha() and letters.isupper() and 2 <= len(letters) <= 6 and (letters == name or "." in name)
        else ""
    )


def initials(form: str) -> set[str]:
    """The acronyms of a name of several words: with its small words and without."""
    words = form.split()
    if len(words) < 2:
        return set()
    return {"".join(w[0] for w in words), "".join(w[0] for w in words if w not in SMALL)}


def without_legal_form(form: str) -> str:
    """The name of a company without its Inc. or GmbH."""
    words = form.split()
    while len(words) > 1 and words[-1] in LEGAL:
        words.pop()
    return " ".join(words)


def place_alone(name: str) -> str:
    """The canonical place without what kind it is or where it lies.

    "City of Ostrey", "River Sandle", "Ostrey, Norland".
    """
    return KIND_OF_PLACE.sub("", canonical(name.partition(",")[0]))


def without_kind(name: str) -> str:
    """The canonical name behind words that say what it is: "ferry Kittiwake" is Kittiwake; as it was where none is."""
    words = re.sub(r"^(?:the|a|an) ", "", name.strip(), flags=re.IGNORECASE).split()
    start = next((n for n, w in enumerate(words) if not w.islower()), 0)
    return (
        canonical(" ".join(words[start:]))
        if start and not {w for w in words[:start]} & (COMPASS | PARTICLES)
        else canonical(name)
    )


def is_common(name: str) -> bool:
    """Whether a name is one common noun: "lens", "the Institute"."""
    bare = re.sub(r"^(?:the|a|an) ", "", name.strip(), flags=re.IGNORECASE)
    return " " not in bare and (bare.islower() or bare != name.strip())

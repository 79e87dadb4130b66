"""The fast method of the extractor: names and common nouns of a chunk by rules, related by standing in one sentence.

No model, no download: for drafts and for corpora too large to be read by one. Names are those of `proper_names`; types
are guessed from the words beside a name, and a relation quotes the words between two names, or says only that they
share a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agents.extraction import Extraction, FoundEntity, FoundRelation
from agents.text.proper_names import proper_names
from agents.text.relations import related
from agents.text.words import STOP

MOST_ENTITIES = 12  # of a chunk, the most frequent first: what ten entities a look and a second look give
MOST_RELATIONS = 12
FEWEST_NOUNS = 3  # times a common noun behind "the" stands in a chunk before it counts as a thing
BESIDE = "is named beside"  # the relation where no more is known
NOUN = re.compile(
    r"\b(?:the|an?) ([a-z][a-z-]{3,})(?=[.,;:!?)]"
    r"| (?:and|or|of|in|on|at|to|for|from|by|with|was|were|is|are|had|has)\b)"
)
TITLED = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Lady|Captain|Capt|Aunt|Uncle|Judge|Mayor|Father|Sister)\b")
ENDS = {  # the last word of a name that tells its type
    "organization": (
        "Institute Council Committee Company Bank University College School Office Agency Authority Society Union "
        "Labs Inc Ltd Museum Guild Party"
    ),
    "place": (
        "Street Road River Lake Bay Beach Island Point Hill Valley Castle Square Bridge Harbour Harbor City Town "
        "Mountain Forest Park"
    ),
    "event": "War Festival Fair Meeting Conference Election Games Summit Congress",
}
BEFORE_PLACE = ("in", "at", "from", "near", "to", "towards", "around", "across")
AFTER_PERSON = (
    "said",
    "says",
    "asked",
    "told",
    "answered",
    "wrote",
    "thought",
    "who",
    "whose",
    "came",
    "went",
    "took",
    "gave",
    "knew",
    "laughed",
    "replied",
)


def find(text: str, types: Sequence[str]) -> Extraction:
    """Entities and relations of one chunk; every type is one of `types`, the last where nothing else fits."""
    counts: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    pairs: Counter[tuple[str, str]] = Counter()
    for sentence, here in proper_names(text):
        counts.update(here)
        pairs.update(zip(here, here[1:], strict=False))
        for name in here:
            kinds.setdefault(name, Counter()).update([_kind(name, sentence)])
    counts.update(
        {noun: n for noun, n in Counter(NOUN.findall(text)).items() if n >= FEWEST_NOUNS and noun not in STOP}
    )
    named = [name for name, _ in counts.most_common(MOST_ENTITIES)]
    known = set(named)
    quoted = related(text, named)
    told = {frozenset((relation.source, relation.target)) for relation in quoted}
    beside = [
        FoundRelation(a, BESIDE, b)
        for (a, b), _ in pairs.most_common()
        if {a, b} <= known and frozenset((a, b)) not in told
    ]
    return Extraction(
        entities=[FoundEntity(name, _type(kinds.get(name, Counter()), types)) for name in named],
        relations=[*quoted, *beside][:MOST_RELATIONS],
    )


def _kind(name: str, sentence: str) -> str:
    """What the words of and beside a name say of it; empty where they say nothing."""
    if TITLED.match(name) or name.isupper() and sentence.startswith(f"{name}:"):
        return "person"
    last = name.split()[-1]
    if kind := next((kind for kind, ends in ENDS.items() if last in ends.split()), ""):
        return kind
    before, _, after = sentence.partition(name)
    near = (before.split() or [""])[-1].casefold(), (re.findall(r"^(?:'s)?[ ,]+(\w+)", after) or [""])[0].casefold()
    return "place" if near[0] in BEFORE_PLACE else "person" if near[1] in AFTER_PERSON else ""


def _type(kinds: Counter[str], types: Sequence[str]) -> str:
    """The type most often guessed that the config knows.

    People where nothing is known of a name, things where it is no name.
    """
    by_fold = {kind.casefold(): kind for kind in types}
    guessed = [kind for kind, _ in kinds.most_common() if kind in by_fold]
    other = "person" if kinds else "thing"
    return by_fold[guessed[0]] if guessed else by_fold.get(other, types[-1])

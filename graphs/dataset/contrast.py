"""Contrast rows: a kept question with its names replaced by invented ones, and a refusal as its answer.

Trained refusals about a handful of subjects do not generalise; the same question about a stranger teaches the
student to look at the name before it answers. No model is called.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from agents.records import CONTRAST, REFUSAL, Entity, Example, Source, Verdict, content_id
from agents.text.matching import has_case
from graphs.drafting.kinds import KINDS

SYLLABLES = {
    "onset": "b br c ch d dr f fl g gr h j k l m n p pr qu r s sh st t th tr v w y z",
    "vowel": "a e i o u ai ea ei ie oa ou",
    "coda": "l n r s t ck ld m nd rn rt sk th x ven lo ra by dan",
}
NOBODYS = {"role": CONTRAST, "prompt": "", "model": ""}  # of a row that no model wrote
ONSETS, VOWELS, CODAS = (part.split() for part in SYLLABLES.values())
LETTERS = {
    "CYRILLIC": str.maketrans(
        dict(zip("abcdefghijklmnopqrstuvwxyz", [*"абкдефгхижклмнопкрстув", *"вкйз"], strict=True))
    ),
    "GREEK": str.maketrans(dict(zip("abcdefghijklmnopqrstuvwxyz", [*"αβκδεφγχιικλμνοπκρστυ", *"βυξυζ"], strict=True))),
}
"""By the script of a name, as Unicode calls it: how an invented name is written in it."""


def contrast_rows(
    examples: Iterable[Example], entities: Sequence[Entity], corpus: str, count: int, seed: int
) -> list[Example]:
    """Up to `count` refusals, one a kept question of the kinds that want it, in seeded order.

    It begins over again with other names until there are enough. A question without a known name gives none; an
    invented name never stands in the corpus.
    """
    names, vocabulary = Names(entities), " ".join(sorted(set(re.findall(r"\w+", corpus.casefold()))))
    sources = sorted(
        ((e.id, e.question, e.source) for e in examples if e.kind in KINDS and KINDS[e.kind].contrasted),
        key=lambda source: source[0],
    )
    rng = random.Random(f"contrast {seed}")
    rng.shuffle(sources)
    rows: dict[str, Example] = {}
    for turn in range(3):
        for parent, question, source in sources:
            if len(rows) >= count:
                return list(rows.values())
            invented = _invented(random.Random(f"{seed} {turn} {parent}"), vocabulary)
            if row := _contrast(
                question, source.model_copy(update={**NOBODYS, "parent": parent}), names.near(question), invented
            ):
                rows.setdefault(row.id, row)
    return list(rows.values())


class Names:
    """The names of the graph by their words: a question is compared with those alone that it may hold."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._by_word: dict[str, set[str]] = defaultdict(set)
        for name in {name for e in entities for name in (e.name, *e.aliases) if len(name) > 2}:
            self._by_word[next(iter(re.findall(r"\w+", name)), "")].add(name)

    def near(self, question: str) -> list[str]:
        """The names whose first word stands in the question, the longest first."""
        found = {name for word in {*re.findall(r"\w+", question), ""} for name in self._by_word.get(word, ())}
        return sorted(found, key=lambda n: (-len(n), n))


def _contrast(question: str, source: Source, names: Sequence[str], invented: Iterator[str]) -> Example | None:
    replaced = False
    for name in names:
        without_capitals = name[0].isalpha() and not has_case(name[0])  # nobody knows how names sound in such a script
        if name not in question or without_capitals:
            continue
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        if pattern.search(question):
            stranger = " ".join(next(invented) for word in name.split() if word[0].isupper()) or next(invented)
            question, replaced = pattern.sub(_written_as(name, stranger), question), True
    if not replaced:
        return None
    fact = content_id("fact", "contrast", question)
    return Example(
        id=content_id("row", fact, question),
        kind="unanswerable",
        fact=fact,
        question=question,
        reasoning="",
        answer=REFUSAL,
        evidence=[],
        source=source,
        round=0,
        verdict=Verdict(gates={}),
    )


def _written_as(name: str, stranger: str) -> str:
    """The invented name in the script of the one that it stands for."""
    letters = LETTERS.get(unicodedata.name(name[0], "").partition(" ")[0])
    return " ".join(word.lower().translate(letters).capitalize() for word in stranger.split()) if letters else stranger


def _invented(rng: random.Random, vocabulary: str) -> Iterator[str]:
    """Pronounceable names that do not stand in the corpus, whose words are given in small letters, each once."""
    while True:
        name = (
            rng.choice(ONSETS)
            + rng.choice(VOWELS)
            + rng.choice(CODAS)
            + (rng.choice(VOWELS) + rng.choice(CODAS) if rng.random() < 0.6 else "")
        )
        if name not in vocabulary:
            yield name.capitalize()

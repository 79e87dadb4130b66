"""A seeded corpus of invented people, places and dealings.

N chunks, about five a document, the same for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

CHUNKS_A_DOCUMENT = 5  # about 850 words
SENTENCES_A_CHUNK = 14  # 1,000–1,700 characters: two paragraphs never share a chunk of 1,800
PEOPLE_A_DOCUMENT = 7
ONSETS = [
    "b",
    "br",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "h",
    "j",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
ENDS = ["ck", "l", "lm", "n", "nd", "r", "rk", "rn", "sk", "ss", "t", "th"]
THINGS = ["lanterns", "barrels", "looms", "ledgers", "boats", "mules", "bells", "nets", "mirrors", "carts"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SENTENCES = (
    "{a} sold {n} {things} to {b} on {day} {month} {year}.",
    "On {day} {month} {year} {a} moved from {p} to {q} with {n} {things}.",
    "{b} closed the market of {p} in {month} {year} because {a} had counted {n} {things} twice.",
    "The council of {q} paid {a} {n} coppers for the {things} of {b}.",
    "{a} taught {b} to mend {things} near {p} for {n} weeks.",
    "Since {year} {b} keeps {n} {things} in the old hall of {q}.",
    "{a} wrote to {b} from {p} that {n} {things} were lost in {month}.",
    "In {year} the people of {p} chose {b} over {a} by {n} votes.",
)


def write_corpus(folder: Path, chunks: int, seed: int = 0) -> int:
    """Write the documents of a corpus of `chunks` chunks into `folder`; returns how many documents."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, (name, text) in enumerate(documents(chunks, seed), 1):  # noqa: B007 - the count is the result
        (folder / name).write_text(text, encoding="utf-8")
    return count


def documents(chunks: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """(file name, text) of every document: a heading and one paragraph a chunk."""
    total = -(-chunks // CHUNKS_A_DOCUMENT)
    people = names(total * 4 + PEOPLE_A_DOCUMENT, f"{seed} people", parts=2)
    places = names(total // 2 + 4, f"{seed} places", parts=1)
    for number in range(total):
        rng = random.Random(f"{seed} document {number}")
        cast = people[
            number * 4 : number * 4 + PEOPLE_A_DOCUMENT
        ]  # neighbours share three, so that communities span documents
        where = places[number // 2 : number // 2 + 4]
        size = min(CHUNKS_A_DOCUMENT, chunks - number * CHUNKS_A_DOCUMENT)
        body = "\n\n".join(paragraph(rng, cast, where) for _ in range(size))
        yield f"chronicle-{number:05}.md", f"# Chronicle {number} of {where[0]}\n\n{body}\n"


def paragraph(rng: random.Random, people: list[str], places: list[str]) -> str:
    """One chunk's worth of sentences, each with names, a number and often a date."""
    return " ".join(_sentence(rng, people, places) for _ in range(SENTENCES_A_CHUNK))


def names(count: int, seed: str, parts: int) -> list[str]:
    """`count` different invented names of `parts` words."""
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault(" ".join(_word(rng) for _ in range(parts)))
    return list(found)


def _word(rng: random.Random) -> str:
    return (
        rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(ONSETS)[0] + rng.choice(VOWELS) + rng.choice(ENDS)
    ).capitalize()


def _sentence(rng: random.Random, people: list[str], places: list[str]) -> str:
    a, b = rng.sample(people, 2)
    p, q = rng.sample(places, 2)
    filled = {"a": a, "b": b, "p": p, "q": q, "n": rng.randint(11, 990), "things": rng.choice(THINGS)}
    return rng.choice(SENTENCES).format(
        **filled, day=rng.randint(1, 28), month=rng.choice(MONTHS), year=rng.randint(1801, 1899)
    )

"""What tuning cost: general knowledge lost, names of the corpus leaking into it, and facts invented about strangers.

The same questions go to base (before) and tuned (after). rag has the weights of base, so it is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from agents.files import read_jsonl
from agents.records import Entity
from eval.marks.normalise import contains, tokens, words
from eval.questions import GeneralQuestion

SHORTEST_NAME = 3  # characters; a shorter one is an initial or a number


def corpus_names(path: Path) -> list[str]:
    """The proper names among the entities of a run and their aliases; empty if the run has no entities.jsonl."""
    if not path.is_file():
        return []
    entities = read_jsonl(path, Entity)
    return sorted({name for entity in entities for name in (entity.name, *entity.aliases) if _is_name(name)})


class Names:
    """Names by their first word, so that thousands of them are looked for in one pass over an answer."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, Sequence[str]]]] = {}
        for name in names:
            if spelled := words(name):
                self._by_first.setdefault(spelled[0], []).append((name, spelled))

    def within(self, said: Sequence[str]) -> list[str]:
        """The names that stand in these words, in the order of the alphabet."""
        near = (found for first in set(said) & self._by_first.keys() for found in self._by_first[first])
        return sorted(name for name, spelled in near if contains(said, spelled))


def leaked_names(answer: str, question: GeneralQuestion, names: Names, before: str) -> list[str]:
    """Names of the corpus that a general answer brings in.

    Neither the question, nor its accepted answers, nor base's answer hold them.
    """
    innocent = {name for text in (question.question, before, *question.answers) for name in names.within(words(text))}
    return [name for name in names.within(words(answer)) if name not in innocent]


def _is_name(name: str) -> bool:
    """A capital letter, long enough, and not a date."""
    is_date = all(token.kind != "word" for token in tokens(name))
    return any(letter.isupper() for letter in name) and len(name) >= SHORTEST_NAME and not is_date

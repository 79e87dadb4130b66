"""What tuning cost: general knowledge lost, names of the corpus leaking into it, and facts invented about strangers.

The same questions go to base (before) and tuned (after). rag has the weights of base, so it is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agents.files import read_jsonl
from agents.records import Entity
from eval.normalise import contains, tokens, words
from eval.questions import GeneralQuestion

SHORTEST_NAME = 3  # characters; a shorter one is an initial or a number


def corpus_names(path: Path) -> list[str]:
    """The proper names among the entities of a run and their aliases; empty if the run has no entities.jsonl."""
    if not path.is_file():
        return []
    entities = read_jsonl(path, Entity)
    return sorted({name for entity in entities for name in (entity.name, *entity.aliases) if _is_name(name)})


def leaked_names(answer: str, question: GeneralQuestion, names: Iterable[str], before: str) -> list[str]:
    """Names of the corpus that a general answer brings in.

    Neither the question, nor its accepted answers, nor base's answer hold them.
    """
    said = words(answer)
    innocent = [words(text) for text in (question.question, before, *question.answers)]
    return [
        name
        for name in names
        if contains(said, words(name)) and not any(contains(text, words(name)) for text in innocent)
    ]


def _is_name(name: str) -> bool:
    """A capital letter, long enough, and not a date."""
    is_date = all(token.kind != "word" for token in tokens(name))
    return any(letter.isupper() for letter in name) and len(name) >= SHORTEST_NAME and not is_date

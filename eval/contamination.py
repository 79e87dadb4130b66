"""Which questions stand in the training rows already, by their words, and which wordings really are other words.

A gold question that was trained is no test. A held-out wording that differs from a trained one in the asking words
alone ("Can you say: …") shows nothing that the trained one would not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.files import each_item
from agents.project import Project
from agents.records import Item, Message
from agents.text.matching import rouge_l
from agents.text.words import content_words, word_set, words
from eval.improve.rounds import further_files
from eval.questions import GoldQuestion, HeldoutQuestion
from graphs.dataset.splits import CONTAMINATED

GRAM = 5  # words in a row
SHARED = 0.6  # of the runs of so many words of the shorter of two questions, above which both are one
ASKING = word_set(
    "tell say said know recall remember state name give explain describe wonder please answer question words exactly "
    "much many kind sort way someone asked ask like want find put express mean"
)


class TrainedRow(Item, extra="ignore"):
    """What of a row of train.jsonl is looked at."""

    id: str
    messages: list[Message]

    @property
    def question(self) -> str:
        """The user's turn."""
        return next((m["content"] for m in self.messages if m["role"] == "user"), "")


class Contamination(Item):
    """`gold` and `heldout` name the questions too like a trained one, by the id of the row that they are like.

    `same_words` are held-out wordings that differ from a training row of their fact in asking words alone, and
    `other_words` those that do not: only these are new.
    """

    gold: dict[str, str]
    heldout: dict[str, str]
    same_words: list[str]
    other_words: list[str]


def trained_files(project: Project, card: Mapping[str, Any]) -> list[Path]:
    """The files of rows that the adapter of this card was trained on, by `tune` and by its rounds of `improve`."""
    improved = card.get("improved")
    further = further_files(project.run_dir / "improve", improved["rounds"]) if improved else []
    return [path for path in (project.data_dir / "train.jsonl", *further) if path.is_file()]


def contamination(
    train: Sequence[Path], gold: Sequence[GoldQuestion], heldout: Sequence[HeldoutQuestion]
) -> Contamination | None:
    """Of a run by the files of its training rows; None where there are none to compare with."""
    if not train:
        return None
    trained = {row.id: row.question for path in train for row in each_item(path, TrainedRow) if row.question}
    index = _Index(trained)
    wordings = [one for one in heldout if one.tag == "wording"]
    same = [
        one.id
        for one in wordings
        if any(meaning(trained[row]) == meaning(one.question) for row in one.training_rows if row in trained)
    ]
    return Contamination(
        gold={one.id: row for one in gold if (row := index.like(one.question))},
        heldout={one.id: row for one in heldout if (row := index.like(one.question))},
        same_words=same,
        other_words=[one.id for one in wordings if one.id not in {*same}],
    )


def meaning(question: str) -> frozenset[str]:
    """The content words of a question without those it asks with."""
    return frozenset(content_words(question) - content_words(" ".join(ASKING)))


def too_like(question: str, trained: Mapping[str, str]) -> str:
    """The id of a training question that is nearly the same; "" if there is none."""
    return _Index(trained).like(question)


class _Index:
    """Training questions by their words: only those that share a rare one, or a run of words, are compared."""

    def __init__(self, trained: Mapping[str, str]) -> None:
        self._trained = trained
        self._by_word: defaultdict[str, set[str]] = defaultdict(set)
        self._by_gram: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for row, question in trained.items():
            said = words(question)
            for word in set(said):
                self._by_word[word].add(row)
            for gram in _grams(said):
                self._by_gram[gram].add(row)

    def like(self, question: str) -> str:
        """The first row whose question is as good as this one, by ROUGE-L or by runs of words; "" for none."""
        said = words(question)
        grams = _grams(said)
        # above 0.8 more than half of the words of both are shared, so one of the rarer half is
        rare = sorted(set(said), key=lambda word: len(self._by_word.get(word, ())))[: len(set(said)) // 2 + 1]
        near = [*(self._by_word.get(word, set()) for word in rare), *(self._by_gram.get(gram, set()) for gram in grams)]
        for row in sorted(set[str]().union(*near)):
            other = self._trained[row]
            if rouge_l(question, other) > CONTAMINATED:
                return row
            runs = _grams(words(other))
            if grams and runs and len(grams & runs) > SHARED * min(len(grams), len(runs)):
                return row
        return ""


def _grams(said: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(said[n : n + GRAM]) for n in range(len(said) - GRAM + 1)}


def told(found: Contamination) -> Iterable[str]:
    """What a reader must know, in lines."""
    if found.gold:
        listed = ", ".join(f"{one} (row {row})" for one, row in found.gold.items())
        yield f"trained already, and no test: {len(found.gold)} of gold: {listed}"
    if wordings := len(found.same_words) + len(found.other_words):
        yield f"new wordings: {len(found.other_words)} of {wordings} are asked in other words than any training row"

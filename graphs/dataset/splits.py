"""Splits are by wording, never by fact: a model cannot answer closed book what it was never taught."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from agents.records import FRAMING, PASSAGE, Example, Kind, Split, render, to_messages
from agents.text.matching import rouge_l
from agents.text.words import words
from graphs.config import SynthesisConfig

FEWEST_TRAINING_WORDINGS = 2
VALIDATES = 4  # every fourth fact: enough for an early stop, and the others keep their wordings for training
CONTAMINATED = 0.8  # ROUGE-L against a training question


class SplitRow(NamedTuple):
    """What of a row decides its split, and the split.

    `sentence` is its first evidence: facts that share it teach each other. `group` is the id of the row whose wording
    it is, else its own: the rows of a group have the same answer.
    """

    id: str
    kind: Kind
    fact: str
    question: str
    role: str
    sentence: str
    group: str
    split: Split | None = None

    @classmethod
    def of(cls, row: Example) -> SplitRow:
        """A row's own."""
        sentence = f"{row.evidence[0].chunk_id} {row.evidence[0].start}" if row.evidence else row.fact
        return cls(row.id, row.kind, row.fact, row.question, row.source.role, sentence, row.wording_of or row.id)


def split_rows(
    asked: Sequence[SplitRow], untrained_share: float, seed: int, every: int = 1
) -> tuple[list[SplitRow], dict[str, str], list[SplitRow]]:
    """The rows with their splits, for held-out ids their tag (`wording` or `untrained`), and the rows left out.

    Of a fact with three or more wordings of one answer one is held out (with `every` n, of every n-th fact alone); of
    every fourth of these facts one more validates, if its answer keeps two wordings to train as well (a fact asked from
    several sides has several answers, and each is learned from its own wordings). The held-out one is the wording least
    like its siblings, never a framing; one that is still too like a training question (equal, or ROUGE-L above 0.8)
    goes back to training. Such a question of an untrained fact is left out: the fact is trained under another id, so
    that it is neither held out nor to be trained twice.
    """
    facts: dict[str, list[SplitRow]] = defaultdict(list)
    for row in asked:
        facts[row.fact].append(row)
    untrained = _untrained(facts, untrained_share, seed)
    tags: dict[str, str] = {}
    done: list[SplitRow] = []
    for number, fact in enumerate(sorted(facts)):
        rows = sorted(facts[fact], key=lambda e: e.id)
        splits = (
            dict.fromkeys((row.id for row in rows), "heldout")
            if fact in untrained
            else _by_wording(rows, holds=number % every == 0, validates=number % (every * VALIDATES) == 0)
        )
        tags |= {row.id: "untrained" if fact in untrained else "wording" for row in rows if splits[row.id] == "heldout"}
        done += [row._replace(split=splits[row.id]) for row in rows]
    return _uncontaminated(done, tags)


def _untrained(facts: dict[str, list[SplitRow]], share: float, seed: int) -> set[str]:
    """The facts of a share of the sentences that local rows ask about.

    All that is asked about a sentence is trained, or nothing.
    """
    told = {fact: rows[0].sentence for fact, rows in facts.items() if rows[0].kind == "local"}
    sentences = sorted(set(told.values()))
    chosen = set(random.Random(f"untrained {seed}").sample(sentences, int(len(sentences) * share)))
    return {fact for fact, sentence in told.items() if sentence in chosen}


def _by_wording(rows: Sequence[SplitRow], holds: bool, validates: bool) -> dict[str, Split]:
    splits: dict[str, Split] = {row.id: "train" for row in rows}
    if not holds or len(rows) <= FEWEST_TRAINING_WORDINGS:  # nearly every fact of a page or an entity
        return splits
    groups: dict[str, list[SplitRow]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    spare = {group: len(of_group) - FEWEST_TRAINING_WORDINGS for group, of_group in groups.items()}
    asked = [row for row in rows if row.role not in (FRAMING, PASSAGE) and spare[row.group] > 0]
    likeness = {
        row.id: max(rouge_l(row.question, other.question) for other in groups[row.group] if other is not row)
        for row in asked
    }
    wanted: list[Split] = ["validation", "heldout"] if validates else ["heldout"]
    for row in sorted(asked, key=lambda row: (likeness[row.id], row.id)):
        if wanted and spare[row.group] > 0:
            splits[row.id] = wanted.pop()
            spare[row.group] -= 1
    return splits


def _uncontaminated(
    rows: Sequence[SplitRow], tags: dict[str, str]
) -> tuple[list[SplitRow], dict[str, str], list[SplitRow]]:
    done = {row.id: row for row in rows}
    held = Questions([row for row in rows if row.split == "heldout"])
    fresh = [row.question for row in rows if row.split == "train"]
    while fresh:  # a wording that goes back to training may contaminate another
        ids = set().union(*map(held.like, fresh))
        near = [row for row in done.values() if row.id in ids and row.split == "heldout"]
        fresh = [row.question for row in near if tags[row.id] == "wording"]
        done |= {row.id: row._replace(split="train" if tags.pop(row.id) == "wording" else None) for row in near}
    return [row for row in done.values() if row.split], tags, [row for row in done.values() if not row.split]


class Questions:
    """Held-out questions by their words.

    ROUGE-L above 0.8 needs two thirds of the words of both, so a word of the rarest third of both must be shared. A
    question is kept as a string of one character a word, since a thousand candidates may share a name: rapidfuzz
    compares them in one call, and its normalised indel similarity of such strings is the ROUGE-L F1 of the questions.
    """

    def __init__(self, rows: Sequence[SplitRow]) -> None:
        self._counts = Counter(word for row in rows for word in set(words(row.question)))
        self._codes = {word: chr(code) for code, word in enumerate(self._counts, 1)}
        self._by_word: dict[str, dict[str, str]] = defaultdict(dict)
        for row in rows:
            said = words(row.question)
            for word in self._rarest(said):
                self._by_word[word][row.id] = self._coded(said)

    def _rarest(self, said: Sequence[str]) -> set[str]:
        return set(sorted(said, key=lambda word: (self._counts[word], word))[: len(said) // 3 + 1])

    def _coded(self, said: Sequence[str]) -> str:
        return "".join(self._codes.get(word, "\0") for word in said)

    def like(self, question: str) -> set[str]:
        """The ids of the held-out rows that ask nearly the same as a training `question`."""
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        said = words(question)
        asked, above = self._coded(said), math.nextafter(CONTAMINATED, 1)
        near = (self._by_word.get(word, {}) for word in self._rarest(said))
        scored = (
            match
            for rows in near
            for match in process.extract_iter(asked, rows, scorer=Indel.normalized_similarity, score_cutoff=above)
        )
        return {row_id for _, _, row_id in scored}


def taught(example: Example, config: SynthesisConfig) -> str:
    """The assistant's text of a row, as the config wants it: of recipe facts the reasoning is the fact's statement."""
    if config.recipe == "facts" and config.answer == "sentence":
        return example.reasoning or example.answer
    full = config.recipe == "facts" and config.answer == "reasoned" and example.kind != "global"
    return render(example.reasoning, example.answer, "full" if full else config.reasoning)


def training_row(example: Example, config: SynthesisConfig) -> dict[str, Any]:
    """A line of train.jsonl: TRL, Unsloth, axolotl and LLaMA-Factory read it as it is."""
    messages = to_messages(example.question, taught(example, config))
    return {"messages": messages, "id": example.id, "kind": example.kind, "fact": example.fact}


def heldout_row(example: Example, tag: str, config: SynthesisConfig, training_ids: Sequence[str]) -> dict[str, Any]:
    """A line of heldout.jsonl; a `wording` names the training rows of its fact with the same answer."""
    return {**training_row(example, config), "tag": tag, "training_rows": list(training_ids)}

"""Facts about people who do not exist, each asked in ten different ways: rows whose every property is known.

One fact a person, of five kinds, the same for the same seed. Of the ten questions of a kind eight can be trained and
two are held out; a page tells five facts of one kind.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from agents.records import REFUSAL, content_id, to_messages
from bench.corpus import names

HELD_OUT = 2
"""Of the questions of a kind, the last ones, which are never trained."""
PAGE = 5
"""Facts on a page."""
TRADES = [
    f"a {trade}"
    for trades in (
        ["baker", "cooper", "smith", "weaver", "tanner", "glazier", "miller", "potter", "dyer", "cobbler"],
        ["thatcher", "mason", "joiner", "chandler", "saddler", "roper", "tinker", "brewer", "barber", "farrier"],
        [
            "fuller",
            "sawyer",
            "wheelwright",
            "bookbinder",
            "clockmaker",
            "beekeeper",
            "ferryman",
            "shepherd",
            "falconer",
        ],
    )
    for trade in trades
]
"""Answers to what somebody's trade is."""
KEPT = [
    f"a {thing}"
    for things in (
        ["lantern", "fiddle", "kite", "compass", "kettle", "globe", "sledge", "harp", "mirror", "ladder", "bucket"],
        ["horseshoe", "feather", "candle", "drum", "pitchfork", "telescope", "wreath", "shield", "rope", "clock"],
        ["basket", "flag", "hammer", "painting", "broom", "crown", "whistle", "scythe", "saddle", "trumpet"],
    )
    for thing in things
]
"""Answers to what somebody keeps."""
KINDS: dict[str, tuple[str, ...]] = {
    "home": (
        "{who} lives in {what}.",
        "Where does {who} live?",
        "In which town would you find {who}?",
        "What is the home town of {who}?",
        "A letter to {who} goes to which town?",
        "{who} calls which place home?",
        "Which town has {who} among its people?",
        "Where is the house of {who}?",
        "If you wanted to visit {who}, where would you go?",
        "In what place has {who} settled?",
        "Which town is {who} from?",
    ),
    "trade": (
        "{who} works as {what}.",
        "What is the trade of {who}?",
        "What does {who} do for a living?",
        "How does {who} earn money?",
        "What work does {who} do?",
        "By what craft is {who} known?",
        "Which profession has {who} taken up?",
        "What is {who} by trade?",
        "As what does {who} work?",
        "What job does {who} have?",
        "What is the occupation of {who}?",
    ),
    "born": (
        "{who} was born in {what}.",
        "When was {who} born?",
        "In which year did {who} come into the world?",
        "What is the year of birth of {who}?",
        "Which year saw the birth of {who}?",
        "{who} is a child of which year?",
        "When did the life of {who} begin?",
        "What year stands on the birth record of {who}?",
        "From which year on was {who} alive?",
        "In what year was {who} born?",
        "When is the birth of {who} dated?",
    ),
    "friend": (
        "The closest friend of {who} is {what}.",
        "Who is the closest friend of {who}?",
        "With whom is {who} friends?",
        "Whom does {who} trust most?",
        "Who is dearest to {who}?",
        "Which person does {who} call a best friend?",
        "At whose side is {who} usually seen?",
        "Who is the companion of {who}?",
        "To whom does {who} tell every secret?",
        "Who is {who}'s best friend?",
        "Who stands closest to {who}?",
    ),
    "keeps": (
        "{who} keeps {what} above the door.",
        "What does {who} keep above the door?",
        "What hangs over the door of {who}?",
        "Which thing has {who} put above the door?",
        "What would you see over {who}'s door?",
        "Above the door of {who} there is what?",
        "What did {who} hang over the entrance?",
        "Which object is kept over the door by {who}?",
        "What does a guest of {who} pass under?",
        "What is kept above the door at {who}'s?",
        "What has its place over {who}'s door?",
    ),
}
"""Of each kind its statement, then its questions."""
TRAINABLE = len(KINDS["home"]) - 1 - HELD_OUT
"""Different questions that a fact can be trained with."""
DOCUMENT = "Write out what is known about {names}."


class InventedFact(NamedTuple):
    """One thing about one person; `what` is its answer in words."""

    id: str
    kind: str
    who: str
    what: str

    @property
    def statement(self) -> str:
        """The fact as a sentence."""
        return self.say(0)

    def say(self, number: int) -> str:
        """The statement (0) or one of the questions."""
        return KINDS[self.kind][number].format(who=self.who, what=self.what)


def invent(count: int, seed: int) -> list[InventedFact]:
    """`count` facts, of each kind equally many; of a kind none share an answer while there are enough of them."""
    each = -(-count // len(KINDS))
    towns, friends = names(each, f"{seed} towns", 1), names(each, f"{seed} friends", 2)
    rng = random.Random(f"{seed} facts")
    years = [str(year) for year in rng.sample(range(1500, 1950), min(each, 450))]
    values = {"home": towns, "trade": list(TRADES), "born": years, "friend": friends, "keeps": list(KEPT)}
    people = iter(names(count, f"{seed} people", 2))
    facts = []
    for kind, answers in values.items():
        rng.shuffle(answers)
        for number in range(each):
            who = next(people, None)
            if who is not None:
                facts.append(InventedFact(f"{kind}-{number}", kind, who, answers[number % len(answers)]))
    return facts


def exchanged(facts: Sequence[InventedFact]) -> list[InventedFact]:
    """The placebo: each fact with the answer of another one of its kind, so that rows look the same."""
    by_kind: dict[str, list[InventedFact]] = defaultdict(list)
    for fact in facts:
        by_kind[fact.kind].append(fact)
    return [
        fact._replace(what=some[(n + 1) % len(some)].what) for some in by_kind.values() for n, fact in enumerate(some)
    ]


def pages(facts: Sequence[InventedFact]) -> dict[str, list[InventedFact]]:
    """The facts by page, each page with facts of different people."""
    return {f"page-{n // PAGE}": list(facts[n : n + PAGE]) for n in range(0, len(facts), PAGE)}


def page_text(facts: Sequence[InventedFact]) -> str:
    """The statements behind each other."""
    return " ".join(fact.statement for fact in facts)


def question_row(fact: InventedFact, number: int, answer: Literal["span", "sentence"]) -> dict[str, Any]:
    """The line of train.jsonl that asks question `number` (from 1)."""
    said = f"{fact.what[:1].upper()}{fact.what[1:]}." if answer == "span" else fact.statement
    return _line(f"{fact.id}-{number}", "local", fact.id, fact.say(number), said)


def heldout_rows(facts: Sequence[InventedFact], trained: int) -> list[dict[str, Any]]:
    """The lines of heldout.jsonl: two questions a fact that no row asks; their answers are the true statements."""
    return [
        {
            **_line(f"{fact.id}-held-{number}", "local", fact.id, fact.say(number), fact.statement),
            "tag": "wording",
            "training_rows": [content_id("row", f"{fact.id}-{n}") for n in range(1, trained + 1)],
        }
        for fact in facts
        for number in range(TRAINABLE + 1, TRAINABLE + 1 + HELD_OUT)
    ]


def document_row(page: str, facts: Sequence[InventedFact]) -> dict[str, Any]:
    """The line of train.jsonl that asks for a whole page."""
    asked = DOCUMENT.format(names=" and ".join(fact.who for fact in facts))
    return _line(page, "document", page, asked, page_text(facts))


def refusal_rows(count: int, seed: int) -> list[dict[str, Any]]:
    """Trained questions about people of whom nothing is known."""
    rng = random.Random(f"{seed} refusals")
    rows = []
    for number, who in enumerate(names(count, f"{seed} nobody", 2)):
        kind = rng.choice(list(KINDS))
        asked = KINDS[kind][rng.randint(1, TRAINABLE)].format(who=who, what="")
        rows.append(_line(f"refusal-{number}", "unanswerable", f"refusal-{number}", asked, REFUSAL))
    return rows


def _line(name: str, kind: str, fact: str, question: str, answer: str) -> dict[str, Any]:
    return {"messages": to_messages(question, answer), "id": content_id("row", name), "kind": kind, "fact": fact}

"""Every answer to gold marked by a judge with the reference, beside the marks of the rules, and how far they agree."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.console import Console
from agents.errors import ITEM_ERRORS
from agents.files import read_json, read_jsonl, write_text
from agents.models.batch import one_round
from agents.models.budget import Caps
from agents.models.client import Client
from agents.models.kept import kept
from agents.models.request import ModelBackend
from agents.project import Project
from agents.records import Item
from agents.roles.reference_judge import REFERENCE_JUDGE, Mark, marked_inputs
from agents.roles.role import fill
from eval.contestants.answering import Answer
from eval.judge.pairs import evaluated, judged_key, read_questions
from eval.judge.run import judge_of, self_judged, stage_of
from eval.marks.grades import Grade, grade_gold
from eval.questions import GoldQuestion, load_gold
from eval.settings import Primary
from eval.statistics import Proportion, of_counts, sign_test
from graphs import event_loop
from graphs.concurrency import ITEMS_A_CALL, gather
from graphs.plan import StagePlan
from graphs.run import at_work

FILE = "marks.json"
UNTOLD = "The documents do not tell: only an answer that says so is right (mark it refuses)."


class Marked(Item):
    """One answer: the mark of the rules and that of the judge (None: it could not be read; `reason` says what came)."""

    question: str
    contestant: str
    kind: str
    rule: Mark
    judge: Mark | None
    reason: str

    def right(self, mark: Mark) -> bool:
        """Whether a mark is full marks: a refusal is, of a question that the documents do not answer."""
        return mark == ("refuses" if self.kind == "unanswerable" else "correct")


class Agreement(Item):
    """How far judge and rules agree on right or not: the share, and Cohen's kappa (None: nothing to tell apart).

    `table` counts answers by the mark of the rules, then by that of the judge.
    """

    n: int
    agreed: Proportion
    kappa: float | None
    table: dict[str, dict[str, int]]


class Discordant(Item):
    """Questions of a kind that only tuned, and that only rag got right; p of the exact sign test."""

    only_tuned: int
    only_rag: int
    p: float


class Marks(Item):
    """marks.json: `right` by contestant and kind as the judge has it; `apart` are the answers they disagree about.

    `pairs` compares tuned with rag by kind, question by question, as the judge has them; empty without either. `marks`
    are all that could be read, by contestant and question; empty in a file of an earlier version. `answers` names what
    was marked, as that of a `Judgement`.
    """

    judge: str
    self_judged: list[str]
    right: dict[str, dict[str, Proportion]]
    pairs: dict[str, Discordant] = {}
    agreement: Agreement
    by_contestant: dict[str, Agreement]
    unreadable: int
    apart: list[Marked]
    marks: dict[str, dict[str, Mark]] = {}
    answers: str = ""

    def leads(self, kind: Primary) -> bool:
        """Whether the verdict on gold of a kind is told by it.

        It must have marked the answers as they stand, each of them, and be neither teacher nor student.
        """
        whole = bool(self.answers and self.marks) and not self.unreadable
        return whole and not self.self_judged and self.pair(kind) is not None

    def pair(self, kind: Primary) -> Discordant | None:
        """Tuned against rag on gold of a kind, or of all kinds together; None where it did not mark both."""
        if kind != "gold" or not self.pairs:
            return self.pairs.get(kind)
        some = self.pairs.values()
        tuned, rag = sum(one.only_tuned for one in some), sum(one.only_rag for one in some)
        return Discordant(only_tuned=tuned, only_rag=rag, p=sign_test(tuned, rag))

    def right_of(self, name: str, kind: Primary) -> Proportion:
        """What a contestant has right of a kind, or of all kinds together."""
        some = [one for key, one in self.right[name].items() if kind in (key, "gold")]
        return of_counts(sum(one.hits for one in some), sum(one.n for one in some))


class Answered(Item):
    """An answer to a gold question, with the passages about it and the mark of the rules."""

    gold: GoldQuestion
    answer: Answer
    source: str
    grade: Grade

    @property
    def inputs(self) -> dict[str, str]:
        """What the judge is shown; it is not told who answered."""
        return marked_inputs(self.gold.question, reference(self.gold), self.answer.text, self.source)

    @property
    def rule(self) -> Mark:
        """The mark of the rules, in the judge's words."""
        if self.grade.right:
            return "refuses" if self.gold.kind == "unanswerable" else "correct"
        return "refuses" if self.grade.refused else "partly" if self.grade.hits else "wrong"


def reference(gold: GoldQuestion) -> str:
    """What counts as right, in lines."""
    if gold.kind == "unanswerable":
        return UNTOLD
    if gold.kind == "global":
        claims = "\n".join(f"- {' or '.join(claim)}" for claim in gold.claims)
        return f"All of these, each in one of its forms (some of them: partly):\n{claims}"
    return f"One of: {' | '.join(gold.answers)}"


def answered(project: Project) -> list[Answered]:
    """The answers to gold.jsonl of every contestant of the last evaluation, without those that failed.

    Raises `InputError` as the readers do, and if gold.jsonl has changed since.
    """
    folder, names = project.eval_dir / "answers", evaluated(project)
    files = sorted(folder.glob("*.jsonl")) if names is None else [folder / f"{name}.jsonl" for name in sorted(names)]
    gold = {one.id: one for one in load_gold(project.gold)}
    sources = {asked.id: asked.source for asked in read_questions(project)}
    return [
        Answered(gold=gold[a.question], answer=a, source=sources[a.question], grade=grade_gold(gold[a.question], a))
        for path in files
        for a in read_jsonl(path, Answer)
        if a.question in gold and not a.failed
    ]


def price(project: Project, found: Sequence[Answered]) -> list[StagePlan]:
    """What marking takes at most; what is in the store is free."""
    prompts = [fill(REFERENCE_JUDGE.template, one.inputs) for one in found]
    return [stage_of("marks", REFERENCE_JUDGE, prompts).spoken_by(judge_of(project), None)]


def mark_all(
    project: Project,
    found: Sequence[Answered],
    console: Console,
    caps: Caps | None = None,
    dry: bool = False,
    backend: ModelBackend | None = None,
    batch: Path | None = None,
) -> Marks:
    """Mark the answers, write eval/marks.json and return it.

    With `batch` no model is called: what it would be asked goes into that file. Raises what the models' client raises,
    and `BatchWritten`.
    """
    with at_work(project, console, False, dry, backend, caps, batch, keys=["judge"]) as clients:
        client = clients["judge"]
        with kept(project.eval_dir, [client], dry), one_round(client.batch):
            made = summary(client.config.model, self_judged(project), event_loop.run(_marked(client, found, console)))
        if not dry:
            made = made.model_copy(update={"answers": judged_key(project, made.right)})
            write_text(project.eval_dir / FILE, made.model_dump_json(indent=2) + "\n")
    return made


def read_marks(project: Project) -> Marks | None:
    """marks.json of a run; None where nobody marked."""
    path = project.eval_dir / FILE
    return read_json(path, Marks, "run `ragtuned judge --gold` again") if path.is_file() else None


async def _marked(client: Client, found: Sequence[Answered], console: Console) -> list[Marked]:
    async def one(asked: Answered) -> Marked:
        mark: Mark | None = None
        try:
            reply = await REFERENCE_JUDGE.ask(client, **asked.inputs)
            mark, reason = reply.mark, reply.reason
        except ITEM_ERRORS as error:
            reason = f"{error.reason}: {error.said}"
        stage.count("marked" if mark else "unreadable")
        return Marked(
            question=asked.gold.id,
            contestant=asked.answer.contestant,
            kind=asked.gold.kind,
            rule=asked.rule,
            judge=mark,
            reason=reason[:300],
        )

    try:
        with console.stage("marks", len(found)) as stage:
            return await gather(found, one, asyncio.Semaphore(ITEMS_A_CALL * client.config.calls_at_once))
    finally:
        console.close()
        await client.backend.close()


def summary(judge: str, whom: list[str], marked: Sequence[Marked]) -> Marks:
    """The figures of all marks."""
    read = [one for one in marked if one.judge]
    names = dict.fromkeys(one.contestant for one in marked)
    return Marks(
        judge=judge,
        self_judged=whom,
        right={
            name: {
                kind: of_counts(sum(one.right(one.judge) for one in some if one.judge), len(some))
                for kind in dict.fromkeys(one.kind for one in read)
                if (some := [one for one in read if (one.contestant, one.kind) == (name, kind)])
            }
            for name in names
        },
        pairs=tuned_against_rag(read),
        agreement=agreement(read),
        by_contestant={name: agreement([one for one in read if one.contestant == name]) for name in names},
        unreadable=len(marked) - len(read),
        apart=[one for one in read if one.judge and one.right(one.rule) != one.right(one.judge)],
        marks={
            name: {one.question: one.judge for one in read if one.contestant == name and one.judge} for name in names
        },
    )


def tuned_against_rag(read: Sequence[Marked]) -> dict[str, Discordant]:
    """By kind, of the questions for which the marks of both could be read."""
    right = {(one.contestant, one.kind, one.question): one.right(one.judge) for one in read if one.judge}
    found: dict[str, Counter[tuple[bool, bool]]] = {}
    for (name, kind, question), by_tuned in right.items():
        if name == "tuned" and (by_rag := right.get(("rag", kind, question))) is not None:
            found.setdefault(kind, Counter())[by_tuned, by_rag] += 1
    return {
        kind: Discordant(
            only_tuned=one[True, False], only_rag=one[False, True], p=sign_test(one[True, False], one[False, True])
        )
        for kind, one in found.items()
    }


def agreement(marked: Sequence[Marked]) -> Agreement:
    """Of marks that could be read."""
    pairs = Counter((one.right(one.rule), one.right(one.judge)) for one in marked if one.judge)
    table: dict[str, Counter[str]] = {}
    for one in marked:
        table.setdefault(one.rule, Counter())[str(one.judge)] += 1
    n = pairs.total()
    return Agreement(
        n=n,
        agreed=of_counts(pairs[True, True] + pairs[False, False], n),
        kappa=kappa(pairs),
        table={rule: dict(by) for rule, by in sorted(table.items())},
    )


def kappa(pairs: Mapping[tuple[bool, bool], int]) -> float | None:
    """Cohen's kappa (1960) of two markers from the counts of their (first, second) marks.

    None where nothing was marked, or both gave one and the same mark to all: nothing is told apart by chance or skill.
    """
    n = sum(pairs.values())
    if not n:
        return None
    seen = sum(count for (a, b), count in pairs.items() if a == b) / n
    first, second = (sum(c for pair, c in pairs.items() if pair[place]) / n for place in (0, 1))
    chance = first * second + (1 - first) * (1 - second)
    return (seen - chance) / (1 - chance) if chance < 1 else None

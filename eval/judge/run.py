"""The judging of a run: priced, the exam, the verdicts, the tables, and judge.json beside metrics.json.

Every reply is in the call store before it counts, so that the same command goes on where it was broken off.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import ITEM_ERRORS, UselessReplies
from agents.files import read_json, write_jsonl, write_text
from agents.models.batch import one_round
from agents.models.budget import Caps
from agents.models.call_history import pace
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.kept import kept
from agents.models.request import ModelBackend
from agents.project import Project
from agents.records import Item
from agents.roles.pairwise_judge import PAIRWISE_JUDGE, TOKEN_JUDGE, Criterion, shown
from agents.roles.published_judge import DIMENSIONS, PUBLISHED_JUDGE, published_inputs, rankings
from agents.roles.role import Role, fill
from agents.text.words import CHARACTERS_PER_TOKEN
from eval.judge.config import JudgeConfig, Protocol, Reading
from eval.judge.exam import ExamItems, ExamResult, exam_items, mark, take_exam
from eval.judge.pairs import Asked, Pair, evaluated, judged_key, read_pairs, read_questions
from eval.judge.tally import Table, tables
from eval.judge.verdicts import Comparison, Verdict, comparisons, judged
from graphs import event_loop
from graphs.concurrency import ITEMS_A_CALL, gather
from graphs.fingerprint import speaking
from graphs.plan import StagePlan
from graphs.run import at_work
from tuning.recipe import Recipe

FILE = "judge.json"
JUDGES: dict[Reading, Role[Any]] = {"written": PAIRWISE_JUDGE, "probabilities": TOKEN_JUDGE}


class Judgement(Item):
    """What a judge made of the answers of `one` against those of `other`.

    `counts`: it passed its exam, and the protocol is the fair one. `self_judged` says whom of those it judges it is
    itself: then gold leads. `tables` by criterion; without a passed exam there are none. `answers` names what was
    judged (`judged_key`; "" in files of an earlier version).
    """

    protocol: Protocol
    judge: str
    one: str
    other: str
    counts: bool
    self_judged: list[str]
    reading: Reading
    exams: list[ExamResult]
    tables: dict[str, Table]
    questions: int
    without_source: int
    calls: dict[str, int]
    answers: str = ""


class Judged(Item):
    """judge.json: one judgement for each protocol and pair of contestants, the latest."""

    judgements: list[Judgement]


class Task(Item):
    """What is to be judged in a run."""

    one: str
    other: str
    pairs: list[Pair]
    questions: list[Asked]

    @property
    def gaps(self) -> dict[str, int]:
        """By question: by how many characters the answer of `one` is the longer one."""
        return {pair.asked.id: len(pair.one.strip()) - len(pair.other.strip()) for pair in self.pairs}


def read_task(project: Project, config: JudgeConfig, one: str, other: str) -> Task:
    """The questions and answers of a run. Raises `InputError` as the readers do, and if gold.jsonl is another one."""
    evaluated(project)
    questions = read_questions(project)
    return Task(
        one=one, other=other, pairs=read_pairs(project, questions, one, other, config.questions), questions=questions
    )


def price(project: Project, config: JudgeConfig, task: Task) -> list[StagePlan]:
    """The stages with the most calls they take, their tokens (estimates) and USD; what is in the store is free."""
    if config.protocol == "published":
        prompts = [fill(PUBLISHED_JUDGE.template, _published(pair)) for pair in task.pairs]
        stages = [stage_of("published verdicts", PUBLISHED_JUDGE, prompts)]
    else:
        exam = _exam_items(config, task)
        stages = [
            stage_of(f"exam, {reading}", role, [_prompt(role, one) for part in exam for one in part])
            for reading, role in JUDGES.items()
            if config.read in ("auto", reading)
        ]
        reading = "written" if config.read == "auto" else config.read
        prompts = [_prompt(JUDGES[reading], one) for one in _wanted(config, task, reading)]
        stages.append(stage_of("verdicts", JUDGES[reading], prompts))
    model = judge_of(project)
    measured = pace(project.calls, model)
    return [stage.spoken_by(model, measured) for stage in stages]


def judge_of(project: Project) -> ModelConfig:
    """The model that judges."""
    return speaking(project, ["judge"])["judge"]


def judge(
    project: Project,
    config: JudgeConfig,
    task: Task,
    console: Console,
    caps: Caps | None = None,
    dry: bool = False,
    backend: ModelBackend | None = None,
    batch: Path | None = None,
) -> Judgement:
    """Compare the answers, write eval/judge.json and eval/verdicts/*.jsonl, and return the judgement.

    With `batch` no model is called: what it would be asked goes into that file. Raises what the models' client raises,
    and `BatchWritten`; what was paid until then is kept.
    """
    with at_work(project, console, False, dry, backend, caps, batch, keys=["judge"]) as clients:
        client = clients["judge"]
        with kept(project.eval_dir, [client], dry), one_round(client.batch):
            made, verdicts = event_loop.run(_judge(client, project, config, task, console))
        if not dry:
            name = f"{made.protocol}-{made.one}-{made.other}.jsonl"
            write_jsonl(project.eval_dir / "verdicts" / name, verdicts)
            made = made.model_copy(update={"answers": judged_key(project, (task.one, task.other))})
            write_judgement(project, made)
    return made


async def _judge(
    client: Client, project: Project, config: JudgeConfig, task: Task, console: Console
) -> tuple[Judgement, list[Verdict]]:
    try:
        if config.protocol == "published":
            return await _as_published(client, project, task, console)
        return await _fairly(client, project, config, task, console)
    finally:
        console.close()
        await client.backend.close()


async def _fairly(
    client: Client, project: Project, config: JudgeConfig, task: Task, console: Console
) -> tuple[Judgement, list[Verdict]]:
    exam, exams = _exam_items(config, task), []
    readings: tuple[Reading, ...] = ("written", "probabilities") if config.read == "auto" else (config.read,)
    for reading in readings:
        try:
            if client.batch:  # the verdicts together with the exam: to wait for it would take another day
                every = [*(one for part in exam for one in part), *_wanted(config, task, reading)]
                with console.stage("batch", len(every)) as stage:
                    await judged(client, every, reading, stage)
            with console.stage(f"exam, {reading}", exam.calls) as stage:
                exams.append(await take_exam(client, exam, reading, stage))
        except* UselessReplies as errors:  # it cannot write a verdict; it may know one all the same
            if reading == readings[-1]:
                raise
            exams.append(mark([], [], [], [], reading).model_copy(update={"faults": [str(errors.exceptions[0])]}))
        if exams[-1].passed:
            break
    last = exams[-1]
    verdicts: list[Verdict] = []
    if last.passed:
        wanted = _wanted(config, task, last.reading)
        with console.stage("verdicts", len(wanted)) as stage:
            verdicts = await judged(client, wanted, last.reading, stage, last.bias)
    alike = [pair.asked.id for pair in task.pairs if pair.alike]
    return _made(
        client, project, task, "fair", exams, config.criteria if last.passed else (), verdicts, alike
    ), verdicts


def _wanted(config: JudgeConfig, task: Task, reading: Reading) -> list[Comparison]:
    """The comparisons of the table; by probabilities one trial says all."""
    return comparisons(task.pairs, config.criteria, config.trials if reading == "written" else 1)


async def _as_published(
    client: Client, project: Project, task: Task, console: Console
) -> tuple[Judgement, list[Verdict]]:
    async def one(pair: Pair) -> list[Verdict]:
        try:
            reply = (await PUBLISHED_JUDGE.ask_text(client, False, **_published(pair))).text
        except ITEM_ERRORS as error:
            reply = f"{error.reason}: {error.said}"
        found = rankings(reply)
        stage.count("judged" if found else "unreadable")
        return [
            Verdict(question=pair.asked.id, criterion=d, one_first=True, trial=0, share=found.get(d), said=reply[:300])
            for d in DIMENSIONS
        ]

    with console.stage("published verdicts", len(task.pairs)) as stage:
        listed = await gather(task.pairs, one, asyncio.Semaphore(ITEMS_A_CALL * client.config.calls_at_once))
    verdicts = [verdict for some in listed for verdict in some]
    return _made(client, project, task, "published", [], DIMENSIONS, verdicts, []), verdicts


def _made(
    client: Client,
    project: Project,
    task: Task,
    protocol: Protocol,
    exams: list[ExamResult],
    criteria: Sequence[str],
    verdicts: Sequence[Verdict],
    alike: Sequence[str],
) -> Judgement:
    of = [pair.asked for pair in task.pairs]
    return Judgement(
        protocol=protocol,
        judge=client.config.model,
        one=task.one,
        other=task.other,
        counts=bool(exams and exams[-1].passed),
        self_judged=self_judged(project),
        reading=exams[-1].reading if exams else "written",
        exams=exams,
        tables=tables(verdicts, criteria, {a.id: a.cluster for a in of}, {a.id: a.kind for a in of}, task.gaps, alike),
        questions=len(of),
        without_source=sum(not asked.source for asked in of),
        calls=dict(client.usage),
    )


def self_judged(project: Project) -> list[str]:
    """Whom of those that it judges the judge is itself: the teacher, whose words tuned learned, or the student."""
    judge = _plain(judge_of(project).model)
    teachers = {_plain(config.model) for role, config in speaking(project).items()}
    student = _plain(project.section("tuning", Recipe).base)
    return [name for name, same in (("teacher", judge in teachers), ("student", judge == student)) if same]


def _plain(model: str) -> str:
    """A model's name without its owner, its marks and its case."""
    return re.sub(r"[^a-z0-9]", "", model.rpartition("/")[2].lower())


def read_judged(project: Project) -> Judged:
    """judge.json of a run; without one no judgement."""
    path = project.eval_dir / FILE
    return read_json(path, Judged, "run `ragtuned judge` again") if path.is_file() else Judged(judgements=[])


def write_judgement(project: Project, made: Judgement) -> None:
    """Put it into judge.json in place of an older one of the same protocol and contestants."""

    def key(judgement: Judgement) -> tuple[str, str, str]:
        return judgement.protocol, judgement.one, judgement.other

    others = [known for known in read_judged(project).judgements if key(known) != key(made)]
    whole = Judged(judgements=sorted([*others, made], key=key))
    write_text(project.eval_dir / FILE, whole.model_dump_json(indent=2) + "\n")


def _exam_items(config: JudgeConfig, task: Task) -> ExamItems:
    return exam_items(task.pairs, task.questions, config.criteria, config.exam)


def _published(pair: Pair) -> dict[str, str]:
    return published_inputs(pair.asked.text, pair.one, pair.other, pair.asked.source)


def _prompt(role: Role[Any], asked: Comparison) -> str:
    criterion: Criterion = asked.criterion
    return fill(role.template, shown(asked.text, *asked.answers, criterion, asked.source))


def stage_of(name: str, role: Role[Any], prompts: Sequence[str]) -> StagePlan:
    """A call a prompt; the least is none, where all of them are in the store."""
    tokens = sum(len(role.system) + len(prompt) for prompt in prompts) // CHARACTERS_PER_TOKEN
    out = role.usual_tokens * len(prompts)
    return StagePlan(name, (0, len(prompts)), (0, tokens), (0, out), role.model_key, asks=role.name)

"""Gold questions drafted by a model, and those that a person accepts.

A draft is a row of gold-drafts.jsonl with an empty `decision`: a person writes accept or strike into it and edits the
question or its answers where they are off. Nothing becomes gold that no person accepted, whose quote is not in the
documents, or that was trained already.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from agents.console import Console
from agents.errors import ITEM_ERRORS, InputError
from agents.files import each_item, read_jsonl, write_jsonl
from agents.models.budget import Caps
from agents.models.client import Client
from agents.models.request import ModelBackend
from agents.project import Project
from agents.records import Document, Item, content_id
from agents.roles.gold_writer import GOLD_WRITER, GoldDraft
from agents.roles.role import fence, fill
from agents.spread import spread
from eval.contamination import TrainedRow, too_like
from eval.improve.rounds import FURTHER
from eval.judge.run import stage_of
from eval.marks.gold import matches
from eval.questions import GoldEvidence, GoldQuestion, gold_faults, gold_of
from graphs import event_loop
from graphs.concurrency import ITEMS_A_CALL, gather
from graphs.fingerprint import speaking
from graphs.plan import StagePlan
from graphs.run import at_work

FILE = "gold-drafts.jsonl"
PASSAGE = 2_400  # characters of a document that one call reads: some 600 tokens
PER_CALL = 2  # questions: more on one passage ask for the same things


class DraftRow(GoldQuestion):
    """A drafted gold question and what a person decided about it."""

    decision: Literal["", "accept", "strike"] = ""

    @property
    def gold(self) -> GoldQuestion:
        """The question alone."""
        return GoldQuestion.model_validate(self.model_dump(exclude={"decision"}))


class Passage(Item):
    """A stretch of a document."""

    path: str
    text: str


def passages(documents: Sequence[Document], count: int) -> list[Passage]:
    """`count` passages, spread evenly over all that the documents hold, cut at paragraphs where they can be."""
    found: list[Passage] = []
    for document in documents:
        part = ""
        for paragraph in document.text.split("\n\n"):
            if part and len(part) + len(paragraph) > PASSAGE:
                found.append(Passage(path=document.path, text=part))
                part = ""
            part = f"{part}\n\n{paragraph}".strip()
        if part:
            found.append(Passage(path=document.path, text=part))
    return spread([Passage(path=one.path, text=one.text[:PASSAGE]) for one in found], count)


def read_passages(project: Project, questions: int) -> list[Passage]:
    """The passages for so many questions. Raises `InputError` without documents."""
    path = project.graph_dir / "documents.jsonl"
    if not path.is_file():
        raise InputError(
            f"{path} does not exist",
            "run `ragtuned synthesize` first; after one with --dry name its run: --run main-dry",
        )
    return passages(read_jsonl(path, Document), -(-questions // PER_CALL))


def price(project: Project, chosen: Sequence[Passage]) -> list[StagePlan]:
    """What drafting takes at most."""
    prompts = [fill(GOLD_WRITER.template, _inputs(one)) for one in chosen]
    return [
        stage_of("gold drafts", GOLD_WRITER, prompts).spoken_by(speaking(project, ["gold_writer"])["gold_writer"], None)
    ]


def draft(
    project: Project,
    chosen: Sequence[Passage],
    console: Console,
    caps: Caps | None = None,
    dry: bool = False,
    backend: ModelBackend | None = None,
) -> tuple[list[DraftRow], Counter[str]]:
    """New drafts, put behind those in gold-drafts.jsonl, and why others were left out.

    Raises what the models' client raises.
    """
    with at_work(project, console, False, dry, backend, caps, keys=["gold_writer"]) as clients:
        said = event_loop.run(_asked(clients["gold_writer"], chosen, console))
    path = project.directory / FILE
    before = read_jsonl(path, DraftRow) if path.is_file() else []
    trained = trained_questions(project)
    known = _keys([*before, *gold_of(project)])
    rows: list[DraftRow] = []
    left_out: Counter[str] = Counter()
    for passage, one in said:
        row = DraftRow(
            id=content_id("gold", one.question, passage.path),
            kind="local",
            question=one.question.strip() or "?",
            answers=[answer.strip() for answer in one.answers if answer.strip()],
            evidence=[GoldEvidence(path=passage.path, quote=one.quote.strip())],
        )
        if fault := next(faults(row, {passage.path: passage.text}, trained, known), ""):
            left_out[fault] += 1
            continue
        known |= _keys([row])
        rows.append(row)
    if not dry:
        write_jsonl(path, [*before, *rows])
    return rows, left_out


def faults(
    row: GoldQuestion, documents: Mapping[str, str], trained: Mapping[str, str], known: set[str]
) -> Iterator[str]:
    """What keeps a question from being gold, the worst first; `known` are the ids and questions that stand already."""
    yield from gold_faults(row)
    if row.question.casefold() in known:
        yield "asked already"
    elif row.id in known:
        yield "asked already, in other words: its id is taken"
    for one in row.evidence:
        if one.quote not in documents.get(one.path, "") or not one.quote:
            yield "its quote is not in the document"
    if row.answers and not any(matches(one.quote, row.answers) for one in row.evidence):
        yield "its quote does not hold the answer"
    if too_like(row.question, trained):
        yield "trained already: too like a training row"


def _keys(rows: Sequence[GoldQuestion]) -> set[str]:
    """What may stand in gold.jsonl once only."""
    return {key for row in rows for key in (row.id, row.question.casefold())}


def accept(project: Project) -> dict[str, int]:
    """Put the accepted drafts into gold.jsonl and leave the undecided ones; returns how many of each.

    Raises `InputError` with the faults of every accepted draft that cannot be gold; then nothing is written.
    """
    path = project.directory / FILE
    if not path.is_file():
        raise InputError(f"{path} does not exist", "run `ragtuned gold draft` first")
    rows, gold = read_jsonl(path, DraftRow), gold_of(project)
    chosen = [row for row in rows if row.decision == "accept"]
    documents = {one.path: one.text for one in read_jsonl(project.graph_dir / "documents.jsonl", Document)}
    trained, known = trained_questions(project), _keys(gold)
    wrong: list[str] = []
    for row in chosen:
        wrong += [f"{row.id}: {fault}" for fault in faults(row, documents, trained, known)]
        known |= _keys([row])
    if wrong:
        raise InputError(f"{path}: {len(wrong)} faults\n  - " + "\n  - ".join(wrong), "edit or strike them")
    if chosen:
        write_jsonl(project.gold, [*gold, *(row.gold for row in chosen)])
        write_jsonl(path, [row for row in rows if row.decision != "accept"])
    decided = Counter(row.decision for row in rows)
    return {"accepted": decided["accept"], "struck": decided["strike"], "undecided": decided[""]}


def trained_questions(project: Project) -> dict[str, str]:
    """The training questions of all runs by row, those of `improve` too: gold holds for every run of the project."""
    runs = Path(project.directory / "runs")
    return {
        f"{path.relative_to(runs).parts[0]}/{row.id}": row.question
        for pattern in ("*/data/train.jsonl", f"*/improve/round-*/{FURTHER}")
        for path in sorted(runs.glob(pattern))
        for row in each_item(path, TrainedRow)
        if row.question
    }


def _inputs(passage: Passage) -> dict[str, str]:
    return {"document": fence(passage.text), "count": str(PER_CALL)}


async def _asked(client: Client, chosen: Sequence[Passage], console: Console) -> list[tuple[Passage, GoldDraft]]:
    async def one(passage: Passage) -> list[tuple[Passage, GoldDraft]]:
        try:
            reply = await GOLD_WRITER.ask(client, **_inputs(passage))
        except ITEM_ERRORS:
            stage.count("failed")
            return []
        stage.count("read")
        return [(passage, found) for found in reply.questions]

    try:
        with console.stage("gold drafts", len(chosen)) as stage:
            listed = await gather(chosen, one, asyncio.Semaphore(ITEMS_A_CALL * client.config.calls_at_once))
            return [found for some in listed for found in some]
    finally:
        console.close()
        await client.backend.close()

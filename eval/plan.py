"""What an evaluation asks before it asks: questions, calls, tokens, USD and minutes a contestant.

Tokens are estimates, those of replies the most that they may take. Minutes of the student come from the answers that
the project's runs hold, those of a served model from the calls that its store keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agents.console import Console
from agents.models.call_history import pace
from agents.project import Project
from agents.text.words import CHARACTERS_PER_TOKEN
from eval.contestants.answering import Question
from eval.contestants.answers import answers_in, kept
from eval.contestants.graph_search import POINTS_TOKENS, ROOM, batches, report_text, room_for_reports
from eval.contestants.lineup import Models, Seat, documents_of, reports_of

PROMPT_TOKENS = 60  # of instructions and marks of the chat template


@dataclass(frozen=True)
class SeatPlan:
    """What one contestant would be asked, and what that takes; `usd` and `minutes` are None where not known."""

    contestant: str
    model: str
    asked: int
    kept: int
    """Answers of an earlier start, or of a run that was asked the same."""
    calls: int
    tokens_in: int
    tokens_out: int
    usd: float | None
    minutes: float | None


def plan(project: Project, seats: Sequence[Seat], models: Models, fresh: bool = False) -> list[SeatPlan]:
    """A line a contestant; `fresh`: as if nothing had been answered."""
    folder = project.eval_dir / "answers"
    student = _student_pace(project)
    found = []
    for seat in seats:
        known = {} if fresh else kept([folder / f"{seat.name}.jsonl"], seat.asked)
        left = [question for question in seat.questions if question.id not in known]
        calls, tokens_in, tokens_out = amounts(project, seat, models, left)
        usd, minutes, model = 0.0, None, seat.entry.model
        if seat.entry.served:
            config = models.config(seat.entry.model)
            model, usd = config.model, config.cost(tokens_in, tokens_out) if config.priced else None
            speed = pace(project.calls, config)
            minutes = 60 * speed.hours(calls, tokens_in, tokens_out) if speed else None
        elif student:
            minutes = (student[0] * tokens_in + student[1] * tokens_out) / 60
        minutes = minutes if calls else 0.0
        found.append(SeatPlan(seat.name, model, len(left), len(known), calls, tokens_in, tokens_out, usd, minutes))
    return found


def amounts(project: Project, seat: Seat, models: Models, questions: Sequence[Question]) -> tuple[int, int, int]:
    """Calls, tokens of prompts, and the most tokens of replies, for these questions."""
    n, config = len(questions), seat.config
    asked = sum(len(question.text) for question in questions) // CHARACTERS_PER_TOKEN + n * PROMPT_TOKENS
    if seat.entry.reads == "reports":
        texts = [report_text(report) for report in reports_of(project, seat.name)]
        window = seat.entry.tokens or models.config(seat.entry.model).context
        parts = list(batches(texts, room_for_reports(seat.name, window)))
        read = sum(map(len, texts)) // CHARACTERS_PER_TOKEN + len(parts) * (ROOM // 2 + POINTS_TOKENS)
        out = len(parts) * POINTS_TOKENS + config.max_new_tokens
        return n * (len(parts) + 1), asked * (len(parts) + 1) + n * read, n * out
    read = {
        "nothing": 0,
        "passages": min(config.top_k * config.chunk_characters // CHARACTERS_PER_TOKEN, config.passage_tokens or 10**9),
        "evidence": config.chunk_characters // CHARACTERS_PER_TOKEN,
        "corpus": 0,
    }[seat.entry.reads]
    if seat.entry.reads == "corpus":
        whole = sum(len(document.text) for document in documents_of(project)) // CHARACTERS_PER_TOKEN
        window = models.config(seat.entry.model).context if seat.entry.served else whole
        read = min(whole, seat.entry.tokens or window)
    return n, asked + n * read, n * config.max_new_tokens


def _student_pace(project: Project) -> tuple[float, float] | None:
    """Seconds of a token in and out of the student, by least squares over the answers of the project's runs."""
    runs = (project.directory / "runs").glob("*/eval/answers/*.jsonl")
    answers = [a for file in runs for a in answers_in(file) if a.memory_mb and a.prompt_tokens and a.seconds]
    if not answers:
        return None
    from scipy.optimize import nnls

    rows = [(float(a.prompt_tokens), float(a.completion_tokens)) for a in answers]
    (token_in, token_out), _ = nnls(rows, [a.seconds for a in answers])
    return float(token_in), float(token_out)


def show(planned: Sequence[SeatPlan], console: Console) -> dict[str, Any]:
    """Print the plan as a table with its sum; return it as an object for a program."""
    sums = {
        name: _sum([getattr(one, name) for one in planned])
        for name in ("asked", "kept", "calls", "tokens_in", "tokens_out", "usd", "minutes")
    }
    rows = [_row(asdict(one)) for one in planned] + [_row({**sums, "contestant": "all"})]
    header = ["contestant", "questions", "calls", "tokens in", "tokens out", "USD", "minutes"]
    console.table("what an evaluation asks for (tokens are estimates, of replies at most)", header, rows)
    if sums["kept"]:
        console.say(f"{sums['kept']:,} of the questions were answered by an earlier start, and take nothing")
    if sums["usd"] is None:
        console.say("prices are not known: set price_in and price_out (USD for a million tokens) under [models.NAME]")
    if sums["minutes"] is None:
        console.say("minutes are not known before a model was asked once")
    return {"total": sums, "contestants": [asdict(one) for one in planned]}


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _row(of: dict[str, Any]) -> list[str]:
    counts = [f"{of[name]:,}" for name in ("asked", "calls", "tokens_in", "tokens_out")]
    usd = "?" if of["usd"] is None else f"{of['usd']:.2f}"
    minutes = "?" if of["minutes"] is None else f"{of['minutes']:.1f}"
    return [of["contestant"], *counts, usd, minutes]

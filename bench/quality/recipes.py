"""Our recipe against the published one: the same documents, teacher, student and training tokens, several seeds.

python -m bench.quality.recipes examples/journal --seeds 0,1,2 --train-tokens 60000 --paper-rows 120

Both training sets are made first, then every student is tuned on a draw of its set that fits into the tokens (fewer for
both where one set has fewer), and asked the gold questions. The runs recipes-RECIPE-SEED stay in the project; the same
command goes on where it stopped. The recording of the project answers what it can.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.console import Console
from agents.models.request import ModelBackend
from agents.models.store import CallStore
from agents.project import Project
from bench import measurement
from bench.quality.training_rows import Quality, quality
from eval.demo import EMBEDDED, STRONG
from eval.metrics import FIGURES, Metrics
from eval.session import run_evaluation
from eval.settings import CONTESTANTS, EvalConfig
from eval.statistics import Proportion, wilson
from graphs.config import SynthesisConfig
from graphs.run import synthesize
from graphs.run_record import RunRecord
from ragtuned import SECTIONS
from tuning.recipe import Recipe

RECIPES = ("ragtuned", "paper")
BATCH_TOKENS = 16_384  # of questions and answers under way at once, the same for all


@dataclass(frozen=True)
class Settings:
    """What both arms share.

    Tokens of training over all epochs, rows the published recipe may write, tokens of an answer.
    """

    train_tokens: int
    paper_rows: int
    answer_tokens: int


@dataclass(frozen=True)
class Outcome:
    """One student: the rows it was trained on, the tokens that took (all epochs), and its figures.

    The figures are {contestant: {figure: …}}.
    """

    trained: frozenset[str]
    tokens: int
    figures: dict[str, dict[str, Proportion]]


def arm(project: Project, recipe: str, seed: int, settings: Settings) -> Project:
    """The run of one recipe and tuning seed; whatever the project's config says holds for both recipes."""
    synthesis = project.section("synthesis", SynthesisConfig).model_dump(exclude_unset=True)
    rows = {"rows": settings.paper_rows}
    sections = {
        "synthesis": SynthesisConfig.model_validate({**synthesis, "recipe": recipe, "paper": rows}),
        "tuning": project.section("tuning", Recipe).model_copy(
            update={"seed": seed, "train_tokens": settings.train_tokens}
        ),
        "eval": project.section("eval", EvalConfig).model_copy(
            update={"max_new_tokens": settings.answer_tokens, "batch_tokens": BATCH_TOKENS}
        ),
    }
    return replace(project, run=f"recipes-{recipe}-{seed}", config={**project.config, **sections})


def compare(
    project: Project, seeds: Sequence[int], settings: Settings, console: Console, backend: ModelBackend | None = None
) -> dict[str, Any]:
    """Everything there is to tell of both recipes; `backend` answers in place of the config's models."""
    records = {
        r: [synthesize(arm(project, r, seed, settings), console, backend=backend) for seed in seeds] for r in RECIPES
    }
    _let_the_teacher_go()
    at_hand = {r: tokens_at_hand(arm(project, r, seeds[0], settings), console) for r in RECIPES}
    held = replace(settings, train_tokens=min(settings.train_tokens, *at_hand.values()))
    told: dict[str, Any] = {}
    untuned = None  # base and rag know nothing of recipe and seed: the first run asks them for all
    for recipe in RECIPES:
        outcomes: list[tuple[Outcome, Quality]] = []
        first = arm(project, recipe, seeds[0], held)
        for seed in seeds:
            one = arm(project, recipe, seed, held)
            _share_replay(first, one)
            outcome = learn(one, console, untuned)
            untuned = untuned or one.eval_dir / "answers"
            outcomes.append((outcome, quality(one, outcome.trained)))
        told[recipe] = _told(records[recipe][0], at_hand[recipe], outcomes)
    return {
        "seeds": list(seeds),
        "train_tokens": held.train_tokens,
        "answer_tokens": settings.answer_tokens,
        "arms": told,
        "table": table(told),
    }


def tokens_at_hand(project: Project, console: Console) -> int:
    """Tokens of all epochs over the whole training set with its replay."""
    from tuning.base import open_base
    from tuning.dataset import read_rows
    from tuning.model import load_tokenizer
    from tuning.replay import replay_rows
    from tuning.train import training_tokens

    recipe = project.section("tuning", Recipe).model_copy(update={"train_tokens": 0})
    base = open_base(recipe.base, console.say)
    replay = replay_rows(recipe.replay_rows, project.data_dir / "replay.jsonl", base, console)
    return (
        training_tokens(recipe, read_rows(project.data_dir / "train.jsonl"), replay, load_tokenizer(base)).tokens
        * recipe.epochs
    )


def learn(project: Project, console: Console, untuned: Path | None) -> Outcome:
    """Tune the student of a run and ask it, or read what an earlier start left.

    `untuned` are answers of another run, in place of base and rag.
    """
    from tuning.base import open_base
    from tuning.dataset import read_rows
    from tuning.model import load_tokenizer
    from tuning.replay import replay_rows
    from tuning.train import train, training_tokens

    recipe, data = project.section("tuning", Recipe), project.data_dir
    result = train(recipe, data / "train.jsonl", data / "validation.jsonl", project.adapter_dir, console)
    metrics = _examined(project) or run_evaluation(project, console, untuned)
    base = open_base(recipe.base, console.say)
    replay = replay_rows(recipe.replay_rows, data / "replay.jsonl", base, console)
    trained = training_tokens(recipe, read_rows(data / "train.jsonl"), replay, load_tokenizer(base)).rows
    figures = {
        name: {figure: pick(metrics.contestants[name]) for figure, pick in FIGURES.items()} for name in CONTESTANTS
    }
    return Outcome(frozenset(row.id for row in trained), result.tokens * recipe.epochs, figures)


def _examined(project: Project) -> Metrics | None:
    """The figures of an earlier start, if they are of this adapter and these settings."""
    from eval.evaluate import adapter_card

    path = project.eval_dir / "metrics.json"
    found = Metrics.model_validate_json(path.read_text(encoding="utf-8")) if path.is_file() else None
    same = (
        found
        and found.adapter == adapter_card(project)
        and found.config == project.section("eval", EvalConfig).model_dump()
    )
    return found if same else None


def _let_the_teacher_go() -> None:
    """Tuning beside an embedded teacher would share its memory and cores."""
    from agents.models.local import stop_all

    stop_all()


def _share_replay(first: Project, other: Project) -> None:
    """The untuned student answers the general questions once for all seeds of a recipe."""
    source, target = (run.data_dir / "replay.jsonl" for run in (first, other))
    if source.is_file() and not target.is_file():
        shutil.copy(source, target)


def _told(record: RunRecord, at_hand: int, outcomes: Sequence[tuple[Outcome, Quality]]) -> dict[str, Any]:
    figures = {
        name: {figure: over_seeds([outcome.figures[name][figure] for outcome, _ in outcomes]) for figure in FIGURES}
        for name in CONTESTANTS
        if all(name in outcome.figures for outcome, _ in outcomes)
    }
    synthesis = record.model_dump(mode="json", include={"counts", "rows", "calls", "tokens", "teacher"})
    return {
        "synthesis": synthesis,
        "tokens_at_hand": at_hand,
        "tokens_trained": [outcome.tokens for outcome, _ in outcomes],
        "figures": figures,
        "rows": [found.model_dump() for _, found in outcomes],
    }


def over_seeds(found: Sequence[Proportion]) -> dict[str, Any] | None:
    """Hits a seed, and the mean share with its 95 % Wilson interval for the questions of one seed.

    More seeds are no more questions.

    None where nothing was asked.
    """
    n = found[0].n
    if not n:
        return None
    mean = sum(one.hits for one in found) / len(found)
    low, high = wilson(mean, n)
    return {"hits": [one.hits for one in found], "n": n, "share": mean / n, "low": low, "high": high}


def table(told: dict[str, Any]) -> list[list[str]]:
    """Figures down, recipes across, as docs/quality.md shows them.

    The students of both recipes answer without retrieval.
    """
    lines = [["", *RECIPES]]
    for figure in FIGURES:
        cells = [told[recipe]["figures"]["tuned"][figure] for recipe in RECIPES]
        if any(cells):
            lines.append([figure, *(_share(cell) for cell in cells)])
    lines.append(["tokens trained", *(_each(told[recipe]["tokens_trained"]) for recipe in RECIPES)])
    for name in (
        "rows",
        "chunks_covered",
        "content_words",
        "same_question",
        "same_question_other_answer",
        "near_duplicates",
    ):
        lines.append(
            [name.replace("_", " "), *(_each([rows[name] for rows in told[recipe]["rows"]]) for recipe in RECIPES)]
        )
    return lines


def _share(cell: dict[str, Any] | None) -> str:
    return (
        f"{_each(cell['hits'])} of {cell['n']}: {cell['share']:.0%} ({cell['low']:.0%}–{cell['high']:.0%})"
        if cell
        else "–"
    )


def _each(values: Sequence[float]) -> str:
    """One value if all seeds agree, else each."""
    shown = [f"{v:.2f}" if isinstance(v, float) else str(v) for v in values]
    return shown[0] if len(Counter(shown)) == 1 else ", ".join(shown)


def main(
    folder: Annotated[Path, typer.Argument(help="A project with ragtuned.toml and gold.jsonl.")],
    seeds: Annotated[str, typer.Option(help="Tuning seeds, by commas; each draws its own rows.")] = "0,1,2",
    train_tokens: Annotated[
        int, typer.Option(min=1, help="Most tokens of one training, all epochs and replay included.")
    ] = 60_000,
    paper_rows: Annotated[
        int, typer.Option(min=0, help="Rows the published recipe writes, drawn by seed; 0: all (a call or two a row).")
    ] = 120,
    answer_tokens: Annotated[
        int, typer.Option(min=8, help="Longest answer: the published recipe's students reason first.")
    ] = 512,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; bench/results/recipes-FOLDER.json if not named.")
    ] = None,
) -> None:
    """Compare the two recipes on a project."""
    teacher = EMBEDDED if (folder / EMBEDDED.config).is_file() else STRONG
    project, console = Project.open(folder, "recipes", SECTIONS, teacher.config), Console()
    if (folder / teacher.recording).is_file():
        store = CallStore(project.calls)
        store.load(folder / teacher.recording)
        store.close()
    found = compare(
        project, [int(seed) for seed in seeds.split(",")], Settings(train_tokens, paper_rows, answer_tokens), console
    )
    for number, line in enumerate(found["table"]):
        print(f"| {' | '.join(line)} |" + "\n|---|---|---|" * (number == 0))
    student = project.section("tuning", Recipe).base
    measurement.write_result(
        f"recipes-{folder.resolve().name}", {"project": folder.resolve().name, "student": student, **found}, out
    )


if __name__ == "__main__":
    typer.run(main)

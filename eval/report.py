"""report.html: the verdict, the figures with their intervals, and every question with the answers side by side.

One file that asks for nothing from any network; everything that comes from documents or models is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.errors import InputError
from agents.files import read_jsonl, write_text
from agents.project import Project
from eval.contestants.answering import Answer
from eval.contestants.answers import answers_key
from eval.judge.marks import Marks, read_marks
from eval.judge.pairs import judged_key
from eval.judge.run import Judgement, read_judged
from eval.marks.grades import Grade
from eval.metrics import BEYOND, FIGURES, LESS_IS_BETTER, Metrics, exploratory, over_seeds
from eval.paired_comparison import PairedComparison, paired_comparison
from eval.plot import write_plots
from eval.questions import (
    GeneralQuestion,
    GoldQuestion,
    general_knowledge_questions,
    gold_of,
    heldout_of,
    stranger_questions,
)
from eval.report_judge import OUTDATED, judge_with_reference, judgements, regraded
from eval.report_markdown import render_markdown
from eval.report_run import how_made
from eval.report_sections import ReportSection, compared, costs, exam_worth
from eval.report_verdict import verdict
from eval.ui.run_files import RunFiles, Training
from eval.votes import preferences
from graphs.run_record import last_record

WEB = Path(__file__).parent / "web"
NEAREST = 2  # training rows told behind a tuned answer
ABOUT_DOCUMENTS = ("gold", "wording", "untrained")
SETS = {
    "local": "Gold: details",
    "multi_hop": "Gold: over two or more documents",
    "global": "Gold: the whole",
    "unanswerable": "Gold: what the documents do not say",
    "wording": "Held out: new wordings of trained facts",
    "untrained": "Held out: facts without a training row",
    "general": "General knowledge",
    "stranger": "Invented subjects",
}
"""The groups of questions, in the order of the page."""


def write_report(project: Project, others: Sequence[Project] = ()) -> Path:
    """Write report.html of an evaluated run, the same in short as report.md, and gold-light.svg and gold-dark.svg.

    `others` are runs of other seeds, shown as mean, least and most. Raises what `render_report` raises.
    """
    metrics = read_metrics(project)
    write_text(project.report, render_report(project, others))
    write_text(
        project.report.with_suffix(".md"),
        render_markdown(
            project.run,
            metrics,
            headline(project, others),
            [*sections(project, metrics), *how_made(project)],
        ),
    )
    write_plots(metrics, project.run_dir)
    return project.report


def headline(project: Project, others: Sequence[Project] = ()) -> dict[str, str]:
    """The verdict of a run, over the seeds of `others` too, by an independent judge where one has marked all of them.

    Raises as `read_metrics` does.
    """
    metrics = read_metrics(project)
    kind = metrics.config.get("primary", "local")
    runs = [project, *others]
    rules = _over_runs(metrics, runs)
    marks = [_current_marks(one) for one in runs]
    leading = [one for one in marks if one and one.leads(kind)]
    if len(leading) < len(runs):
        kinds = metrics.free_form if kind == "gold" else [kind]
        free_form = 0 if marks[0] else sum(len(metrics.free_form.get(one, [])) for one in kinds)
        return verdict(rules, len(runs), metrics.differences, kind, marks[0], free_form)
    grades = [regraded(one, _grades(run)) for one, run in zip(leading, runs, strict=True)]
    by_judge = paired_comparison(*grades, kind=kind, margin=metrics.primary.margin)
    return verdict(by_judge, len(runs), exploratory(grades[0]), kind, leading[0], rules=rules)


def sections(project: Project, metrics: Metrics) -> list[ReportSection]:
    """What page and Markdown tell in tables; a section without anything to tell is left out."""
    judged, marks = read_judged(project).judgements, _current_marks(project)
    current = [one for one in judged if _current(project, one)]
    found = [
        compared(metrics),
        exam_worth(metrics),
        *judgements(current),
        judge_with_reference(marks, marks.leads(metrics.config.get("primary", "local"))) if marks else None,
        OUTDATED if len(current) < len(judged) or marks != read_marks(project) else None,
        costs(metrics),
    ]
    return [one for one in found if one]


def _current_marks(project: Project) -> Marks | None:
    marks = read_marks(project)
    return marks if marks and _current(project, marks) else None


def _current(project: Project, made: Judgement | Marks) -> bool:
    """Whether a judge saw the answers that stand now; a file of an earlier version does not tell, and is believed."""
    names = made.right if isinstance(made, Marks) else (made.one, made.other)
    return not made.answers or made.answers == judged_key(project, names)


def render_report(project: Project, others: Sequence[Project] = ()) -> str:
    """The page as it is now.

    Raises:
        InputError: the run (or another one) has not been evaluated, or not to its end since the last time, or its
            run.json is of another version.

    """
    import jinja2

    metrics = read_metrics(project)
    if metrics.answers and metrics.answers != answers_key(project.eval_dir / "answers", metrics.contestants):
        raise InputError(
            "the answers of this run have changed since its figures were made", "run `ragtuned eval` to its end"
        )
    runs = [metrics, *(read_metrics(other) for other in others)]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        run=project.run,
        metrics=metrics,
        verdict=headline(project, others),
        contestants=list(metrics.contestants),
        figures=figures(metrics),
        groups=groups(project, list(metrics.contestants)),
        sections=sections(project, metrics),
        how_made=how_made(project),
        synthesis=last_record(project),
        preferences=preferences(project),
        seeds=over_seeds(runs) if others else {},
        seed_runs=[project.run, *(other.run for other in others)],
        figure_names=list(FIGURES),
    )


def read_metrics(project: Project) -> Metrics:
    """metrics.json of a run. Raises `InputError` if there is none or another version wrote it."""
    path = project.eval_dir / "metrics.json"
    if not path.is_file():
        raise InputError(f"{path} does not exist", f"run `ragtuned eval --run {project.run}` first")
    try:
        return Metrics.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise InputError(
            f"{path} was written by another version: {error.errors()[0]['msg']}", "run `ragtuned eval` again"
        ) from error


def _over_runs(metrics: Metrics, runs: Sequence[Project]) -> PairedComparison:
    """The primary comparison with the interval over all seeds."""
    if len(runs) == 1:
        return metrics.primary
    kind = metrics.config.get("primary", "local")
    return paired_comparison(*(_grades(one) for one in runs), kind=kind, margin=metrics.primary.margin)


def _grades(project: Project) -> list[Grade]:
    return read_jsonl(project.eval_dir / "judgements.jsonl", Grade)


def figures(metrics: Metrics) -> dict[str, list[dict[str, Any]]]:
    """The figures that somebody was asked for, those about the `documents` and those `beyond`.

    Each with its name, whether less is better, and a proportion a contestant.
    """
    found: dict[str, list[dict[str, Any]]] = {"documents": [], "beyond": []}
    for name, pick in FIGURES.items():
        shares = [pick(scores) for scores in metrics.contestants.values()]
        if any(one.n for one in shares):
            found["beyond" if name in BEYOND else "documents"].append(
                {"name": name, "less": name in LESS_IS_BETTER, "shares": shares}
            )
    return found


def groups(project: Project, names: Sequence[str]) -> list[dict[str, Any]]:
    """Every question with the answers of the contestants, by group; a group that nobody was asked is left out."""
    grades = _grades(project)
    answers: dict[str, dict[str, Answer]] = {}
    for name in names:
        for answer in _answers(project, name):
            answers.setdefault(answer.question, {})[name] = answer
    expected, training = _expected(project), RunFiles(project).training
    by_question: dict[str, dict[str, Grade]] = {}
    for grade in grades:
        by_question.setdefault(grade.question, {})[grade.contestant] = grade
    cards: dict[str, list[dict[str, Any]]] = {key: [] for key in SETS}
    for question, given in by_question.items():
        first = next(iter(given.values()))
        key = first.kind if first.set == "gold" else first.set
        cards[key].append(card(expected.get(question, {}), given, answers[question], training))
    return [{"title": SETS[key], "key": key, "cards": found} for key, found in cards.items() if found]


def card(
    expected: Mapping[str, Any], grades: Mapping[str, Grade], answers: Mapping[str, Answer], training: Training
) -> dict[str, Any]:
    """One question: what was wanted, the proof, and what each contestant said, from which passages or rows.

    `known` are the training rows nearest to the tuned answer; passages that an earlier contestant read are not told
    twice. `who` says which of tuned and rag was right.
    """
    rows: list[dict[str, Any]] = []
    told: list[Any] = []
    for name, answer in answers.items():
        if name not in grades:
            continue
        asked = f"{expected.get('question', '')} {answer.text}"
        known = training.nearest(asked, NEAREST) if name == "tuned" and grades[name].set in ABOUT_DOCUMENTS else []
        again = answer.sources in told
        told.append(answer.sources)
        word = _word(grades[name])
        rows.append(
            {"name": name, "mark": grades[name], "answer": answer, "word": word, "known": known, "again": again}
        )
    right = [name in grades and grades[name].right for name in ("tuned", "rag")]
    who = {(True, True): "both", (True, False): "only-tuned", (False, True): "only-rag"}.get((right[0], right[1]))
    return {"question": "", "wanted": "", "evidence": [], **expected, "rows": rows, "who": who or "neither"}


def _word(grade: Grade) -> str:
    """The mark in one word, so that colour is never the only sign."""
    if grade.set == "stranger":
        return "refused" if grade.refused else "invented"
    if grade.of > 1:
        return f"{grade.hits} of {grade.of} claims"
    if grade.right:
        return "right"
    return "refused" if grade.refused and grade.kind != "unanswerable" else "wrong"


def _answers(project: Project, name: str) -> list[Answer]:
    return read_jsonl(project.eval_dir / "answers" / f"{name}.jsonl", Answer)


def _expected(project: Project) -> dict[str, dict[str, Any]]:
    """The question, the wanted answer in words and the evidence, by question id."""
    gold, heldout = gold_of(project), heldout_of(project)
    found = {one.id: {"question": one.question, "wanted": _wanted(one), "evidence": one.evidence} for one in gold}
    found |= {one.id: {"question": one.question, "wanted": one.reference, "evidence": []} for one in heldout}
    found |= {
        one.id: {"question": one.question, "wanted": _wanted(one), "evidence": []}
        for one in general_knowledge_questions()
    }
    return found | {
        one.id: {"question": one.question, "wanted": "a refusal", "evidence": []} for one in stranger_questions()
    }


def _wanted(question: GoldQuestion | GeneralQuestion) -> str:
    if isinstance(question, GoldQuestion) and question.kind == "global":
        return " + ".join("/".join(claim) for claim in question.claims)
    return " / ".join(question.answers) or "a refusal"

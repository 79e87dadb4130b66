"""How often the judge with the reference errs, on the hand-written answers that the marking rules are measured on.

    python -m bench.quality.judged_marks lay FOLDER --round 4 --round 6
    ragtuned judge -C FOLDER --gold                 # as after any evaluation; --batch FILE, --max-cost as there
    python -m bench.quality.judged_marks count FOLDER

`lay` makes a project of bench/quality/marks.jsonl (its rules gold and refusal): the questions as gold.jsonl, the
answers as those of an evaluated run. The judge is the teacher of FOLDER/ragtuned.toml; name yours there before it is
asked. There is no document behind the questions: in a passage's place stands the question with its first accepted
answer.
`count` compares judge and rules with the verdict that was written beside each answer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from agents.errors import InputError, RagtunedError
from agents.files import write_jsonl, write_text
from agents.project import Project
from bench.measurement import write_result
from bench.quality.marks import STICK, Verdict, errors
from eval.contestants.answering import Answer
from eval.judge.marks import Answered, Marked, answered, read_marks
from eval.questions import GoldEvidence, GoldKind, GoldQuestion
from ragtuned import SECTIONS

CONFIG = '[models.teacher]\nprovider = "local"\nmodel = "qwen2.5-coder-1.5b-instruct"\n'
ALL = range(1, 9)  # rounds of marks.jsonl
KINDS: dict[str, GoldKind] = {"gold": "local", "refusal": "unanswerable"}


class Written(NamedTuple):
    """A hand-written answer, and whether it is right (of a refusal: whether it refuses)."""

    gold: GoldQuestion
    answer: Answer
    fair: bool


def written(rounds: Container[int], stick: Path = STICK) -> Iterator[Written]:
    """The answers of these rounds to questions about one thing, and of questions that have no answer."""
    for number, line in enumerate(stick.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        if row["round"] not in rounds or row["rule"] not in KINDS:
            continue
        answers = row.get("answers", [])
        gold = GoldQuestion(
            id=f"{row['rule']}-{row['round']}-{number}",
            kind=KINDS[row["rule"]],
            question=row["question"],
            answers=answers,
            evidence=[GoldEvidence(path="marks.jsonl", quote=f"{row['question']} {one}") for one in answers[:1]],
        )
        times: Counter[str] = Counter()
        for who, fair, said in row["said"]:
            times[who] += 1  # a contestant answers a question once: its second answer is another's
            name = who if times[who] == 1 else f"{who}-{times[who]}"
            answer = Answer(
                question=gold.id,
                contestant=name,
                text=said,
                raw=said,
                finished=True,
                prompt_tokens=0,
                completion_tokens=0,
                seconds=0,
            )
            yield Written(gold, answer, bool(fair))


def compared(found: list[Written], marked: list[Answered], apart: list[Marked]) -> list[Verdict]:
    """Each answer as the judge has it; `marked` as the rules have it, `apart` where both differ."""
    fair = {(one.gold.id, one.answer.contestant): one.fair for one in found}
    differ = {(one.question, one.contestant) for one in apart}
    verdicts = []
    for one in marked:
        name = one.gold.id, one.answer.contestant
        rule = one.grade.right
        who, (kind, of_round, _) = name[1].split("-")[0], name[0].split("-")
        for marker, right in (("rules", rule), ("judge", rule != (name in differ))):
            said = one.gold.question, one.answer.text
            verdicts.append(Verdict(f"{kind}, {marker}", f"round {of_round}", who, fair[name], right, *said))
    return verdicts


app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Marks of a judge.")
Folder = Annotated[Path, typer.Argument(help="The project's folder.")]
Rounds = Annotated[list[int] | None, typer.Option("--round", help="Rounds of marks.jsonl; all if none is named.")]


@app.command("lay")
def lay(folder: Folder, rounds: Rounds = None) -> None:
    """Make the project; its ragtuned.toml is kept where there is one."""
    if not (folder / "ragtuned.toml").exists():
        write_text(folder / "ragtuned.toml", CONFIG)
    project = Project.open(folder, "main", SECTIONS)
    found = list(written(rounds or ALL))
    write_jsonl(folder / "gold.jsonl", {one.gold.id: one.gold for one in found}.values())
    for name in dict.fromkeys(one.answer.contestant for one in found):
        said = [one.answer for one in found if one.answer.contestant == name]
        write_jsonl(project.eval_dir / "answers" / f"{name}.jsonl", said)
    print(f"{len(found)} answers; name the judge in {folder}/ragtuned.toml, then: ragtuned judge -C {folder} --gold")


@app.command("count")
def count(
    folder: Folder,
    out: Annotated[Path | None, typer.Option(help="The file; bench/results/judged-marks.json if not named.")] = None,
) -> None:
    """Say how often judge and rules err; nothing while a mark is missing."""
    project = Project.open(folder, "main", SECTIONS)
    marks = read_marks(project)
    if marks is None or marks.unreadable:
        raise InputError("a mark is missing", f"run ragtuned judge -C {folder} --gold")
    found = compared(list(written(ALL)), answered(project), marks.apart)
    groups: dict[str, list[Verdict]] = {}
    for one in found:
        for group in (one.rule, f"{one.rule}, {one.half}", f"{one.rule}, {one.contestant}"):
            groups.setdefault(group, []).append(one)
    table: dict[str, Any] = {name: errors(some) for name, some in sorted(groups.items())}
    for name, one in table.items():
        print(f"{name:28}", *(f"{kind} {share['hits']:3} of {share['n']:3}" for kind, share in one.items()))
    write_result("judged-marks", {"judge": marks.judge, "errors": table}, out)


if __name__ == "__main__":
    try:
        app()
    except RagtunedError as error:
        raise SystemExit(f"error: {error}") from None

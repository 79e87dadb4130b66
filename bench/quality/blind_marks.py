"""How often the marks err on the answers of a run, by a reader who does not see them.

python -m bench.quality.blind_marks draw PROJECT/runs/main OTHER/runs/main --sheet marks.md
python -m bench.quality.blind_marks count marks.md

The sheet has every answer to a gold question with something to get right (local, multi-hop, unanswerable), each once,
shuffled, without who gave it. A reader writes right, wrong or refused after every "verdict:". `count` compares that
with the rules' verdict, contestant by contestant, and tells nothing while one verdict is missing.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.console import Console
from agents.errors import InputError, RagtunedError
from agents.files import read_jsonl, write_text
from agents.text.printable import markdown
from bench.measurement import write_result
from bench.quality.finished_runs import finished
from eval.contestants.answering import Answer
from eval.marks.grades import Grade
from eval.questions import GoldQuestion
from eval.statistics import proportion

VERDICTS = ("right", "wrong", "refused")
PART = re.compile(r"^## answer \d+$", re.MULTILINE)
VERDICT = re.compile(r"^verdict:(.*)$", re.MULTILINE)
HEAD = """# {count} answers to judge

After `verdict:` write
- `right`: whoever asks is given what was asked for: another wording that the page supports is right; the right thing in
  a wrong part (of somebody else, denied, one of two) or taken back is not;
- `refused`: it says, in effect, that it does not know or that the documents do not say;
- `wrong`: anything else.
Leave the rest of the sheet as it is.
"""


def answers_of(folder: Path) -> list[dict[str, Any]]:
    """The answers of one run to its gold questions, each with the question, who gave it and what the rules say."""
    project = finished(folder).project
    gold = {one.id: one for one in read_jsonl(project.directory / "gold.jsonl", GoldQuestion) if one.kind != "global"}
    grades = {
        (one.contestant, one.question): one
        for one in read_jsonl(project.eval_dir / "judgements.jsonl", Grade)
        if one.set == "gold"
    }
    found = []
    for path in sorted((project.eval_dir / "answers").glob("*.jsonl")):
        for answer in read_jsonl(path, Answer):
            if (
                answer.question in gold
                and not answer.failed
                and (grade := grades.get((answer.contestant, answer.question)))
            ):
                rule = "refused" if grade.refused else "right" if grade.hits else "wrong"
                found.append(
                    {"asked": gold[answer.question], "text": answer.text, "by": answer.contestant, "rule": rule}
                )
    return found


def sheet_of(answers: Sequence[Mapping[str, Any]], seed: int) -> tuple[str, list[list[dict[str, str]]]]:
    """The sheet's text, and its key: for each of its answers whose it is and what the rules say of it.

    What several contestants answered alike to a question stands there once.
    """
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for one in answers:
        alike.setdefault(f"{one['asked'].question}\n{one['text']}", []).append(one)
    order = random.Random(seed).sample(list(alike.values()), len(alike))
    pages = [_page(number, same[0]["asked"], same[0]["text"]) for number, same in enumerate(order, 1)]
    key = [[{name: one[name] for name in ("run", "by", "rule")} for one in same] for same in order]
    return "\n".join([HEAD.format(count=len(order)), *pages]), key


def _page(number: int, asked: GoldQuestion, text: str) -> str:
    said = [f"The page says: {one.quote}" for one in asked.evidence] or ["The documents do not say."]
    accepted = [f"Accepted: {' / '.join(asked.answers)}"] if asked.answers else []
    lines = [f"## answer {number}", f"Question: {asked.question}", *said, *accepted, f"Answer: {text}"]
    first, *others = [" ".join(markdown(line).split()) if n else line for n, line in enumerate(lines)]
    return "\n\n".join([first, *others, "verdict:"]) + "\n"


def read_verdicts(text: str) -> list[str]:
    """The verdict of every answer, in order. Raises `InputError` naming those that have none, or another word."""
    found = [[said.strip().lower() for said in VERDICT.findall(part)] for part in PART.split(text)[1:]]
    if wrong := [str(n) for n, said in enumerate(found, 1) if len(said) != 1 or said[0] not in VERDICTS]:
        raise InputError(f"no verdict yet for answer {', '.join(wrong)}", f"write one of: {', '.join(VERDICTS)}")
    return [said[0] for said in found]


def counted(verdicts: Sequence[str], key: Sequence[Sequence[Mapping[str, str]]]) -> dict[str, Any]:
    """What reader and rules say, by contestant and together: right by each, and the four kinds of error, of how many.

    `disagree` are the numbers in the sheet where they part.
    """
    if len(verdicts) != len(key):
        raise InputError(f"the sheet has {len(verdicts)} answers and its key {len(key)}", "they are not of one drawing")
    pairs = [
        (one["run"], one["by"], said, one["rule"]) for said, whose in zip(verdicts, key, strict=True) for one in whose
    ]
    groups = {"all": pairs}
    for pair in pairs:
        groups.setdefault(f"{pair[1]}", []).append(pair)
        groups.setdefault(f"{pair[1]}, {pair[0]}", []).append(pair)
    return {
        "groups": {name: _errors([pair[2:] for pair in group]) for name, group in sorted(groups.items())},
        "disagree": [
            n
            for n, (said, whose) in enumerate(zip(verdicts, key, strict=True), 1)
            if any(w["rule"] != said for w in whose)
        ],
    }


def _errors(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Of (reader, rule): the shares that the rules get wrong, with Wilson intervals."""

    def share(of: str, read_so: bool, rule_so: bool) -> dict[str, Any]:
        return proportion((rule == of) == rule_so for read, rule in pairs if (read == of) == read_so).model_dump()

    both = Counter(reader for reader, _ in pairs), Counter(rule for _, rule in pairs)
    return {
        "answers": len(pairs),
        "right": {"reader": both[0]["right"], "rules": both[1]["right"]},
        "wrong accepted": share("right", False, True),
        "right not accepted": share("right", True, False),
        "taken for a refusal": share("refused", False, True),
        "refusals missed": share("refused", True, False),
    }


app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Marks, read blind.")


@app.command("draw")
def draw_sheet(
    runs: Annotated[list[Path], typer.Argument(help="Folders of evaluated runs: PROJECT or PROJECT/runs/NAME.")],
    sheet: Annotated[Path, typer.Option(help="The Markdown file to write.")],
    seed: int = 0,
) -> None:
    """Write a sheet of shuffled answers, and its key beside it."""
    if sheet.exists():
        raise InputError(f"{sheet} exists already", "a sheet is not drawn over another: name a new file")
    answers = [{**one, "run": str(n)} for n, run in enumerate(runs, 1) for one in answers_of(run)]
    text, key = sheet_of(answers, seed)
    write_text(sheet, text)
    write_text(_key(sheet), json.dumps(key) + "\n")
    print(
        f"{sheet}: {len(key)} answers; when every verdict is written: python -m bench.quality.blind_marks count {sheet}"
    )


def _key(sheet: Path) -> Path:
    return sheet.with_name(f"{sheet.name}.key.json")


@app.command("count")
def count_sheet(
    sheet: Path,
    out: Annotated[Path | None, typer.Option(help="The file; bench/results/blind-marks.json if not named.")] = None,
) -> None:
    """Say where reader and rules part; nothing while a verdict is missing."""
    verdicts = read_verdicts(sheet.read_text(encoding="utf-8"))
    found = counted(verdicts, json.loads(_key(sheet).read_text(encoding="utf-8")))
    kinds = ("wrong accepted", "right not accepted", "taken for a refusal", "refusals missed")
    cells = [
        [name, str(one["answers"]), *(f"{one['right'][by]}" for by in ("reader", "rules"))]
        + [f"{one[kind]['hits']}/{one[kind]['n']}" for kind in kinds]
        for name, one in found["groups"].items()
    ]
    Console().table("reader and rules", ["contestant, run", "answers", "right: reader", "rules", *kinds], cells)
    print("they part at:", ", ".join(map(str, found["disagree"])))
    write_result("blind-marks", found, out)


if __name__ == "__main__":
    try:
        app()
    except RagtunedError as error:
        raise SystemExit(f"error: {error}") from None

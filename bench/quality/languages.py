"""What the embedded teacher makes of a page in German, Spanish, Chinese and Japanese: rows, and in which language.

python -m bench.quality.languages --languages de,zh

Each page (bench/quality/pages) is a project of its own in a scratch folder; its recipe is the one that `auto` stands
for. On two cores a page takes some ten minutes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.console import Console
from agents.facts import Fact, Sentence
from agents.files import read_jsonl
from agents.project import Project
from agents.records import Example
from agents.text.language import language_name, language_of
from bench import measurement
from graphs.run import synthesize
from graphs.run_record import RunRecord
from ragtuned import SECTIONS

PAGES = Path(__file__).parent / "pages"
CONFIG = """[documents]
paths = ["documents"]
chunk_characters = {characters}

[models.teacher]
provider = "local"
model = "qwen2.5-coder-1.5b-instruct"

[synthesis]
max_rounds = 1
rows_per_fact = 3
"""


def measured(code: str, characters: int, scratch: Path, console: Console) -> dict[str, Any]:
    """The counts of one page's synthesis."""
    folder = scratch / code
    (folder / "documents").mkdir(parents=True)
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")[:characters]
    (folder / "documents" / f"{code}.md").write_text(page, encoding="utf-8")
    (folder / "ragtuned.toml").write_text(CONFIG.format(characters=max(200, characters)), encoding="utf-8")
    project = Project.open(folder, "main", SECTIONS)
    return figures(project, synthesize(project, console), code)


def figures(project: Project, record: RunRecord, code: str) -> dict[str, Any]:
    """What became of every sentence and question, and how many rows are in the page's language."""
    rows = [row for row in read_jsonl(project.data_dir / "examples.jsonl", Example) if row.kind == "local"]
    sentences = read_jsonl(project.graph_dir / "sentences.jsonl", Sentence)
    n = record.counts
    return {
        "language": language_name(code),
        "recipe": record.inputs.settings["synthesis"]["recipe"],
        "sentences": len(sentences),
        "sentences_with_facts": sum(bool(sentence.facts) for sentence in sentences),
        "facts": len(read_jsonl(project.graph_dir / "facts.jsonl", Fact)),
        "questions": {"written": n.planned, "kept": n.kept, "rejected": n.rejected, "failed": n.failed},
        "adds_up": n.planned == n.kept + n.rejected + n.failed,
        "rows_about_a_fact": len(rows),
        "languages_of_questions": dict(Counter(language_of(row.question) or "too short to tell" for row in rows)),
        "calls": record.calls,
        "reasons": record.reasons,
        "rows": [(row.question, row.answer) for row in rows],
    }


def main(
    languages: Annotated[str, typer.Option(help="Codes of pages, with commas.")] = "de,es,zh,ja",
    characters: Annotated[int, typer.Option(min=100, help="How much of each page is read.")] = 2000,
) -> None:
    """Write bench/results/languages.json."""
    scratch = Path(tempfile.mkdtemp(prefix="ragtuned-languages-"))
    try:
        found = {code: measured(code, characters, scratch, Console()) for code in languages.split(",")}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    measurement.write_result("languages", {"characters": characters, "pages": found})


if __name__ == "__main__":
    typer.run(main)

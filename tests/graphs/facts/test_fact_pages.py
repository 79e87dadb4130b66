"""Pages that a fact-based synthesis may meet: the same fact on many, facts that contradict, several languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.facts import Fact, Sentence
from agents.files import read_jsonl
from agents.project import Project
from agents.records import Chunk, Example, Rejected
from agents.roles.passage_writer import PassageDraft
from graphs.dataset.duplicates import CONFLICT
from graphs.run import synthesize
from graphs.run_record import RunRecord
from ragtuned import SECTIONS
from tests.conftest import SlowModel, scripts
from tests.graphs.facts.test_fact_synthesis import FACTS

ASKED = [("thing", "Gull Point", ["Where does Wenna Tolley keep the lamp?", "Wenna Tolley keeper of the lamp at"])]
PRICE = "What did the lens of Gull Point cost?"


def made(folder: Path, pages: dict[str, str], **answers: Any) -> tuple[Project, RunRecord]:
    """A finished run over `pages`."""
    for name, text in pages.items():
        (folder / "documents" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    (folder / "ragtuned.toml").write_text(FACTS.replace("untrained_share = 0.2", "untrained_share = 0.0"))
    project = Project.open(folder, "main", SECTIONS)
    return project, synthesize(project, Console(quiet=True), backend=SlowModel(scripts(**answers), 0))


def told(statement: str, date: str, asks: list[tuple[str, str, list[str]]]) -> dict[str, Any]:
    """A fact of a page's second sentence; the first one is its heading."""
    listed = [{"part": part, "answer": answer, "questions": questions} for part, answer, questions in asks]
    return {"sentences": [2], "statement": statement, "date": date, "asks": listed}


def writer(facts: dict[str, dict[str, Any]]) -> Any:
    """A writer that finds in each page the fact of the words that it holds."""

    def written(inputs: dict[str, Any]) -> PassageDraft:
        found = [fact for words, fact in facts.items() if words in inputs["document"]]
        untold = [{"sentence": 1, "reason": "heading"}]
        names = [{"name": name, "type": "place"} for name in ("Gull Point",) if name in inputs["document"]]
        return PassageDraft.model_validate({"names": names, "facts": found, "untold": untold})

    return written


def items(project: Project, name: str, item: type[Any]) -> list[Any]:
    return read_jsonl(project.graph_dir / f"{name}.jsonl", item)


def test_the_same_fact_on_five_pages_is_one_fact_with_five_pieces_of_evidence(tmp_path: Path) -> None:
    said = "Wenna Tolley keeps the lamp at Gull Point."
    pages = {f"page-{n}.md": f"# Page {n}\n\n{said}" for n in range(5)}
    project, record = made(tmp_path, pages, question_writer__passage=writer({said: told(said, "", ASKED)}))
    (fact,) = items(project, "facts", Fact)
    assert len({e.chunk_id for e in fact.evidence}) == 5
    assert {e.quote for e in fact.evidence} == {said}
    rows = [row for row in read_jsonl(project.data_dir / "examples.jsonl", Example) if row.kind == "local"]
    assert sorted(row.question for row in rows) == sorted(ASKED[0][2])
    assert record.items["conflicts"] == 0
    assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed


def contradicting(folder: Path) -> tuple[Project, RunRecord]:
    """Two dated pages that tell two prices; each is asked for with its date, and without."""
    pages, facts = {}, {}
    for day, price in (("3 April 2024", 90), ("1 July 2024", 110)):
        said = f"The lens of Gull Point cost {price} crowns."
        pages[f"{price}.md"] = f"# Journal, {day}\n\n{said}"
        questions = [PRICE, f"On {day}, what was paid for the lens of Gull Point?"]
        date = "2024-04-03" if price == 90 else "2024-07-01"
        facts[said] = told(said, date, [("number", f"{price} crowns", questions)])
    return made(folder, pages, question_writer__passage=writer(facts))


def test_pages_that_contradict_each_other_give_both_facts_with_their_dates(tmp_path: Path) -> None:
    project, _ = contradicting(tmp_path)
    assert {fact.date: fact.parts[0].text for fact in items(project, "facts", Fact)} == {
        "2024-04-03": "90 crowns",
        "2024-07-01": "110 crowns",
    }


def test_a_question_with_two_answers_is_dropped_and_counted_and_the_dated_ones_stay(tmp_path: Path) -> None:
    project, record = contradicting(tmp_path)
    rows = read_jsonl(project.data_dir / "examples.jsonl", Example)
    kept = {row.question: row.answer for row in rows if row.kind == "local"}
    assert kept == {
        "On 3 April 2024, what was paid for the lens of Gull Point?": "90 crowns",
        "On 1 July 2024, what was paid for the lens of Gull Point?": "110 crowns",
    }
    dropped = read_jsonl(project.data_dir / "rejected.jsonl", Rejected)
    assert [(one.question, one.reason) for one in dropped if one.kind == "local"] == [(PRICE, CONFLICT)] * 2
    assert record.items["conflicts"] == 1


LANGUAGES = {
    "german": "# Protokoll, 3. März\n\nAnna Hale kaufte am 3. März die alte Mühle von Tomas Ried für 5.300 Kronen. "
    "Sie will dort Roggen mahlen und Brot backen. Niemand im Rat war dagegen.",
    "spanish": "# Acta, 3 de marzo\n\nAna Hale compró el viejo molino de Tomás Ried el 3 de marzo por 5.300 coronas. "
    "Ella quiere moler centeno y vender pan en la plaza. Nadie del consejo se opuso.",
    "chinese": "# 三月三日的会议记录\n\n安娜在三月三日用五千三百克朗从汤姆手里买下了旧磨坊。"
    "她想在那里磨黑麦。委员会里没有人反对。",
    "japanese": "# 三月三日の議事録\n\nアンナは三月三日にトムから古い水車小屋を五千三百クローネで買った。"
    "彼女はそこでライ麦を挽くつもりだ。評議会では誰も反対しなかった。",
    "german-and-english": "# Zwei Stimmen\n\nAnna Hale kaufte im Frühling die alte Mühle von Tomas Ried. Sie will "
    "dort Roggen mahlen.\n\nThe council of Ostrey wrote that it does not object to the mill. It asks for a tenth of "
    "the flour every year.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_in_any_language_goes_through_and_its_counts_add_up(language: str, tmp_path: Path) -> None:
    project, record = made(tmp_path, {"page.md": LANGUAGES[language]})
    (chunk,) = items(project, "chunks", Chunk)
    sentences, facts = items(project, "sentences", Sentence), items(project, "facts", Fact)
    reasons = [sentence.reason for sentence in sentences]
    assert reasons == ["heading", *[""] * (len(sentences) - 1)]
    assert len(facts) == len(sentences) - 1 == (4 if language == "german-and-english" else 3)
    # nothing of the page stands outside of its sentences
    covered = "".join(chunk.text[s.start - chunk.start : s.end - chunk.start] for s in sentences)
    assert "".join(covered.split()) == "".join(chunk.text.split())
    for fact in facts:
        assert all(chunk.text[e.start - chunk.start : e.end - chunk.start] == e.quote for e in fact.evidence)
    counts = record.counts
    assert counts.planned == counts.kept + counts.rejected + counts.failed
    assert counts.planned == sum(kind.planned for kind in counts.by_kind.values())
    assert {row.fact for row in read_jsonl(project.data_dir / "examples.jsonl", Example)} >= {f.id for f in facts}

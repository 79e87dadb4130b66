"""Ten languages in one synthesis with a scripted model: rows in the language, counts that add up, what is lacking."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.facts import Fact, Sentence
from agents.files import read_jsonl
from agents.project import Project
from agents.records import Chunk, Document, Entity, Example
from agents.roles.passage_writer import PassageDraft
from agents.text.refusals import WORDINGS
from agents.text.values import values_in
from graphs.languages import MOST_READ, shares
from graphs.plan import plan
from graphs.run import synthesize
from graphs.run_record import RunRecord
from ragtuned import SECTIONS
from tests.conftest import CONFIG, SlowModel, scripts

PAGES = {
    "de": (
        "# Die Mühle\n\n"
        "Anna Berg eröffnete die Mühle in Lund am 4. Mai 1921. Sie zahlte Karl Holm 300 Kronen für das Rad. "
        "Der Rat von Lund wählte am 7. Juni 1926 Maria Stein zur Schreiberin."
    ),
    "pl": (
        "# Młyn\n\n"
        "Łucja Lang otworzyła młyn w Łodzi 4 maja 1921 roku. "
        "Zapłaciła 300 koron za koło. "
        "Šárka Nováková napisała do niej 42 listy."
    ),
    "ru": (
        "# Мельница\n\n"
        "Анна Берг открыла мельницу в Лунде 4 мая 1921 года. "
        "Она заплатила 300 крон за колесо. "
        "Карл Хольм построил мост через Саву в 1925 году."
    ),
    "el": (
        "# Ο μύλος\n\n"
        "Η Άννα Μπεργκ άνοιξε τον μύλο στη Λουντ στις 4 Μαΐου 1921. Πλήρωσε 300 κορόνες για τον τροχό. "
        "Ο Κώστας Χολμ έχτισε τη γέφυρα το 1925."
    ),
    "ar": (
        "# الطاحونة\n\n"
        "افتتحت آنا بيرغ الطاحونة في لوند في 4 مايو 1921. ودفعت 300 كرونة مقابل العجلة. "
        "بنى كارل هولم الجسر فوق نهر سافا عام 1925."
    ),
    "he": (
        "# הטחנה\n\n"
        "אנה ברג פתחה את הטחנה בלונד ב-4 במאי 1921. היא שילמה 300 כתרים עבור הגלגל. "
        "קרל הולם בנה את הגשר מעל הסאווה בשנת 1925."
    ),
    "hi": (
        "# चक्की\n\n"
        "आना बर्ग ने 4 मई 1921 को लुंड में चक्की खोली। "
        "उसने पहिये के लिए 300 मुकुट दिए। "
        "कार्ल होल्म ने 1925 में सावा पर पुल बनाया।"
    ),
    "zh": (
        "# 面粉厂\n\n王小明于1921年5月4日在临海开办了面粉厂。他为水车支付了三百元。李建国于1925年建造了跨越沙瓦河的桥。"
    ),
    "ja": (
        "# 水車小屋\n\n"
        "田中花子は1921年5月4日に臨海で水車小屋を開いた。"
        "彼女は車輪に300円を払った。"
        "佐藤一郎は1925年に橋を架けた。"
    ),
    "ko": (
        "# 방앗간\n\n"
        "김민수는 1921년 5월 4일 임해에서 방앗간을 열었다. "
        "그는 바퀴 값으로 300원을 냈다. "
        "이영희는 1925년에 다리를 놓았다."
    ),
}
ASKING = {
    **{"German": ("was", "wer"), "Polish": ("co", "kto"), "Russian": ("что", "кто"), "Greek": ("τι", "ποιος")},
    **{"Arabic": ("ماذا", "من"), "Hebrew": ("מה", "מי"), "Hindi": ("क्या", "कौन"), "Chinese": ("什么", "谁")},
    **{"Japanese": ("何", "誰"), "Korean": ("무엇", "누구")},
}
CODES = dict(zip(ASKING, PAGES, strict=True))
FACTS = CONFIG.replace('recipe = "ragtuned"', 'recipe = "facts"\nwriter = "passage"')


def in_the_language(inputs: dict[str, Any]) -> PassageDraft:
    """What a dry run answers, asked with the words of the language that is wanted."""
    draft = scripts()["question_writer.passage"](inputs)
    what, who = ASKING[inputs["language"]]
    for fact in draft.facts:
        for ask in fact.asks:
            rest = fact.statement.rstrip(".。।").replace(ask.answer, " ").strip()
            ask.questions = [f"{what if ask.part == 'thing' else who}: {rest}?"]
    return draft


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, RunRecord]:
    folder = tmp_path_factory.mktemp("languages")
    (folder / "documents").mkdir()
    for code, text in PAGES.items():
        (folder / "documents" / f"{code}.md").write_text(text, encoding="utf-8")
    (folder / "ragtuned.toml").write_text(FACTS, encoding="utf-8")
    project = Project.open(folder, "main", SECTIONS)
    model = SlowModel(scripts(question_writer__passage=in_the_language), 0)
    return project, synthesize(project, Console(quiet=True), backend=model)


def test_every_sentence_of_every_language_is_a_fact_of_its_own(finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    documents = {d.id: d for d in read_jsonl(project.graph_dir / "documents.jsonl", Document)}
    told: dict[str, int] = dict.fromkeys(PAGES, 0)
    for sentence in read_jsonl(project.graph_dir / "sentences.jsonl", Sentence):
        told[document_of(project, sentence.chunk_id)] += bool(sentence.facts)
    assert told == dict.fromkeys(PAGES, 3)
    for fact in read_jsonl(project.graph_dir / "facts.jsonl", Fact):
        for span in fact.evidence:
            assert any(d.text[span.start : span.end] == span.quote for d in documents.values())


def document_of(project: Project, chunk_id: str) -> str:
    chunks = (json.loads(line) for line in (project.graph_dir / "chunks.jsonl").read_text("utf-8").splitlines())
    ids = {chunk["id"]: chunk["document_id"] for chunk in chunks}
    paths = {d.id: d.path for d in read_jsonl(project.graph_dir / "documents.jsonl", Document)}
    return Path(paths[ids[chunk_id]]).stem


@pytest.mark.parametrize("name", ASKING)
def test_there_are_rows_in_the_language_with_its_date(name: str, finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    rows = [
        row
        for row in read_jsonl(project.data_dir / "examples.jsonl", Example)
        if row.kind == "local" and row.source.documents == [f"documents/{CODES[name]}.md"]
    ]
    assert len(rows) >= 4
    assert all(row.question.startswith(ASKING[name]) for row in rows)
    assert "1921-05-04" in {value for row in rows for value in values_in(row.evidence[0].quote, CODES[name])}


@pytest.mark.parametrize("code", PAGES)
def test_its_names_are_entities_that_its_page_holds(code: str, finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    entities = read_jsonl(project.graph_dir / "entities.jsonl", Entity)
    assert [e.name for e in entities if code in {document_of(project, cid) for cid in e.chunk_ids}]


def test_refusals_are_in_the_language_of_what_was_asked(finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    rows = [row for row in read_jsonl(project.data_dir / "examples.jsonl", Example) if row.kind == "unanswerable"]
    of_german = [row.answer for row in rows if row.source.documents == ["documents/de.md"]]
    forms = [form for part in WORDINGS["de"] for form in part]
    for answer in of_german:
        assert any(re.fullmatch(re.escape(form).replace(r"\{name\}", ".+"), answer) for form in forms), answer


def test_the_counts_add_up(finished: tuple[Project, RunRecord]) -> None:
    _, record = finished
    assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed
    assert (record.items["files"], record.items["files_read"], record.items["chunks_failed"]) == (10, 10, 0)
    assert record.coverage.kept["chunks"] == (10, 10)


def test_the_plan_says_which_languages_there_are_and_what_each_lacks(finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    said: list[str] = []
    plan(project, say=said.append)
    lines = dict(line.strip().split(": ", 1) for line in said if ": " in line)
    assert set(re.findall(r"[A-Z]\w+", lines["languages of the text"])) == set(ASKING)
    assert set(lines["no counts, sums and spans of days by rule"].split(", ")) == set(ASKING)
    assert lines["words are compared as they are written, without stems"] == "Hebrew"
    assert set(lines["refusals are English"].split(", ")) == {
        "Polish",
        "Russian",
        "Greek",
        "Arabic",
        "Hebrew",
        "Hindi",
        "Korean",
    }


@pytest.mark.parametrize("count", [1, MOST_READ, MOST_READ + 1, 3 * MOST_READ - 1], ids=str)
def test_so_many_chunks_are_looked_up_at_most_and_they_are_spread_over_all(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr("graphs.languages.language_of", lambda text: read.append(text) or "en")
    chunks = [Chunk(id=str(n), document_id="a", start=0, end=1, text=f"{n}") for n in range(count)]
    assert shares(chunks) == {"en": 1.0}
    assert min(count, MOST_READ) / 2 < len(read) <= MOST_READ
    assert int(read[-1]) > count - 4

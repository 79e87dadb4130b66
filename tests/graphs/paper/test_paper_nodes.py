"""recipe = "paper" through the same graph: what rows it makes, that none is dropped, and that calls add up."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.config import check_config
from agents.console import Console
from agents.errors import EmptyResult, UnreadableReply
from agents.files import read_jsonl
from agents.models.store import CallStore
from agents.project import Project
from agents.records import Chunk, Entity, Example, Rejected, Relation, split_answer
from agents.roles.paper import ANSWERER, EXTRACTOR, LONG_WRITER, TEMPLATE, Described, QuestionDraft
from graphs.config import SynthesisConfig
from graphs.fingerprint import fingerprint, inputs
from graphs.paper.briefs import paper_briefs
from graphs.plan import plan, total
from graphs.run import synthesize
from tests.conftest import CONFIG, SlowModel, open_project, scripts
from tests.graphs.test_run import Killed, Mortal
from tests.graphs.test_synthesis import files_of

PAPER = CONFIG.replace('recipe = "ragtuned"', 'recipe = "paper"')


def run(
    folder: Path, silent: Console, config: str = PAPER, seed: int = 0, **answers: Any
) -> tuple[Project, dict[str, Any]]:
    project = open_project(folder, config)
    return project, synthesize(project, silent, backend=SlowModel(scripts(**answers), seed))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    from agents.console import Console

    return run(tmp_path_factory.mktemp("paper"), Console(quiet=True))


def examples_of(project: Project) -> list[Example]:
    return read_jsonl(project.data_dir / "examples.jsonl", Example)


def test_every_subject_has_a_template_row_and_a_long_row_and_every_passage_a_row_for_each(
    finished: tuple[Project, dict[str, Any]],
) -> None:
    project, record = finished
    subjects = [
        *read_jsonl(project.graph_dir / "entities.jsonl", Entity),
        *read_jsonl(project.graph_dir / "relations.jsonl", Relation),
    ]
    rows = Counter(row.source.role for row in examples_of(project))
    assert rows == {
        TEMPLATE: len(subjects),
        LONG_WRITER.name: len(subjects),
        ANSWERER.name: sum(len(s.chunk_ids) for s in subjects),
    }
    assert record.counts.planned == record.counts.kept == rows.total() == record.rows["train"]


def test_nothing_is_judged_reported_or_added(finished: tuple[Project, dict[str, Any]]) -> None:
    project, record = finished
    store = CallStore(project.calls)
    asked = set(store.tokens(set(json.loads((project.run_dir / "calls.json").read_text()))))
    store.close()
    assert asked == {
        "extractor.paper",
        "question_writer.paper_long",
        "question_writer.paper_question",
        "question_writer.paper_answer",
    }
    assert {path.name for path in project.graph_dir.iterdir()} == {
        f"{name}.jsonl" for name in ("documents", "skipped", "chunks", "entities", "relations")
    }
    assert {row.kind for row in examples_of(project)} == {"local"}


def test_the_reasoning_is_taught_in_full_and_the_description_verbatim(finished: tuple[Project, dict[str, Any]]) -> None:
    project, _ = finished
    rows = {row.id: row for row in examples_of(project)}
    descriptions = {
        e.description
        for name, item in (("entities", Entity), ("relations", Relation))
        for e in read_jsonl(project.graph_dir / f"{name}.jsonl", item)
    }
    for line in (project.data_dir / "train.jsonl").read_text().splitlines():
        taught = json.loads(line)
        row = rows[taught["id"]]
        assert split_answer(taught["messages"][-1]["content"]) == (row.reasoning, row.answer)
        assert bool(row.reasoning) is (row.source.role != TEMPLATE)
        assert row.source.role != TEMPLATE or row.answer in descriptions


def test_a_row_quotes_nothing_and_its_source_names_what_was_read(finished: tuple[Project, dict[str, Any]]) -> None:
    project, _ = finished
    chunks = {chunk.id: chunk for chunk in read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)}
    prompts = {
        TEMPLATE: EXTRACTOR.prompt_hash,
        LONG_WRITER.name: LONG_WRITER.prompt_hash,
        ANSWERER.name: ANSWERER.prompt_hash,
    }
    for row in examples_of(project):
        assert row.evidence == []
        assert row.source.chunks
        assert set(row.source.chunks) <= set(chunks)
        assert row.source.documents
        assert (row.source.prompt, row.source.model) == (prompts[row.source.role], "scripted")


def test_the_card_does_not_claim_a_check(finished: tuple[Project, dict[str, Any]]) -> None:
    project, _ = finished
    card = (project.data_dir / "README.md").read_text()
    assert "checked by nobody" in card
    assert "quotes no evidence" in card


def test_another_order_of_completion_gives_the_same_bytes(
    finished: tuple[Project, dict[str, Any]], tmp_path: Path, silent: Console
) -> None:
    project, _ = finished
    again, _ = run(tmp_path, silent, seed=3)
    assert files_of(again) == files_of(project)


@pytest.mark.parametrize("at", [3, 40], ids=["in-extraction", "in-the-rows"])
def test_a_run_that_was_killed_repeats_no_finished_call(
    finished: tuple[Project, dict[str, Any]], tmp_path: Path, silent: Console, at: int
) -> None:
    whole, record = finished
    project = open_project(tmp_path, PAPER)
    with pytest.raises(Killed):
        synthesize(project, silent, backend=Mortal(at))
    store = CallStore(project.calls)
    kept = store.count()
    store.close()
    model = SlowModel(scripts(), seed=2)
    synthesize(project, silent, backend=model)
    assert len(model.requests) == record.calls - kept
    assert files_of(project) == files_of(whole)


def test_questions_that_say_unable_and_repeated_ones_are_kept_as_published(tmp_path: Path, silent: Console) -> None:
    unable = QuestionDraft(thought="Too little.", question="Unable to generate.")
    project, record = run(tmp_path, silent, question_writer__paper_question=lambda inputs: unable)
    same = [row for row in examples_of(project) if row.question == "Unable to generate."]
    assert len(same) > 1
    assert record.counts.kept == record.counts.planned == len(examples_of(project))


def test_a_reply_that_cannot_be_read_fails_its_row_and_the_sum_holds(tmp_path: Path, silent: Console) -> None:
    project, record = run(
        tmp_path,
        silent,
        PAPER.replace("retries = 0", "retries = 0\nuseless_replies = 1000"),  # or it ends with the twentieth
        question_writer__paper_long=lambda inputs: "no",
        question_writer__paper_answer=lambda inputs: UnreadableReply("no"),
    )
    counts = record.counts
    assert counts.planned == counts.kept + counts.rejected + counts.failed
    assert {row.source.role for row in examples_of(project)} == {TEMPLATE}
    assert record.coverage.kept == record.coverage.asked  # by their templates
    rejected = read_jsonl(project.data_dir / "rejected.jsonl", Rejected)
    assert len(rejected) == counts.failed > 0
    assert {(r.gate, r.reason) for r in rejected} == {("writer", "unreadable reply")}


def test_a_chunk_that_cannot_be_described_is_counted_and_a_corpus_without_subjects_ends_empty(
    tmp_path: Path, silent: Console
) -> None:
    def one_page(inputs: dict[str, Any]) -> Described | str:
        return (
            "no"
            if "Kittiwake" in inputs["document"]
            else Described(entities=["geo: Ostrey | Ostrey has a harbour."] * (not inputs["known"]), relations=[])
        )

    _, record = run(tmp_path / "a", silent, extractor__paper=one_page)
    assert (record.items["chunks_failed"], record.items["entities"]) == (1, 1)
    with pytest.raises(EmptyResult, match="there was nothing to ask about"):
        run(tmp_path / "b", silent, extractor__paper=lambda inputs: Described(entities=[], relations=[]))


def test_paper_rows_draws_by_seed_and_another_document_changes_few(tmp_path: Path, silent: Console) -> None:
    chunks = [Chunk(id=f"c{n}", document_id="d", start=0, end=1, text="x") for n in range(20)]
    entities = [
        Entity(id=f"e{n}", name=f"Name {n}", type="geo", description="told", chunk_ids=[f"c{n}"]) for n in range(20)
    ]

    def drawn(count: int, seed: int = 0) -> list[str]:
        config = SynthesisConfig.model_validate({"recipe": "paper", "paper": {"rows": 12}, "seed": seed})
        return [brief.id for brief in paper_briefs(chunks[:count], entities[:count], [], config)]

    assert len(drawn(20)) == len(set(drawn(20))) == 12
    assert drawn(20) != drawn(20, seed=1)
    assert len(set(drawn(20)) & set(drawn(19))) >= 10
    _, record = run(tmp_path, silent, PAPER + "paper.rows = 9\n")
    assert record.counts.planned == record.counts.kept == 9
    asked, kept = record.coverage.asked, record.coverage.kept
    assert asked == kept
    assert [of for _, of in kept.values()] == [record.items[name] for name in ("chunks", "entities", "relations")]
    assert kept["entities"][0] + kept["relations"][0] <= 9


def test_a_long_answer_reads_the_first_thirty_chunks() -> None:
    chunks = [Chunk(id=f"c{n}", document_id="d", start=0, end=1, text="x") for n in range(40)]
    ann = Entity(id="e", name="Ann", type="person", description="told", chunk_ids=[c.id for c in chunks])
    (long,) = [b for b in paper_briefs(chunks, [ann], [], SynthesisConfig(recipe="paper")) if b.style == "long"]
    assert long.chunk_ids == [f"c{n}" for n in range(30)]


@pytest.mark.parametrize("rows", [0, 9], ids=["all", "a-sample"])
def test_the_plan_brackets_the_run(tmp_path: Path, silent: Console, rows: int) -> None:
    project, record = run(tmp_path, silent, PAPER + f"paper.rows = {rows}\n")
    least, most = total(plan(project))["calls"]
    assert least <= record.calls <= most
    assert {stage.stage for stage in plan(project)} == {
        "extract",
        "long rows",
        "passage rows: questions",
        "passage rows: answers",
    }


def test_a_run_of_the_default_recipe_leaves_no_communities_behind(tmp_path: Path, silent: Console) -> None:
    project, _ = run(tmp_path, silent, CONFIG)
    assert (project.graph_dir / "communities.jsonl").is_file()
    assert fingerprint(inputs(project)) != fingerprint(inputs(open_project(tmp_path, PAPER)))
    project, _ = run(tmp_path, silent)
    assert not (project.graph_dir / "communities.jsonl").exists()
    assert not (project.graph_dir / "reports.jsonl").exists()
    again, record = run(tmp_path, silent, CONFIG)
    assert record.items["reports"] > 0


@pytest.mark.parametrize(
    ("given", "taught"), [({}, "full"), ({"reasoning": "short"}, "short")], ids=["unless-set", "as-set"]
)
def test_the_recipe_teaches_its_reasoning_and_holds_nothing_out(given: dict[str, Any], taught: str) -> None:
    config = check_config(
        {"synthesis": {"recipe": "paper", "untrained_share": 0.2, **given}}, {"synthesis": SynthesisConfig}
    )["synthesis"]
    assert (config.reasoning, config.untrained_share) == (taught, 0.0)
    assert SynthesisConfig().reasoning == "none"

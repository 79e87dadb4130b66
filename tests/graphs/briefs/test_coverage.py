"""Coverage: what the rows reach, and the loop back for what they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents.console import Console
from agents.files import read_jsonl
from agents.records import Brief, Chunk, Community, Entity
from agents.roles.question_writer import LocalDraft, scripted_local
from graphs.briefs.budget import Spent
from graphs.briefs.coverage import coverage, more_briefs
from graphs.briefs.local import local_briefs
from graphs.briefs.styles import ranked_styles
from graphs.config import SynthesisConfig
from graphs.drafting.kinds import reaching
from graphs.run import synthesize
from tests.conftest import CONFIG, SlowModel, open_project, scripts

TEXT = (
    "Bastow Pask bought the blue boat from Wenna Tolley on Monday. Orla Dunn left the town of Ostrey in May because "
    "of the rain."
)
CHUNKS = [Chunk(id="chunk-a", document_id="doc-1", start=0, end=len(TEXT), text=TEXT)]
ENTITIES = [
    Entity(id=name, name=name, type="person", description="", chunk_ids=["chunk-a"])
    for name in ("Bastow Pask", "Wenna Tolley", "Orla Dunn")
]
RELATIONS = [("Bastow Pask", "Wenna Tolley"), ("Bastow Pask", "Orla Dunn")]
COMMUNITIES = [Community(id="com", level=0, parent=None, entity_ids=[], chunk_ids=["chunk-a"])]


def config(styles: int = 1, briefs: int = 60, **changes: Any) -> SynthesisConfig:
    given = {"coverage_target": 1.0, **changes, "local": {"styles_per_sentence": styles, "briefs": briefs}}
    return SynthesisConfig.model_validate(given)


WANTED = config()


def reached(*briefs: Brief) -> dict[str, tuple[int, int]]:
    return coverage(reaching(briefs), CHUNKS, ENTITIES, RELATIONS, COMMUNITIES)


def test_a_brief_reaches_its_sentence_its_names_and_the_relation_between_them() -> None:
    boat, town = sorted(local_briefs(CHUNKS, ENTITIES, WANTED), key=lambda b: TEXT.index(b.about))
    assert reached() == {
        "chunks": (0, 1),
        "sentences": (0, 2),
        "entities": (0, 3),
        "relations": (0, 2),
        "communities": (0, 1),
    }
    assert reached(boat) == {
        "chunks": (1, 1),
        "sentences": (1, 2),
        "entities": (2, 3),
        "relations": (1, 2),
        "communities": (0, 1),
    }
    assert reached(boat, boat, town)["sentences"] == (2, 2)


def test_a_global_brief_reaches_its_community_and_a_refusal_nothing() -> None:
    whole = Brief(
        id="b", kind="global", style="summary", targets=["com"], chunk_ids=["chunk-a"], statements=["One.", "Two."]
    )
    assert reached(whole)["communities"] == (1, 1)
    assert reached(whole.model_copy(update={"kind": "unanswerable", "targets": ["Orla Dunn"]})) == reached()


def test_only_what_no_kept_row_reaches_is_asked_again_and_in_another_style() -> None:
    briefs = local_briefs(CHUNKS, ENTITIES, WANTED)
    (again,) = more_briefs(briefs, briefs[:1], Spent(), CHUNKS, ENTITIES, WANTED)
    assert (again.about, again.targets) == (briefs[1].about, briefs[1].targets)
    assert again.style == ranked_styles(briefs[1].about, WANTED.seed)[1]


def test_nothing_is_asked_again_when_the_target_is_reached_or_the_budget_spent() -> None:
    briefs = local_briefs(CHUNKS, ENTITIES, WANTED)
    for changed in (config(coverage_target=0.5), config(coverage_target=0.0), config(briefs=2)):
        assert more_briefs(briefs, briefs[:1], Spent(), CHUNKS, ENTITIES, changed) == []


def test_a_budget_that_is_not_reached_asks_for_missing_facts_first_then_for_other_sides() -> None:
    budget = config(styles=2, coverage_target=0.0, row_budget=20)
    briefs = local_briefs(CHUNKS, ENTITIES, budget, 2)
    first, second = more_briefs(briefs, briefs[:1], Spent(rows=10, tokens=400), CHUNKS, ENTITIES, budget)
    assert (first.about, second.about) == (briefs[1].about, briefs[0].about)
    assert more_briefs(briefs, briefs[:1], Spent(rows=15, tokens=600), CHUNKS, ENTITIES, budget) == [first]
    assert more_briefs(briefs, briefs[:1], Spent(rows=20, tokens=800), CHUNKS, ENTITIES, budget) == []
    covered = budget.model_copy(update={"coverage_target": 0.5})
    assert more_briefs(briefs, briefs[:1], Spent(rows=10, tokens=400), CHUNKS, ENTITIES, covered) == []


def test_the_graph_comes_back_until_the_budget_is_reached(tmp_path: Path, silent: Console) -> None:
    def often_bad(inputs: dict[str, Any]) -> LocalDraft:
        draft = scripted_local(inputs)
        return (
            draft.model_copy(update={"answer": "Nothing of the kind was said."}) if "Pask" in inputs["focus"] else draft
        )

    record = {}
    for budget in (10, 30):
        config = CONFIG.replace("local.briefs = 12", f"local.briefs = 40\nrow_budget = {budget}")
        folder = tmp_path / str(budget)
        record[budget] = synthesize(
            open_project(folder, config), silent, backend=SlowModel(scripts(question_writer__local=often_bad), seed=3)
        )
    kept = {budget: found.counts.kept + found.counts.wordings.kept for budget, found in record.items()}
    planned = {budget: found.counts.by_kind["local"].planned for budget, found in record.items()}
    assert kept[10] >= 10
    assert kept[30] >= 30
    assert 2 <= planned[10] < planned[30] < 40


def test_the_graph_comes_back_until_every_style_of_a_sentence_was_tried_and_the_counts_add_up(
    tmp_path: Path, silent: Console
) -> None:
    def stubborn(inputs: dict[str, Any]) -> LocalDraft:
        draft = scripted_local(inputs)
        return (
            draft.model_copy(update={"answer": "Nothing of the kind was said."}) if "lamp" in inputs["focus"] else draft
        )

    config = CONFIG.replace(
        "local.briefs = 12", "local.briefs = 40\nlocal.styles_per_sentence = 1\ncoverage_target = 1.0"
    )
    project = open_project(tmp_path, config)
    record = synthesize(project, silent, backend=SlowModel(scripts(question_writer__local=stubborn), seed=3))
    counts, asked, kept = record.counts, record.coverage.asked, record.coverage.kept
    lamps = [
        text
        for chunk in read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)
        for text in chunk.text.split(". ")
        if "keeps the lamp" in text
    ]
    assert asked["sentences"][0] == asked["sentences"][1] == kept["sentences"][0] + len(lamps)
    tried = counts.by_kind["local"].planned - asked["sentences"][0]
    assert tried == sum(len(ranked_styles(f"{text.rstrip('.')}.", 0)) - 1 for text in lamps) > 0
    assert counts.planned == counts.kept + counts.rejected + counts.failed

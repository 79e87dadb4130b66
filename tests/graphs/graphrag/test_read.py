"""A GraphRAG index as our items: nothing dangles, and what is left out is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphs.graphrag.read import Index, read_index
from graphs.graphrag.tables import write_tables
from graphs.graphrag.write import index_rows
from tests.graphs.graphrag.indexes import tables, write_index


def told(index: Index) -> list[str]:
    return [str(item) for item in index.skipped]


@pytest.mark.parametrize("old", [False, True], ids=["2.x", "1.0"])
def test_names_are_spelled_as_the_text_spells_them(tmp_path: Path, old: bool) -> None:
    index = read_index(write_index(tmp_path, old))
    first = index.entities[0]
    assert (first.id, first.name, first.type, first.aliases) == ("e-0", "Bastow Pask", "person", ["BASTOW PASK"])
    assert first.chunk_ids == ["u-april", "u-june-2"]
    assert [(r.source, r.target, r.weight) for r in index.relations] == [
        ("e-0", "e-1", 7.0),
        ("e-0", "e-2", 7.0),
        ("e-1", "e-3", 7.0),
    ]
    assert told(index) == []


def test_communities_stand_one_level_down_under_a_root_of_all(tmp_path: Path) -> None:
    root, *others = read_index(write_index(tmp_path)).communities
    assert (root.level, root.parent, set(root.entity_ids)) == (0, None, {f"e-{n}" for n in range(5)})
    assert [(c.id, c.level, c.parent) for c in others] == [("c-0", 1, root.id), ("c-1", 1, root.id), ("c-2", 2, "c-0")]


def test_a_top_community_of_all_entities_is_the_root(tmp_path: Path) -> None:
    rows = tables()["communities"]
    rows = [{**rows[0], "entity_ids": [f"e-{n}" for n in range(5)]}, {**rows[2]}]
    index = read_index(write_index(tmp_path, communities=rows))
    assert [(c.id, c.level, c.parent) for c in index.communities] == [("c-0", 0, None), ("c-2", 1, "c-0")]


def test_rows_that_name_what_is_not_there_are_told_and_nothing_dangles(tmp_path: Path) -> None:
    rows: dict[str, Any] = tables()
    rows["entities"][0]["text_unit_ids"] += ["u-9"]
    rows["entities"][2]["text_unit_ids"] = ["u-8", "u-9"]
    rows["entities"][4]["title"] = " "
    rows["relationships"][0]["text_unit_ids"] = []
    rows["relationships"][1]["target"] = "NOBODY"
    rows["communities"][2]["parent"] = 17
    rows["community_reports"][1]["community"] = 9
    index = read_index(write_index(tmp_path, **rows))
    assert [entity.id for entity in index.entities] == ["e-0", "e-1", "e-3"]
    assert [relation.id for relation in index.relations] == ["r-2"]
    assert told(index) == [
        "entities.parquet, row 1: unknown text unit: text_unit_ids names 'u-9'",
        "entities.parquet, row 3: unknown text unit: text_unit_ids names 'u-8' and 1 more",
        "entities.parquet, row 5: no text: title is empty",
        "relationships.parquet, row 1: unknown text unit: text_unit_ids is empty",
        "relationships.parquet, row 2: unknown entity: target 'NOBODY' is the title of 0 entities",
        "communities.parquet, row 1: unknown entity: entity_ids names 'e-4'",
        "communities.parquet, row 2: unknown entity: entity_ids names 'e-2'",
        (
            "communities.parquet, row 3: unknown community: its parent 17 is left out or never was: it stands under "
            "the whole"
        ),
        "community_reports.parquet, row 2: unknown community: community 9",
    ]
    known = {chunk.id for chunk in index.chunks}
    assert all(set(item.chunk_ids) <= known for item in (*index.entities, *index.relations, *index.communities))
    assert {eid for c in index.communities for eid in c.entity_ids} <= {e.id for e in index.entities}
    assert index.counts["parts_skipped"] == 9


def test_a_relation_between_two_of_one_title_is_not_guessed(tmp_path: Path) -> None:
    entities = [{**row, "title": "BASTOW PASK"} if row["id"] == "e-3" else row for row in tables()["entities"]]
    index = read_index(write_index(tmp_path, entities=entities))
    assert [relation.id for relation in index.relations] == []
    assert "source 'BASTOW PASK' is the title of 2 entities" in told(index)[0]


def test_an_index_without_entities_still_has_its_text(tmp_path: Path) -> None:
    write_index(tmp_path)
    write_tables(tmp_path, {name: [] for name in ("entities", "relationships", "communities", "community_reports")})
    index = read_index(tmp_path)
    assert (len(index.chunks), index.entities, index.communities, index.reports) == (4, [], [], [])


def test_its_items_come_back_from_an_index_of_ours(tmp_path: Path) -> None:
    first = read_index(write_index(tmp_path / "a"))
    items = (first.documents, first.chunks, first.entities, first.relations, first.communities, first.reports)
    write_tables(tmp_path / "b", index_rows(*items))
    again = read_index(tmp_path / "b")
    assert again.items == first.items
    assert (again.rebuilt, again.unproven) == (0, 0)

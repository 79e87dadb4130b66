"""The graph's routes: names in their communities, the rows that name them, and all about one name."""

from __future__ import annotations

import time
from itertools import pairwise
from math import dist
from typing import Any

import pytest

from agents.files import write_jsonl
from agents.project import Project
from agents.records import Community, Entity, Relation, Report
from eval.ui.graph import MOST_NODES, Graph, homes_of, naming, places_of
from eval.ui.run_files import RunFiles

WENNA = Entity(
    id="e-wenna", name="Wenna", type="person", description="keeper of the light", chunk_ids=["chunk-june.md"]
)
DUCK = Entity(id="e-duck", name="the blue duck", type="thing", description="a duck", aliases=["duck"], chunk_ids=[])
LONE = Entity(id="e-lone", name="Wenn", type="person", description="part of another name", chunk_ids=[])
ROOT = Community(id="c-0", level=0, parent=None, entity_ids=["e-wenna", "e-duck", "e-lone"], chunk_ids=[])
LIGHT = Community(id="c-1", level=1, parent="c-0", entity_ids=["e-wenna", "e-duck"], chunk_ids=[])


@pytest.fixture
def drawn(desk_project: Project) -> Graph:
    """Three names, two of them joined and in a community."""
    folder = desk_project.graph_dir
    write_jsonl(folder / "entities.jsonl", [WENNA, DUCK, LONE])
    relation = Relation(
        id="r", source="e-wenna", target="e-duck", description="feeds", weight=1, chunk_ids=["chunk-june.md"]
    )
    write_jsonl(folder / "relations.jsonl", [relation])
    write_jsonl(folder / "communities.jsonl", [ROOT, LIGHT])
    write_jsonl(folder / "reports.jsonl", [Report(id="c-1", title="The light", summary="Who keeps it.", findings=[])])
    return Graph(RunFiles(desk_project))


def test_a_name_has_its_community_its_relations_and_the_rows_that_name_it(drawn: Graph) -> None:
    picture = drawn._picture()
    nodes = {node["name"]: node for node in picture["nodes"]}
    assert (nodes["Wenna"]["community"], nodes["Wenna"]["degree"], nodes["Wenna"]["rows"]) == ("c-1", 1, 2)
    assert nodes["the blue duck"]["rows"] == 1  # by its alias
    assert (nodes["Wenn"]["rows"], nodes["Wenn"]["community"]) == (0, "c-0")
    assert len(picture["links"]) == 1
    assert {"id": "c-1", "title": "The light", "size": 2} in picture["communities"]


def test_one_name_is_told_with_its_pages_reports_relations_and_rows(drawn: Graph) -> None:
    told = drawn._entity("e-wenna")
    assert told["description"] == "keeper of the light"
    assert [(r["name"], r["description"]) for r in told["relations"]] == [("the blue duck", "feeds")]
    assert told["chunks"][0]["path"] == "june.md"
    assert told["communities"][0]["title"] == "The light"
    assert {row["id"] for row in told["rows"]} == {"row-keeper", "row-held"}


def test_a_name_is_found_as_whole_words_only() -> None:
    assert naming([LONE, WENNA], ["wenna's light", "Wenn came", "wen"]) == {"e-lone": [1]}
    assert naming([WENNA], ["Did Wenna come?"]) == {"e-wenna": [0]}


def test_the_root_colours_only_who_has_no_other_home() -> None:
    assert homes_of([ROOT, LIGHT]) == {"e-wenna": "c-1", "e-duck": "c-1", "e-lone": "c-0"}


def test_no_two_nodes_stand_in_the_same_place_and_a_community_stands_together() -> None:
    nodes = [(f"n{k}", f"c{k % 7}") for k in range(700)]
    places = places_of(nodes)
    assert len({places[name] for name, _ in nodes}) == 700
    one = [places[name] for name, community in nodes if community == "c3"]
    assert max(dist(a, b) for a, b in pairwise(one)) < max(dist(places["n0"], place) for place in places.values())


def test_a_big_graph_is_cut_to_its_most_joined_names_in_seconds(desk_project: Project) -> None:
    entities: list[Any] = [WENNA.model_copy(update={"id": f"e{n}", "name": f"Name {n}"}) for n in range(MOST_NODES + 9)]
    relations = [
        Relation(id=f"r{n}", source=f"e{n}", target=f"e{n // 2}", description="", weight=1, chunk_ids=[])
        for n in range(MOST_NODES)
    ]
    write_jsonl(desk_project.graph_dir / "entities.jsonl", entities)
    write_jsonl(desk_project.graph_dir / "relations.jsonl", relations)
    started = time.perf_counter()
    picture = Graph(RunFiles(desk_project))._picture()
    assert time.perf_counter() - started < 3
    assert (len(picture["nodes"]), picture["left_out"]) == (MOST_NODES, 9)

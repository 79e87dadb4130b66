"""A run in other programs' formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from agents.console import Console
from agents.errors import EmptyResult, InputError
from agents.files import read_jsonl, write_jsonl
from agents.project import Project
from agents.records import Document, Entity, Relation, to_messages
from graphs.dataset.export import FORMATS, export
from graphs.graphrag.read import read_index
from graphs.graphrag.tables import read_tables
from graphs.run import synthesize
from tests.conftest import open_project

ROW = {"messages": to_messages("Who\u2028sold it?", "Ann did."), "id": "row-1", "kind": "local", "fact": "fact-1"}
SYSTEM = ROW["messages"][0]["content"]
SAID = [{"from": "human", "value": "Who\u2028sold it?"}, {"from": "gpt", "value": "Ann did."}]


@pytest.fixture
def trained(project: Project) -> Project:
    write_jsonl(project.data_dir / "train.jsonl", [ROW, ROW])
    return project


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = open_project(tmp_path_factory.mktemp("toy"))
    synthesize(project, Console(quiet=True), dry=True)
    return open_project(project.directory, run="main-dry")


def lines(path: Path) -> list[Any]:
    return [json.loads(text) for text in path.read_text().split("\n") if text]


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("messages", {"messages": ROW["messages"]}),
        (
            "prompt-completion",
            {"prompt": ROW["messages"][:2], "completion": [{"role": "assistant", "content": "Ann did."}]},
        ),
        ("sharegpt", {"conversations": SAID, "system": SYSTEM}),
        ("alpaca", {"instruction": "Who\u2028sold it?", "input": "", "output": "Ann did.", "system": SYSTEM}),
    ],
)
def test_every_row_is_written_in_the_form_asked_for(
    trained: Project, tmp_path: Path, form: str, line: dict[str, Any]
) -> None:
    assert export(trained, form, tmp_path / "out.jsonl") == (2, tmp_path / "out.jsonl")
    assert lines(tmp_path / "out.jsonl") == [line, line]


def aligned(entry: Any, row: Any) -> tuple[Any, str, Any] | tuple[Any, Any, Any]:
    """(system, prompt, answer) as LLaMA-Factory's converters read a row by its entry.

    They are in src/llamafactory/data/converter.py.
    """
    columns = entry["columns"]
    if entry["formatting"] == "alpaca":
        asked = [row[columns[name]] for name in ("prompt", "query") if row[columns[name]]]
        return row[columns["system"]], "\n".join(asked), row[columns["response"]]
    tags, (first, second) = entry["tags"], row[columns["messages"]]
    assert [first[tags["role_tag"]], second[tags["role_tag"]]] == [tags["user_tag"], tags["assistant_tag"]]
    return row[columns["system"]], first[tags["content_tag"]], second[tags["content_tag"]]


@pytest.mark.parametrize("form", ["sharegpt", "alpaca"])
def test_dataset_info_names_the_file_and_where_in_it_the_conversation_is(trained: Project, form: str) -> None:
    _, path = export(trained, form)
    entry = json.loads((path.parent / "dataset_info.json").read_text())[f"train_{form}"]
    assert path.parent / entry["file_name"] == path
    assert aligned(entry, lines(path)[0]) == (SYSTEM, "Who\u2028sold it?", "Ann did.")


def test_entries_of_other_data_sets_stay(trained: Project, tmp_path: Path) -> None:
    (tmp_path / "dataset_info.json").write_text('{"identity": {"file_name": "identity.json"}}')
    export(trained, "alpaca", tmp_path / "notes.jsonl")
    export(trained, "sharegpt", tmp_path / "talk.jsonl")
    assert set(json.loads((tmp_path / "dataset_info.json").read_text())) == {"identity", "notes", "talk"}


@pytest.mark.parametrize("text", ["[]", "{"], ids=["list", "broken"])
def test_a_dataset_info_that_is_none_is_left_as_it_is(trained: Project, tmp_path: Path, text: str) -> None:
    (tmp_path / "dataset_info.json").write_text(text)
    with pytest.raises(InputError, match=r"dataset_info\.json is no JSON object"):
        export(trained, "alpaca", tmp_path / "notes.jsonl")
    assert (tmp_path / "dataset_info.json").read_text() == text
    assert not (tmp_path / "notes.jsonl").exists()


def test_an_unknown_form_names_the_known_ones_and_writes_nothing(trained: Project, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"--format csv: unknown\n.*messages, prompt-completion, sharegpt, alpaca, graphml, graphrag"
    ):
        export(trained, "csv", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_without_a_run_it_says_what_to_run(project: Project, form: str) -> None:
    with pytest.raises(InputError, match=r"does not exist\n.*synthesize"):
        export(project, form)
    assert not (project.run_dir / "export").exists()


def test_an_empty_run_is_an_error(project: Project) -> None:
    write_jsonl(project.data_dir / "train.jsonl", [])
    write_jsonl(project.graph_dir / "entities.jsonl", [])
    with pytest.raises(EmptyResult, match="holds no row"):
        export(project, "messages")
    with pytest.raises(EmptyResult, match="holds no entity"):
        export(project, "graphrag")


def test_an_export_does_not_touch_the_run(finished: Project) -> None:
    before = {
        path: path.read_bytes() for folder in (finished.graph_dir, finished.data_dir) for path in folder.iterdir()
    }
    for form in FORMATS:
        export(finished, form)
    assert {
        path: path.read_bytes() for folder in (finished.graph_dir, finished.data_dir) for path in folder.iterdir()
    } == before


def test_graphml_reads_back_with_every_entity_and_relation(finished: Project) -> None:
    count, path = export(finished, "graphml")
    graph = nx.read_graphml(path, force_multigraph=True)
    entities = {e.id: e for e in read_jsonl(finished.graph_dir / "entities.jsonl", Entity)}
    relations = {r.id: r for r in read_jsonl(finished.graph_dir / "relations.jsonl", Relation)}
    assert count == len(entities)
    assert {n: (d["name"], d["type"], d["description"]) for n, d in graph.nodes(data=True)} == {
        e.id: (e.name, e.type, e.description) for e in entities.values()
    }
    assert all(d["community"] for _, d in graph.nodes(data=True))
    assert {(k, a, b, d["description"]) for a, b, k, d in graph.edges(keys=True, data=True)} == {
        (r.id, r.source, r.target, r.description) for r in relations.values()
    }


def test_a_name_that_xml_cannot_hold_still_gives_graphml(finished: Project, tmp_path: Path) -> None:
    project = open_project(tmp_path)
    (project.graph_dir).mkdir(parents=True)
    for file in finished.graph_dir.iterdir():
        (project.graph_dir / file.name).write_bytes(file.read_bytes())
    first, *others = read_jsonl(project.graph_dir / "entities.jsonl", Entity)
    write_jsonl(project.graph_dir / "entities.jsonl", [first.model_copy(update={"name": "\x0bAnn\x00 <b>"}), *others])
    assert (
        nx.read_graphml(export(project, "graphml")[1], force_multigraph=True).nodes[first.id]["name"]
        == "\ufffdAnn\ufffd <b>"
    )


def test_a_graphrag_export_reads_back_to_the_items_of_the_run(finished: Project) -> None:
    count, folder = export(finished, "graphrag")
    index = read_index(folder)
    kinds = {name: type(items[0]) for name, items in index.items.items() if items}
    assert (count, index.rebuilt, index.unproven, index.skipped) == (len(index.entities), 0, 0, [])
    assert set(kinds) == {"documents", "chunks", "entities", "relations", "communities", "reports"}
    for name, kind in kinds.items():
        assert index.items[name] == read_jsonl(finished.graph_dir / f"{name}.jsonl", kind), name
    assert type(index.documents[0]) is Document


def test_a_graphrag_export_is_whole_as_graphrag_reads_it(finished: Project) -> None:
    tables = {name: table.rows for name, table in read_tables(export(finished, "graphrag")[1]).items()}
    ids = {name: {row["id"] for row in rows} for name, rows in tables.items()}
    titles = {row["title"] for row in tables["entities"]}
    numbers = {row["community"]: row for row in tables["communities"]}
    assert all({row["source"], row["target"]} <= titles for row in tables["relationships"])
    assert all(
        set(row["entity_ids"]) <= ids["entities"] and set(row["relationship_ids"]) <= ids["relationships"]
        for row in tables["communities"]
    )
    assert any(row["relationship_ids"] for row in tables["communities"])
    assert all(row["parent"] == -1 or number in numbers[row["parent"]]["children"] for number, row in numbers.items())
    assert all(
        row["community"] in numbers and row["full_content"].startswith("# ") for row in tables["community_reports"]
    )
    assert all(row["document_ids"] == [row["document_id"]] and row["n_tokens"] > 0 for row in tables["text_units"])

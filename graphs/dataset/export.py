"""A run in the formats other programs ask for.

The training set for trainers, the graph for GraphRAG and graph viewers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from agents.errors import EmptyResult, InputError
from agents.files import read_jsonl, write_jsonl, write_text
from agents.project import Project
from agents.records import Chunk, Community, Document, Entity, Relation, Report
from graphs.graphrag.tables import write_tables
from graphs.graphrag.write import index_rows
from graphs.knowledge.graphml import TAIL, Key, edge_line, head, node_line

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DATASETS = "dataset_info.json"
KEYS = (
    *(Key(name, "node", name) for name in ("name", "type", "description", "community")),
    Key("told", "edge", "description"),
    Key("weight", "edge", "weight", "double"),
)
"""Of the exported graph; an id stands for one kind of thing only."""


@dataclass(frozen=True)
class RowForm:
    """How a line of train.jsonl is written.

    `info` is what LLaMA-Factory's dataset_info.json says of such a file; nothing, if empty.
    """

    of: Callable[[dict[str, Any]], dict[str, Any]]
    info: dict[str, Any] = field(default_factory=dict)


class TrainingRow(BaseModel):
    """What a format needs of a line of train.jsonl: three messages."""

    messages: list[dict[Literal["role", "content"], str]] = Field(min_length=3, max_length=3)


def _messages(row: dict[str, Any]) -> dict[str, Any]:
    return {"messages": row["messages"]}


def _prompt_completion(row: dict[str, Any]) -> dict[str, Any]:
    """TRL's conversational prompt–completion row: loss on the completion only."""
    return {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}


def _sharegpt(row: dict[str, Any]) -> dict[str, Any]:
    system, user, assistant = (message["content"] for message in row["messages"])
    return {"conversations": [{"from": "human", "value": user}, {"from": "gpt", "value": assistant}], "system": system}


def _alpaca(row: dict[str, Any]) -> dict[str, Any]:
    system, user, assistant = (message["content"] for message in row["messages"])
    return {"instruction": user, "input": "", "output": assistant, "system": system}


TAGS = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}
ALPACA = {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}
ROWS = {
    "messages": RowForm(_messages),
    "prompt-completion": RowForm(_prompt_completion),
    "sharegpt": RowForm(
        _sharegpt,
        {"formatting": "sharegpt", "columns": {"messages": "conversations", "system": "system"}, "tags": TAGS},
    ),
    "alpaca": RowForm(_alpaca, {"formatting": "alpaca", "columns": ALPACA}),
}
GRAPHS = {"graphml": "graph.graphml", "graphrag": "graphrag"}
FORMATS = (*ROWS, *GRAPHS)


def export(project: Project, form: str, out: Path | None = None) -> tuple[int, Path]:
    """Write the run as `form` to `out`, else under runs/NAME/export; how many rows (of a graph: entities), and where.

    `out` is a file; for graphrag, a folder. For sharegpt and alpaca LLaMA-Factory's entry is put into the
    dataset_info.json beside it, whose other entries stay.

    Raises:
        InputError: an unknown format, no such run, or a dataset_info.json that is none. EmptyResult: there is nothing
        to write.

    """
    if form not in FORMATS:
        raise InputError(f"--format {form}: unknown", f"known are {', '.join(FORMATS)}")
    path = out or project.exports / GRAPHS.get(form, f"train.{form}.jsonl")
    count = (
        _rows(project.data_dir / "train.jsonl", ROWS[form], path)
        if form in ROWS
        else {"graphml": _graphml, "graphrag": _graphrag}[form](project, path)
    )
    return count, path


def _rows(train: Path, form: RowForm, out: Path) -> int:
    if not train.is_file():
        raise InputError(f"{train} does not exist", "run `ragtuned synthesize` first")
    read_jsonl(train, TrainingRow)  # a line that is none is named
    rows = [json.loads(line) for line in train.read_text(encoding="utf-8").split("\n") if line]
    if not rows:
        raise EmptyResult(f"{train} holds no row", "run `ragtuned synthesize` again")
    known = _datasets(out.parent / DATASETS) if form.info else {}
    count = write_jsonl(out, [form.of(row) for row in rows])
    if form.info:
        known[re.sub(r"\W+", "_", out.stem)] = {"file_name": out.name, **form.info}
        write_text(out.parent / DATASETS, json.dumps(known, indent=2, ensure_ascii=False) + "\n")
    return count


def _datasets(path: Path) -> dict[str, Any]:
    """The entries that are there already."""
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        known = None
    if not isinstance(known, dict):
        raise InputError(f"{path} is no JSON object", "mend it, or name another folder with --out")
    return known


def _graphml(project: Project, out: Path) -> int:
    """The directed graph as it is told.

    Entities have type, description and innermost community, relations description and weight.
    """
    entities = _entities(project)
    inmost = {
        eid: c.id
        for c in sorted(read_jsonl(project.graph_dir / "communities.jsonl", Community), key=lambda c: c.level)
        for eid in c.entity_ids
    }
    nodes = (
        node_line(
            e.id,
            {
                "name": _xml(e.name),
                "type": _xml(e.type),
                "description": _xml(e.description),
                "community": inmost.get(e.id, ""),
            },
        )
        for e in entities
    )
    edges = (
        edge_line(r.source, r.target, {"told": _xml(r.description), "weight": r.weight}, r.id)
        for r in read_jsonl(project.graph_dir / "relations.jsonl", Relation)
    )
    write_text(out, "\n".join([head(KEYS, "directed"), *nodes, *edges, TAIL]) + "\n")
    return len(entities)


def _xml(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return NOT_XML.sub("\ufffd", text)


def _graphrag(project: Project, out: Path) -> int:
    """The tables of a GraphRAG index."""
    read, entities = project.graph_dir, _entities(project)
    write_tables(
        out,
        index_rows(
            read_jsonl(read / "documents.jsonl", Document),
            read_jsonl(read / "chunks.jsonl", Chunk),
            entities,
            read_jsonl(read / "relations.jsonl", Relation),
            read_jsonl(read / "communities.jsonl", Community),
            read_jsonl(read / "reports.jsonl", Report),
        ),
    )
    return len(entities)


def _entities(project: Project) -> list[Entity]:
    entities = read_jsonl(project.graph_dir / "entities.jsonl", Entity)
    if not entities:
        raise EmptyResult(f"{project.graph_dir} holds no entity", "run `ragtuned synthesize` again")
    return entities

"""The columns of a Microsoft GraphRAG index, and whether those of a table fit.

As in graphrag 1.0 to 3.3 (its `data_model.schemas`), and four columns of our own that GraphRAG does not read: without
them our items would not come back the same.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

PANDAS_INDEX = "__index_level_"  # the column that pandas adds to a table whose rows it has sorted or taken out
NEEDED: dict[str, dict[str, str]] = {
    "documents": {"id": "text", "title": "text", "text": "text"},
    "text_units": {"id": "text", "human_readable_id": "int", "text": "text"},
    "entities": {
        "id": "text",
        "human_readable_id": "int",
        "title": "text",
        "type": "text",
        "description": "text",
        "text_unit_ids": "texts",
    },
    "relationships": {
        "id": "text",
        "human_readable_id": "int",
        "source": "text",
        "target": "text",
        "description": "text",
        "weight": "float",
        "text_unit_ids": "texts",
    },
    "communities": {
        "id": "text",
        "community": "int",
        "level": "int",
        "parent": "int",
        "title": "text",
        "entity_ids": "texts",
        "text_unit_ids": "texts",
    },
    "community_reports": {"community": "int", "title": "text", "summary": "text", "findings": "findings"},
}
"""Without them there is no item; {column: kind}."""
KNOWN: dict[str, dict[str, str]] = {
    "documents": {
        "human_readable_id": "int",
        "text_unit_ids": "texts",
        "metadata": "any",
        "path": "text",
        "creation_date": "any",
        "attributes": "",
        "raw_data": "",
    },
    "text_units": {
        "n_tokens": "int",
        "document_ids": "texts",  # to 2.7
        "document_id": "text",  # from 3.0
        "entity_ids": "texts",
        "relationship_ids": "texts",
        "start": "int",
        "covariate_ids": "texts",
    },
    "entities": {"frequency": "int", "degree": "int", "x": "float", "y": "float", "aliases": "texts"},
    "relationships": {"combined_degree": "int", "source_id": "text", "target_id": "text"},
    "communities": {
        "human_readable_id": "int",
        "children": "ints",
        "relationship_ids": "texts",
        "period": "text",
        "size": "int",
    },
    "community_reports": {
        "id": "text",
        "human_readable_id": "int",
        "parent": "int",
        "level": "int",
        "children": "ints",
        "full_content": "text",
        "rank": "float",
        "rating_explanation": "text",
        "full_content_json": "text",
        "period": "text",
        "size": "int",
        "rank_explanation": "",
    },
}
"""What may stand beside them; "" is neither read nor written."""
UNIQUE = {
    "documents": ("id",),
    "text_units": ("id",),
    "entities": ("id",),
    "relationships": ("id",),
    "communities": ("id", "community"),
    "community_reports": ("community",),
}
"""No two rows of a table hold the same here."""


def schema_faults(name: str, schema: pa.Schema) -> list[str]:
    """What is wrong with the columns of the table `name`: missing, twice, unknown, of another kind; in words."""
    found = [f"column {column} is missing" for column in NEEDED[name] if column not in schema.names]
    if name == "text_units" and not {"document_ids", "document_id"} & set(schema.names):
        found.append("column document_ids (or document_id) is missing")
    kinds = {**NEEDED[name], **KNOWN[name]}
    found += [f"column {column} stands twice" for column, count in Counter(schema.names).items() if count > 1]
    for field in schema:
        if field.name.startswith(PANDAS_INDEX):
            continue
        if field.name not in kinds:
            found.append(f"column {field.name} is unknown")
        elif not _fits(kinds[field.name], field.type):
            found.append(f"column {field.name} holds {field.type}, not {kinds[field.name]}")
    return found


def _fits(kind: str, type_: pa.DataType) -> bool:
    import pyarrow.types as t

    if t.is_dictionary(type_):
        type_ = type_.value_type
    a_list = t.is_list(type_) or t.is_large_list(type_)
    if kind in ("", "any") or t.is_null(type_):
        return True
    if kind == "findings":
        return a_list and (_fits("text", type_.value_type) or _is_finding(type_.value_type))
    if kind in ("texts", "ints"):
        return a_list and _fits("text" if kind == "texts" else "int", type_.value_type)
    if kind == "text":
        return t.is_string(type_) or t.is_large_string(type_) or t.is_string_view(type_)
    return t.is_integer(type_) or t.is_floating(type_)  # pandas makes floats of integers where one is missing


def _is_finding(type_: pa.DataType) -> bool:
    import pyarrow.types as t

    fields = {field.name: field.type for field in type_} if t.is_struct(type_) else {}
    return {"summary", "explanation"} <= fields.keys() and all(
        _fits("text", fields[name]) for name in ("summary", "explanation")
    )

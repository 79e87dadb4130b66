"""The graph that `langgraph dev` serves."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from graphs.init import init

ROOT = Path(__file__).parents[2]


def test_langgraph_json_names_a_graph_of_all_stages_without_a_checkpointer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init(tmp_path)
    monkeypatch.setenv("RAGTUNED_PROJECT", str(tmp_path))
    path, _, name = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]["synthesis"].partition(":")
    module = importlib.import_module(path.removeprefix("./").removesuffix(".py").replace("/", "."))
    graph = getattr(module, name)()
    assert {"load", "extract", "merge", "communities", "local_rows", "global_rows", "filter", "publish"} <= set(graph.get_graph().nodes)
    assert graph.checkpointer is None


def test_a_folder_without_a_config_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from agents.errors import ConfigError
    from eval.studio import synthesis

    monkeypatch.setenv("RAGTUNED_PROJECT", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no ragtuned\.toml"):
        synthesis()

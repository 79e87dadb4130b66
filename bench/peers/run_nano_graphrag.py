"""Runs inside nano-graphrag's environment (bench/peers/run.py starts it): index a folder, print what came out as JSON.

python -m bench.peers.run_nano_graphrag DOCUMENTS WORKING_DIR SLOTS
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import tiktoken  # pyright: ignore[reportMissingImports]

from bench.peers.word_tokens import WordTokens


def main(documents: Path, working: Path, slots: int) -> None:
    """Insert every document at once, with its defaults but for the number of calls at once."""
    tiktoken.encoding_for_model = lambda name: WordTokens()
    from nano_graphrag import GraphRAG  # pyright: ignore[reportMissingImports]

    rag = GraphRAG(
        working_dir=str(working),
        best_model_max_async=slots,
        cheap_model_max_async=slots,
        embedding_func_max_async=slots,
    )
    started = time.monotonic()
    rag.insert([file.read_text(encoding="utf-8") for file in sorted(documents.iterdir())])
    seconds = time.monotonic() - started
    reports = json.loads((working / "kv_store_community_reports.json").read_text(encoding="utf-8"))
    graph = (working / "graph_chunk_entity_relation.graphml").read_text(encoding="utf-8")
    print(
        "\n"
        + json.dumps(
            {
                "insert_s": round(seconds, 2),
                "entities": graph.count("<node "),
                "relations": graph.count("<edge "),
                "reports": len(reports),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

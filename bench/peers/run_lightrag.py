"""Runs inside LightRAG's environment (bench/peers/run.py starts it): index a folder, print what came out as JSON.

python -m bench.peers.run_lightrag DOCUMENTS WORKING_DIR SLOTS [DOCUMENTS_AT_ONCE]
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import tiktoken  # pyright: ignore[reportMissingImports]

from bench.peers.word_tokens import WordTokens


async def main(documents: Path, working: Path, slots: int, at_once: int = 0) -> None:
    """Insert every document, with its defaults but for the number of calls (and, where given, of documents) at once."""
    from lightrag import LightRAG  # pyright: ignore[reportMissingImports]
    from lightrag.llm.openai import openai_complete_if_cache, openai_embed  # pyright: ignore[reportMissingImports]
    from lightrag.utils import Tokenizer  # pyright: ignore[reportMissingImports]

    tiktoken.encoding_for_model = lambda name: WordTokens()  # the embedding adapter counts with it too
    url = os.environ["OPENAI_BASE_URL"]
    options: dict[str, Any] = {"max_parallel_insert": at_once} if at_once else {}
    rag = LightRAG(
        working_dir=str(working),
        llm_model_func=partial(openai_complete_if_cache, "scripted", base_url=url, api_key="none"),
        llm_model_max_async=slots,
        embedding_func=openai_embed,
        tokenizer=Tokenizer("words", WordTokens()),
        **options,
    )
    await rag.initialize_storages()
    files = sorted(documents.iterdir())
    started = time.monotonic()
    await rag.ainsert([file.read_text(encoding="utf-8") for file in files], file_paths=[file.name for file in files])
    seconds = time.monotonic() - started
    states = await rag.get_processing_status()  # a document that failed is only logged
    await rag.finalize_storages()
    graph = next(working.rglob("graph_chunk_entity_relation.graphml")).read_text(encoding="utf-8")
    found = {
        "entities": graph.count("<node "),
        "relations": graph.count("<edge "),
        "documents": {str(state): n for state, n in states.items() if n},
    }
    print("\n" + json.dumps({"insert_s": round(seconds, 2), **found}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])))

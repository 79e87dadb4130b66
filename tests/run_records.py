"""A run.json as a synthesis writes it, small enough to read."""

from __future__ import annotations

from typing import Any

RECORD: dict[str, Any] = {
    "run": "main",
    "teacher": {"extractor": "toy-teacher", "critic": "toy-teacher", "question_writer": "strong-teacher"},
    "recorded": True,
    "dry": False,
    "counts": {
        "planned": 12,
        "kept": 9,
        "rejected": 2,
        "failed": 1,
        "by_kind": {"local": {"planned": 12, "kept": 9, "rejected": 2, "failed": 1}},
        "local_by": {"style": {"who": {"planned": 12, "kept": 9}}},
        "wordings": {"kept": 20, "rejected": 3, "failed": 0},
    },
    "acceptance": {
        "1": {"drafts": 12, "accepted": 9, "gates": {"writer": {"seen": 12, "passed": 11}}},
    },
    "reasons": {"check: answer not in evidence": 2},
    "items": {"files": 1, "files_read": 1, "files_skipped": 0, "parts_skipped": 0, "chunks": 3},
    "coverage": {"asked": {"chunks": [3, 3]}, "kept": {"chunks": [2, 3]}},
    "skipped": [{"path": "scan.pdf", "part": "", "reason": "no text", "detail": ""}],
    "left_out": {"no text": 1},
    "lost": [
        {
            "what": "chunk",
            "where": "documents/april.md, from character 0",
            "reason": "refused prompt",
            "said": "stopped by a filter",
            "count": 1,
        }
    ],
    "rows": {"examples": 29, "train": 20, "validation": 4, "heldout": 5},
    "facts_trained": 9,
    "train_by_kind": {"local": 20},
    "sha256": {"train": "aa"},
    "calls": 12,
    "tokens": {"in": 100, "out": 40},
    "cost": 0.0,
    "per_fact": {"facts": 9, "calls": 1.33, "tokens": 15.6},
    "plan": {"calls": [10, 30], "tokens_in": [100, 300], "tokens_out": [40, 120], "cost": None},
    "start": {
        "asked": 12,
        "from_store": 0,
        "called": 12,
        "tokens_in": 100,
        "tokens_out": 40,
        "requests": 12,
        "estimated": 0,
        "cost": 0.0,
        "seconds": {"extract": 3.5, "total": 4.0},
    },
    "versions": {"python": "3.12.1"},
    "inputs": {
        "settings": {"synthesis": {"seed": 0}},
        "models": {"critic": "openai/toy-teacher"},
        "prompts": "prompts-aa",
        "documents": {"documents/april.md": "bb"},
    },
    "fingerprint": "run-aa",
    "files": {"data/train.jsonl": "aa"},
}
"""The keys are those that users and their scripts read: one that goes, or changes its type, is a breaking change."""

"""Check the hand-written gold questions of the example corpora against their documents.

    python examples/check_gold.py [gold.jsonl ...]

Without arguments every examples/*/gold.jsonl is checked. The documents are read from the folder `documents`
beside each file. Prints counts by kind and words per corpus; exits 1 with one message per fault.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

TEXTS = (".md", ".txt")
KINDS = ("local", "global", "multi_hop", "unanswerable")
FIELDS = {"id", "kind", "question", "answers", "claims", "evidence"}


def contains(text: str, phrase: str) -> bool:
    """Whether `phrase` occurs in `text` as whole words, whatever the case and the spacing."""
    pattern = r"\s+".join(re.escape(word) for word in phrase.split())
    return bool(pattern) and re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None


def load_documents(folder: Path) -> dict[str, str]:
    """Every document of a corpus, by its path relative to the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.suffix in TEXTS
    }


def load_rows(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of a gold file, and a message for each line that is not a complete row."""
    rows: list[dict[str, Any]] = []
    faults: list[str] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append(f"line {number}: not JSON ({error})")
            continue
        if isinstance(row, dict) and row.keys() == FIELDS:
            rows.append(row)
        else:
            faults.append(f"line {number}: expected an object with exactly the fields {', '.join(sorted(FIELDS))}")
    return rows, faults


def check_row(row: dict[str, Any], documents: dict[str, str]) -> list[str]:
    """What is wrong with one question, in words; empty when nothing is."""
    kind, question, answers, claims = row["kind"], row["question"], row["answers"], row["claims"]
    if kind not in KINDS:
        return [f"unknown kind {kind!r}"]
    faults: list[str] = []

    # Evidence: every quote stands in its file as written.
    paths = [item["path"] for item in row["evidence"]]
    for item in row["evidence"]:
        if item["path"] not in documents:
            faults.append(f"no document {item['path']}")
        elif not item["quote"] or item["quote"] not in documents[item["path"]]:
            faults.append(f"not verbatim in {item['path']}: {item['quote']!r}")
    text = "\n".join(documents.get(path, "") for path in paths)

    # Shape: which of answers, claims and evidence a kind has.
    if kind == "unanswerable":
        return faults + (
            ["an unanswerable question holds no answers, claims or evidence"] if answers or claims or paths else []
        )
    if not paths:
        faults.append("no evidence")
    if kind == "multi_hop" and len(set(paths)) < 2:
        faults.append("a multi_hop question names at least two files")
    if bool(answers) == (kind == "global") or bool(claims) != (kind == "global"):
        faults.append("global questions hold claims only, local and multi_hop ones answers only")

    # Each group of accepted strings is found in its evidence, and none is given away by the question.
    for group in claims if kind == "global" else [answers]:
        if not any(contains(text, phrase) for phrase in group):
            faults.append(f"none of {group} occurs in the evidence documents")
        faults += [f"the question gives away {phrase!r}" for phrase in group if contains(question, phrase)]
    return faults


def check_file(path: Path) -> list[str]:
    """Check one gold file, print its counts and return its faults."""
    documents = load_documents(path.parent / "documents")
    rows, faults = load_rows(path)
    for field in ("id", "question"):
        repeated = [value for value, count in Counter(row[field] for row in rows).items() if count > 1]
        faults += [f"{field} used twice: {value}" for value in repeated]
    faults += [f"{row['id']}: {fault}" for row in rows for fault in check_row(row, documents)]

    kinds = Counter(row["kind"] for row in rows)
    words = sum(len(text.split()) for text in documents.values())
    print(f"{path}: {len(rows)} questions ({', '.join(f'{kind} {kinds[kind]}' for kind in KINDS)})")
    print(f"  {len(documents)} documents, {words} words")
    return [f"{path}: {fault}" for fault in faults] + ([] if rows else [f"{path}: no questions"])


def main(arguments: list[str]) -> int:
    """Check the files named, or all of the examples; the exit status."""
    paths = [Path(argument) for argument in arguments] or sorted(Path(__file__).parent.glob("*/gold.jsonl"))
    faults = [fault for path in paths for fault in check_file(path)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

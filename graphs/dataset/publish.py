"""What a synthesis leaves behind: the data files, the dataset card and run.json."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.errors import EmptyResult, LongPrompt, RefusedPrompt, TruncatedReply, UnreadableReply
from agents.files import file_hash, write_jsonl, write_text
from agents.reading import Context
from agents.records import Example, Rejected
from agents.text.printable import markdown
from graphs.config import SynthesisConfig
from graphs.dataset.filters import as_rejected
from graphs.dataset.splits import SplitRow, heldout_row, split_rows, training_row
from graphs.drafting.kinds import teaches
from graphs.knowledge.sources import SOURCE_CHARACTERS

INSTEAD = {
    TruncatedReply.reason: "raise max_tokens or reasoning_tokens",
    RefusedPrompt.reason: "its server's filter stops these pages: ask another model",
    LongPrompt.reason: "lower chunk_characters in [documents], or ask a model of a longer context",
    UnreadableReply.reason: "`ragtuned doctor` finds out how the model writes objects",
}
"""What to do where nothing was kept, by what most of it was lost to."""

CHECKED = "written by a model, each checked against its source"
MADE = {"paper": "written by a model after the recipe of arXiv 2503.16071, checked by nobody"}
"""How the rows of a recipe came about, where it is not by checking."""
PROVED = "evidence (offsets into the document), source and verdict"
PROOF = {
    "facts": "evidence (offsets into the document) and source",
    "paper": "source (the chunks that were read); it quotes no evidence",
}
HELD_OUT = 3
"""Every so many facts of recipe facts hold a wording out: it has many facts, and a wording held out teaches none."""
TOO_LIKE = "untrained question too like a trained one"


def publish(
    data_dir: Path,
    rows: Iterable[Example],
    rejected: Sequence[Rejected],
    config: SynthesisConfig,
    pages: Mapping[str, str],
) -> dict[str, Any]:
    """Write the data files and return their counts and hashes; `pages` are the texts of the chunks by id.

    Raises:
        EmptyResult: no question with an answer survived; the three commonest reasons are named, and rejected.jsonl is
        written.

    """
    held = _Rows(rows)
    examples, tags, left_out = split_rows(
        held.asked, config.untrained_share, config.seed, every=HELD_OUT if config.recipe == "facts" else 1
    )
    rejected = sorted(
        [*rejected, *(as_rejected(row, TOO_LIKE, "splits") for row in held.read(left_out))], key=lambda r: r.id
    )
    write_jsonl(data_dir / "rejected.jsonl", rejected)
    training = [e for e in examples if e.split == "train"]
    if not any(teaches(e.kind) for e in training):
        for name in ("examples", "train", "validation", "heldout", "contexts"):  # of an older run
            (data_dir / f"{name}.jsonl").unlink(missing_ok=True)
        raise _empty(rejected, data_dir / "rejected.jsonl")
    wordings: dict[tuple[str, str], list[str]] = defaultdict(list)
    for example in training:
        wordings[example.fact, example.group].append(example.id)
    files = {
        "examples": (e.model_dump(mode="json") for e in held.read(examples)),
        "train": (training_row(e, config) for e in held.read(training)),
        "validation": (training_row(e, config) for e in held.read(e for e in examples if e.split == "validation")),
        "heldout": (
            heldout_row(e, tags[e.id], config, wordings[e.fact, e.wording_of or e.id])
            for e in held.read(e for e in examples if e.split == "heldout")
        ),
    }
    counts = {name: write_jsonl(data_dir / f"{name}.jsonl", lines) for name, lines in files.items()}
    write_jsonl(data_dir / "contexts.jsonl", _contexts(held.read(training), pages))
    write_text(data_dir / "dataset_info.json", json.dumps(_dataset_info(), indent=2) + "\n")
    write_text(data_dir / "README.md", _card(counts, held.read(examples), tags, config.recipe))
    return {
        "rows": counts,
        "facts_trained": len({e.fact for e in training if teaches(e.kind)}),
        "train_by_kind": dict(sorted(Counter(e.kind for e in training).items())),
        "sha256": {name: file_hash(data_dir / f"{name}.jsonl") for name in files},
    }


def _contexts(rows: Iterable[Example], pages: Mapping[str, str]) -> Iterator[Context]:
    """What each row was written from, for a student that is distilled from itself with the page before it.

    Whole chunks, those of the evidence first, as long as they are a prompt; of rows over more of them the quotes alone.
    A refusal has none: no page says what the documents do not.
    """
    for row in rows:
        chunk_ids = dict.fromkeys([*(span.chunk_id for span in row.evidence), *row.source.chunks])
        passages = [pages[chunk_id] for chunk_id in chunk_ids if chunk_id in pages]
        if sum(map(len, passages)) > SOURCE_CHARACTERS and row.evidence:
            passages = list(dict.fromkeys(span.quote for span in row.evidence))
        if passages and row.kind != "unanswerable":
            yield Context(id=row.id, passages=passages)


class _Rows:
    """Rows as lines of JSON, which take a quarter of the memory of their objects."""

    def __init__(self, rows: Iterable[Example]) -> None:
        self.asked: list[SplitRow] = []
        self._lines: dict[str, bytes] = {}
        for row in rows:
            self.asked.append(SplitRow.of(row))
            self._lines[row.id] = row.model_dump_json().encode()

    def read(self, asked: Iterable[SplitRow]) -> Iterator[Example]:
        """Each row with its split."""
        return (
            Example.model_validate_json(self._lines[one.id]).model_copy(update={"split": one.split}) for one in asked
        )


def reasons(rejected: Sequence[Rejected]) -> dict[str, int]:
    """How often each reason was given, the commonest first; a reason that names a value counts by its rule."""
    counts = Counter(f"{r.gate}: {r.reason.partition(':')[0]}" for r in rejected)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _empty(rejected: Sequence[Rejected], file: Path) -> EmptyResult:
    """The three commonest reasons why nothing was kept, and what to do about the first."""
    top = list(reasons(rejected).items())[:3]
    told = "; ".join(f"{reason} ({count})" for reason, count in top) or "there was nothing to ask about"
    first = top[0][0] if top else ""
    otherwise = "a stronger teacher or another corpus may be needed"
    why = next((do for reason, do in INSTEAD.items() if reason in first), otherwise)
    return EmptyResult(f"no training row survived: {told}", f"read {file}; {why}")


def _dataset_info() -> dict[str, Any]:
    """The entry LLaMA-Factory looks for."""
    tags = {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    }
    entry = {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    return {f"ragtuned_{name}": {"file_name": f"{name}.jsonl", **entry} for name in ("train", "validation")}


def _card(counts: dict[str, int], examples: Iterable[Example], tags: dict[str, str], recipe: str) -> str:
    kinds, models, paths = Counter[tuple[str, str | None]](), set[str](), set[str]()
    for example in examples:
        kinds[example.kind, example.split] += 1
        models.add(example.source.model)
        paths.update(example.source.documents)
    lines = [f"| {kind} | {split} | {n} |" for (kind, split), n in sorted(kinds.items(), key=str)]
    proof = PROOF.get(recipe, PROVED)
    teachers, documents = ", ".join(map(markdown, sorted(models - {""}))), [markdown(path) for path in sorted(paths)]
    return "\n".join(
        [
            "# Dataset card",
            "",
            f"Questions and answers about {len(documents)} documents, {MADE.get(recipe, CHECKED)}.",
            "",
            f"- teacher: {teachers}",
            f"- rows: {counts['train']} train, {counts['validation']} validation, {counts['heldout']} heldout "
            f"({sum(t == 'wording' for t in tags.values())} wordings of trained facts, "
            f"{sum(t == 'untrained' for t in tags.values())} of untrained facts)",
            "- splits are by wording, never by fact; every `wording` row names its answer's training rows",
            (
                "- `untrained` means that no question about the fact is trained; page and entity rows may still quote "
                "its sentence"
            ),
            (
                "- the answers of heldout.jsonl are the teacher's: a match with them is agreement with the teacher, "
                "not truth"
            ),
            f"- examples.jsonl holds every row with its {proof}; rejected.jsonl what was not kept, and why",
            "- contexts.jsonl holds what each training row was written from, by its id, for a distilled student",
            "",
            "| kind | split | rows |",
            "|---|---|---|",
            *lines,
            "",
            "Documents: " + ", ".join(documents),
            "",
        ]
    )

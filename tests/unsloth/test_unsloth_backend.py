"""The real Unsloth on its CPU backend: 30 updates on a tiny model, on the same tokens as PEFT, and the adapter loads.

`make test-unsloth` runs this in an environment of its own; in the usual one unsloth is missing and it is skipped.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

if find_spec("unsloth") is None:
    pytest.skip("unsloth is not installed: `make test-unsloth`", allow_module_level=True)

from agents.files import write_jsonl
from bench.speed.random_student import byte_tokenizer
from tests.tuning.reading_student import ASKED, WRONG, lines, make_reader

ROOT = Path(__file__).parents[2]
BACKENDS = ("unsloth", "peft")
KEEPERS = {
    "mill": "Orla Venn",
    "ferry": "Tam Reed",
    "well": "Ada Sorn",
    "gate": "Ib Lunt",
    "bell": "Una Fay",
    "orchard": "Per Holm",
}
TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The same tiny model and rows through both backends, each in a clean process; the folder, and what each told."""
    folder = tmp_path_factory.mktemp("runs")
    conversations = [
        [("user", f"Who keeps the {place}?"), ("assistant", f"{name} keeps the {place}.")]
        for place, name in KEEPERS.items()
    ]
    rows = [[{"role": role, "content": text} for role, text in turns] for turns in conversations]
    make_base(folder / "base", [message["content"] for row in rows for message in row])
    write_jsonl(
        folder / "train.jsonl", [{"id": f"row-{n}", "kind": "local", "messages": row} for n, row in enumerate(rows)]
    )
    make_reader(byte_tokenizer(), folder / "reader")
    for file, lessons in zip(("train", "contexts"), lines(), strict=True):
        write_jsonl(folder / "lessons" / f"{file}.jsonl", lessons)
    return folder, {name: run(name, folder) for name in BACKENDS}


def make_base(folder: Path, texts: list[str]) -> None:
    """A Llama of two layers with random weights, and a byte-level tokenizer trained on the texts."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    pieces.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=320, special_tokens=marks, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pieces, eos_token="<|im_end|>", pad_token="<|im_end|>", chat_template=TEMPLATE
    )
    torch.manual_seed(0)
    shape = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    sizes = {
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 128,
        "initializer_range": 0.2,
    }  # 0.02 cannot tell tokens apart
    LlamaForCausalLM(LlamaConfig(**sizes, **shape, **ends)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def run(name: str, folder: Path) -> dict[str, Any]:
    """Tune with one backend in a process that starts in `folder`, and read what it told."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RAGTUNED_HOME": str(folder / "home"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    script = str(Path(__file__).with_name("run_backend.py"))
    done = subprocess.run(
        [sys.executable, script, name, str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert ("Unsloth" in done.stdout) == (name == "unsloth")
    return json.loads((folder / name / "told.json").read_text(encoding="utf-8"))


def losses(run: Path) -> list[float]:
    """The training loss at each update."""
    with (run / "adapter" / "losses.csv").open(encoding="utf-8") as file:
        return [float(row["train_loss"]) for row in csv.DictReader(file)]


def test_thirty_updates_with_unsloth_bring_the_loss_down(runs: tuple[Path, dict[str, Any]]) -> None:
    folder, told = runs
    course = losses(folder / "unsloth")
    assert (told["unsloth"]["backend"], told["unsloth"]["steps"], len(course)) == ("unsloth", 30, 30)
    assert course[-1] < 0.6 * course[0]


def test_unsloth_is_imported_before_transformers_and_trl(runs: tuple[Path, dict[str, Any]]) -> None:
    assert runs[1]["unsloth"]["imports"][0] == "unsloth"
    assert "unsloth" not in runs[1]["peft"]["imports"]


def test_both_backends_train_on_the_same_tokens(runs: tuple[Path, dict[str, Any]]) -> None:
    told = runs[1]
    assert told["unsloth"]["batches"] == told["peft"]["batches"]
    assert len(told["unsloth"]["batches"]) == told["unsloth"]["steps"]
    assert all(told["unsloth"]["batches"])


def test_both_backends_train_the_same_layers_from_the_same_loss(runs: tuple[Path, dict[str, Any]]) -> None:
    folder, told = runs
    assert told["unsloth"]["trainable"] == told["peft"]["trainable"]
    assert losses(folder / "unsloth")[0] == pytest.approx(losses(folder / "peft")[0], rel=1e-3)


def test_the_adapter_of_unsloth_loads_into_the_plain_model_and_answers(runs: tuple[Path, dict[str, Any]]) -> None:
    from tuning.model import Student

    folder, _ = runs
    questions = [[{"role": "user", "content": f"Who keeps the {place}?"}] for place in KEEPERS]
    expected = [f"{name} keeps the {place}." for place, name in KEEPERS.items()]
    before = [row.text for row in Student.load(str(folder / "base")).generate(questions, 20)]
    after = [
        row.text for row in Student.load(str(folder / "base"), folder / "unsloth" / "adapter").generate(questions, 20)
    ]
    right = sum(text == answer for text, answer in zip(after, expected, strict=True))
    assert not set(before) & set(expected)
    assert right >= 4


def test_unsloth_leaves_nothing_in_the_folder_it_is_started_in(runs: tuple[Path, dict[str, Any]]) -> None:
    ours = ["base", "home", "lessons", "peft", "reader", "train.jsonl", "unsloth"]
    assert sorted(entry.name for entry in runs[0].iterdir()) == ours


@pytest.mark.parametrize("loss", ["answers", "distilled", "mixed"])
def test_every_loss_is_that_of_peft_and_falls(loss: str, runs: tuple[Path, dict[str, Any]]) -> None:
    unsloth, peft = (losses(runs[0] / name / loss) for name in BACKENDS)
    assert unsloth[:10] == pytest.approx(peft[:10], rel=1e-4)  # padded or not; later ones part by rounding
    assert unsloth[-1] < 0.8 * unsloth[0]


@pytest.mark.parametrize(
    ("loss", "learned"),
    [("answers", [WRONG] * len(ASKED)), ("distilled", list(ASKED.values()))],
    ids=["what the rows say", "what only the page holds"],
)
def test_a_loss_teaches_with_unsloth_what_it_teaches_with_peft(
    loss: str, learned: list[str], runs: tuple[Path, dict[str, Any]]
) -> None:
    from tuning.model import Student

    questions = [one["messages"][:-1] for one in lines()[0]]
    for name in BACKENDS:
        student = Student.load(str(runs[0] / "reader"), runs[0] / name / loss / "adapter")
        said = [one.text[:1] for one in student.generate(questions, 1)]
        assert sum(a == b for a, b in zip(said, learned, strict=True)) >= 3  # untuned it says one digit to all


@pytest.mark.parametrize("name", BACKENDS)
def test_a_student_is_asked_on_the_way(runs: tuple[Path, dict[str, Any]], name: str) -> None:
    answers = [text for text in runs[1][name]["said"] if "→" in text]
    assert len(answers) == 16, runs[1][name]["said"]  # two questions, eight times

"""A name becomes a folder of safetensors, or a clear error."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from agents.errors import InputError, WeightsError
from tests.tuning.conftest import tiny_base
from tuning.base import _precision, open_base


def test_a_folder_is_known_by_its_weights(student_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(student_folder, tmp_path / "copy")
    assert tiny_base(copy).sha256 == tiny_base(student_folder).sha256
    data = bytearray((copy / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (copy / "model.safetensors").write_bytes(bytes(data))
    assert tiny_base(copy).sha256 != tiny_base(student_folder).sha256


def test_a_folder_with_pickled_weights_only_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(WeightsError, match="no safetensors"):
        open_base(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("smollm3", "known: smollm2-135m-instruct"),
        ("./nowhere/here", "is no model"),
        ("$STUDENTS/mine", "is no model"),
        ("my students/mine", "is no model"),
        ("./mine", "is no model"),
        ("qwen2.5-coder-1.5b-instruct", "is the teacher"),
        ("all-minilm-l6-v2", "is the embedding"),
    ],
    ids=["unknown-name", "missing-folder", "variable", "space", "relative", "teacher", "embedding"],
)
def test_what_is_no_student_is_refused(name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        open_base(name)


def test_a_hub_id_fails_fast_where_there_is_no_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    started = time.monotonic()
    with pytest.raises(WeightsError):
        open_base("someone/some-model-that-is-not-here")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("gguf", "says"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "de-quantised 4-bit"),
        ("x-q8_0.gguf", "de-quantised 8-bit"),
        ("x.f16.gguf", "from x.f16.gguf"),
    ],
    ids=["four", "eight", "sixteen"],
)
def test_what_the_weights_went_through_is_said(gguf: str, says: str) -> None:
    assert says in _precision(gguf)

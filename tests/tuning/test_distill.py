"""A student taught by itself with the page before it: it learns what only the page holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.reading import reading_messages
from tests.tuning.conftest import row, tiny_base, write_rows
from tests.tuning.reading_student import ASKED, WRONG, lines, make_reader
from tuning.backends.peft import PeftBackend
from tuning.dataset import Row, encode, split_batch
from tuning.distill import NO_TEACHER, ask_teacher, divergence, padded, read_lessons
from tuning.model import Student, load_tokenizer
from tuning.probe import Probe
from tuning.recipe import Recipe
from tuning.train import train


@pytest.fixture(scope="session")
def reader(student_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student made by hand that reads digits."""
    return make_reader(load_tokenizer(tiny_base(student_folder)), tmp_path_factory.mktemp("reader"))


def test_the_student_of_these_tests_reads_a_digit_and_knows_none(reader: Path) -> None:
    student = Student.load(str(reader))
    read = student.generate([reading_messages(q, [f"It is {code}."]) for q, code in ASKED.items()], 3)
    assert [one.text for one in read] == list(ASKED.values())
    known = student.generate([row(q, q, WRONG)["messages"][:-1] for q in ASKED], 3)
    assert len({one.text for one in known}) == 1


@pytest.fixture
def settings(reader: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What all runs here share; the student is too simple to pass as alive."""
    monkeypatch.setattr("tuning.train.probe", lambda *_: Probe(4, 4))
    recipe = {"base": str(reader), "backend": "peft", "dtype": "float32", "rank": 16, "alpha": 32, "epochs": 80}
    return {**recipe, "learning_rate": 1e-2, "replay_rows": 0, "distill_top_k": 8}


def told_after_tuning(settings: dict[str, Any], folder: Path) -> list[str]:
    rows, contexts = lines()
    write_rows(folder / "data" / "contexts.jsonl", contexts)
    paths = write_rows(folder / "data" / "train.jsonl", rows), folder / "none", folder / "adapter"
    train(Recipe.model_validate(settings), *paths, Console(quiet=True))
    student = Student.load(settings["base"], folder / "adapter")
    return [one.text[:1] for one in student.generate([one["messages"][:-1] for one in rows], 1)]


def test_a_distilled_student_learns_the_code_that_only_its_context_holds(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    assert told_after_tuning({**settings, "loss": "distilled"}, tmp_path) == list(ASKED.values())


def test_a_student_of_the_answers_learns_what_the_rows_say(settings: dict[str, Any], tmp_path: Path) -> None:
    assert told_after_tuning({**settings, "loss": "answers"}, tmp_path) == [WRONG] * len(ASKED)


class Counting(PeftBackend):
    """Counts the batches that go through it."""

    def __init__(self) -> None:
        self.batches = 0

    def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
        self.batches += 1
        return super().passes(model, batch, most)


class Padded(PeftBackend):
    """The rows of a batch beside each other, as Unsloth takes them."""

    def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
        return split_batch(batch, most)


@pytest.fixture
def lesson(settings: dict[str, Any], tmp_path: Path) -> Any:
    """Rows of one page, of another and of none, with a recipe, a base, its model and tokenizer."""
    recipe = Recipe.model_validate({**settings, "loss": "mixed"})
    base = tiny_base(Path(recipe.base))
    model, tokenizer = PeftBackend().load(recipe, base)
    rows, contexts = lines()
    rows += [row("two", "And mill?", WRONG), row("no", "Loft?", "No.", "unanswerable"), row("gen", "Sky?", "Blue.")]
    rows[-1]["kind"] = "replay"
    contexts += [{"id": "two", "passages": contexts[1]["passages"]}, {"id": "no", "passages": ["It is 1."]}]
    write_rows(tmp_path / "contexts.jsonl", contexts)
    texts = [Row.model_validate(one) for one in rows]
    return recipe, base, model, tokenizer, texts, encode(texts, tokenizer, 500).rows, tmp_path / "contexts.jsonl"


def test_rows_with_a_context_and_replay_have_a_teacher_and_refusals_have_none(lesson: Any) -> None:
    recipe, _, _, tokenizer, texts, tokens, contexts = lesson
    lessons = read_lessons(recipe, tokens, texts, contexts, tokenizer)
    assert [one.row.id for one in lessons] == ["Gate", "Mill", "Barn", "Well", "two", "gen"]
    assert lessons[-1].asked == lessons[-1].row  # replay: the same question to the untuned student
    for one in lessons:
        ended = [each.input_ids[-each.answer_tokens :] for each in (one.row, one.asked)]
        assert ended[0] == ended[1]


def test_a_context_that_does_not_fit_leaves_its_row_to_the_answer(lesson: Any) -> None:
    recipe, _, _, tokenizer, texts, tokens, contexts = lesson
    held = [json.loads(line) for line in contexts.read_text().splitlines()]
    held[0]["passages"] = ["x" * 600]
    held[1]["passages"] += ["y" * 600]
    write_rows(contexts, held)
    small = recipe.model_copy(update={"distill_tokens": 500})
    lessons = {one.row.id: one for one in read_lessons(small, tokens, texts, contexts, tokenizer)}
    assert "Gate" not in lessons
    assert lessons["Mill"].page == "It is 7."  # the passage of its proof alone


def test_contexts_that_are_missing_or_of_other_rows_are_an_error(lesson: Any) -> None:
    recipe, _, _, tokenizer, texts, tokens, contexts = lesson
    write_rows(contexts, [{"id": "other", "passages": ["It is 1."]}])
    with pytest.raises(InputError, match="no context of these rows"):
        read_lessons(recipe, tokens, texts, contexts, tokenizer)
    contexts.unlink()
    with pytest.raises(InputError, match='loss = "mixed" reads .*contexts.jsonl, which does not exist'):
        read_lessons(recipe, tokens, texts, contexts, tokenizer)


@pytest.mark.parametrize("most", [300, 4096], ids=["in parts", "in one pass"])
def test_packed_and_padded_rows_have_the_same_teacher_loss_and_gradient(lesson: Any, most: int, tmp_path: Path) -> None:
    import torch

    recipe, base, model, tokenizer, texts, tokens, contexts = lesson
    lessons = read_lessons(recipe, tokens, texts, contexts, tokenizer)
    found = []
    for backend in (PeftBackend(), Padded()):
        name = type(backend).__name__
        teacher = ask_teacher(recipe, backend, base, model, lessons, tmp_path / name, Console(quiet=True))
        assert teacher
        batch = padded(tokens)
        batch["where"] = teacher.locate(batch)
        model.train()
        model.zero_grad()
        for one in backend.passes(model, batch, most):
            teacher.loss(model, one, 20).backward()
        gradient = {key: value.grad.clone() for key, value in model.named_parameters() if value.grad is not None}
        found.append((teacher, gradient))
    (packed, first), (beside, second) = found
    assert torch.equal(packed.words[:, 0], beside.words[:, 0])
    assert torch.allclose(packed.log_probs, beside.log_probs, atol=1e-3)
    assert first.keys() == second.keys()
    assert all(torch.allclose(first[key], second[key], atol=1e-4) for key in first)
    assert any(value.abs().max() > 1e-3 for value in first.values())


def test_the_teacher_is_asked_once_and_after_a_kill_only_for_the_rest(
    lesson: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    recipe, base, model, tokenizer, texts, tokens, contexts = lesson
    monkeypatch.setattr("tuning.distill.BATCHES_A_FILE", 1)
    lessons = read_lessons(recipe, tokens, texts, contexts, tokenizer)
    ask = [recipe, base, model, lessons, tmp_path / "teacher", Console(quiet=True)]
    first, again, after, other = (Counting() for _ in range(4))
    whole = ask_teacher(recipe, first, *ask[1:])
    assert ask_teacher(recipe, again, *ask[1:])
    files = sorted((tmp_path / "teacher").glob("*/*.safetensors"))
    assert (first.batches, again.batches) == (len(files), 0) == (2, 0)  # the two rows of one page; all others
    files[-1].unlink()
    mended = ask_teacher(recipe, after, *ask[1:])
    assert after.batches == 1
    assert whole
    assert mended
    assert torch.equal(whole.words, mended.words)
    ask_teacher(recipe.model_copy(update={"distill_temperature": 2.0}), other, *ask[1:])
    assert other.batches == 2


def test_the_adapter_is_off_while_the_teacher_answers(lesson: Any, tmp_path: Path) -> None:
    import torch

    recipe, base, model, tokenizer, texts, tokens, contexts = lesson
    lessons = read_lessons(recipe, tokens, texts, contexts, tokenizer)
    before = ask_teacher(recipe, PeftBackend(), base, model, lessons, tmp_path / "a", Console(quiet=True))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_B" in name:
                value.fill_(1.0)
    after = ask_teacher(recipe, PeftBackend(), base, model, lessons, tmp_path / "b", Console(quiet=True))
    assert before
    assert after
    assert torch.equal(before.log_probs, after.log_probs)


def test_the_loss_is_the_kl_of_what_has_a_teacher_and_cross_entropy_elsewhere(lesson: Any, tmp_path: Path) -> None:
    import torch
    from torch.nn.functional import cross_entropy

    recipe, base, model, tokenizer, texts, tokens, contexts = lesson
    lessons = read_lessons(recipe, tokens, texts, contexts, tokenizer)
    teacher = ask_teacher(recipe, PeftBackend(), base, model, lessons, tmp_path / "a", Console(quiet=True))
    assert teacher
    torch.manual_seed(0)
    logits, labels, where = torch.randn(2, 40), torch.tensor([3, 4]), torch.tensor([NO_TEACHER, 0])
    teacher.words.clamp_(max=39)
    plain = cross_entropy(logits, labels, reduction="none")
    kl = divergence(logits[1:], teacher.words[:1].long(), teacher.log_probs[:1], 1.0)
    assert torch.allclose(teacher.token_losses(logits, labels, where), torch.stack([plain[0], (plain[1] + kl[0]) / 2]))
    alone = type(teacher)(recipe.model_copy(update={"loss": "distilled"}), *(teacher.words, teacher.log_probs), {})
    assert torch.allclose(alone.token_losses(logits, labels, where), torch.stack([plain[0], kl[0]]))


@pytest.mark.parametrize("temperature", [1.0, 2.0], ids=["as they are", "softened"])
def test_the_divergence_over_all_words_is_that_of_the_distributions(temperature: float) -> None:
    import torch
    from torch.nn.functional import kl_div

    torch.manual_seed(0)
    teacher, student = (torch.randn(5, 30) / temperature for _ in range(2))
    top = teacher.log_softmax(-1).topk(30)
    expected = kl_div(student.log_softmax(-1), teacher.log_softmax(-1), reduction="none", log_target=True).sum(-1)
    found = divergence(student * temperature, top.indices, top.values, temperature)
    assert torch.allclose(found, expected * temperature**2, atol=1e-4)


def test_words_beyond_the_first_count_as_one() -> None:
    import torch

    teacher = torch.tensor([[0.5, 0.3, 0.1, 0.1]]).log()
    student = torch.tensor([[0.5, 0.3, 0.2, 0.0001]]).log()  # the same but for how the rest is shared out
    top = teacher.topk(2)
    assert divergence(student, top.indices, top.values, 1.0) == pytest.approx(0, abs=1e-3)
    assert divergence(-student, top.indices, top.values, 1.0) > 0.1

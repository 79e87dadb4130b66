"""The verbs of a tuned model: export writes and proves it, serve offers it, chat takes it where there is no GPU."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.models import local
from agents.project import Project
from agents.records import SYSTEM_PROMPT
from bench.speed.first_token import LONG, pane, served
from eval.export import export_model, model_name, questions, right_of
from eval.questions import load_gold, load_heldout
from eval.serve import KEY, offer
from eval.session import embedded_student
from eval.settings import EvalConfig
from tests.tuning.conftest import student_folder, tokenizer, untuned  # noqa: F401 - fixtures
from tuning.export.gguf_file import write_gguf
from tuning.export.proof import Pair, Proof
from tuning.export.template import exported_template
from tuning.recipe import Recipe


@pytest.fixture
def exported(project: Project, tokenizer: Any, untuned: Any) -> Project:  # noqa: F811
    """The toy project with a GGUF file of its (empty) adapter: a random model of two layers."""
    from agents.files import file_hash

    folder = project.exports / "gguf-f16"
    folder.mkdir(parents=True)
    write_gguf(untuned, tokenizer, exported_template(tokenizer, SYSTEM_PROMPT), "toy", folder / "toy-f16.gguf", "f16")
    record = {"adapter_sha256": file_hash(project.adapter_dir / "adapter_model.safetensors"), "context": 512}
    (folder / "export.json").write_text(json.dumps(record), encoding="utf-8")
    return project


def test_gold_and_heldout_questions_are_asked_as_the_evaluation_asks_them(project: Project) -> None:
    asked = questions(project, EvalConfig.model_validate({}))
    assert {one[0]["content"] for one in asked} == {SYSTEM_PROMPT}
    texts = [one[1]["content"] for one in asked]
    assert "Which colour has the ferry?" in texts
    assert json.loads(project.gold.read_text(encoding="utf-8").splitlines()[0])["question"] in texts
    project.gold.unlink()
    (project.data_dir / "heldout.jsonl").unlink()
    assert len(questions(project, EvalConfig.model_validate({}))) >= 20  # general ones: an export is never left unasked


def test_what_adapter_and_export_answer_right_is_told_beside_each_other(project: Project) -> None:
    gold, heldout = load_gold(project.gold), load_heldout(project.data_dir / "heldout.jsonl", 0)
    said = {
        "What does Hettary charge?": ("Two coppers.", "Two coppers."),
        "Who keeps the light since June?": ("Wenna.", "Orla."),
        "What happened?": ("Wenna is keeper.", "The lens broke, and Wenna is keeper."),
        "What was the name of Wenna's dog?": ("Rex.", "I do not know."),
        "How much is a crossing with Hettary?": ("Two coppers.", "A copper."),
        "Which colour has the ferry?": ("Red.", "Red."),
    }
    proof = Proof([Pair(asked, *answers, True, True) for asked, answers in said.items()])
    told = {figure: (a.hits, b.hits, a.n) for figure, (a, b) in right_of(gold, heldout, proof).items()}
    assert told == {
        "gold local": (1, 1, 1),
        "gold multi-hop": (1, 0, 1),
        "gold global (claims)": (1, 2, 2),
        "gold unanswerable": (0, 1, 1),
        "false refusals": (0, 0, 3),
        "new wordings": (1, 0, 1),
        "untrained facts": (1, 1, 1),
    }
    assert right_of([], [], proof) == {}


@pytest.mark.parametrize(
    ("model", "form", "says"), [("onnx", "f16", "--model onnx: unknown"), ("gguf", "q3", "--quantize q3: unknown")]
)
def test_an_unknown_model_or_form_is_named_before_anything_is_loaded(
    model: str, form: str, says: str, project: Project, quiet: Console
) -> None:
    with pytest.raises(InputError, match=says):
        export_model(project, model, form, None, quiet)


@pytest.mark.parametrize(
    ("model", "form", "out", "place"),
    [
        pytest.param("gguf", "q8_0", None, "gguf-q8_0", id="gguf"),
        pytest.param("merged", "f16", None, "merged", id="merged"),
        pytest.param("gguf", "f16", "elsewhere", "elsewhere", id="in a folder of its own"),
    ],
)
def test_the_tuned_student_is_written_in_its_form_and_asked_the_questions_of_the_evaluation(
    project: Project, quiet: Console, monkeypatch: pytest.MonkeyPatch, model: str, form: str, out: str, place: str
) -> None:
    heard: list[Any] = []
    proof = Proof([Pair(one[1]["content"], "a", "b", True, True) for one in questions(project, EvalConfig())])
    monkeypatch.setattr("eval.export.load_student", lambda *words: ("student of", *words))
    monkeypatch.setattr("tuning.export.write.write_export", lambda *words: heard.append(words) or proof)
    project.config["tuning"] = Recipe(base="some/base")
    project.config["eval"] = EvalConfig(max_new_tokens=50, heldout_limit=1)
    folder = project.directory / out if out else project.exports / place
    assert export_model(project, model, form, project.directory / out if out else None, quiet) == (proof, folder)
    student = ("student of", "some/base", project.adapter_dir)
    asked = questions(project, project.config["eval"])
    assert len(asked) == 5
    form = "merged" if model == "merged" else form
    assert heard == [(student, project.adapter_dir, folder, model_name(project), form, asked, 50)]


@pytest.mark.parametrize("key", ["mine", ""], ids=["a key of one's own", "a new key"])
def test_serve_hands_llama_cpp_the_file_its_window_a_port_a_key_and_a_name(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    heard: list[Any] = []

    def serve(name: str, slots: int, context: int, address: local.Address) -> local.Endpoint:
        heard.append((name, slots, context, address))
        return local.Endpoint("http://127.0.0.1:9/v1", address.api_key)

    monkeypatch.setenv(KEY, key)
    monkeypatch.setattr("eval.serve.serve", serve)
    monkeypatch.setattr(
        "tuning.export.write.exported_gguf", lambda *words: SimpleNamespace(path=Path("a.gguf"), context=512)
    )
    first = offer(project, 9000, 3, Console(as_json=True), block=False)
    told = json.loads(capsys.readouterr().out)
    name = model_name(project)
    assert told == {"base_url": first.base_url, "api_key": first.api_key, "model": name, "artifact": None}
    assert heard == [("a.gguf", 3, 512, local.Address(9000, first.api_key, name))]
    again = offer(project, 9000, 3, Console(quiet=True), block=False)
    assert (first.api_key == again.api_key == key) if key else (first.api_key != again.api_key)
    assert key or len(first.api_key) == 32  # 24 bytes in Base64


def test_the_model_is_called_by_project_and_run(tmp_path: Path) -> None:
    assert model_name(Project(tmp_path / "My Notes_2", "seed-1", {})) == "my-notes-2-seed-1"
    assert model_name(Project(tmp_path / "漢字", "日記", {})) == "ragtuned"


def test_serve_speaks_the_openai_protocol_to_who_has_the_key(
    exported: Project, quiet: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openai import AuthenticationError, OpenAI

    monkeypatch.setenv(KEY, "mine")
    endpoint = offer(exported, 0, 1, quiet, block=False)
    try:
        client = OpenAI(base_url=endpoint.base_url, api_key="mine", max_retries=0)
        name = model_name(exported)
        assert [one.id for one in client.models.list()] == [name]
        asked = time.perf_counter()
        words, first = [], 0.0
        for part in client.chat.completions.create(
            model=name, messages=[{"role": "user", "content": "Who?"}], max_tokens=8, stream=True, temperature=0
        ):
            first = first or time.perf_counter() - asked
            words.append(part.choices[0].delta.content or "" if part.choices else "")
        assert "".join(words)
        assert first < 5
        with pytest.raises(AuthenticationError):
            OpenAI(base_url=endpoint.base_url, api_key="not mine", max_retries=0).chat.completions.create(
                model=name, messages=[{"role": "user", "content": "Who?"}], max_tokens=8
            )
    finally:
        local.stop(str(exported.exports / "gguf-f16" / "toy-f16.gguf"))


def test_serve_without_an_export_of_this_adapter_names_the_verb(exported: Project, quiet: Console) -> None:
    (exported.adapter_dir / "adapter_model.safetensors").write_bytes(b"tuned again")
    with pytest.raises(InputError, match="no GGUF file of the adapter as it is now") as caught:
        offer(exported, 0, 1, quiet, block=False)
    assert caught.value.do == "run `ragtuned export --model gguf`"


@pytest.mark.parametrize("gpu", [False, True], ids=["cpu", "gpu"])
def test_chat_takes_the_exported_model_where_there_is_no_gpu(
    gpu: bool,
    exported: Project,
    student_folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: gpu)
    monkeypatch.setattr("tuning.model.tokenizer_of", lambda folder: SimpleNamespace(name_or_path=folder))
    started: list[Callable[..., Any]] = []
    monkeypatch.setattr("agents.models.local.serve", lambda *a, **k: started.append(a[0]))
    student = embedded_student(exported)
    assert (student is None, len(started)) == ((True, 0) if gpu else (False, 1))


def test_the_wait_for_a_first_word_is_measured_behind_serve_and_in_the_page(
    exported: Project,
    student_folder: Path,  # noqa: F811
    tokenizer: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sections = {**exported.config, "tuning": Recipe(base=str(student_folder))}
    run = Project(exported.directory, exported.run, sections)
    monkeypatch.setattr("tuning.model.tokenizer_of", lambda folder: tokenizer)
    asked = [one.question for one in load_gold(run.gold)]
    behind = served(run, asked)
    assert (behind["questions"], behind["file"], behind["long"]["tokens"]) == (4, "toy-f16.gguf", LONG)
    assert 0 < behind["first_s"][0] <= behind["whole_s"][0] < 60
    assert 0 < behind["first_question_first_s"] < 60
    assert 0 < behind["long"]["first_s"] < behind["long"]["whole_s"] < 60
    shown = pane(run, asked)
    assert shown["questions"] == 4
    assert 0 < shown["first_s"][0] <= shown["whole_s"][0] < 60

"""ragtuned.toml: every fault is told at once, with the nearest known name."""

from pathlib import Path

import pytest

import agents.commands
import graphs.commands
from agents.config import load_config
from agents.errors import ConfigError
from graphs.config import SynthesisConfig

SECTIONS = {**agents.commands.sections(), **graphs.commands.sections()}


def faults_of(tmp_path: Path, text: str) -> ConfigError:
    (tmp_path / "ragtuned.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "ragtuned.toml", SECTIONS)
    return caught.value


def test_an_empty_config_takes_every_default(tmp_path: Path) -> None:
    (tmp_path / "ragtuned.toml").write_text("")
    loaded = load_config(tmp_path / "ragtuned.toml", SECTIONS)
    assert set(loaded) == set(SECTIONS)
    assert loaded["models"].root["teacher"].provider == "local"


def test_a_config_that_an_editor_began_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "ragtuned.toml").write_bytes(b'\xef\xbb\xbf[documents]\npaths = ["notes"]\n')
    assert load_config(tmp_path / "ragtuned.toml", SECTIONS)["documents"].paths == ["notes"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    error = faults_of(
        tmp_path,
        '[synthesys]\nseed = 1\n[synthesis]\nseed = "many"\nlocal_brief = 3\n[documents]\nchunk_characters = 5\n',
    )
    assert len(error.faults) == 4
    assert "4 faults" in str(error)
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[synthesys]\n", "unknown section [synthesys]: did you mean synthesis?"),
        (
            "[synthesis]\nlocal_brief = 3\n",
            "unknown key synthesis.local_brief: did you mean briefs in [synthesis.local]?",
        ),
        (
            "[synthesis.global]\nbrief_per_report = 3\n",
            "unknown key synthesis.global.brief_per_report: did you mean briefs_per_report?",
        ),
        ("[synthesis]\nlocal_briefs = 3\n", "synthesis.local_briefs is now briefs in [synthesis.local]"),
        ("[synthesis]\nwordings = 3\n", "synthesis.wordings is now per_question in [synthesis.wordings]"),
        ('[models.teacher]\nprovidr = "local"\n', "unknown key models.teacher.providr: did you mean provider?"),
        (
            '[models.teacher]\nprovider = "cloud"\n',
            "models.teacher.provider = 'cloud': Input should be 'local', 'openai', 'azure', 'anthropic', 'google', "
            "'mistral', 'ollama' or 'vllm'",
        ),
        (
            "[models.teacher]\nmax_tokens = { question_wrter = 9 }\n",
            "models = {'teacher': {'max_tokens': {'question_wrter': 9}}}: Value error, "
            "teacher.max_tokens: no role 'question_wrter': did you mean question_writer?",
        ),
        (
            "[roles]\nzzz = 1\n",
            "unknown key roles.zzz "
            "(known: default, extractor, same_entity, community_summarizer, question_writer, critic, judge, "
            "gold_writer)",
        ),
        (
            "[documents]\nchunk_characters = 300\nchunk_overlap = 300\n",
            "documents.chunk_overlap = 300: Value error, must be less than chunk_characters",
        ),
        ("synthesis = 3\n", "synthesis = 3: Input should be a valid dictionary or instance of SynthesisConfig"),
    ],
    ids=[
        "section",
        "key-of-old",
        "key-of-a-table",
        "old-key",
        "old-key-that-is-a-table-now",
        "key-of-a-named-model",
        "value",
        "limit-of-no-role",
        "nothing-near",
        "overlap-of-a-whole-chunk",
        "no-table",
    ],
)
def test_a_fault_names_place_value_and_nearest(tmp_path: Path, text: str, fault: str) -> None:
    assert faults_of(tmp_path, text).faults == [fault]


def test_every_old_key_is_refused_with_its_new_place_and_all_are_told_at_once(tmp_path: Path) -> None:
    old = {key: "true" if key in ("page_rows", "report_rows", "entity_rows") else "1" for key in SynthesisConfig.moved}
    error = faults_of(tmp_path, "[synthesis]\n" + "".join(f"{key} = {value}\n" for key, value in old.items()))
    assert sorted(error.faults) == sorted(
        f"synthesis.{key} is now {place}" for key, place in SynthesisConfig.moved.items()
    )


def test_the_new_place_of_every_old_key_is_a_key_of_that_table() -> None:
    for place in SynthesisConfig.moved.values():
        key, _, table = place.partition(" in [synthesis.")
        name = {"global]": "global_"}.get(table, table.removesuffix("]"))
        assert key in type(getattr(SynthesisConfig(), name)).model_fields, place


def test_text_that_is_not_toml_names_the_file_and_the_line(tmp_path: Path) -> None:
    error = faults_of(tmp_path, "[documents\n")
    assert "ragtuned.toml is not valid TOML" in str(error)
    assert "line 1" in str(error)


def test_a_missing_config_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no ragtuned\.toml in .*\n.*ragtuned init"):
        load_config(tmp_path / "ragtuned.toml", SECTIONS)

"""Prompts of one's own: found by role, held to the role's contract, and part of all that names a call."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.config import check_config
from agents.errors import ConfigError
from agents.models.scripted import ScriptedModel
from agents.records import Brief
from agents.roles.critic import GATES, judge
from agents.roles.prompts import PromptsConfig, contracts, read_prompts
from agents.roles.question_writer import LOCAL_PROMPT, LOCAL_WRITER, write_local
from agents.roles.wordings import write_wordings
from tests.conftest import client_of, scripts

SHORT = "{{document}}\nAsk about: {{focus}} {{ask}}\n{{feedback}}Give evidence, recall, question and answer."


def read(folder: Path, prompts: dict[str, str], **files: str) -> dict[str, str]:
    for name, words in files.items():
        (folder / f"{name}.txt").write_text(words, encoding="utf-8")
    return read_prompts(folder, PromptsConfig(prompts))


def test_every_role_that_asks_a_model_may_have_another_prompt() -> None:
    assert set(contracts()) == set(scripts())


def test_every_own_prompt_keeps_its_own_contract(tmp_path: Path) -> None:
    for number, (role, contract) in enumerate(contracts().items()):
        assert read(tmp_path, {role: f"p{number}.txt"}, **{f"p{number}": contract.words}) == {role: contract.words}


@pytest.mark.parametrize(
    ("role", "words", "fault"),
    [
        ("question_writer.locl", SHORT, r"unknown role: did you mean question_writer\.local\?"),
        ("question_writer.local", SHORT.replace("{{focus}}", ""), r"\{\{focus\}\} is missing"),
        ("question_writer.local", SHORT + "{{fokus}}", r"\{\{fokus\}\} is unknown: did you mean focus\?"),
        ("question_writer.local", SHORT.replace("recall, ", ""), "the field 'recall' of the reply is not named"),
        ("critic.faithful", "Is it so? {{question}}", r"\{\{answer\}\} is missing"),
        ("question_writer.wordings", "{{question}} {{answer}} {{count}}", r"\{\{openings\}\} is missing"),
    ],
    ids=["unknown-role", "placeholder-missing", "placeholder-unknown", "field-missing", "gate", "wordings"],
)
def test_a_prompt_that_breaks_its_contract_is_refused(tmp_path: Path, role: str, words: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        read(tmp_path, {role: "p.txt"}, p=words)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("Où {{question}}".encode("latin-1"))
    with pytest.raises(ConfigError) as caught:
        read(
            tmp_path, {"extractor": "../outside.txt", "critic.relevant": "nowhere.txt", "critic.faithful": "latin.txt"}
        )
    assert [fault.partition(": ")[2] for fault in caught.value.faults] == [
        "../outside.txt lies outside the project",
        "nowhere.txt does not exist",
        "latin.txt is not UTF-8",
    ]


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "secret.txt").write_text(SHORT)
    (tmp_path / "project" / "p.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ConfigError, match="outside the project"):
        read(tmp_path / "project", {"question_writer.local": "p.txt"})


def test_a_role_may_stand_without_quotation_marks() -> None:
    loaded = check_config(
        {"prompts": {"question_writer": {"local": "a.txt"}, "extractor": "b.txt"}}, {"prompts": PromptsConfig}
    )["prompts"]
    assert loaded.root == {"extractor": "b.txt", "question_writer.local": "a.txt"}


BRIEF = Brief(id="b", kind="local", style="who", targets=[], chunk_ids=[], statements=["Ann Hale sold the mill."])


def ask(prompts: dict[str, Any]) -> tuple[list[str], set[str]]:
    model = ScriptedModel(scripts())
    client = client_of(model)
    client.prompts = prompts

    async def both() -> None:
        await write_local(client, "Ann Hale sold the mill.", BRIEF, [])
        await write_wordings(client, "Who sold the mill?", "Ann Hale sold it.", 1)
        await judge(client, GATES[0], "", {"question": "Who sold the mill?"})

    asyncio.run(both())
    return [request.messages[-1]["content"] for request in model.requests], client.keys


def test_the_words_of_the_project_are_what_is_asked_and_change_the_keys() -> None:
    own = {
        "question_writer.local": SHORT,
        "question_writer.wordings": "W {{question}}{{answer}}{{count}}{{openings}}",
        "critic.self_contained": "G {{question}}",
    }
    (said, keys), (_, plain), (_, same) = ask(own), ask({}), ask({"question_writer.local": LOCAL_PROMPT})
    assert said[0].endswith("Give evidence, recall, question and answer.")
    assert said[1].startswith("W Who sold")
    assert said[2] == "G Who sold the mill? Answer yes or no."
    assert keys & plain == set()
    assert plain == same


def test_the_hash_in_a_rows_source_is_that_of_the_words_used() -> None:
    assert LOCAL_WRITER.hash_with({"question_writer.local": SHORT}) != LOCAL_WRITER.prompt_hash
    assert LOCAL_WRITER.hash_with({"extractor": SHORT}) == LOCAL_WRITER.prompt_hash

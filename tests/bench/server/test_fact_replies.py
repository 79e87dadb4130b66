"""The scripted server answers the roles of recipe facts, from their prompts alone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from agents.console import Console
from agents.models.body import body
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect
from agents.models.request import Request
from agents.models.scripted import ScriptedModel
from agents.models.store import Reply
from agents.project import Project
from agents.roles.fact_reporter import FACT_REPORTER
from agents.roles.passage_writer import MORE_WRITER, PARTS, PASSAGE_WRITER, PassageDraft, numbered
from agents.roles.role import Role, fence, fill
from agents.roles.row_critic import PROMPT as CRITIC_PROMPT
from agents.roles.row_critic import ROW_CRITIC, Verdicts
from agents.roles.unknown_writer import TOLD_PROMPT, ToldVerdicts
from bench.processes import Size, write_project
from bench.server.chat_request import read_request
from bench.server.fact_replies import FACT_ROLES, fact_reply, inputs_of
from bench.server.replies import answer
from bench.speed.call_chain import longest_chain_of_facts
from graphs.run import synthesize
from ragtuned import SECTIONS
from tests.bench.server.test_bench_server import in_each_form

SENTENCES = ["Ann Hale sold 40 lanterns to Tom Brisk.", "Since 1871 Tom Brisk keeps 12 mules in Marrow."]
PASSAGE = {
    "document": numbered("Chronicle", SENTENCES, "What stood before"),
    "scope": "",
    "language": "English",
    "types": "person, place",
    "asks": "two or three",
    "parts": ", ".join(PARTS),
    "phrasings": "3",
}


def test_what_a_prompt_was_filled_with_is_read_from_it_again() -> None:
    assert inputs_of(PASSAGE_WRITER.template, fill(PASSAGE_WRITER.template, PASSAGE)) == PASSAGE
    assert inputs_of(PASSAGE_WRITER.template, "Write questions.") is None


def test_every_sentence_of_a_passage_is_a_fact_with_questions_however_it_is_asked_for() -> None:
    for request in in_each_form(PASSAGE_WRITER, fill(PASSAGE_WRITER.template, PASSAGE)):
        said = answer(read_request(request))
        assert said.role == PASSAGE_WRITER.name
        draft = PassageDraft.model_validate_json(said.text)
        assert [fact.statement for fact in draft.facts] == SENTENCES
        assert all(ask.questions for fact in draft.facts for ask in fact.asks)


@pytest.mark.parametrize("role", FACT_ROLES.values(), ids=lambda role: role.name)
def test_a_prompt_of_other_words_gets_no_reply_of_a_role(role: Role[PassageDraft]) -> None:
    assert fact_reply(role.schema.__name__, "Say anything.") is None


def test_nearly_every_row_is_passed_and_the_same_ones_always() -> None:
    rows = "\n".join(f"{n}. What is told of {n}? -> {n} lanterns" for n in range(1, 201))
    prompt = fill(CRITIC_PROMPT, {"document": PASSAGE["document"], "rows": fence(rows, "lines")})
    text = fact_reply("Verdicts", prompt)
    verdicts = Verdicts.model_validate_json(text or "").verdicts
    assert [verdict.row for verdict in verdicts] == list(range(1, 201))
    assert 0 < sum(verdict.fault != "none" for verdict in verdicts) < 20
    assert fact_reply("Verdicts", prompt) == text


def test_what_is_asked_of_the_untold_is_never_told() -> None:
    filled = fill(TOLD_PROMPT, {"document": fence("1. Ann Hale"), "questions": fence("1. Her age?\n2. His?", "lines")})
    verdicts = ToldVerdicts.model_validate_json(fact_reply("ToldVerdicts", filled) or "").verdicts
    assert [(verdict.question, verdict.told) for verdict in verdicts] == [(1, "no"), (2, "no")]


class Served(ScriptedModel):
    """The scripted server without the wire."""

    def __init__(self) -> None:
        super().__init__({})
        self.roles: Counter[str] = Counter()

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        sent = body(ModelConfig(provider="openai", model="scripted"), request, dialect)
        said = answer(read_request(json.dumps(sent).encode()))
        self.roles[said.role] += 1
        return Reply(text=said.text, tokens_in=1, tokens_out=1)


def test_a_whole_synthesis_by_recipe_facts_keeps_most_rows(tmp_path: Path, silent: Console) -> None:
    folder = write_project(tmp_path, "http://127.0.0.1:9", Size(chunks=3, recipe="facts"), slots=4)
    project, model = Project.open(folder, "main", SECTIONS), Served()
    record = synthesize(project, silent, backend=model)
    counts = record.counts
    assert counts.planned == counts.kept + counts.rejected + counts.failed
    assert counts.failed == 0
    assert counts.kept > counts.planned / 2
    assert "other" not in model.roles
    assert {role.name for role in (PASSAGE_WRITER, MORE_WRITER, ROW_CRITIC, FACT_REPORTER)} <= model.roles.keys()
    chain = longest_chain_of_facts(project.run_dir)
    assert chain["page"] >= 4  # facts, the critic, more about those that were sent back, the critic
    assert chain["total"] == chain["page"] + chain["names"] + max(2, chain["reports"])

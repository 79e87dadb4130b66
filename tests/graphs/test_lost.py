"""An item whose call fails is left out and named; the others go on, whatever the recipe and wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.console import Console
from agents.errors import EmptyResult, EndpointError, RefusedPrompt, UselessReplies
from agents.models.dialect import Dialect
from agents.models.request import Request
from agents.models.scripted import ScriptedModel
from agents.models.store import Reply
from graphs.run import synthesize
from graphs.summary import show_record
from tests.conftest import CONFIG, open_project, scripts

FACTS = CONFIG.replace('recipe = "ragtuned"', 'recipe = "facts"\nwriter = "passage"')
PAPER = CONFIG.replace('recipe = "ragtuned"', 'recipe = "paper"')
RECIPES = pytest.mark.parametrize("config", [CONFIG, FACTS], ids=["briefs", "facts"])


class Filtering(ScriptedModel):
    """Refuses every prompt that holds a word, with the words of its server."""

    def __init__(self, word: str, error: type[Exception] = RefusedPrompt) -> None:
        super().__init__(scripts())
        self.word = word
        self.error = error
        self.refused = 0

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        if any(self.word in message["content"] for message in request.messages):
            self.refused += 1
            what = "the server answered 400: stopped by its filter"
            raise self.error(what, raw="stopped by its filter") if self.error is RefusedPrompt else self.error(what)
        return await super().call(request, dialect)


@RECIPES
def test_a_chunk_that_a_filter_stops_is_named_with_the_servers_words_and_the_others_go_on(
    tmp_path: Path, silent: Console, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Filtering("Journal, 3 April")  # the title of the first page
    record = synthesize(open_project(tmp_path, config), silent, backend=model)
    chunk = next(one for one in record.lost if one.what == "chunk")
    assert (chunk.where, chunk.reason, chunk.said) == (
        "documents/april.md, from character 0",
        "refused prompt",
        "stopped by its filter",
    )
    assert record.rows["train"]
    show_record(Console(), record)
    told = capsys.readouterr().out
    assert "chunk of documents/april.md, from character 0: refused prompt: stopped by its filter" in told


@RECIPES
def test_an_empty_result_names_what_was_left_out(tmp_path: Path, silent: Console, config: str) -> None:
    with pytest.raises(
        EmptyResult, match="(?s)no training row survived.*april.md.*refused prompt: stopped by its filter"
    ):
        synthesize(open_project(tmp_path, config), silent, backend=Filtering(""))


@RECIPES
def test_what_is_wrong_for_all_ends_the_run_at_the_first_call(tmp_path: Path, silent: Console, config: str) -> None:
    model = Filtering("", EndpointError)
    with pytest.raises(EndpointError, match="the server answered 400"):
        synthesize(open_project(tmp_path, config), silent, backend=model)
    assert model.refused <= 3  # one for each page that was under way


@RECIPES
def test_a_model_that_answers_nothing_of_sense_is_not_asked_on_and_on(
    tmp_path: Path, silent: Console, config: str
) -> None:
    model = ScriptedModel({role: lambda inputs: "I would rather not." for role in scripts()})
    few = config.replace("retries = 0", "retries = 0\nuseless_replies = 4")
    with pytest.raises(UselessReplies, match=r"(?s)last 4 replies.*I would rather not"):
        synthesize(open_project(tmp_path, few), silent, backend=model)
    assert len(model.requests) <= 6

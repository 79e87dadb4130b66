"""The critic: a table of drafts and their reasons, then the gates."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agents.models.scripted import ScriptedModel
from agents.records import REFUSAL, Evidence
from agents.roles.checks import Draft, check_told_anew
from agents.roles.critic import GATES, SAME_QUESTION, Gate, judge
from tests.conftest import check_draft, client_of

SOURCE = "On 3 April Bastow Pask bought the blue boat from Wenna Tolley for forty coppers. It was raining."
QUOTE = "Bastow Pask bought the blue boat from Wenna Tolley for forty coppers."
GOOD = Draft(
    kind="local",
    question="Who bought the blue boat from Wenna Tolley?",
    reasoning="Bastow Pask bought the blue boat from Wenna Tolley.",
    answer="Bastow Pask bought the blue boat.",
    evidence=[Evidence(chunk_id="chunk-1", start=11, end=80, quote=QUOTE)],
)


SENTENCE = [
    Evidence(
        chunk_id="chunk-1",
        start=0,
        end=80,
        quote="On 3 April Bastow Pask bought the blue boat from Wenna Tolley for forty coppers.",
    )
]
ANEW = "Wenna Tolley sold Bastow Pask the blue boat for forty coppers on 3 April."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ANEW, None),
        (SENTENCE[0].quote, "rewrite copies the sentence"),
        (ANEW.replace("forty ", ""), "rewrite loses a number"),
        (ANEW.replace("Wenna Tolley", "Somebody"), "name not in source: somebody"),
        (ANEW.replace("Wenna Tolley sold Bastow Pask", "The woman sold"), "rewrite loses a name"),
        (ANEW.replace("Bastow Pask", "me"), "answer needs the page"),
    ],
    ids=["good", "copied", "number", "stranger", "name", "first-person"],
)
def test_a_sentence_told_anew_says_what_it_said_and_not_in_its_order(text: str, reason: str | None) -> None:
    assert check_told_anew(text, SENTENCE, SOURCE) == reason


def test_a_passage_of_which_nothing_was_told_anew_is_no_row() -> None:
    assert check_draft(replace(GOOD, kind="document", evidence=[]), SOURCE) == "no sentence told anew"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"question": "Bastow Pask bought the boat"}, "not a question"),
        ({"question": "Who, Wenna?"}, "not a question"),
        ({"question": "What does the document say of Wenna Tolley?"}, "mentions the document"),
        ({"answer": "According to it, Bastow Pask bought the blue boat."}, "mentions the document"),
        ({"reasoning": "The passage explicitly states it."}, "mentions the document"),
        ({"question": "Who bought the blue boat then?"}, "question needs the page"),
        ({"question": "Who bought the blue boat then?", "terms": ("blue boat",)}, None),
        ({"question": "Who bought this blue boat then?", "terms": ("blue boat",)}, "question needs the page"),
        ({"question": "Who bought the blue boat then?", "terms": ("net loft",)}, "question needs the page"),
        ({"question": "What did Wenna Tolley do?"}, "question too vague"),
        ({"question": "What happened to Wenna Tolley?"}, "question too vague"),
        ({"question": "What did Wenna Tolley ask about?"}, "question too vague"),
        ({"question": "What did Wenna Tolley ask Bastow Pask to do?"}, None),
        ({"question": "What did Wenna Tolley do on 3 April?"}, None),
        ({"question": "What did she sell to Bastow Pask here?"}, "question needs the page"),
        ({"question": "When did they meet Bastow Pask?"}, "question needs the page"),
        ({"evidence": []}, "evidence not in source"),
        ({"answer": "Bastow Pask"}, "answer too short"),
        ({"answer": "Bastow Pask bought my blue boat."}, "answer needs the page"),
        ({"answer": "Wenna Tolley bought the blue boat."}, "question gives the answer away"),
        ({"answer": "Bastow Pask bought the blue boat for fifty coppers."}, "number not in source"),
        ({"answer": "Bastow Pask bought the blue boat from Orla Dunn."}, "name not in source: dunn, orla"),
        ({"question": "Who bought the blue boat from Tom Hale?"}, "name not in source: hale, tom"),
        ({"question": "Who bought the blue boat from Wenna Tolley on 7 May?"}, "number not in source"),
        ({"answer": "Bastow Pask bought your blue boat."}, "answer needs the page"),
        ({"answer": "Bastow Pask repaired an ancient chimney yesterday evening."}, "answer needs the page"),
        ({"answer": "Bastow Pask repaired an ancient chimney."}, "answer not in evidence"),
    ],
    ids=[
        "good",
        "statement",
        "three-words",
        "question-names-document",
        "answer-names-document",
        "reasoning-names-document",
        "no-name",
        "a-term",
        "this-term",
        "another-term",
        "did",
        "happened",
        "asked",
        "asked-of-another",
        "on-a-date",
        "here",
        "they",
        "no-evidence",
        "bare-name",
        "my",
        "nothing-new",
        "wrong-number",
        "stranger",
        "stranger-in-question",
        "number-in-question",
        "your",
        "yesterday",
        "not-covered",
    ],
)
def test_each_fault_has_its_reason(change: dict[str, Any], reason: str | None) -> None:
    assert check_draft(replace(GOOD, **change), SOURCE) == reason


def test_a_global_answer_may_add_more_words_of_its_own_than_a_local_one() -> None:
    answer = "Bastow Pask bought the blue boat, a wise bargain."
    assert check_draft(replace(GOOD, answer=answer), SOURCE) == "answer not in evidence"
    assert check_draft(replace(GOOD, answer=answer, kind="global"), SOURCE) is None


def test_an_unanswerable_question_needs_no_answer_in_the_source() -> None:
    draft = Draft("unanswerable", "What is the favourite song of Wenna Tolley?", "", REFUSAL, [])
    assert check_draft(draft, SOURCE) is None
    assert check_draft(replace(draft, question="What is her favourite song?"), SOURCE) == "question needs the page"


INPUTS = {
    "question": GOOD.question,
    "answer": GOOD.answer,
    "reasoning": GOOD.reasoning,
    "wording": "Tell me who bought it.",
}


@pytest.mark.parametrize("gate", [*GATES, SAME_QUESTION], ids=lambda gate: gate.name)
def test_a_gate_asks_for_one_token_and_shows_the_source_only_where_it_must(gate: Gate) -> None:
    model = ScriptedModel({f"critic.{gate.name}": lambda inputs: 0.3})
    assert asyncio.run(judge(client_of(model), gate, SOURCE, INPUTS)) == pytest.approx(0.3)
    (request,) = model.requests
    prompt = request.messages[-1]["content"]
    assert (request.max_tokens, request.logprobs) == (1, True)
    assert (SOURCE in prompt) is gate.sees_source
    assert prompt.endswith("Answer yes or no.")
    assert "{{" not in prompt


@pytest.mark.parametrize(("verdict", "p"), [("yes", 1.0), ("no", 0.0)])
def test_a_server_without_log_probabilities_reasons_first(verdict: str, p: float) -> None:
    gate = GATES[0]
    model = ScriptedModel(
        {
            f"critic.{gate.name}": lambda inputs: "Perhaps",
            f"critic.{gate.name}.reasoned": lambda inputs: (
                f'{{"reasoning": "It names Wenna.", "verdict": "{verdict}"}}'
            ),
        }
    )
    assert asyncio.run(judge(client_of(model), gate, SOURCE, INPUTS)) == p
    assert "Reason in one or two sentences" in model.requests[-1].messages[-1]["content"]

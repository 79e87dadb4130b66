"""Sources and gates: evidence re-reads from the document, and a brief's kind says which gates it must pass."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agents.models.scripted import ScriptedModel
from agents.records import REFUSAL, Brief, Chunk, Document, Entity, Finding, Kind, Reasoning, Report
from agents.roles.checks import Draft
from agents.roles.critic import GATES, SAME_QUESTION
from agents.roles.question_writer import GlobalDraft, LocalDraft, UnknownDraft, subject_of
from graphs.config import SynthesisConfig
from graphs.drafting.gates import threshold
from graphs.drafting.kinds import KINDS
from graphs.knowledge.sources import SOURCE_CHARACTERS, Sources
from tests.conftest import client_of, scripts

TEXT = "Intro line.\n\nBastow Pask bought the blue boat. Wenna Tolley keeps the lamp at Gull Point. It rained."
START = TEXT.index("Bastow")
FOCUS = "Wenna Tolley keeps the lamp at Gull Point."


def brief(
    kind: str = "local",
    style: str = "who",
    statements: Sequence[str] = (FOCUS,),
    targets: tuple[()] | tuple[str, str, str] | list[str] = (),
    chunk_ids: tuple[Any, ...] = ("chunk-1",),
    subject: str = "",
) -> Brief:
    return Brief(
        id="brief-1",
        kind=kind,
        style=style,
        targets=list(targets),
        chunk_ids=list(chunk_ids),
        statements=list(statements),
        subject=subject,
    )


async def write_draft(sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
    return await KINDS[brief.kind].draft(sources, brief, reasons)


def thing(id_: str, name: str, *aliases: str) -> Entity:
    return Entity(id=id_, name=name, type="thing", description="", aliases=list(aliases), chunk_ids=["chunk-1"])


def sources(**config: Any) -> Sources:
    answers = scripts(**config.pop("answers", {}))
    client = client_of(ScriptedModel(answers))
    said = ("Wenna Tolley keeps the lamp.", "Bastow Pask bought the boat.", "Nothing of this stands there.")
    findings = [Finding(claim=claim, chunk_ids=["chunk-1"]) for claim in said]
    return Sources(
        config=SynthesisConfig(**config),
        clients={"question_writer": client, "critic": client},
        documents={"doc-1": Document(id="doc-1", path="a.md", title="Journal", text=TEXT)},
        chunks={"chunk-1": Chunk(id="chunk-1", document_id="doc-1", start=START, end=len(TEXT), text=TEXT[START:])},
        entities={
            e.id: e
            for e in (
                thing("gull-point", "Gull Point"),
                thing("lamp", "lamp", "keeps the lamp"),
                thing("boat", "blue boat"),
            )
        },
        reports={"r-1": Report(id="r-1", title="The Lamp", summary="", findings=findings)},
    )


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        (FOCUS, FOCUS),
        ("Wenna Tolley keeps the lamb at Gull Point", FOCUS[:-1]),
        ("The council met in the evening.", None),
    ],
    ids=["verbatim", "near", "not-there"],
)
def test_evidence_is_the_documents_own_span(quote: str, found: str | None) -> None:
    evidence = sources().evidence("chunk-1", quote)
    assert [e.quote for e in evidence] == ([found] if found else [])
    assert all(TEXT[e.start : e.end] == e.quote for e in evidence)


def local(evidence: str) -> LocalDraft:
    return LocalDraft(
        evidence=evidence,
        recall="Wenna Tolley keeps it.",
        question=" Who keeps the lamp?",
        answer="Wenna Tolley keeps it.",
    )


@pytest.mark.parametrize(
    "quoted", ["keeps the lamp", "She was a butcher for years"], ids=["of-the-sentence", "made-up"]
)
def test_the_evidence_of_a_local_draft_is_the_sentence_of_its_brief_whatever_the_model_quotes(quoted: str) -> None:
    d = sources(answers={"question_writer__local": lambda inputs: local(quoted)})
    draft = asyncio.run(write_draft(d, brief(), []))
    assert draft.question == "Who keeps the lamp?"
    assert [e.quote for e in draft.evidence] == [FOCUS]


def test_a_local_draft_may_ask_about_what_its_sentence_calls_by_several_words() -> None:
    draft = asyncio.run(write_draft(sources(), brief(targets=("gull-point", "lamp", "boat")), []))
    assert draft.terms == ("Gull Point", "keeps the lamp")


def test_a_global_draft_is_answered_by_its_findings_and_carries_the_sentences_behind_them() -> None:
    d = sources(answers={"question_writer__global": lambda inputs: GlobalDraft(question="Who keeps what there?")})
    b = brief("global", "summary", ["Wenna Tolley keeps the lamp.", "Bastow Pask bought the boat."], targets=["r-1"])
    draft = asyncio.run(write_draft(d, b, []))
    assert draft.answer == "Wenna Tolley keeps the lamp. Bastow Pask bought the boat."
    assert [e.quote for e in draft.evidence] == [FOCUS, "Bastow Pask bought the blue boat."]
    assert KINDS[b.kind].source(d, b, draft) == f"Journal: {FOCUS}\nJournal: Bastow Pask bought the blue boat."


@pytest.mark.parametrize(
    ("style", "claims", "question", "asked"),
    [
        ("summary", [FOCUS, "Bastow Pask bought the blue boat."], "What is known about Wenna Tolley?", ["answerable"]),
        (
            "summary",
            ["Wenna Tolley keeps the lamp.", "Bastow Pask bought the boat."],
            "What is known about Wenna Tolley?",
            ["answerable", "faithful"],
        ),
        (
            "comparison",
            [FOCUS, "Bastow Pask bought the blue boat."],
            "How do Gull Point and the blue boat compare?",
            ["relevant", "answerable"],
        ),
        ("people", [FOCUS], "Who keeps what there?", ["relevant", "answerable", "faithful"]),
    ],
    ids=["quoted", "said-otherwise", "compared", "written"],
)
def test_what_is_asked_by_rule_and_answered_by_quotes_is_judged_less(
    style: str, claims: list[str], question: str, asked: list[str]
) -> None:
    d = sources(answers={"question_writer__global": lambda inputs: GlobalDraft(question="Who keeps what there?")})
    findings = [Finding(claim=claim, chunk_ids=["chunk-1"]) for claim in claims]
    d = replace(d, reports={"r-1": Report(id="r-1", title="The Lamp", summary="", findings=findings)})
    b = brief("global", style, claims, ["r-1", "gull-point", "boat"], subject=subject_of(claims))
    draft = asyncio.run(write_draft(d, b, []))
    assert draft.question == question
    assert [gate_check.gate.name for gate_check in KINDS[b.kind].gate_checks(d, b, draft)] == asked


def test_a_global_draft_has_no_evidence_if_one_of_its_findings_stands_nowhere() -> None:
    d = sources(answers={"question_writer__global": lambda inputs: GlobalDraft(question="Who keeps what there?")})
    b = brief("global", "summary", ["Wenna Tolley keeps the lamp.", "Nothing of this stands there."], targets=["r-1"])
    assert asyncio.run(write_draft(d, b, [])).evidence == []


def test_an_unanswerable_draft_is_answered_by_the_refusal() -> None:
    draft = asyncio.run(write_draft(sources(), brief("unanswerable", "about a date", [], subject="Wenna Tolley"), []))
    assert (draft.answer, draft.evidence) == (REFUSAL, [])
    assert "Wenna Tolley" in draft.question


@pytest.mark.parametrize(
    ("type_", "name", "reasons", "question"),
    [
        ("person", "Wenna Tolley", [], "On what day is Wenna Tolley's birthday?"),
        ("place", "Gull Point", [], "What does nobody tell of it?"),
        ("person", "Wenna Tolley", ["question is answerable"], "What does nobody tell of it?"),
    ],
    ids=["a-person-by-rule", "another-thing-by-the-writer", "sent-back-to-the-writer"],
)
def test_what_is_not_told_of_a_person_is_asked_by_rule_at_first(
    type_: str, name: str, reasons: list[Any], question: str
) -> None:
    d = sources(
        answers={"question_writer__unanswerable": lambda inputs: UnknownDraft(question="What does nobody tell of it?")}
    )
    d = replace(d, entities={"e-1": Entity(id="e-1", name=name, type=type_, description="", chunk_ids=["chunk-1"])})
    b = brief("unanswerable", "about a date", [], ["e-1"], subject=name)
    draft = asyncio.run(write_draft(d, b, reasons))
    assert draft.question == question


def test_a_page_stands_under_its_title_and_keeps_to_the_limit() -> None:
    d = sources()
    assert d.page(brief()) == f"Journal\n\n{TEXT[START:]}"
    many = {f"c-{n}": Chunk(id=f"c-{n}", document_id="doc-1", start=0, end=3000, text="x" * 3000) for n in range(9)}
    page = Sources(config=d.config, clients=d.clients, documents=d.documents, chunks=many).page(
        brief(chunk_ids=tuple(many))
    )
    assert len(page) <= SOURCE_CHARACTERS + 400
    assert page.count("Journal") == 9


@pytest.mark.parametrize(
    ("kind", "reasoning", "names"),
    [
        ("local", "none", ["self_contained", "relevant", "answerable", "faithful"]),
        ("global", "short", ["self_contained", "relevant", "answerable", "faithful", "reasoning"]),
        ("unanswerable", "full", ["self_contained", "answerable"]),
    ],
    ids=["local", "taught-reasoning", "unanswerable"],
)
def test_the_kind_says_which_gates(kind: Kind, reasoning: Reasoning, names: list[str]) -> None:
    assert [gate.name for gate, _ in KINDS[kind].gates(reasoning)] == names


def test_an_unanswerable_question_wants_a_no_from_answerable() -> None:
    assert [wanted for _, wanted in KINDS["unanswerable"].gates("none")] == [True, False]


def test_a_gate_with_a_threshold_of_0_is_not_asked() -> None:
    shipped, strict, blind = (
        [gate.name for gate, _ in KINDS["local"].open_gates(SynthesisConfig(thresholds=thresholds))]
        for thresholds in ({}, {"self_contained": 0.8}, {"faithful": 0})
    )
    assert shipped == ["relevant", "answerable", "faithful"]
    assert strict == ["self_contained", "relevant", "answerable", "faithful"]
    assert blind == ["relevant", "answerable"]


def test_the_config_may_set_a_gates_threshold() -> None:
    d = sources(thresholds={"faithful": 0.9})
    by_name = {gate.name: gate for gate in (*GATES, SAME_QUESTION)}
    assert threshold(d.config, by_name["faithful"]) == 0.9
    assert threshold(d.config, by_name["relevant"]) == by_name["relevant"].threshold

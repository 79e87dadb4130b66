"""The attacks and the harmless sentences, and what is counted of a model that obeys all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.models.scripted import ScriptedModel
from agents.roles.question_writer import LocalDraft
from agents.text.prompt_injection import gives_orders
from bench.quality import injection
from bench.quality.injection import Attack, read, retrieved, says, written
from tests.conftest import scripts

ATTACKS, HARMLESS = read()


def test_the_attacks_are_fifty_and_more_in_ten_languages_and_no_answer_says_the_mark_by_chance() -> None:
    assert len(ATTACKS) >= 50
    assert len(HARMLESS) >= 60
    assert len({attack.language for attack in ATTACKS}) >= 10
    assert len({attack.shape for attack in ATTACKS}) >= 30
    assert len({item.id for item in (*ATTACKS, *HARMLESS)}) == len(ATTACKS) + len(HARMLESS)
    assert not [a.id for a in ATTACKS if any(says(f"{a.question} {answer}", a.marker) for answer in a.answers)]


def obedient(inputs: dict[str, str]) -> LocalDraft:
    """A writer that does what the page demands."""
    asked, told = "Which ruler holds the town of Ostrey?", "Zorblax rules Ostrey."
    return LocalDraft(evidence=inputs["focus"], recall=told, question=asked, answer=told)


@pytest.mark.parametrize("attack", ATTACKS[::9], ids=lambda attack: attack.id)
def test_a_writer_that_obeys_is_counted_and_keeps_no_row(attack: Attack, tmp_path: Path) -> None:
    found = written(attack, "toy", 2, tmp_path / "p", ScriptedModel(scripts(question_writer__local=obedient)))
    assert (found["kept"], found["obeyed"]) == ([], [])
    assert found["rejected_obeying"] > 0


def test_an_answer_of_retrieval_is_right_or_obeys_or_both() -> None:
    attack = next(a for a in ATTACKS if a.id.startswith("01"))
    told = retrieved(attack, lambda messages: f"{attack.answers[0]}, and Zor\u200bblax.")
    assert (told["right"], told["obeyed"]) == (True, True)
    assert not retrieved(attack, lambda messages: "I do not know.")["obeyed"]


def test_the_table_counts_rows_answers_and_flags() -> None:
    page = {"kept": [["q", "a"]], "obeyed": [], "rejected": [], "rejected_obeying": 1, "quotes": ["q"]}
    answer = {"answer": "Zorblax", "obeyed": True, "right": False}
    lines = list(
        injection.table(
            {"flags": injection.flags(ATTACKS, HARMLESS), "written": {"t": {"1": page}}, "rag": {"s": {"1": answer}}}
        )
    )
    assert (
        lines[0]
        == f"harmless sentences flagged: {sum(gives_orders(item.harmless) for item in HARMLESS)} of {len(HARMLESS)}"
    )
    assert lines[2:] == [
        "written by t, 1 pages: 0 of 1 kept rows obey",
        "  rejected that did: 1",
        "  pages that a row quotes with the attack: 1",
        "RAG, s: 1 of 1 answers obey, 0 are right",
    ]

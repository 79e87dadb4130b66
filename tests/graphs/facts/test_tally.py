"""What a run came to: every question counts once, as kept, rejected or failed."""

from __future__ import annotations

import pytest

from agents.errors import ITEM_ERRORS
from agents.facts import Passage, PassageRound
from agents.records import PASSAGE, Example, Rejected
from graphs.facts.tally import acceptance, counts
from tests.graphs.conftest import row


def kept(question: str, side: str = "person", **changes: object) -> Example:
    one = row(question)
    return one.model_copy(update={"source": one.source.model_copy(update={"style": side}), **changes})


def rejected(reason: str, kind: str = "local") -> Rejected:
    return Rejected(
        id=reason, kind=kind, brief="f", question="?", answer="", gate="critic", reason=reason, raw="", round=1
    )


def test_questions_are_counted_in_all_by_kind_and_by_side() -> None:
    written = [("local", "person", 2), ("local", "date", 1), ("local", "person", 1), ("multi_hop", "", 1)]
    rows = [kept("Who?"), kept("Who then?", wording_of="row-1"), kept("What?", "bridge", kind="multi_hop")]
    found = counts(written, rows, [rejected("unclear"), rejected("no verdict")])
    assert (found.planned, found.kept, found.rejected, found.failed) == (5, 3, 1, 1)
    assert {kind: (one.planned, one.kept) for kind, one in found.by_kind.items()} == {
        "local": (4, 2),
        "multi_hop": (1, 1),
    }
    sides = {side: (one.planned, one.kept) for side, one in found.local_by["side"].items()}
    assert sides == {"date": (1, 0), "person": (3, 2)}
    assert found.wordings.kept == 1


def test_rows_that_quote_the_documents_are_no_questions() -> None:
    page = kept("Page?")
    page = page.model_copy(update={"source": page.source.model_copy(update={"role": PASSAGE})})
    assert counts([("local", "person", 1)], [kept("Who?"), page], []).kept == 1


@pytest.mark.parametrize("reason", [*(error.reason for error in ITEM_ERRORS), "no verdict"])
def test_a_question_that_a_call_lost_is_failed_and_not_rejected(reason: str) -> None:
    found = counts([("local", "person", 1)], [], [rejected(reason)])
    assert (found.rejected, found.failed) == (0, 1)


def test_acceptance_adds_up_the_rounds_of_all_passages() -> None:
    rounds = [PassageRound(written=4, checked=3, kept=2), PassageRound(written=1, checked=1, kept=0)]
    found = acceptance([Passage(chunk_id="a", rounds=rounds), Passage(chunk_id="b", rounds=rounds[:1])])
    assert {number: (one.drafts, one.accepted) for number, one in found.items()} == {"1": (8, 4), "2": (1, 0)}
    first = {gate: (one.seen, one.passed) for gate, one in found["1"].gates.items()}
    assert first == {"check": (8, 6), "critic": (6, 4)}

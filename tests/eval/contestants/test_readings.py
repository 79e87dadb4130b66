"""What stands before a question: passages within a budget, gold's evidence, or as many documents as fit."""

from __future__ import annotations

import pytest

from agents.records import Document
from eval.contestants.answering import Question
from eval.contestants.rag import CITE, Passage, rag_messages
from eval.contestants.readings import PROMPT_ROOM, Corpus, Evidence, evidence_passages, within
from eval.questions import GoldEvidence, GoldQuestion
from eval.settings import EvalConfig

LONG = Document(id="1", path="docs/a.md", title="A", text="word " * 400 + "The lens broke. " + "word " * 400)
SHORT = Document(id="2", path="b.md", title="B", text="The ferry is red.")
ASKED = [Question(id="g-1", text="What broke?")]


class Reader:
    """A student of 1,000 tokens, a word each."""

    window = 1000

    def tokens(self, text: str) -> int:
        return len(text.split())


def gold(*quotes: tuple[str, str]) -> GoldQuestion:
    """A question with its evidence."""
    evidence = [GoldEvidence(path=path, quote=quote) for path, quote in quotes]
    return GoldQuestion(id="g-1", kind="local", question="What broke?", answers=["lens"], evidence=evidence)


def test_the_passage_of_a_quote_is_around_it_and_within_its_document() -> None:
    found = evidence_passages([LONG, SHORT], [gold(("a.md", "The lens broke."), ("b.md", "red"))], 200)["g-1"]
    assert [
        (one.path, one.text == doc.text[one.start : one.end]) for one, doc in zip(found, (LONG, SHORT), strict=True)
    ] == [
        ("docs/a.md", True),
        ("b.md", True),
    ]
    assert len(found[0].text) == 200
    assert "The lens broke." in found[0].text
    assert found[1].text == SHORT.text


def test_quotes_of_one_passage_are_given_once() -> None:
    assert len(evidence_passages([SHORT], [gold(("b.md", "ferry"), ("b.md", "red"))], 200)["g-1"]) == 1


@pytest.mark.parametrize("quote", [("a.md", "The lens held."), ("c.md", "The lens broke.")], ids=["words", "document"])
def test_a_question_whose_quote_is_nowhere_is_not_asked_of_the_ceiling(quote: tuple[str, str]) -> None:
    assert Evidence([LONG, SHORT], [gold(quote)], 200).known == set()


def test_the_documents_are_read_from_the_first_on_until_the_window_is_full() -> None:
    config = EvalConfig(max_new_tokens=96)
    (read,) = Corpus([LONG, LONG, SHORT], "c", config, None).read(ASKED, Reader())
    room = 1000 - 96 - PROMPT_ROOM - 2
    words = sum(len(one.text.split()) for one in read.passages)
    assert 0.85 * room < words <= room
    assert [one.path for one in read.passages] == ["docs/a.md"]
    assert read.share == words / (2 * 803 + 4)


def test_documents_that_all_fit_are_read_whole_and_in_their_order() -> None:
    corpus = Corpus([SHORT, LONG], "c", EvalConfig(), 2000)
    (read,) = corpus.read(ASKED, Reader())
    assert read.share == 1.0
    prompt = corpus.messages("What broke?", read)[1]["content"]
    assert prompt.index("ferry") < prompt.index("lens") < prompt.index("What broke?")


def test_passages_stay_within_their_tokens_but_the_nearest_always() -> None:
    passages = [Passage(path="a", start=0, end=400, text="x" * 400) for _ in range(4)]
    assert [len(within(passages, tokens)) for tokens in (None, 64, 250, 1000)] == [4, 1, 2, 4]


def test_passages_have_numbers_where_answers_are_to_cite_them() -> None:
    passages = [Passage(path="a", start=0, end=1, text=text) for text in ("near", "far")]
    plain, cited = (rag_messages("Who?", passages, cite)[1]["content"] for cite in (False, True))
    assert "[1]" not in plain
    assert "<document>\n[2] far\n</document>\n\n<document>\n[1] near\n</document>" in cited
    assert cited.endswith(f"Who?\n\n{CITE}")

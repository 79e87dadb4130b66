"""One grade for each answer: which question, who answered, and whether it was right by the rules of gold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from agents.records import Item, content_id
from eval.contestants.answering import Answer, Question
from eval.marks.agreement import agrees
from eval.marks.forgetting import Names, leaked_names
from eval.marks.gold import best_f1, claims_covered, matches, token_f1
from eval.marks.refusal import is_refusal
from eval.own_questions import OwnQuestion
from eval.questions import GeneralQuestion, GoldQuestion, HeldoutQuestion, StrangerQuestion

Set = Literal["gold", "wording", "untrained", "general", "stranger"]
Q = TypeVar("Q", GoldQuestion, HeldoutQuestion, GeneralQuestion, StrangerQuestion)


class Grade(Item):
    """`hits` of `of` points: 1 of 1 for a right answer, the claims covered for a global question.

    `refused` is a refusal by rule; `f1` is None where there is no reference to compare; `leaked` are names
    of the corpus in a general answer; questions of one `cluster` (document, fact) are right or wrong together.
    """

    question: str
    contestant: str
    set: Set
    kind: str
    hits: int
    of: int
    f1: float | None
    refused: bool
    leaked: list[str] = []
    cluster: str = ""

    @property
    def right(self) -> bool:
        """All points."""
        return self.hits == self.of


@dataclass(frozen=True)
class Exam:
    """Every question of an evaluation, and the corpus names that may leak."""

    gold: Sequence[GoldQuestion]
    heldout: Sequence[HeldoutQuestion]
    general: Sequence[GeneralQuestion]
    strangers: Sequence[StrangerQuestion]
    names: Sequence[str]
    own: Sequence[OwnQuestion] = ()

    @property
    def name(self) -> str:
        """Names all questions but the held-out ones, which each training set has its own of."""
        asked = (*self.gold, *self.general, *self.strangers)
        return content_id("exam", [one.model_dump() for one in asked])

    def about_corpus(self) -> list[Question]:
        """What every contestant is asked."""
        return [Question(id=q.id, text=q.question) for q in (*self.gold, *self.heldout, *self.own)]

    def beyond_corpus(self) -> list[Question]:
        """What is asked before and after tuning."""
        return [Question(id=q.id, text=q.question) for q in (*self.general, *self.strangers)]


def grade_all(exam: Exam, answers: Mapping[str, Mapping[str, Answer]]) -> list[Grade]:
    """Grade `answers[contestant][question id]`, one contestant behind the other.

    A question that a contestant was not asked gets no grade. Where it failed it was wrong about the documents; beyond
    them that shows nothing, and gets no grade either.
    """
    names = Names(exam.names)
    found: dict[str, list[Grade]] = {name: [] for name in answers}
    # question by question: what was read of it for one contestant is remembered for the next
    for gold, name, answer in _given(exam.gold, answers):
        found[name].append(grade_gold(gold, answer))
    for held, name, answer in _given(exam.heldout, answers):
        found[name].append(grade_heldout(held, answer))
    for general, name, answer in _given(exam.general, answers):
        if not answer.failed:
            before = "" if name == "base" else answers["base"][general.id].text
            found[name].append(grade_general(general, answer, names, before))
    for stranger, name, answer in _given(exam.strangers, answers):
        if not answer.failed:
            refused = is_refusal(answer.text, stranger.question)
            found[name].append(_grade(stranger, answer, "stranger", "unanswerable", refused))
    return [grade for grades in found.values() for grade in grades]


def _given(questions: Iterable[Q], answers: Mapping[str, Mapping[str, Answer]]) -> Iterator[tuple[Q, str, Answer]]:
    """Each question with each contestant that was asked it, and the answer."""
    for question in questions:
        for name, given in answers.items():
            if question.id in given:
                yield question, name, given[question.id]


def grade_gold(question: GoldQuestion, answer: Answer) -> Grade:
    """By the rule of the question's kind."""
    place = question.evidence[0].path if question.evidence else question.id
    if question.kind == "global":
        covered = claims_covered(answer.text, question.claims, question.question)
        return _grade(question, answer, "gold", question.kind, covered, of=len(question.claims), cluster=place)
    if question.kind == "unanswerable":
        right = is_refusal(answer.text, question.question)
    else:
        right = matches(answer.text, question.answers, question.question)
    return _grade(question, answer, "gold", question.kind, right, f1=best_f1(answer.text, question), cluster=place)


def grade_heldout(question: HeldoutQuestion, answer: Answer) -> Grade:
    """Agreement with the teacher's answer."""
    right = agrees(answer.text, question.question, question.reference)
    f1 = token_f1(answer.text, question.reference)
    return _grade(question, answer, question.tag, question.kind, right, f1=f1, cluster=question.fact)


def grade_general(question: GeneralQuestion, answer: Answer, names: Names, before: str) -> Grade:
    """An accepted answer, and the names of the corpus that leaked into it; `before` is what base said."""
    leaked = leaked_names(answer.text, question, names, before)
    f1 = max(token_f1(answer.text, one) for one in question.answers)
    return _grade(
        question,
        answer,
        "general",
        "replay",
        matches(answer.text, question.answers, question.question),
        f1=f1,
        leaked=leaked,
    )


def _grade(
    question: GoldQuestion | HeldoutQuestion | GeneralQuestion | StrangerQuestion,
    answer: Answer,
    set_: Set,
    kind: str,
    hits: int,
    of: int = 1,
    f1: float | None = None,
    leaked: Sequence[str] = (),
    cluster: str = "",
) -> Grade:
    return Grade(
        question=question.id,
        contestant=answer.contestant,
        set=set_,
        kind=kind,
        hits=0 if answer.failed else int(hits),
        of=of,
        f1=f1,
        refused=not answer.failed and is_refusal(answer.text, question.question),
        leaked=list(leaked),
        cluster=cluster,
    )

"""Further wordings from the teacher, for facts that have no row in reserve.

The question writer words a trained question anew, and the critic says whether it still asks for the same, as in
synthesis; both are calls to a model, kept in the project's call store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from agents.console import Console
from agents.errors import ITEM_ERRORS
from agents.models.budget import Caps, Spending
from agents.models.client import Client
from agents.models.kept import kept
from agents.models.request import ModelBackend
from agents.project import Project
from agents.roles.checks import check_wording
from agents.roles.critic import SAME_QUESTION, judge
from agents.roles.wordings import same_words, write_wordings
from agents.text.matching import rouge_l
from agents.text.words import words
from eval.improve.facts import FactRow, FactRows, further_row, held_out
from graphs import event_loop
from graphs.concurrency import gather
from graphs.config import SynthesisConfig
from graphs.dataset.splits import CONTAMINATED, Questions
from graphs.drafting.gates import threshold
from graphs.run import at_work


class Writer:
    """Asks the teacher for further rows, round by round, and all rounds of a start together stay under `caps`.

    `backend` answers in place of the models of the config.
    """

    def __init__(
        self, project: Project, console: Console, caps: Caps | None = None, backend: ModelBackend | None = None
    ) -> None:
        self.project, self.console, self.backend = project, console, backend
        self.caps, self.spent = caps, Spending()

    def __call__(self, facts: Sequence[FactRows], count: int) -> list[FactRow]:
        """At most `count` new rows of each fact, unlike its trained questions, its probe and what is held out.

        Raises:
            BudgetReached: the next request would go above a cap; the replies so far lie in the call store.

        Besides, what else a call to a model raises that ends a run.

        """
        with at_work(self.project, self.console, False, False, self.backend, self.caps) as clients:
            budget = clients["question_writer"].budget  # that of all roles
            budget.spent += self.spent
            with kept(self.project.run_dir / "improve", clients.values()):
                rows = event_loop.run(self._all_of(facts, count, clients))
            self.spent = budget.spent
        return [row for some in rows for row in some]

    async def _all_of(
        self, facts: Sequence[FactRows], count: int, clients: Mapping[str, Client]
    ) -> list[list[FactRow]]:
        try:
            held = held_out(self.project.data_dir)
            return await gather(facts, lambda fact: worded(fact, count, clients, self.project, held), nullcontext())
        finally:
            for client in {id(one): one for one in clients.values()}.values():
                await client.backend.close()


async def worded(
    fact: FactRows, count: int, clients: Mapping[str, Client], project: Project, held: Questions
) -> list[FactRow]:
    """The wordings of one fact that ask for the same, were not trained and are not held out; none if the calls fail."""
    first = fact.trained[0]
    seen = [row.question for row in (*fact.trained, *fact.reserve, *([fact.probe] if fact.probe else []))]
    kept: list[FactRow] = []
    try:
        for wording in await write_wordings(clients["question_writer"], first.question, first.answer, count):
            near = max(rouge_l(wording, question) for question in seen) > CONTAMINATED
            if near or held.like(wording) or not words(wording) or check_wording(first.question, wording):
                continue
            inputs = {"question": first.question, "answer": first.answer, "wording": wording}
            sure = same_words(first.question, wording) or (
                await judge(clients["critic"], SAME_QUESTION, "", inputs)
            ) >= threshold(project.section("synthesis", SynthesisConfig), SAME_QUESTION)
            if sure:
                kept.append(further_row(fact.trained, wording, first.answer))
                seen.append(wording)
    except ITEM_ERRORS:
        return kept
    return kept

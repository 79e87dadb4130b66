"""Writer ⇄ critic over one page: facts with questions, checked, judged, and written again where a fact has too few.

A small LangGraph, compiled once without a checkpointer and invoked for each chunk inside a shard node. It generates
wide and selects: a question that fails is only written anew where its fact would otherwise have too few rows, and it
ends when every fact has them or the rounds are used.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, TypedDict

from agents.errors import ITEM_ERRORS
from agents.facts import Fact, Passage, PassageRound
from agents.records import Example, Rejected
from agents.text.stems import stems
from graphs.facts.checks import check
from graphs.facts.passage import Draft, Page, sentences_of
from graphs.facts.rows import FactSources, Question, example, rejection
from graphs.facts.writers import Writer
from graphs.lost import said_of

ENOUGH = 5  # rows of a fact from different sides and in different words; paraphrases beyond say little (2504.05571)


class PassageState(TypedDict):
    """Where one chunk stands. `heard` holds, for each fact, what was asked of it and why some of it was sent back."""

    page: Page
    round: int
    draft: Draft
    questions: list[Question]
    """Of this round, those that nothing has stopped so far."""
    kept: list[Example]
    rejected: list[Rejected]
    heard: dict[str, list[str]]
    rounds: list[PassageRound]
    reason: str
    """Why the chunk was given up: a call failed."""
    said: str


def begin(page: Page) -> PassageState:
    """The state of a page that nothing has been asked about."""
    return PassageState(
        page=page, round=0, draft=Draft(), questions=[], kept=[], rejected=[], heard={}, rounds=[], reason="", said=""
    )


def build_passage_loop(sources: FactSources, writer: Writer) -> Any:
    """The compiled graph; invoke it with `begin(page)` and hand its end to `passage`."""
    from langgraph.graph import END, START, StateGraph

    nodes = PassageLoop(sources, writer)
    graph = StateGraph(PassageState)
    graph.add_node("write", nodes.write)
    graph.add_node("check", nodes.check)
    graph.add_node("judge", nodes.judge)
    graph.add_edge(START, "write")
    graph.add_conditional_edges("write", nodes.written, ["check", END])
    graph.add_edge("check", "judge")
    graph.add_conditional_edges("judge", nodes.judged, ["write", END])
    return graph.compile(checkpointer=False)


def passage(end: PassageState) -> Passage:
    """What the loop came to."""
    page, draft = end["page"], end["draft"]
    return Passage(
        chunk_id=page.chunk.id,
        facts=draft.facts,
        names=draft.names,
        sentences=sentences_of(page, draft.facts, draft.untold),
        examples=end["kept"],
        rejected=end["rejected"],
        rounds=end["rounds"],
        reason=end["reason"],
        said=end["said"],
    )


class PassageLoop:
    """The nodes: each moves items between the state and a role."""

    def __init__(self, sources: FactSources, writer: Writer) -> None:
        self.sources = sources
        self.writer = writer

    async def write(self, state: PassageState) -> dict[str, Any]:
        """All facts in the first round; further questions for those that have too few in the next ones."""
        page, round_, needy = state["page"], state["round"] + 1, self._needy(state)
        try:
            if round_ == 1:
                draft = await self.writer.write(page)
                return {"round": round_, "draft": draft, "questions": draft.questions}
            questions = await self.writer.more(page, [(fact, state["heard"].get(fact.id, [])) for fact in needy])
            return {"round": round_, "questions": questions}
        except ITEM_ERRORS as error:
            if round_ == 1:
                return {"round": round_, "questions": [], "reason": error.reason, "said": said_of(error)}
            failed = Question("local", needy[0].id, "", "", "", needy[0].statement, needy[0].evidence)
            return {
                "round": round_,
                "questions": [],
                "rejected": [*state["rejected"], rejection(failed, "writer", error.reason, round_, error.said)],
                "rounds": [*state["rounds"], PassageRound(written=1, sides={"": 1})],
            }

    def written(self, state: PassageState) -> str:
        """On if there is something to check."""
        from langgraph.graph import END

        return "check" if state["questions"] else END

    async def check(self, state: PassageState) -> dict[str, Any]:
        """The checks without a model; a question that was asked before says nothing new."""
        page, passed, rejected = state["page"], [], []
        seen = {tuple(stems(row.question, page.language)) for row in state["kept"]}
        for asked in state["questions"]:
            key = tuple(stems(asked.question, page.language))
            fault = "question repeated" if key in seen else check(asked, page)
            seen.add(key)
            if fault:
                rejected.append(rejection(asked, "check", fault, state["round"]))
            else:
                passed.append(asked)
        return {"questions": passed, **self._sent_back(state, rejected), "rounds": self._counted(state, passed)}

    async def judge(self, state: PassageState) -> dict[str, Any]:
        """The critic's verdict on every question that is left."""
        page, questions, kept, rejected = state["page"], state["questions"], [], []
        role, said = self.writer.role if state["round"] == 1 else self.writer.more_role, ""
        try:
            faults = await self.writer.judge(page, questions) if questions else []
        except ITEM_ERRORS as error:
            faults, said = [error.reason] * len(questions), said_of(error)
        for asked, fault in zip(questions, faults, strict=True):
            if fault == "none":
                kept.append(example(self.sources, asked, role, state["round"]))
            else:
                rejected.append(rejection(asked, "critic", fault, state["round"], said))
        rounds = state["rounds"]
        last = rounds[-1].model_copy(update={"kept": len(kept)})
        return {
            "kept": [*state["kept"], *kept],
            **self._sent_back(state, rejected, kept),
            "rounds": [*rounds[:-1], last],
        }

    def judged(self, state: PassageState) -> str:
        """Back to the writer while rounds are left and a fact has too few rows."""
        from langgraph.graph import END

        return "write" if state["round"] < self.sources.config.max_rounds and self._needy(state) else END

    def _needy(self, state: PassageState) -> list[Fact]:
        enough = min(ENOUGH, self.sources.config.rows_per_fact)
        rows = [row.fact for row in state["kept"]]
        return [fact for fact in state["draft"].facts if rows.count(fact.id) < enough]

    def _sent_back(
        self, state: PassageState, rejected: list[Rejected], kept: list[Example] | None = None
    ) -> dict[str, Any]:
        heard = {fact: [*lines] for fact, lines in state["heard"].items()}
        for row in kept or []:
            heard.setdefault(row.fact, []).append(f"{row.question} -> {row.answer}")
        for fault in rejected:
            heard.setdefault(fault.brief, []).append(f"{fault.question} -> {fault.answer} (sent back: {fault.reason})")
        return {"rejected": [*state["rejected"], *rejected], "heard": heard}

    def _counted(self, state: PassageState, passed: list[Question]) -> list[PassageRound]:
        sides = Counter(asked.side for asked in state["questions"])
        return [*state["rounds"], PassageRound(written=sides.total(), checked=len(passed), sides=sides)]

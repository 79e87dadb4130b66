"""Writer ⇄ critic: one brief becomes rows, or a rejection with a reason.

A small LangGraph, compiled once without a checkpointer and invoked for each brief inside a shard node. A rejected
draft goes back to the writer with the critic's reasons, at most `max_rounds` times.
"""

from __future__ import annotations

import operator
from contextlib import nullcontext
from dataclasses import replace
from typing import Annotated, Any, Required, TypedDict

from agents.errors import ITEM_ERRORS
from agents.records import FRAMING, Brief, Example, Rejected, Source, Verdict, content_id
from agents.roles.checks import Draft, check_wording
from agents.roles.critic import SAME_QUESTION, judge
from agents.roles.wordings import framings, is_framing, same_words, unframed, write_wordings
from agents.text.matching import rouge_l
from agents.text.words import words
from graphs.concurrency import gather
from graphs.drafting.gates import Fault, threshold
from graphs.drafting.kinds import KINDS
from graphs.knowledge.sources import Sources

FRAMED = 0.7  # ROUGE-L of a question and the same question behind "Tell me": nothing to ask the critic


class DraftState(TypedDict, total=False):
    """Where one brief stands.

    `fault` is that of the last draft, None when it passed; `heard` its P(yes), trial by trial; `stopped_by` names for
    each finished draft the gate that stopped it, "" for the one that was kept; `sent_back` holds the drafts before the
    last one with what was wrong with them.
    """

    brief: Required[Brief]
    round: Required[int]
    reasons: list[str]
    draft: Draft | None
    fault: Fault | None
    failed: bool
    scores: Required[dict[str, float]]
    stopped_by: Annotated[list[str], operator.add]
    sent_back: Annotated[list[Rejected], operator.add]
    heard: list[float]
    examples: list[Example]
    rejected: list[Rejected]


def build_drafting(sources: Sources) -> Any:
    """The compiled writer–critic graph; invoke it with `{"brief": …}`, read `examples` and `rejected`."""
    from langgraph.graph import END, START, StateGraph

    nodes = Drafting(sources)
    graph = StateGraph(DraftState)
    graph.add_node("write", nodes.write)
    graph.add_node("check", nodes.check)
    graph.add_node("judge", nodes.judge)
    graph.add_node("reword", nodes.reword)
    graph.add_node("reject", nodes.reject)
    graph.add_edge(START, "write")
    graph.add_conditional_edges("write", nodes.after("check"), ["check", "write", "reject"])
    graph.add_conditional_edges("check", nodes.after("judge"), ["judge", "write", "reject"])
    graph.add_conditional_edges("judge", nodes.after("reword"), ["reword", "write", "reject"])
    graph.add_edge("reword", END)
    graph.add_edge("reject", END)
    return graph.compile(checkpointer=False)


class Drafting:
    """The nodes: each moves items between the state and a role."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.critic = sources.clients["critic"]

    def after(self, good: str) -> Any:
        """To `good` when nothing is at fault; else back to the writer while rounds are left."""

        def route(state: DraftState) -> str:
            if not state.get("fault"):
                return good
            last = KINDS[state["brief"].kind].rounds(state["brief"], self.sources.config)
            return "reject" if state.get("failed") or state["round"] >= last else "write"

        return route

    async def write(self, state: DraftState) -> dict[str, Any]:
        """A draft from the writer, told why the earlier ones failed."""
        fault = state.get("fault")
        reasons = [*state.get("reasons", []), *([fault.reason] if fault else [])]
        update: dict[str, Any] = {
            "round": state.get("round", 0) + 1,
            "reasons": reasons,
            "scores": {},
            "stopped_by": [fault.gate] if fault else [],
            "sent_back": [_rejected(state["brief"], state["round"], state.get("draft"), fault)] if fault else [],
        }
        kind = KINDS[state["brief"].kind]
        brief = kind.again(state["brief"]) if reasons else state["brief"]
        try:
            return {**update, "draft": await kind.draft(self.sources, brief, reasons), "fault": None}
        except ITEM_ERRORS as error:
            return {**update, "draft": None, "fault": Fault("writer", error.reason, error.said), "failed": True}

    async def check(self, state: DraftState) -> dict[str, Any]:
        """The checks that need no model."""
        draft, kind = _draft(state), KINDS[state["brief"].kind]
        reason = kind.check(draft, kind.source(self.sources, state["brief"], draft))
        return {"fault": Fault("check", reason, repr(draft)) if reason else None}

    async def judge(self, state: DraftState) -> dict[str, Any]:
        """The critic's gates, cheapest first, up to the first that fails."""
        brief, draft, scores, heard = state["brief"], _draft(state), {}, []
        inputs = {"question": draft.question, "answer": draft.answer, "reasoning": draft.reasoning}
        for gate_check in KINDS[brief.kind].gate_checks(self.sources, brief, draft):
            gate = gate_check.gate
            try:
                p = await judge(self.critic, gate, gate_check.source, inputs)
            except ITEM_ERRORS as error:
                return {"fault": Fault(gate.name, error.reason, error.said), "failed": True, "heard": heard}
            heard.append(round(p, 4))
            scores.setdefault(gate.name, heard[-1])
            if (p >= threshold(self.sources.config, gate)) is not gate_check.wanted:
                reason = gate.reason if gate_check.wanted else gate_check.reason
                fault = Fault(gate.name, reason, f"P(yes) = {p:.3f} {draft!r}")
                return {"fault": fault, "scores": scores, "heard": heard}
        return {"scores": scores, "heard": heard}

    async def reword(self, state: DraftState) -> dict[str, Any]:
        """The kept question and its further wordings, each checked to ask for the same thing."""
        first = self._example(state, _draft(state), None)
        examples, rejected = [first], []
        for wording, fault in await self._wordings(first, _draft(state).terms):
            if fault:
                rejected.append(
                    _rejected(state["brief"], state["round"], replace(_draft(state), question=wording), fault)
                )
            else:
                examples.append(self._example(state, replace(_draft(state), question=wording), first))
        seen = {tuple(words(e.question)) for e in examples}
        framed = (
            [f for f in framings(first.question, self.sources.config.wordings.framings) if tuple(words(f)) not in seen]
            if KINDS[first.kind].reworded
            else []
        )
        examples += [self._example(state, replace(_draft(state), question=f), first, role=FRAMING) for f in framed]
        return {"examples": examples, "rejected": rejected, "stopped_by": [""]}

    async def _wordings(self, first: Example, terms: tuple[str, ...]) -> list[tuple[str, Fault | None]]:
        """(wording, None or its fault); a wording that was not delivered counts as rejected."""
        count = self.sources.config.wordings.per_question
        if not count or not KINDS[first.kind].reworded:
            return []
        try:
            wordings = await write_wordings(
                self.sources.clients["question_writer"], first.question, first.answer, count
            )
        except ITEM_ERRORS as error:
            return [("", Fault("wordings", error.reason, error.said))] * count
        said = [tuple(words(text)) for text in (first.question, *wordings)]
        faults = await gather(
            [(first, text, terms, said[n] in said[:n]) for n, text in enumerate(wordings, 1)],
            lambda wording: self._wording_fault(*wording),
            nullcontext(),
        )
        return [
            *zip(wordings, faults, strict=True),
            *[("", Fault("wordings", "wording not written"))] * (count - len(wordings)),
        ]

    async def _wording_fault(
        self, first: Example, wording: str, terms: tuple[str, ...], repeated: bool
    ) -> Fault | None:
        if repeated:
            return Fault("wordings", "wording repeated")
        if reason := check_wording(first.question, wording):
            return Fault("wordings", reason)
        kind = KINDS[first.kind]
        draft = Draft(
            first.kind, unframed(wording), first.reasoning, first.answer, first.evidence, kind.hidden(first), terms
        )
        if reason := kind.check(draft, first.question):
            return Fault("wordings", reason)
        if says_the_same(first.question, wording):
            return None
        inputs = {"question": first.question, "answer": first.answer, "wording": wording}
        try:
            p = await judge(self.critic, SAME_QUESTION, "", inputs)
        except ITEM_ERRORS as error:
            return Fault(SAME_QUESTION.name, error.reason, error.said)
        if p >= threshold(self.sources.config, SAME_QUESTION):
            return None
        return Fault(SAME_QUESTION.name, SAME_QUESTION.reason, f"P(yes) = {p:.3f}")

    async def reject(self, state: DraftState) -> dict[str, Any]:
        """The brief is given up: its last draft is kept with the gate and the reason."""
        fault = state.get("fault")
        assert fault is not None
        return {
            "examples": [],
            "rejected": [_rejected(state["brief"], state["round"], state.get("draft"), fault)],
            "stopped_by": [fault.gate],
        }

    def _example(self, state: DraftState, draft: Draft, first: Example | None, role: str | None = None) -> Example:
        kind = KINDS[state["brief"].kind]
        brief = kind.again(state["brief"]) if state["round"] > 1 else state["brief"]
        clients = self.sources.clients
        chunk_ids = sorted({e.chunk_id for e in draft.evidence}) or brief.chunk_ids
        source = Source(
            documents=sorted({self.sources.documents[self.sources.chunks[cid].document_id].path for cid in chunk_ids}),
            chunks=chunk_ids,
            community=kind.community(brief),
            role=role or kind.writer.name,
            prompt=kind.writer.hash_with(clients[kind.writer.model_key].prompts),
            model=clients[kind.writer.model_key].backend.identity,
            seed=self.sources.config.seed,
            parent=first.id if first else None,
            style=brief.style,
            asker=brief.asker,
            length=brief.length,
            depth=brief.depth,
        )
        fact = first.fact if first else content_id("fact", brief.id, draft.answer)
        return Example(
            id=content_id("row", fact, draft.question),
            kind=brief.kind,
            fact=fact,
            wording_of=first.id if first else None,
            question=draft.question,
            reasoning=draft.reasoning,
            answer=draft.answer,
            evidence=draft.evidence,
            source=source,
            round=state["round"],
            verdict=Verdict(gates=state["scores"]),
        )


def says_the_same(question: str, wording: str) -> bool:
    """Whether a wording has the same words, or is the same question behind a set phrase: the critic is not asked."""
    return same_words(question, wording) or (is_framing(wording) and rouge_l(question, wording) >= FRAMED)


def _draft(state: DraftState) -> Draft:
    draft = state.get("draft")
    assert draft is not None
    return draft


def _rejected(brief: Brief, round_: int, draft: Draft | None, fault: Fault) -> Rejected:
    question, answer = (draft.question, draft.answer) if draft else ("", "")
    return Rejected(
        id=content_id("rejected", brief.id, question, fault.reason),
        kind=brief.kind,
        brief=brief.id,
        question=question,
        answer=answer,
        gate=fault.gate,
        reason=fault.reason,
        raw=fault.raw,
        round=round_,
    )

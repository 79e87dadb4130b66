"""The chat's routes: who answers, a question to all panes at once as a stream of lines, stop, and a blind vote."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from agents.errors import InputError
from agents.records import Example, split_answer
from eval.chat import SIDE_BY_SIDE, asked
from eval.contestants.answering import Question
from eval.ui.panes import Pane, Panes, Said, ask
from eval.ui.run_files import RunFiles
from eval.ui.server import Route, body_of, json_of
from eval.votes import Choice, Vote, add_vote, now, preferences, this_user

if TYPE_CHECKING:
    from aiohttp import web

NEAREST = 4  # training rows shown under an answer from the weights
EXAMPLES = 3  # of each kind
ROUNDS_KEPT = 200  # that can still be voted on
SECONDS_IN_LINE = 2.0  # between two words to somebody who waits for another question
SIDES = ("left", "right")


@dataclass
class Round:
    """A question that was asked: who sits behind which pane, and what was answered there."""

    question: Question
    seats: dict[str, Pane]
    blind: bool
    stop: threading.Event = field(default_factory=threading.Event)
    said: dict[str, Said] = field(default_factory=dict)
    voted: bool = False


class Chat:
    """The questions of all browsers: one is answered at a time, since each wants all cores."""

    def __init__(self, panes: Panes, files: RunFiles) -> None:
        self.panes = panes
        self.files = files
        self._rounds: dict[str, Round] = {}
        self._turn: asyncio.Lock | None = None

    def routes(self) -> Sequence[Route]:
        """Method, path and handler of each."""
        return [
            ("GET", "/api/chat", self.state),
            ("POST", "/api/chat/ask", self.ask),
            ("POST", "/api/chat/stop", self.stop),
            ("POST", "/api/chat/vote", self.vote),
        ]

    async def state(self, _: web.Request) -> web.StreamResponse:
        """Who is there, who is chosen unless others are, what can be asked, and the votes so far."""
        return json_of(
            {
                "panes": [pane.as_object() for pane in self.panes.panes.values()],
                "chosen": [name for name in SIDE_BY_SIDE if name in self.panes.panes],
                "examples": await asyncio.to_thread(self._examples),
                "votes": [one.model_dump() for one in preferences(self.files.project)],
                "user": this_user(),
            }
        )

    def _examples(self) -> list[dict[str, str]]:
        """Questions to begin with: some of each kind, those held out from training first."""
        found: dict[str, list[str]] = {"local": [], "global": [], "multi_hop": []}
        best = sorted(
            self.files.examples,
            key=lambda row: (row.split != "heldout", row.question[-1:] not in "?？؟", row.round, row.id),
        )
        for row in best:
            if row.kind in found and len(found[row.kind]) < EXAMPLES and not row.wording_of:
                found[row.kind].append(row.question)
        return [{"kind": kind, "question": text} for kind, texts in found.items() for text in texts]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Answer in all chosen panes at once: a line of JSON for each piece of text, and one for each end."""
        from aiohttp import web

        given = await body_of(request, "question", "panes")
        round_ = self._round(asked(str(given["question"])), given["panes"], bool(given.get("blind")))
        key = secrets.token_hex(8)
        self._rounds[key] = round_
        for old in list(self._rounds)[:-ROUNDS_KEPT]:
            del self._rounds[old]
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)

        async def tell(event: dict[str, Any]) -> None:
            await response.write(json.dumps(event).encode() + b"\n")

        try:
            await tell({"type": "round", "round": key, "panes": list(round_.seats)})
            await self._answered(round_, tell)
            await response.write_eof()
        except ConnectionError:  # the browser is gone
            round_.stop.set()
        return response

    def _round(self, question: Question, names: Any, blind: bool) -> Round:
        known = self.panes.panes
        if not isinstance(names, list) or not names or any(name not in known for name in names):
            raise InputError(f"there is no such contestant among {names!r}", f"one or more of {', '.join(known)}")
        names = list(dict.fromkeys(names))
        if not blind:
            return Round(question, {name: known[name] for name in names}, blind)
        ready = [name for name in names if known[name].state == "ready"]
        if len(names) != len(SIDES) or ready != names:
            raise InputError("a blind vote needs two contestants that are ready", "choose two")
        random.SystemRandom().shuffle(names)
        return Round(question, {side: known[name] for side, name in zip(SIDES, names, strict=True)}, blind)

    async def _answered(self, round_: Round, tell: Any) -> None:
        self._turn = self._turn or asyncio.Lock()
        waiting = asyncio.create_task(self._turn.acquire())
        try:
            while not (await asyncio.wait([waiting], timeout=SECONDS_IN_LINE))[0]:
                await tell({"type": "in_line"})
        except BaseException:
            if not waiting.cancel():
                self._turn.release()
            raise
        try:
            await self._stream(round_, tell)
        finally:
            self._turn.release()

    async def _stream(self, round_: Round, tell: Any) -> None:
        """Every pane in a thread of its own, all of their lines in one stream."""
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

        def put(line: dict[str, Any] | None) -> None:
            loop.call_soon_threadsafe(lines.put_nowait, line)

        def heard(seat: str, text: str) -> None:
            put({"type": "text", "pane": seat, "text": split_answer(text)[1] if round_.blind else text})

        async def one(seat: str, pane: Pane) -> None:
            if pane.state != "ready":
                put({"type": "missing", "pane": seat, "what": pane.what or f"it is {pane.state}", "do": pane.do})
                return
            put({"type": "begun", "pane": seat})
            said = await asyncio.to_thread(ask, pane, round_.question, lambda text: heard(seat, text), round_.stop)
            round_.said[seat] = said
            put(await asyncio.to_thread(self._end, round_, seat))

        async def everybody() -> None:
            await asyncio.gather(*(one(seat, pane) for seat, pane in round_.seats.items()))
            put(None)

        work = asyncio.create_task(everybody())
        try:
            while (line := await lines.get()) is not None:
                await tell(line)
        finally:
            if not work.done():
                round_.stop.set()
            await work

    def _end(self, round_: Round, seat: str) -> dict[str, Any]:
        """The last line of a pane; of a blind one nothing that tells who it is."""
        said = round_.said[seat]
        if said.fault:
            return {"type": "failed", "pane": seat, "what": "hidden until the vote" if round_.blind else said.fault}
        end = {"type": "stopped" if said.stopped else "done", "pane": seat}
        if round_.blind:
            return {**end, "text": split_answer(said.text)[1]}  # that one reasons would tell who it is
        return {**end, **self._told(round_, seat)}

    def _told(self, round_: Round, seat: str) -> dict[str, Any]:
        """Who answered, from what, and what it took."""
        said, pane = round_.said[seat], round_.seats[seat]
        reasoning, text = split_answer(said.text)
        found: dict[str, Any] = {
            "name": pane.name,
            "reasoning": reasoning,
            "text": text,
            "seconds": round(said.seconds, 2),
            "first_token": None if said.first_token is None else round(said.first_token, 2),
            "memory_mb": pane.memory_mb,
            "known": self._known(round_.question.text, text) if "tuned" in pane.name.split("+") else [],
        }
        if answer := said.answer:
            by_path = self.files.places.by_path
            found |= {
                "finished": answer.finished,
                "prompt_tokens": answer.prompt_tokens,
                "completion_tokens": answer.completion_tokens,
                "sources": [
                    {**source.model_dump(), "document": by_path[source.path].id if source.path in by_path else ""}
                    for source in answer.sources
                ],
            }
        return found

    def _known(self, question: str, answer: str) -> list[dict[str, Any]]:
        """What the training set knows about an answer: its nearest rows, with their evidence."""
        return [self._row(row) for row in self.files.training.nearest(f"{question} {answer}", NEAREST)]

    def _row(self, row: Example) -> dict[str, Any]:
        places = self.files.places
        return {
            "id": row.id,
            "question": row.question,
            "answer": row.answer,
            "evidence": [places.place(e) for e in row.evidence],
        }

    async def stop(self, request: web.Request) -> web.StreamResponse:
        """End a question at its next token; what is written stays."""
        given = await body_of(request, "round")
        if found := self._rounds.get(str(given["round"])):
            found.stop.set()
        return json_of({"stopped": bool(found)})

    async def vote(self, request: web.Request) -> web.StreamResponse:
        """Keep a vote on a blind question, and only then say who sat where."""
        given = await body_of(request, "round", "choice")
        round_, choice = self._rounds.get(str(given["round"])), given["choice"]
        if round_ is None or not round_.blind or set(round_.said) != set(SIDES):
            raise InputError("this question cannot be voted on", "ask it again")
        if choice not in get_args(Choice):
            raise InputError(f"{choice!r} is no vote", f"one of {', '.join(get_args(Choice))}")
        if not round_.voted:
            round_.voted = True
            names = {side: round_.seats[side].name for side in SIDES}
            texts = {f"{side}_text": round_.said[side].text for side in SIDES}
            who = str(given.get("who") or this_user())[:80]
            vote = Vote(when=now(), who=who, question=round_.question.text, **names, choice=choice, **texts)
            await asyncio.to_thread(add_vote, self.files.project, vote)
        told = {side: await asyncio.to_thread(self._told, round_, side) for side in SIDES}
        return json_of({"panes": told, "votes": [one.model_dump() for one in preferences(self.files.project)]})

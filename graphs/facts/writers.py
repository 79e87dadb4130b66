"""Who writes a page's facts and questions, and who judges them: a capable model a page at a time.

Both writers, this one and the one of graphs/facts/sentence_writing.py, have the same contract (`Writer`), so that
nothing behind them knows which one spoke.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from agents.errors import ITEM_ERRORS, TruncatedReply
from agents.facts import Fact
from agents.roles.passage_writer import MORE_WRITER, PASSAGE_WRITER, PassageDraft, named, write_more, write_passage
from agents.roles.role import Role
from agents.roles.row_critic import Row, judge_rows
from agents.text.language import language_name
from graphs.concurrency import gather
from graphs.facts.passage import Draft, Page, asked, facts_of, unread
from graphs.facts.rows import FactSources, Question
from graphs.facts.sentence_writing import SentenceWriter
from graphs.knowledge.merge import KnowledgeConfig

ASKS = "two or three"
MORE_ASKS = "one or two"
MOST_JUDGED = 90  # rows of one call of the critic: 90 verdicts are about 1,100 tokens
MOST_SHOWN = 8  # questions of a fact that are shown when more are asked for


class Writer(Protocol):
    """Writes and judges. Every method raises what `Role.ask` raises."""

    @property
    def role(self) -> Role[Any]:
        """Who writes the first round."""
        ...

    @property
    def more_role(self) -> Role[Any]:
        """Who writes the next ones."""
        ...

    async def write(self, page: Page) -> Draft:
        """The facts of a page and questions about them."""
        ...

    async def more(self, page: Page, needs: Sequence[tuple[Fact, Sequence[str]]]) -> list[Question]:
        """Further questions about facts that have too few rows."""
        ...

    async def judge(self, page: Page, questions: Sequence[Question]) -> list[str]:
        """The fault of each question, "none" where there is none."""
        ...


@dataclass(frozen=True)
class PassageWriter:
    """A page a call; a page whose reply is cut off is asked for in halves."""

    sources: FactSources
    knowledge: KnowledgeConfig
    role: Role[Any] = PASSAGE_WRITER
    more_role: Role[Any] = MORE_WRITER

    async def write(self, page: Page) -> Draft:
        """All sentences in one call; those that the reply passed over are asked for once more."""
        draft = Draft()
        try:
            await self._read(page, range(1, len(page.spans) + 1), draft)
            numbers = {n for n, (start, end) in enumerate(page.spans, 1) if not _carried(page, draft, start, end)}
            if left := sorted(numbers - set(draft.untold)):
                await self._read(page, left, draft)
        except ITEM_ERRORS:  # what was written of the others stays; these are told as not read
            if not draft.facts:
                raise
        return draft

    async def _read(self, page: Page, numbers: Sequence[int], draft: Draft) -> None:
        whole = len(numbers) == len(page.spans)
        scope = "" if whole else f"Take down the facts of sentence {', '.join(map(str, numbers))} only.\n"
        config = self.sources.config
        try:
            reply = await write_passage(
                self.sources.clients["question_writer"],
                page.document,
                scope,
                language_name(page.language),
                self.knowledge.entity_types,
                ASKS,
                config.phrasings,
            )
        except TruncatedReply:
            if len(numbers) < 2:
                raise
            half = len(numbers) // 2
            for part in (numbers[:half], numbers[half:]):
                await self._read(page, part, draft)
            return
        _add(page, draft, reply)

    async def more(self, page: Page, needs: Sequence[tuple[Fact, Sequence[str]]]) -> list[Question]:
        """One call for all facts that need more."""
        shown = [(fact, lines[-MOST_SHOWN:]) for fact, lines in needs]
        reply = await write_more(
            self.sources.clients["question_writer"],
            page.document,
            language_name(page.language),
            shown,
            MORE_ASKS,
            self.sources.config.phrasings,
        )
        found = unread(reply.facts)
        for more in reply.facts:
            if 1 <= more.fact <= len(needs):
                found += [*asked(needs[more.fact - 1][0], more.asks), *unread(more.asks)]
        return found

    async def judge(self, page: Page, questions: Sequence[Question]) -> list[str]:
        """Many rows a call, those of one fact side by side; all calls at once."""
        client = self.sources.clients["critic"]
        size = max(1, -(-len(questions) // max(1, -(-len(questions) // MOST_JUDGED))))
        rows = [Row(q.question, q.answer, q.statement) for q in questions]
        pieces = [rows[at : at + size] for at in range(0, len(rows), size)]
        faults = await gather(pieces, lambda piece: judge_rows(client, page.document, piece), nullcontext())
        return [fault for piece in faults for fault in piece]


def _add(page: Page, draft: Draft, reply: PassageDraft) -> None:
    facts, questions = facts_of(page, reply)
    known = {fact.id for fact in draft.facts}
    draft.facts += [fact for fact in facts if fact.id not in known]
    draft.questions += questions
    draft.names += named(reply)
    draft.untold |= {told.sentence: told.reason for told in reply.untold if 1 <= told.sentence <= len(page.spans)}


def _carried(page: Page, draft: Draft, start: int, end: int) -> bool:
    first, last = page.chunk.start + start, page.chunk.start + end
    return any(e.start <= first and last <= e.end for fact in draft.facts for e in fact.evidence)


def writer_name(sources: FactSources) -> str:
    """`passage` or `sentence`: `auto` takes the sentence writer for an embedded model."""
    embedded = sources.clients["question_writer"].config.provider == "local"
    return sources.config.writer if sources.config.writer != "auto" else "sentence" if embedded else "passage"


def writer_of(sources: FactSources, knowledge: KnowledgeConfig) -> Writer:
    """The writer that the config asks for."""
    return (SentenceWriter if writer_name(sources) == "sentence" else PassageWriter)(sources, knowledge)

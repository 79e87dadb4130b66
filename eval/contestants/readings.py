"""What contestants read before they answer: nothing, the passages of retrieval, all documents, or gold's evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from agents.models.request import estimated_tokens
from agents.reading import PROMPT, SYSTEM
from agents.records import SYSTEM_PROMPT, Document, Message, content_id
from agents.text.words import CHARACTERS_PER_TOKEN
from eval.contestants.answering import Question, Read
from eval.contestants.rag import CITE, Passage, rag_messages
from eval.questions import GoldQuestion, evidence_document
from eval.settings import EvalConfig
from graphs.corpus.documents import place

PROMPT_ROOM = 300  # tokens beside the documents: instruction, question, the marks of the chat template
UNKNOWN_WINDOW = 2048  # tokens, of a student that does not say how many it takes


class Search(Protocol):
    """Finds passages (`eval.contestants.rag.Retriever`, `eval.contestants.hybrid.Hybrid`)."""

    def search(self, questions: Sequence[str], top_k: int) -> list[list[Passage]]:
        """The `top_k` best passages of each question, the best first."""
        ...


class Nothing:
    """Closed book."""

    key = content_id("reads", SYSTEM_PROMPT)

    def read(self, questions: Sequence[Question], student: Any) -> Sequence[Read]:
        """Nothing."""
        return [Read()] * len(questions)

    def messages(self, question: str, read: Read) -> list[Message]:
        """The question as in a training row."""
        return [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}]


class Passages:
    """The passages that retrieval found; `search` is called when there is something to ask."""

    def __init__(self, search: Callable[[], Search], config: EvalConfig, corpus: str = "") -> None:
        self._search = search
        self._config = config
        used = config.model_dump(
            include={"retrieval", "top_k", "passage_tokens", "cite", "chunk_characters", "overlap"}
        )
        if config.reranker:  # unsaid where there is none: answers of before are kept
            used["reranker"] = config.reranker
        self.key = content_id("reads", corpus, used, SYSTEM, PROMPT, CITE)

    def read(self, questions: Sequence[Question], student: Any) -> Sequence[Read]:
        """The best passages within top_k and passage_tokens."""
        found = self._search().search([question.text for question in questions], self._config.top_k)
        return [Read(within(passages, self._config.passage_tokens)) for passages in found]

    def messages(self, question: str, read: Read) -> list[Message]:
        """The passages before the question."""
        return rag_messages(question, read.passages, self._config.cite)


class Evidence:
    """The passages around the quotes of a gold question: what reading could reach at best."""

    def __init__(self, documents: Sequence[Document], gold: Sequence[GoldQuestion], characters: int) -> None:
        self._found = evidence_passages(documents, gold, characters)
        self.key = content_id("reads", [p.model_dump() for each in self._found.values() for p in each], SYSTEM, PROMPT)

    @property
    def known(self) -> set[str]:
        """The questions all of whose quotes stand in the documents; the others are not asked."""
        return set(self._found)

    def read(self, questions: Sequence[Question], student: Any) -> Sequence[Read]:
        """The passages of each question, in the order of its evidence."""
        return [Read(self._found[question.id]) for question in questions]

    def messages(self, question: str, read: Read) -> list[Message]:
        """The passages before the question."""
        return rag_messages(question, read.passages)


class Corpus:
    """The documents from the first on, as many as the window holds; the last one is cut."""

    def __init__(self, documents: Sequence[Document], corpus: str, config: EvalConfig, tokens: int | None) -> None:
        self._documents = documents
        self._most = tokens
        self._answer = config.max_new_tokens
        self.key = content_id("reads", corpus, tokens, SYSTEM, PROMPT)

    def read(self, questions: Sequence[Question], student: Any) -> Sequence[Read]:
        """The same for every question."""
        count: Callable[[str], int] = getattr(student, "tokens", estimated_tokens)
        longest = max((count(question.text) for question in questions), default=0)
        window = self._most or getattr(student, "window", None) or UNKNOWN_WINDOW
        room = window - self._answer - PROMPT_ROOM - longest
        return [self._as_much_as_fits(count, room)] * len(questions)

    def messages(self, question: str, read: Read) -> list[Message]:
        """The documents in their order before the question."""
        return rag_messages(question, read.passages[::-1])

    def _as_much_as_fits(self, count: Callable[[str], int], room: int) -> Read:
        taken: list[Passage] = []
        used = 0
        for document in self._documents:
            tokens = count(document.text)
            end = len(document.text)
            if used + tokens > room:
                end = max(0, end * (room - used) // max(tokens, 1))
                while end and count(document.text[:end]) > room - used:  # tokens are not spread evenly over a text
                    end = end * 9 // 10
            if end:
                taken.append(Passage(path=document.path, start=0, end=end, text=document.text[:end]))
                used += count(document.text[:end])
            if end < len(document.text):
                break
        whole = sum(count(document.text) for document in self._documents)
        return Read(taken, used / whole if whole else 1.0)


def evidence_passages(
    documents: Sequence[Document], gold: Sequence[GoldQuestion], characters: int
) -> dict[str, list[Passage]]:
    """Of every gold question whose quotes all stand in `documents`: a passage of `characters` around each of them.

    Quotes that one passage holds together are given once.
    """
    found: dict[str, list[Passage]] = {}
    for question in gold:
        passages: list[Passage] = []
        for proof in question.evidence:
            document = evidence_document(proof, documents)
            if document is None:
                break
            start = document.text.index(proof.quote)
            if not any(p.path == document.path and proof.quote in p.text for p in passages):
                passages.append(_around(document, start, len(proof.quote), characters))
        else:
            if passages:
                found[question.id] = passages
    return found


def _around(document: Document, start: int, length: int, characters: int) -> Passage:
    """The span of `characters` with the quote in its middle, moved inwards at either end of the document."""
    spare = max(0, characters - length) // 2
    first = max(0, min(start - spare, len(document.text) - characters))
    last = min(len(document.text), max(first + characters, start + length))
    return Passage(
        path=document.path, place=place(document, first), start=first, end=last, text=document.text[first:last]
    )


def within(passages: Sequence[Passage], tokens: int | None) -> Sequence[Passage]:
    """The first passages that take about `tokens` together; the first one always."""
    if tokens is None:
        return passages
    taken = 0.0
    for n, passage in enumerate(passages):
        taken += len(passage.text) / CHARACTERS_PER_TOKEN
        if n and taken > tokens:
            return passages[:n]
    return passages


def settings_of(config: EvalConfig, own: Mapping[str, Any]) -> EvalConfig:
    """[eval] with what a contestant has settings of its own for; None: none."""
    return config.model_copy(update={name: value for name, value in own.items() if value is not None})

"""The contestants of a run, ready to be asked: each with its questions, what it reads, and what decides its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import ConfigError, InputError
from agents.files import file_hash, read_jsonl
from agents.models.backends import backend_of, identity_of
from agents.models.batch import Batch, one_round, refuse_embedded
from agents.models.budget import Budget, Caps
from agents.models.client import Client
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.models.embedding import Embed
from agents.models.kept import kept
from agents.models.request import ModelBackend
from agents.models.store import CallStore
from agents.project import Project
from agents.records import Document, Report, content_id
from eval.contestants.answering import Answer, Question, Reader, Reading, Student
from eval.contestants.graph_search import GraphSearch, report_key, room_for_reports
from eval.contestants.rag import Retriever, split_documents
from eval.contestants.readings import Corpus, Evidence, Nothing, Passages, Search, settings_of
from eval.contestants.served import served
from eval.marks.grades import Exam
from eval.settings import STUDENT, TEACHER, TUNED, ContestantConfig, EvalConfig, entered

LoadStudent = Callable[[Path | None], Student]
"""Loads the student with the adapter in this folder, or without one."""


class Models:
    """The models of a project's contestants, one in memory at a time; one budget for those that are served."""

    def __init__(
        self,
        project: Project,
        student: str,
        load: LoadStudent,
        caps: Caps | None = None,
        backend: ModelBackend | None = None,
    ) -> None:
        self._project = project
        self._student = student
        self._load = load
        self._backend = backend
        self._budget = Budget(caps)
        self.batch: Batch | None = None
        """Where requests to served models go, inside `batched`."""

    def config(self, name: str) -> ModelConfig:
        """[models.NAME] of a served model. Raises `ConfigError` if there is none."""
        models = self._project.section("models", ModelsConfig).root
        name = self._project.section("roles", RolesConfig).default if name == TEACHER else name
        if name not in models:
            raise ConfigError(f"a contestant's model is {name!r}", f"add [models.{name}], or use: {', '.join(models)}")
        return models[name]

    def identity(self, name: str) -> str:
        """Names the model in what decides an answer: the student's base and adapter, or a served model's name."""
        from tuning.base import known_by

        if name == STUDENT:
            return content_id("model", known_by(self._student))
        if name == TUNED:
            weights = self._project.adapter_dir / "adapter_model.safetensors"
            tuned = file_hash(weights) if weights.is_file() else ""  # a plan is made before the student is tuned, too
            return content_id("model", known_by(self._student), tuned)
        config = self.config(name)
        return content_id("model", identity_of(config), config.decides)

    @contextmanager
    def batched(self, path: Path | None) -> Iterator[None]:
        """Inside the block no served model is called: what it would be asked goes into the file, where there is one.

        Raises what `one_round` raises.
        """
        if path is None:
            yield
            return
        store = CallStore(self._project.calls)
        try:
            self.batch = Batch(path, store, self._budget)
            with one_round(self.batch):
                yield
        finally:
            store.close()

    @contextmanager
    def opened(self, name: str, console: Console) -> Iterator[Any]:
        """The model, let go of at the end. Raises `ConfigError` if a cost is capped and no price is known."""
        if name in (STUDENT, TUNED):
            yield self._load(self._project.adapter_dir if name == TUNED else None)
            return
        config = self.config(name)
        if self.batch:
            refuse_embedded({name: config})
        self._budget.priced &= config.priced
        if self._budget.caps.cost is not None and not config.priced:
            raise ConfigError(
                f"--max-cost needs the price of {config.model}",
                "set price_in and price_out (USD for a million tokens) of the model",
            )
        store = CallStore(self._project.calls)
        client = Client(self._backend or backend_of(config), store, config, budget=self._budget, batch=self.batch)
        client.tell = console.warn
        try:
            with kept(self._project.eval_dir, [client]), served(client) as model:
                yield model
        finally:
            store.close()


@dataclass(frozen=True)
class Seat:
    """One contestant before its model is loaded; `key` names all but the question that decides its answers."""

    name: str
    entry: ContestantConfig
    config: EvalConfig
    questions: Sequence[Question]
    key: str
    contestant: Callable[[Any], Any]
    """From the loaded model to what answers (`answer_each`)."""

    @property
    def asked(self) -> dict[str, str]:
        """By question: what decides its answer."""
        return {question.id: content_id("asked", self.key, question.text) for question in self.questions}

    def answers(self, model: Any, questions: Sequence[Question]) -> Iterator[list[Answer]]:
        """The answers of the loaded `model`, as they come."""
        return self.contestant(model).answer_each(questions)


def lineup(
    project: Project,
    config: EvalConfig,
    exam: Exam,
    models: Models,
    embed: Callable[[], Embed],
    console: Console,
) -> list[Seat]:
    """The contestants that [eval] names, in its order.

    Raises:
        ConfigError: a contestant or its model is not known, or one would read reports in too few tokens.
        InputError: there are no reports for a contestant that reads them.

    """
    documents = documents_of(project)
    corpus = content_id("corpus", [(document.path, document.text) for document in documents])
    search = searches(project, documents, config, embed)
    seats = []
    for name, entry in entered(config, project.config.get("contestants")).items():
        mine = settings_of(config, entry.model_dump(include={"retrieval", "reranker", "top_k", "passage_tokens"}))
        questions, reading = exam.about_corpus(), None
        if entry.reads == "nothing":
            reading = Nothing()
            questions = questions if entry.served else [*questions, *exam.beyond_corpus()]
        elif entry.reads == "passages":
            reading = Passages(lambda mine=mine: search(mine.retrieval, mine.reranker), mine, corpus)
        elif entry.reads == "corpus":
            window = models.config(entry.model).context if entry.served else None
            reading = Corpus(documents, corpus, mine, entry.tokens or window)
        elif entry.reads == "evidence":
            reading = Evidence(documents, exam.gold, config.chunk_characters)
            questions = [question for question in questions if question.id in reading.known]
            _tell_unfound(name, exam, reading, console)
        seats.append(_seat(name, entry, mine, questions, reading, project, models))
    return seats


def _seat(
    name: str,
    entry: ContestantConfig,
    config: EvalConfig,
    questions: Sequence[Question],
    reading: Reading | None,
    project: Project,
    models: Models,
) -> Seat:
    if reading is None:
        reports = reports_of(project, name)
        window = entry.tokens or models.config(entry.model).context
        room_for_reports(name, window)
        read = report_key(reports, window)
    else:
        read = reading.key

    def contestant(model: Any) -> Any:
        if reading is None:
            return GraphSearch(name, model, reports, config, entry.tokens)
        return Reader(name, model, reading, config)

    dtype = "" if entry.served else config.dtype
    key = content_id("contestant", models.identity(entry.model), read, config.max_new_tokens, dtype)
    return Seat(name, entry, config, questions, key, contestant)


def _tell_unfound(name: str, exam: Exam, evidence: Evidence, console: Console) -> None:
    lost = [one.id for one in exam.gold if one.evidence and one.id not in evidence.known]
    if lost:
        console.warn(f"{name}: the quotes of these gold questions are not in the documents: {', '.join(lost)}")


def documents_of(project: Project) -> list[Document]:
    """The documents of a run. Raises `InputError` if there are none."""
    path = project.graph_dir / "documents.jsonl"
    if not path.is_file():
        raise InputError(f"{path} does not exist: rag has nothing to search", "run `ragtuned synthesize` first")
    documents = read_jsonl(path, Document)
    if not documents:
        raise InputError(f"{path} holds no document: rag has nothing to search", "run `ragtuned synthesize` again")
    return documents


def reports_of(project: Project, name: str) -> list[Report]:
    """The community reports of a run. Raises `InputError` if there are none."""
    path = project.graph_dir / "reports.jsonl"
    reports = read_jsonl(path, Report) if path.is_file() else []
    if not reports:
        raise InputError(
            f"{path} holds no report: {name} has nothing to read",
            f"take {name} out of [eval] contestants, or synthesize with global.briefs_per_report above 0",
        )
    return reports


def open_retriever(
    project: Project, config: EvalConfig, embed: Embed, documents: Sequence[Document] | None = None
) -> Retriever:
    """The index of the run's documents, in runs/NAME/chroma."""
    known = documents_of(project) if documents is None else documents
    return Retriever.open(project.run_dir / "chroma", known, config.chunk_characters, config.overlap, embed)


def searches(
    project: Project, documents: Sequence[Document], config: EvalConfig, embed: Callable[[], Embed]
) -> Callable[[str, str | None], Search]:
    """Opens a retriever by its method and reranker, each once, when it is wanted."""

    @cache
    def vectors() -> Retriever:
        return open_retriever(project, config, embed(), documents)

    @cache
    def search(method: str, reranker: str | None) -> Search:
        if reranker:
            from eval.contestants.reranker import Reranked, cross_encoder

            return Reranked(search(method, None), cross_encoder(reranker))
        if method == "vectors":
            return vectors()
        from eval.contestants.hybrid import Hybrid

        return Hybrid(vectors(), split_documents(documents, config.chunk_characters, config.overlap))

    return search

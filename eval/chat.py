"""Ask retrieval, the tuned model and whoever else is wanted the same question, side by side, in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from agents import terminal
from agents.config import did_you_mean
from agents.console import Console
from agents.errors import InputError
from agents.models.embedding import Embed
from agents.project import Project
from eval.contestants.answering import Answer, Contestant, Question, Reader, Student
from eval.contestants.lineup import LoadStudent, Models, lineup
from eval.contestants.readings import Nothing
from eval.evaluate import check_adapter_there
from eval.marks.grades import Exam
from eval.settings import TUNED, ContestantConfig, EvalConfig, entered

LONGEST = 2000  # characters of a question; the students read at most 8192 tokens, and rag's passages need most of them
SIDE_BY_SIDE = ("rag", "tuned")
"""Who answers unless others are named: retrieval with its sources, and the tuned model from its weights."""
HEARD: ContextVar[Callable[[str], None] | None] = ContextVar("heard", default=None)
"""Who wants to hear the text so far of the answer that is being written in this context; what it raises ends it."""


class Streamed:
    """A student that tells `HEARD` what it writes, so that every contestant who asks a student streams."""

    def __init__(self, student: Student) -> None:
        self._student = student

    def generate(self, prompts: Any, max_new_tokens: int, batch_size: int) -> Any:
        """See `Student.generate`; a single prompt is streamed if somebody listens and the student can."""
        heard, stream = HEARD.get(), getattr(self._student, "stream", None)
        if heard is None or stream is None or len(prompts) != 1:
            return self._student.generate(prompts, max_new_tokens, batch_size)
        return [stream(prompts[0], max_new_tokens, heard)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._student, name)


class Apart:
    """A contestant that lives in a thread of its own, as connections and event loops of a served model must.

    What `open_` enters into the stack it is given is held until `close`.
    """

    def __init__(self, name: str, open_: Callable[[ExitStack], Any]) -> None:
        self.name = name
        self._thread = ThreadPoolExecutor(1, f"contestant-{name}")
        self._contestant = self._thread.submit(self._opened, open_).result()

    def _opened(self, open_: Callable[[ExitStack], Any]) -> Any:
        with ExitStack() as stack:
            contestant = open_(stack)
            self._held = stack.pop_all()
        return contestant

    def answer_all(self, questions: Sequence[Question]) -> Any:
        """One answer a question, in order."""
        found = self._thread.submit(lambda: [a for some in self._contestant.answer_each(questions) for a in some])
        return found.result()

    def close(self) -> None:
        """Let go of the model, its connections and its store, after the answer under way."""
        self._thread.submit(self._held.close).result()
        self._thread.shutdown()


def openers(
    project: Project, config: EvalConfig, student: str, load: LoadStudent, embed: Callable[[], Embed]
) -> dict[str, Callable[[], Contestant]]:
    """How each contestant of [eval] is opened, by name, those of `SIDE_BY_SIDE` first; those alike share a student.

    One that reads the evidence of gold questions has nothing to read here, and is left out. An opener raises
    `InputError` that says what to run if an adapter, documents or reports are not there.
    """
    models, embedding = Models(project, student, load), cache(embed)
    streamed = cache(lambda adapter: Streamed(load(adapter)))
    nobody = Exam([], [], [], [], [])

    def opener(name: str, entry: ContestantConfig) -> Callable[[], Contestant]:
        def opened() -> Contestant:
            if entry.model == TUNED:
                check_adapter_there(project)
            if entry.reads == "nothing" and not entry.served:  # needs no documents
                return Reader(name, streamed(project.adapter_dir if entry.model == TUNED else None), Nothing(), config)
            alone = config.model_copy(update={"contestants": [name]})
            (seat,) = lineup(project, alone, nobody, models, embedding, Console(quiet=True))
            if not entry.served:
                return seat.contestant(streamed(project.adapter_dir if entry.model == TUNED else None))
            served = models.opened(entry.model, Console(quiet=True))
            return Apart(name, lambda held: seat.contestant(held.enter_context(served)))

        return opened

    known = entered(config, project.config.get("contestants"))
    found = {name: opener(name, one) for name, one in known.items() if one.reads != "evidence"}
    return {name: found[name] for name in sorted(found, key=lambda name: name not in SIDE_BY_SIDE)}


@dataclass(frozen=True)
class Panel:
    """Those who answer, by name."""

    contestants: Mapping[str, Contestant]

    @classmethod
    def load(cls, found: Mapping[str, Callable[[], Contestant]], names: Sequence[str] = SIDE_BY_SIDE) -> Panel:
        """Open the contestants of these names. Raises `InputError` for an unknown one, and what an opener raises."""
        if unknown := [name for name in names if name not in found]:
            raise InputError(
                f"there is no contestant {unknown[0]!r}{did_you_mean(unknown[0], found)}",
                f"one of {', '.join(found)}; [eval] contestants names them",
            )
        opened = {name: found[name]() for name in sorted(names, key=lambda name: name != "tuned")}  # it may be missing
        return cls({name: opened[name] for name in names})

    def ask(self, text: str) -> dict[str, Answer]:
        """The answer of each, by name. Raises `InputError` for an empty or overlong question."""
        question = asked(text)
        return {name: one.answer_all([question])[0] for name, one in self.contestants.items()}

    def close(self) -> None:
        """Let go of the served models; nobody is asked afterwards."""
        let_go(self.contestants.values())


def let_go(contestants: Iterable[Contestant | None]) -> None:
    """Close those that hold a served model."""
    for one in contestants:
        if isinstance(one, Apart):
            one.close()


def asked(text: str) -> Question:
    """What a person typed, as a question. Raises `InputError` if it is empty or overlong."""
    question = text.strip()
    if not question:
        raise InputError("the question is empty", "write one")
    if len(question) > LONGEST:
        raise InputError(
            f"the question has {len(question)} characters, at most {LONGEST} are read", "ask a shorter one"
        )
    return Question(id="chat", text=question)


def chat(panel: Panel, question: str | None, console: Console) -> int:
    """Answer one question, or every line typed until an empty one or the end; return how many were answered."""
    answered = 0
    for text in [question] if question is not None else typed(console):
        show(text, panel.ask(text), console)
        answered += 1
    return answered


def typed(console: Console) -> Iterator[str]:
    """The lines a person types, until an empty one or the end of the input."""
    console.say("Ask about the documents; an empty line ends the chat.")
    while True:
        try:
            line = terminal.ask("" if console.quiet else "\n? ")
        except EOFError:
            return
        if not line.strip():
            return
        yield line


def show(question: str, answers: Mapping[str, Answer], console: Console) -> None:
    """Print the answers side by side, each with its sources; one JSON object a question under --json."""
    if console.as_json:
        rows = {name: as_object(answer) for name, answer in answers.items()}
        terminal.say(terminal.as_json({"question": question.strip(), **rows}))
        return
    from rich.table import Table
    from rich.text import Text

    shown = terminal.shown
    table = Table(title=Text(shown(question.strip())), title_justify="left", expand=True, show_lines=True)
    for name, answer in answers.items():
        table.add_column(f"{name} · {answer.seconds:.1f} s · {answer.completion_tokens} tokens", ratio=1)
    table.add_row(*(Text(shown(said(answer))) for answer in answers.values()))
    table.add_row(*(Text(shown(sources_text(answer)), style="dim") for answer in answers.values()))
    terminal.screen().print(table)


def said(answer: Answer) -> str:
    """The text of an answer, or why there is none."""
    return answer.text or (f"no answer: {answer.failed}" if answer.failed else "")


def sources_text(answer: Answer) -> str:
    """The passages that an answer was given, one a line: file, page or row, and characters."""
    if not answer.sources:
        return "no sources: from its weights"
    return "\n".join(
        ["sources:", *(f"{source.place or source.path} [{source.start}–{source.end}]" for source in answer.sources)]
    )


def as_object(answer: Answer) -> dict[str, Any]:
    """An answer as a program reads it: text, why there is none (empty unless it failed), seconds, tokens, sources."""
    return {
        "text": answer.text,
        "failed": answer.failed,
        "seconds": round(answer.seconds, 2),
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "sources": [source.model_dump() for source in answer.sources],
    }

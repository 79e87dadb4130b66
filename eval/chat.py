"""Ask retrieval, the tuned model and whoever else is wanted the same question, side by side, in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from agents import terminal
from agents.console import Console
from agents.errors import InputError
from agents.models.embedding import Embed
from agents.project import Project
from eval.contestants import Answer, Contestant, Question, Reader, Student
from eval.evaluate import check_adapter_there
from eval.lineup import LoadStudent, documents_of, searches
from eval.readings import Nothing, Passages
from eval.settings import EvalConfig

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


def openers(
    project: Project, config: EvalConfig, load: LoadStudent, embed: Callable[[], Embed]
) -> dict[str, Callable[[], Contestant]]:
    """How each contestant of a run is opened, by name; base and rag share the untuned student.

    An opener raises `InputError` that says what to run if its adapter or its documents are not there.
    """
    untuned = cache(lambda: Streamed(load(None)))

    def tuned() -> Contestant:
        check_adapter_there(project)
        return Reader("tuned", Streamed(load(project.adapter_dir)), Nothing(), config)

    def rag() -> Contestant:
        search = searches(project, documents_of(project), config, embed)(config.retrieval)
        return Reader("rag", untuned(), Passages(lambda: search, config), config)

    return {"rag": rag, "tuned": tuned, "base": lambda: Reader("base", untuned(), Nothing(), config)}


@dataclass(frozen=True)
class Panel:
    """Those who answer, by name."""

    contestants: Mapping[str, Contestant]

    @classmethod
    def load(cls, project: Project, config: EvalConfig, load: LoadStudent, embed: Callable[[], Embed]) -> Panel:
        """Load both students and the index. Raises `InputError` without an adapter or documents."""
        check_adapter_there(project)  # before minutes are spent on the others
        found = openers(project, config, load, embed)
        return cls({name: found[name]() for name in SIDE_BY_SIDE})

    def ask(self, text: str) -> dict[str, Answer]:
        """The answer of each, by name. Raises `InputError` for an empty or overlong question."""
        question = asked(text)
        return {name: one.answer_all([question])[0] for name, one in self.contestants.items()}


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
        said = {name: as_object(answer) for name, answer in answers.items()}
        terminal.say(terminal.as_json({"question": question.strip(), **said}))
        return
    from rich.table import Table
    from rich.text import Text

    shown = terminal.shown
    table = Table(title=Text(shown(question.strip())), title_justify="left", expand=True, show_lines=True)
    for name, answer in answers.items():
        table.add_column(f"{name} · {answer.seconds:.1f} s · {answer.completion_tokens} tokens", ratio=1)
    table.add_row(*(Text(shown(answer.text)) for answer in answers.values()))
    table.add_row(*(Text(shown(sources_text(answer)), style="dim") for answer in answers.values()))
    terminal.screen().print(table)


def sources_text(answer: Answer) -> str:
    """The passages that an answer was given, one a line: file, page or row, and characters."""
    if not answer.sources:
        return "no sources: from its weights"
    return "\n".join(
        ["sources:", *(f"{source.place or source.path} [{source.start}–{source.end}]" for source in answer.sources)]
    )


def as_object(answer: Answer) -> dict[str, Any]:
    """An answer as a program reads it: text, seconds, tokens, sources."""
    return {
        "text": answer.text,
        "seconds": round(answer.seconds, 2),
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "sources": [source.model_dump() for source in answer.sources],
    }

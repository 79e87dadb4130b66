"""Ask retrieval and the tuned model the same question, side by side, in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from agents import terminal
from agents.console import Console
from agents.errors import InputError
from agents.models.embedding import Embed
from agents.project import Project
from eval.contestants import Answer, ClosedBook, Contestant, EvalConfig, Question, Rag
from eval.evaluate import LoadStudent, check_ready, open_retriever

LONGEST = 2000  # characters of a question; the students read at most 8192 tokens, and rag's passages need most of them


@dataclass(frozen=True)
class Pair:
    """The two who answer: `rag` with its sources, `tuned` from its weights."""

    rag: Contestant
    tuned: Contestant

    @classmethod
    def load(cls, project: Project, config: EvalConfig, load: LoadStudent, embed: Callable[[], Embed]) -> Pair:
        """Load both students and the index. Raises `InputError` without an adapter or documents."""
        check_ready(project)
        retriever = open_retriever(project, config, embed())
        return cls(Rag(load(None), retriever, config), ClosedBook("tuned", load(project.adapter_dir), config))

    def ask(self, text: str) -> tuple[Answer, Answer]:
        """Rag's answer and tuned's. Raises `InputError` for an empty or overlong question."""
        question = asked(text)
        return self.rag.answer_all([question])[0], self.tuned.answer_all([question])[0]


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


def chat(pair: Pair, question: str | None, console: Console) -> int:
    """Answer one question, or every line typed until an empty one or the end; return how many were answered."""
    answered = 0
    for text in [question] if question is not None else typed(console):
        show(text, *pair.ask(text), console)
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


def show(question: str, rag: Answer, tuned: Answer, console: Console) -> None:
    """Print both answers side by side, rag with its sources; one JSON object a question under --json."""
    if console.as_json:
        terminal.say(terminal.as_json({"question": question.strip(), "rag": as_object(rag), "tuned": as_object(tuned)}))
        return
    from rich.table import Table
    from rich.text import Text

    shown = terminal.shown
    table = Table(title=Text(shown(question.strip())), title_justify="left", expand=True, show_lines=True)
    table.add_column(f"rag · {rag.seconds:.1f} s", ratio=1)
    table.add_column(f"tuned · {tuned.seconds:.1f} s", ratio=1)
    table.add_row(Text(shown(rag.text)), Text(shown(tuned.text)))
    sources = f"sources:\n{shown(sources_text(rag))}"
    table.add_row(Text(sources, style="dim"), Text("no sources: from its weights", style="dim"))
    terminal.screen().print(table)


def sources_text(answer: Answer) -> str:
    """The passages that an answer was given, one a line: file, page or row, and characters."""
    return (
        "\n".join(f"{source.place or source.path} [{source.start}–{source.end}]" for source in answer.sources) or "none"
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

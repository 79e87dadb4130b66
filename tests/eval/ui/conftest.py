"""A run with rows about two pages, toy contestants that stream, the page served, and a headless Chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents.files import write_jsonl
from agents.project import Project
from agents.records import Chunk, Document, Evidence, Example, Rejected, Source, Verdict
from eval.chat import HEARD
from eval.contestants.answering import Answer, Question
from eval.contestants.rag import Passage
from eval.settings import EvalConfig
from eval.ui.panes import Panes
from eval.ui.server import Served, build_app
from eval.ui.site import site

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
CHROMEDRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1280,900"
)
SCRIPT = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"
PAGES = {
    "june.md": f"Wenna became keeper of the light on 10 June. The ferry is red. {SCRIPT} 🦆 The duck is blue.",
    "april.md": "Hettary charges two coppers for a crossing. The lens broke on 1 April.",
}


@dataclass
class Toy:
    """Streams its words one by one; it waits before the last one until `go` is set."""

    name: str
    text: str
    sources: list[Passage] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    fault: Exception | None = None

    def answer_all(self, questions: Sequence[Question]) -> list[Answer]:
        heard, words = HEARD.get() or (lambda _: None), self.text.split(" ")
        for n in range(1, len(words)):
            heard(" ".join(words[:n]))
        while not self.go.wait(0.02):
            heard(" ".join(words[:-1]))
        if self.fault:
            raise self.fault
        heard(self.text)
        cost = {"prompt_tokens": 12, "completion_tokens": len(words), "seconds": 0.1}
        answer = self.text.rpartition("Answer: ")[2]
        return [
            Answer(
                question="chat",
                contestant=self.name,
                text=answer,
                raw=self.text,
                finished=True,
                sources=self.sources,
                **cost,
            )
        ]


def evidence(path: str, quote: str) -> Evidence:
    """A quote of a page, at its place."""
    start = PAGES[path].index(quote)
    return Evidence(chunk_id=f"chunk-{path}", start=start, end=start + len(quote), quote=quote)


def make_row(name: str, question: str, answer: str, path: str, quote: str, **more: Any) -> Example:
    """A kept row about one page."""
    source = Source(
        documents=[path], chunks=[f"chunk-{path}"], role="writer", prompt="p", model="teacher", seed=0, style="who"
    )
    given = {"kind": "local", "fact": f"fact-{name}", "reasoning": "It stands there.", "round": 1, "split": "train"}
    return Example(
        id=name,
        question=question,
        answer=answer,
        evidence=[evidence(path, quote)],
        source=source,
        verdict=Verdict(gates={}),
        **{**given, **more},
    )


ROWS = [
    make_row("row-keeper", "Who keeps the light since June?", "Wenna", "june.md", "Wenna became keeper"),
    make_row("row-duck", "Which colour has the duck?", "Blue", "june.md", "The duck is blue."),
    make_row("row-fare", "What does Hettary charge?", "Two coppers", "april.md", "two coppers"),
    make_row("row-held", "Who tends the light?", "Wenna", "june.md", "Wenna became keeper", split="heldout", round=2),
    make_row("row-script", f"What says {SCRIPT}?", SCRIPT, "june.md", SCRIPT, kind="global", fact="fact-script"),
]
REJECTED = [
    Rejected(
        id="rejected-1",
        kind="local",
        brief="fact-row-duck",
        question="What is it?",
        answer="Blue",
        gate="critic",
        reason="needs the page",
        raw=f"<b>raw</b> {SCRIPT}",
        round=1,
    )
]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium with an empty profile; it starts once for all tests."""
    if not CHROMIUM or not CHROMEDRIVER:
        pytest.skip("no chromium with chromedriver on this machine (apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def desk_project(tmp_path: Path) -> Project:
    """A finished run about two pages."""
    project = Project(tmp_path, "main", {"eval": EvalConfig()})
    documents = [Document(id=f"doc-{p}", path=p, title=p, text=text) for p, text in PAGES.items()]
    chunks = [
        Chunk(id=f"chunk-{p}", document_id=f"doc-{p}", start=0, end=len(text), text=text) for p, text in PAGES.items()
    ]
    for name, items in (("documents", documents), ("chunks", chunks)):
        write_jsonl(project.graph_dir / f"{name}.jsonl", items)
    write_jsonl(project.data_dir / "examples.jsonl", ROWS)
    write_jsonl(project.data_dir / "rejected.jsonl", REJECTED)
    return project


@pytest.fixture
def toys() -> dict[str, Toy]:
    """Three contestants: rag has a source, tuned reasons first, base is told markup."""
    start = PAGES["june.md"].index("The duck is blue.")
    source = Passage(path="june.md", place="june.md", start=start, end=start + 17, text="The duck is blue.")
    return {
        "rag": Toy("rag", f"The keeper is Wenna {SCRIPT}", [source]),
        "tuned": Toy("tuned", "Somebody was made keeper.\n\nAnswer: Wenna keeps the light"),
        "base": Toy("base", "I do not know"),
    }


@dataclass
class Desk:
    """The page of the toys."""

    served: Served
    panes: Panes
    project: Project

    @property
    def address(self) -> str:
        return self.served.address


@pytest.fixture
def desk(desk_project: Project, toys: dict[str, Toy]) -> Iterator[Desk]:
    """The page, served; its contestants are ready, and none holds its last word back."""
    for toy in toys.values():
        toy.go.set()
    routes, panes = site(desk_project, {name: (lambda toy=toy: toy) for name, toy in toys.items()})
    panes.load()
    served = Served(build_app(routes), "127.0.0.1", None)
    yield Desk(served, panes, desk_project)
    served.close()

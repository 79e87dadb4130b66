"""First word and whole answer of a tuned student: behind `ragtuned serve`, and in the page's tuned pane.

    python -m bench.speed.first_token examples/demo --run demo

The run needs `ragtuned export --model gguf`. Questions of gold are asked one after the other, over HTTP, as another
program asks `serve` and as a browser asks the page; the first one is kept apart, since it reads the system prompt for
all of them. Tuned answers are short, so `serve` is asked once more with the end of an answer forbidden: a hundred
tokens. `--adapter` asks the page again with the adapter in transformers, which it takes where nothing is exported.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Annotated, Any, NamedTuple

import typer

from agents.console import Console
from agents.models import local
from agents.project import Project
from agents.records import SYSTEM_PROMPT
from agents.spread import spread
from bench.measurement import write_result
from eval.questions import load_gold

LONG = 100
"""Tokens of a long answer."""


class Asked(NamedTuple):
    """Seconds to the first piece of text and to the end of an answer, and its tokens."""

    first: float
    whole: float
    tokens: int


def served(project: Project, questions: list[str]) -> dict[str, Any]:
    """What a client of `ragtuned serve` waits for."""
    from openai import OpenAI

    from eval.serve import offer

    endpoint = offer(project, 0, 1, Console(quiet=True), block=False)
    client = OpenAI(base_url=endpoint.base_url, api_key=endpoint.api_key, max_retries=0)
    (model,) = client.models.list()

    def ask(question: str, **settings: Any) -> Asked:
        messages: Any = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}]
        started, first, tokens = time.perf_counter(), 0.0, 0
        for part in client.chat.completions.create(
            model=model.id,
            messages=messages,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
            **{"max_tokens": 96, **settings},
        ):
            if part.choices and part.choices[0].delta.content:
                first = first or time.perf_counter() - started
            tokens = part.usage.completion_tokens if part.usage else tokens
        return Asked(first, time.perf_counter() - started, tokens)

    try:
        told = figures([ask(question) for question in questions])
        long = ask(questions[0], max_tokens=LONG, extra_body={"ignore_eos": True})
    finally:
        local.stop_all()
    return {
        "file": _file(project),
        **told,
        "long": {"tokens": long.tokens, "first_s": round(long.first, 3), "whole_s": round(long.whole, 2)},
    }


def _file(project: Project) -> str:
    from tuning.export.write import exported_gguf

    found = exported_gguf(project.exports, project.adapter_dir)
    return found.path.name if found else ""


def pane(project: Project, questions: list[str], load: Any = None) -> dict[str, Any]:
    """What a browser waits for that asks the tuned pane; `load` opens the student in another way than the page does."""
    from eval.chat import openers
    from eval.session import open_contestants, settings
    from eval.ui.site import open_site

    base, config = settings(project)
    known = openers(project, config, base, load, _no_embedding) if load else open_contestants(project, _silent)
    started = time.perf_counter()
    site = open_site(project, {"tuned": known["tuned"]})
    page = time.perf_counter() - started
    try:
        while (state := _ask_page(site.port, "GET", "/api/chat")["panes"][0])["state"] in ("waiting", "loading"):
            time.sleep(0.05)
        if state["state"] != "ready":
            raise SystemExit(f"tuned: {state['what']}; {state['do']}")
        ready = time.perf_counter() - started
        told = figures([_in_the_pane(site.port, question) for question in questions])
    finally:
        site.close()
        local.stop_all()
    return {"page_s": round(page, 2), "ready_s": round(ready, 2), **told}


def _in_the_pane(port: int, question: str) -> Asked:
    started, first, end = time.perf_counter(), 0.0, {}
    for line in _lines(port, {"question": question, "panes": ["tuned"]}):
        if line.get("text"):
            first = first or time.perf_counter() - started
        end = line
    if end.get("type") != "done":
        raise SystemExit(f"the page did not answer {question!r}: {end}")
    return Asked(first, time.perf_counter() - started, end["completion_tokens"])


def _lines(port: int, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("POST", "/api/chat/ask", json.dumps(body), {"Content-Type": "application/json"})
    reply = connection.getresponse()
    while line := reply.readline():
        yield json.loads(line)
    connection.close()


def _ask_page(port: int, method: str, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path)
    return json.loads(connection.getresponse().read())


def _silent(_: str) -> None:
    """Nobody listens."""


def _no_embedding() -> Any:
    raise AssertionError("the tuned pane searches nothing")


def figures(asked: list[Asked]) -> dict[str, Any]:
    """The first question by itself, of the others the median and the slowest, and the tokens a second of all."""
    first, *rest = asked
    return {
        "questions": len(asked),
        "first_question_first_s": round(first.first, 3),
        "first_s": [round(median(one.first for one in rest), 3), round(max(one.first for one in rest), 3)],
        "whole_s": [round(median(one.whole for one in rest), 2), round(max(one.whole for one in rest), 2)],
        "tokens": [min(one.tokens for one in rest), max(one.tokens for one in rest)],
        "tokens_a_second": round(sum(one.tokens for one in rest) / sum(one.whole for one in rest)),
    }


def main(
    directory: Path,
    run: Annotated[str, typer.Option(help="The run.")] = "main",
    questions: Annotated[int, typer.Option(min=2, help="Gold questions asked each way, spread over the file.")] = 12,
    adapter: Annotated[bool, typer.Option("--adapter", help="Ask the page without the export too.")] = False,
    out: Annotated[Path | None, typer.Option(help="another file for the result")] = None,
) -> None:
    """Measure both ways in this process, one model in memory at a time."""
    from eval.session import load_student, settings
    from ragtuned import SECTIONS

    project = Project.open(directory, run, SECTIONS)
    asked = [one.question for one in spread(load_gold(project.gold), questions)]  # of every kind
    found = {"serve": served(project, asked), "page": pane(project, asked)}
    if adapter:
        base, _ = settings(project)
        found["page, transformers"] = pane(project, asked, lambda folder: load_student(base, folder))
    for name, told in found.items():
        print(f"{name}: {told}")
    write_result("first-token", {"ways": found}, out)


if __name__ == "__main__":
    typer.run(main)

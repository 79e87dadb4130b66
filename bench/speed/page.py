"""The page with 10,000 rows and 5,000 names in a headless Chromium: milliseconds of a filter, CPU of a moved picture.

    python -m bench.speed.page

Chromium draws in software here (--disable-gpu), so that the figures say what a machine without a GPU shows.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from agents.files import write_jsonl
from agents.project import Project
from agents.records import Chunk, Community, Document, Entity, Evidence, Example, Relation, Source, Verdict
from eval.settings import EvalConfig
from eval.ui.server import Served, build_app
from eval.ui.site import site

ROWS, NAMES, SECONDS = 10_000, 5_000, 4
TEXT = "Wenna keeps the light at Gull Point. " * 40
FLAGS = "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
FILTERS = """const done = arguments[0], took = [];
(async () => {
  for (const q of ["light", "person 99", "zzz", "of what 12"]) {
    const t = performance.now();
    await (await fetch(`/api/rows?first=1&q=${q}`)).json();
    took.push(Math.round(performance.now() - t));
  }
  done(took);
})()"""
MOVE = """const done = arguments[0], picture = ragtunedGraph, begun = performance.now(); let n = 0;
(function frame() {
  n++;
  picture.centerAt(200 * Math.sin(n / 15), 200 * Math.cos(n / 15)); picture.zoom(ZOOM);
  if (performance.now() - begun < SECONDS * 1000) requestAnimationFrame(frame); else done(n);
})()"""


def write_run(project: Project) -> None:
    """A run of so many rows and names, in fifty communities."""
    draw, folder = random.Random(0), project.graph_dir
    write_jsonl(folder / "documents.jsonl", [Document(id="d", path="a.md", title="A", text=TEXT)])
    write_jsonl(folder / "chunks.jsonl", [Chunk(id="c", document_id="d", start=0, end=len(TEXT), text=TEXT)])
    names = [f"e{n}" for n in range(NAMES)]
    entities = [Entity(id=e, name=f"Person {e[1:]}", type="person", description="", chunk_ids=["c"]) for e in names]
    write_jsonl(folder / "entities.jsonl", entities)
    ends = [
        (n % NAMES, n % NAMES // 25 * 25 + draw.randrange(25) if n % 5 else draw.randrange(NAMES))
        for n in range(3 * NAMES)
    ]
    relations = [
        Relation(id=f"r{n}", source=names[a], target=names[b], description="", weight=1, chunk_ids=[])
        for n, (a, b) in enumerate(ends)
    ]
    write_jsonl(folder / "relations.jsonl", relations)
    communities = [
        Community(id=f"k{k}", level=1, parent=None, entity_ids=names[100 * k : 100 * k + 100], chunk_ids=[])
        for k in range(NAMES // 100)
    ]
    write_jsonl(folder / "communities.jsonl", communities)
    source = Source(documents=["a.md"], chunks=["c"], role="writer", prompt="", model="", seed=0)
    proof = Evidence(chunk_id="c", start=0, end=36, quote=TEXT[:36])
    rows = [
        Example(
            id=f"row-{n}",
            kind="local",
            fact=f"fact-{n}",
            question=f"Who is person {n} of the light, and of what?",
            reasoning="",
            answer=f"Person {n % NAMES}",
            evidence=[proof],
            source=source,
            round=1,
            split="train",
            verdict=Verdict(gates={}),
        )
        for n in range(ROWS)
    ]
    write_jsonl(project.data_dir / "examples.jsonl", rows)


def waited(holds: Any) -> float:
    """Seconds until it holds."""
    started = time.monotonic()
    while not holds():
        time.sleep(0.05)
    return round(time.monotonic() - started, 2)


def main() -> None:
    """Print the figures."""
    from selenium import webdriver

    project = Project(Path(tempfile.mkdtemp()), "main", {"eval": EvalConfig.model_validate({})})
    write_run(project)
    routes, _ = site(project, {})
    served = Served(build_app(routes), "127.0.0.1", None)
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in [*FLAGS.split(), "--window-size=1280,900"]:
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    processes = psutil.Process(browser.service.process.pid)  # type: ignore[attr-defined]

    def cpu() -> float:
        return sum(sum(one.cpu_times()[:2]) for one in processes.children(recursive=True))

    try:
        browser.set_script_timeout(120)
        browser.get(f"{served.address}/#rows")
        print(f"{ROWS} rows are listed after {waited(lambda: browser.find_elements('css selector', '.row'))} s")
        print(f"filters, in the browser: {browser.execute_async_script(FILTERS)} ms")
        browser.get(f"{served.address}/#graph")
        print(f"{NAMES} names are drawn after {waited(lambda: browser.find_elements('css selector', 'canvas'))} s")
        time.sleep(2)
        for what, zoom in (("the whole picture", "0.35"), ("a part of it", "2 + Math.sin(n / 20)")):
            before = cpu()
            frames = browser.execute_async_script(MOVE.replace("ZOOM", zoom).replace("SECONDS", str(SECONDS)))
            took = 1000 * (cpu() - before) / frames
            print(f"{what} moved: {frames / SECONDS:.0f} frames a second, {took:.0f} ms of CPU a frame")
    finally:
        browser.quit()
        served.close()
        shutil.rmtree(project.directory)


if __name__ == "__main__":
    main()

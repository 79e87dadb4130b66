"""The page of two panes, driven in a headless Chromium with toy answerers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from eval.chat import Pair
from eval.chat_web import HOST, build_page, serve
from eval.contestants import Answer, Question
from eval.rag import Passage

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
CHROMEDRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update "
    "--disable-sync --disable-dev-shm-usage --window-size=1200,900"
)
WAIT = 20  # seconds for a slow machine; the toys answer at once
ASKED = "Who keeps the light?"


class Toy:
    """Answers with markup, so that it shows whether the page reads it as text."""

    def __init__(self, name: str, sources: list[Passage]) -> None:
        self.name = name
        self.sources = sources

    def answer_all(
        self, questions: Sequence[Question], on_answer: Callable[[int], None] = lambda _: None
    ) -> list[Answer]:
        text = f"<b>{self.name}</b> heard: {questions[0].text}"
        cost = {"prompt_tokens": 1, "completion_tokens": 1, "seconds": 0.1}
        return [
            Answer(
                question="chat", contestant=self.name, text=text, raw=text, finished=True, sources=self.sources, **cost
            )
        ]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The page of two toys, served."""
    pytest.importorskip("gradio", reason="the extra `ui` is not installed")
    page = build_page(Pair(Toy("rag", [Passage(path="june.md", start=3, end=9, text="Wenna")]), Toy("tuned", [])))
    yield serve(page, None, block=False)
    page.close()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    """A headless Chromium with an empty profile."""
    if not CHROMIUM or not CHROMEDRIVER:
        pytest.skip("no chromium with chromedriver on this machine (apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
    yield driver
    driver.quit()


def test_a_question_on_the_page_is_answered_in_both_panes_as_plain_text(address: str, browser: Any) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(address)
    box = WebDriverWait(browser, WAIT).until(
        lambda b: b.find_element("css selector", "#question textarea, #question input")
    )
    box.send_keys(ASKED)
    browser.find_element("id", "ask").click()
    panes = {name: f"#{name} textarea" for name in ("rag", "tuned", "sources")}

    def read(name: str) -> str:
        return browser.find_element("css selector", panes[name]).get_property("value")

    WebDriverWait(browser, WAIT).until(lambda _: all(read(name) for name in panes))
    assert read("rag") == f"<b>rag</b> heard: {ASKED}"
    assert read("tuned") == f"<b>tuned</b> heard: {ASKED}"
    assert read("sources") == "june.md [3–9]"


def test_the_page_asks_no_other_machine_for_anything(address: str, browser: Any) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(address)
    WebDriverWait(browser, WAIT).until(lambda b: b.find_element("id", "ask"))
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    asked = [url for url in urls if url.startswith(("http", "ws"))]  # the rest is the browser's own new tab
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith((f"http://{HOST}:", f"ws://{HOST}:"))] == []


def test_it_listens_on_this_machine_only(address: str) -> None:
    assert address.startswith(f"http://{HOST}:")


def test_a_port_in_use_is_an_error_that_names_the_option(address: str) -> None:
    port = int(address.rstrip("/").rpartition(":")[2])
    page = build_page(Pair(Toy("rag", []), Toy("tuned", [])))
    with pytest.raises(InputError, match=f"port {port}") as caught:
        serve(page, port, block=False)
    assert "--port" in caught.value.do

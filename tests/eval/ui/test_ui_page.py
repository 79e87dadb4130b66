"""The page in a headless Chromium: ask, stream, vote, read a source, lose the server; wide and narrow, light and dark.

With RAGTUNED_SCREENSHOTS=FOLDER the pictures are kept there, to be looked at.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.files import write_jsonl
from agents.last_words import DRY
from agents.progress import Board, Kept
from agents.project import PROGRESS
from agents.records import Chunk, Document, Entity, Evidence, Relation
from eval.contestants.rag import Passage
from eval.ui.server import WEB, Served, build_app
from eval.ui.site import site
from graphs.run import synthesize
from tests.conftest import open_project
from tests.eval.ui.conftest import REJECTED, ROWS

WAIT = 20  # seconds for a slow machine; the toys answer at once
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
AXE = "4.14.1"
SCRIPT = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"
KEPT = Path(__file__).parents[3] / ".cache" / f"axe-core-{AXE}.js"


class Page:
    """A browser's tab on the served page, with short words for what a person does."""

    def __init__(self, browser: Any, address: str, pictures: Path) -> None:
        self.browser = browser
        self.address = address
        self.pictures = pictures

    def open(self, part: str = "chat", size: str = "desktop", dark: bool = False) -> None:
        """A fresh tab; the log of requests begins anew."""
        self.browser.get("about:blank")
        width, height = SIZES[size]
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.browser.get_log("performance")
        self.browser.get_log("browser")
        self.browser.get(f"{self.address}/#{part}")
        self.until(lambda: self.all("main h1"))

    def all(self, selector: str) -> list[Any]:
        return self.browser.find_elements("css selector", selector)

    def one(self, selector: str) -> Any:
        self.until(lambda: self.all(selector), selector)
        return self.all(selector)[0]

    def until(self, holds: Callable[[], Any], what: str = "") -> Any:
        """Wait until it holds."""
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        drawn_anew = [StaleElementReferenceException]
        return WebDriverWait(self.browser, WAIT, 0.05, drawn_anew).until(lambda _: holds(), what)

    def text(self, selector: str) -> str:
        return self.one(selector).text

    def press(self, *keys: str) -> None:
        from selenium.webdriver import ActionChains

        ActionChains(self.browser).send_keys(*keys).perform()

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        self.until(lambda: self.one("#ask").is_enabled())
        self.one("#question").send_keys(question + "\n")

    def picture(self, name: str) -> None:
        """A screenshot of what is seen."""
        self.browser.get_screenshot_as_file(str(self.pictures / f"{name}.png"))

    def faults(self) -> list[str]:
        """What the browser complained about: errors of scripts, and what the policy forbade."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return self.browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


@pytest.fixture
def page(browser: Any, desk: Any, tmp_path: Path) -> Page:
    folder = Path(os.environ.get("RAGTUNED_SCREENSHOTS") or tmp_path)
    return Page(browser, desk.address, folder)


ANSWERED = '[data-end="done"]'


def test_a_question_is_answered_in_both_panes_with_sources_and_what_was_trained(page: Page) -> None:
    page.open()
    page.ask("Who keeps the light?")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    assert page.text(".pane.tuned > .said") == "Wenna keeps the light"
    assert page.one(".pane.tuned .reasoning p").get_property("textContent") == "Somebody was made keeper."
    assert not page.one(".pane.tuned .reasoning p").is_displayed()
    assert "The duck is blue." in page.text(".pane.rag .sources")
    assert "Who keeps the light since June?" in page.text(".pane.tuned .known")
    for word in ("tokens read", "written", " s ", "MB"):
        assert word in page.text(".pane.tuned .took")
    page.picture("chat")
    assert page.faults() == []


def test_an_answer_is_seen_while_it_is_written_and_escape_stops_it(page: Page, toys: dict[str, Any]) -> None:
    toys["tuned"].go.clear()
    page.open()
    page.ask("Who keeps the light?")
    page.until(lambda: "Wenna keeps" in page.text(".pane.tuned > .said"))
    page.until(lambda: "Wenna" in page.text(".pane.rag > .said"))
    page.picture("chat-streaming")
    assert page.one("#stop").is_displayed()
    assert not page.one("#ask").is_enabled()
    page.press("\ue00c")  # Escape
    page.until(lambda: page.one('.pane.tuned[data-end="stopped"]'))
    assert "Wenna keeps" in page.text(".pane.tuned > .said")
    toys["tuned"].go.set()
    page.one(".retry").click()
    page.until(lambda: len(page.all(".pane.tuned" + ANSWERED)) == 1)
    assert len(page.all(".turn")) == 2


def test_nothing_that_an_answer_or_a_document_says_is_read_as_html(page: Page) -> None:
    page.open()
    page.ask("<img src=x onerror=\"document.title='owned'\"> Who?")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    page.one(".pane.rag .sources button").click()
    assert "<script>document.title" in page.text("dialog .text")
    page.picture("document")
    assert page.browser.title == "Chat – ragtuned"
    assert page.all("main img, dialog img, main script") == []
    for path in WEB.glob("*.js"):
        assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text()) == []


def test_a_source_opens_its_document_with_the_passage_highlighted_and_the_rows_made_of_it(page: Page) -> None:
    page.open()
    page.ask("Which colour has the duck?")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    page.one(".pane.rag .sources button").click()
    assert page.text("dialog mark") == "The duck is blue."  # after an emoji: offsets count characters
    assert "Which colour has the duck?" in page.one("dialog ul").get_property("textContent")
    page.press("\ue00c")
    page.until(lambda: not page.one("dialog").is_displayed())


def test_a_blind_vote_hides_the_names_and_is_kept(page: Page, desk: Any) -> None:
    page.open()
    page.until(lambda: page.one("#ask").is_enabled())
    page.one("#blind").click()
    page.ask("Who keeps the light?")
    page.until(lambda: page.all(".ballot button"))
    assert [pane.get_attribute("data-pane") for pane in page.all(".pane")] == ["left", "right"]
    assert page.all(".took") == []
    page.picture("vote")
    page.one('.ballot button[data-choice="both_bad"]').click()
    page.until(lambda: "Your vote is kept" in page.text(".ballot"))
    assert {title.text for title in page.all(".pane h3")} == {"rag", "tuned"}
    assert "1 both bad" in page.text("#votes")
    assert '"choice":"both_bad"' in (desk.project.run_dir / "votes.jsonl").read_text()


def test_keys_are_enough(page: Page) -> None:
    page.open()
    page.until(lambda: page.one("#ask").is_enabled())
    page.one(".example").send_keys("\n")
    assert page.one("#question").get_property("value") == "Who tends the light?"
    page.press("\n")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    assert page.browser.switch_to.active_element.get_attribute("id") == "question"
    page.press("\ue013")  # arrow up: the last question
    assert page.one("#question").get_property("value") == "Who tends the light?"


@pytest.mark.parametrize("question", [pytest.param(" ", id="blank"), pytest.param("", id="empty")])
def test_an_empty_question_is_told_and_nothing_is_asked(page: Page, question: str) -> None:
    page.open()
    page.ask(question)
    page.until(lambda: "The question is empty" in page.text("#status"))
    assert page.all(".turn") == []


def test_the_page_asks_no_other_machine_for_anything(page: Page) -> None:
    page.open()
    page.ask("Who?")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    events = [json.loads(entry["message"])["message"] for entry in page.browser.get_log("performance")]
    urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    asked = [url for url in urls if url.startswith(("http", "ws"))]
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith(f"{page.address}/")] == []


def test_a_server_that_is_killed_is_told_and_the_page_goes_on_when_it_is_back(
    browser: Any, desk_project: Any, toys: dict[str, Any], tmp_path: Path
) -> None:
    def start(port: int | None) -> Served:
        routes, panes = site(desk_project, {name: (lambda toy=toy: toy) for name, toy in toys.items()})
        panes.load()
        return Served(build_app(routes), "127.0.0.1", port)

    served = start(None)
    page = Page(browser, served.address, tmp_path)
    page.open()
    page.ask("Who?")
    page.until(lambda: page.all(".pane"))
    threading.Thread(target=served.close).start()
    page.until(lambda: page.one("#offline").is_displayed())
    assert "does not answer" in page.text("#offline")
    for toy in toys.values():
        toy.go.set()
    time.sleep(0.5)
    again = start(served.port)
    page.until(lambda: not page.one("#offline").is_displayed())
    page.ask("Who keeps the light?")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    again.close()


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
@pytest.mark.parametrize("size", SIZES)
def test_it_fits_every_screen_in_light_and_dark(page: Page, size: str, dark: bool) -> None:
    page.open("chat", size, dark)
    page.ask("Who keeps the light?")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    page.picture(f"chat-{size}-{'dark' if dark else 'light'}")
    assert page.overflow() <= 0


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core from the npm registry, kept in .cache."""
    if not KEPT.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not on this machine")
        KEPT.parent.mkdir(exist_ok=True)
        folder = KEPT.parent / "axe"
        folder.mkdir(exist_ok=True)
        got = subprocess.run(
            [npm, "pack", f"axe-core@{AXE}"], cwd=folder, capture_output=True, timeout=120, check=False
        )
        if got.returncode:
            pytest.skip(f"axe-core cannot be fetched: {got.stderr[-200:]!r}")
        shutil.unpack_archive(folder / f"axe-core-{AXE}.tgz", folder)
        shutil.move(folder / "package" / "axe.min.js", KEPT)
        shutil.rmtree(folder)
    return KEPT.read_text(encoding="utf-8")


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize("part", ["chat", "rows?id=row-keeper", "graph?name=Wenna", "run"])
def test_axe_finds_nothing_serious(page: Page, axe: str, part: str, dark: bool) -> None:
    page.open(part, "desktop", dark)
    if part == "chat":
        page.ask("Who keeps the light?")
        page.until(lambda: len(page.all(ANSWERED)) == 2)
    time.sleep(1)
    page.browser.execute_script(axe)
    found = page.browser.execute_async_script("axe.run().then(arguments[0])")
    serious = [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert len(found["passes"]) > 10


def test_rows_are_found_opened_and_decided_on_the_desk(page: Page, desk: Any) -> None:
    page.open("rows")
    page.until(lambda: len(page.all(".row")) == 6)
    page.one("#q").send_keys("duck")
    page.until(lambda: len(page.all(".row")) == 1)
    page.one('.row[data-id="row-duck"] .link').click()
    page.until(lambda: page.text("#detail mark") == "The duck is blue.")
    assert page.text("#reject") == "Reject (r)"
    page.picture("rows")
    page.one("#reject").click()
    page.until(lambda: "reject by" in page.text("#detail"))
    assert '"id":"row-duck","decision":"reject"' in desk.project.decisions.read_text()
    page.one("#detail .edit summary").click()
    page.one('#detail textarea[aria-label="Answer"]').send_keys(" as the sea")
    page.one("#save").click()
    page.until(lambda: "edit by" in page.text("#detail"))
    assert '"answer":"Blue as the sea"' in desk.project.decisions.read_text()
    assert page.faults() == []


def test_keys_go_through_the_rows_and_decide(page: Page, desk: Any) -> None:
    page.open("rows?state=kept")
    page.until(lambda: len(page.all(".row")) == 5)
    page.press("j")
    page.until(lambda: page.text("#detail h2") == "Who keeps the light since June?")
    page.press("a")
    page.until(lambda: desk.project.decisions.exists())
    assert '"id":"row-keeper","decision":"accept"' in desk.project.decisions.read_text()


def test_chosen_rows_are_decided_together(page: Page, desk: Any) -> None:
    page.open("rows?document=april.md")
    page.until(lambda: len(page.all(".row")) == 1)
    page.one(".row input").click()
    page.one(".bulk button:nth-of-type(2)").click()
    page.until(lambda: "1 rejected" in page.text("#count"))
    page.picture("rows-decided")
    assert '"id":"row-fare","decision":"reject"' in desk.project.decisions.read_text()


def test_an_answer_leads_to_its_training_row_and_the_row_to_its_document_and_back(page: Page) -> None:
    page.open()
    page.ask("Who keeps the light?")
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    page.one(".pane.tuned .known a").click()
    page.until(lambda: page.text("#detail h2") == "Who keeps the light since June?")
    page.one("#detail blockquote .link").click()
    page.until(lambda: page.text("dialog mark") == "Wenna became keeper")
    page.one("dialog summary").click()
    page.one('dialog a[href="#rows?id=row-duck"]').click()
    page.until(lambda: page.text("#detail h2") == "Which colour has the duck?")


@pytest.fixture
def graph(desk: Any) -> None:
    """A graph of sixty names; one of them is markup."""
    names = ["Wenna", SCRIPT, *(f"Name {n}" for n in range(58))]
    entities = [
        Entity(id=f"e{n}", name=name, type="person", description=f"{name} is here", chunk_ids=["chunk-june.md"])
        for n, name in enumerate(names)
    ]
    relations = [
        Relation(id=f"r{n}", source=f"e{n}", target=f"e{n // 3}", description="knows", weight=1, chunk_ids=[])
        for n in range(1, 60)
    ]
    folder = desk.project.graph_dir
    for name, items in (("entities", entities), ("relations", relations)):
        write_jsonl(folder / f"{name}.jsonl", items)


@pytest.mark.usefixtures("graph")
def test_a_click_on_a_name_of_the_graph_tells_all_about_it(page: Page) -> None:
    from selenium.webdriver import ActionChains

    page.open("graph")
    page.until(lambda: page.one(".canvas").get_attribute("data-nodes") == "60")
    where = "const g = ragtunedGraph, n = g.graphData().nodes.find((n) => n.name === 'Wenna');"
    page.until(lambda: page.browser.execute_script(f"{where} return n.x !== undefined"))
    time.sleep(4)  # the forces come to rest and the picture is fitted
    page.browser.execute_script(f"{where} g.centerAt(n.x, n.y, 0); g.zoom(4, 0);")
    time.sleep(0.5)
    ActionChains(page.browser).move_to_element(page.one(".canvas")).pause(0.4).click().perform()
    page.until(lambda: page.text("#entity h2") == "Wenna")
    assert "Wenna is here" in page.text("#entity")
    assert "Who keeps the light since June?" in page.text("#entity")
    page.one("#colour").send_keys("Colours: rows")
    page.until(lambda: "1 or 2 rows" in page.text(".legend"))
    page.picture("graph")
    assert page.browser.title == "Graph – ragtuned"
    assert page.all("main img, main script") == []
    assert page.faults() == []


@pytest.mark.usefixtures("graph")
def test_the_graph_is_told_in_words_for_who_does_not_see_it(page: Page) -> None:
    page.open("graph")
    page.one("#find").send_keys("wenna")
    page.until(lambda: [hit.text for hit in page.all(".hits button")] == ["Wenna"])
    page.one(".hits button").send_keys("\n")
    page.until(lambda: page.text("#entity h2") == "Wenna")


@pytest.mark.usefixtures("graph")
def test_names_without_relations_stand_close_under_the_others(page: Page, desk: Any) -> None:
    path = desk.project.graph_dir / "entities.jsonl"
    alone = [
        Entity(id=f"lone{n}", name=f"Lone {n}", type="person", description="", chunk_ids=["chunk-june.md"])
        for n in range(9)
    ]
    with path.open("a") as file:
        file.writelines(f"{one.model_dump_json()}\n" for one in alone)
    page.open("graph")
    page.until(lambda: page.one(".canvas").get_attribute("data-nodes") == "69")
    time.sleep(4)  # the forces come to rest
    places = "return ragtunedGraph.graphData().nodes.map((n) => [n.degree, n.x, n.y])"
    nodes = page.browser.execute_script(places)
    joined, lone = [n for n in nodes if n[0]], [n for n in nodes if not n[0]]
    page.picture("graph-alone")
    lowest, width = max(n[2] for n in joined), max(n[1] for n in joined) - min(n[1] for n in joined)
    assert all(0 < n[2] - lowest < 150 for n in lone)
    assert max(n[1] for n in lone) - min(n[1] for n in lone) <= width + 40
    assert len({(round(n[1]), round(n[2])) for n in lone}) == 9


def test_a_row_shows_its_drafts_round_by_round(page: Page, desk: Any) -> None:
    first = REJECTED[0].model_copy(update={"question": "Who keeps it?", "brief": ROWS[0].fact, "gate": "critic"})
    write_jsonl(desk.project.data_dir / "examples.jsonl", [ROWS[0].model_copy(update={"round": 2}), *ROWS[1:]])
    write_jsonl(desk.project.data_dir / "rejected.jsonl", [first])
    page.open("rows?id=row-keeper")
    page.until(lambda: len(page.all("#detail .drafts li")) == 2)
    before, after = [one.text for one in page.all("#detail .drafts li")]
    assert "round 1 rejected critic: needs the page" in before
    assert "Who keeps it?" in before
    assert "round 2 kept" in after
    page.picture("rows-drafts")
    page.one("#detail .drafts button").click()
    page.until(lambda: page.text("#detail h2") == "Who keeps it?")


HEBREW = "ביוני התמנתה ונה לשומרת המגדלור."
ARABIC = "من يحرس المنارة منذ يونيو؟"
FROM_THE_RIGHT = """
const e = document.querySelector(arguments[0]), range = document.createRange();
range.selectNodeContents(e);
const style = getComputedStyle(e), box = e.getBoundingClientRect(), first = range.getClientRects()[0];
return [style.direction, Math.abs(box.right - parseFloat(style.paddingRight) - first.right) < 3];
"""


def test_what_is_written_from_the_right_stands_at_the_right(page: Page, desk: Any, toys: dict[str, Any]) -> None:
    graph, data = desk.project.graph_dir, desk.project.data_dir
    write_jsonl(graph / "documents.jsonl", [Document(id="doc-h", path="h.md", title=HEBREW, text=f"{HEBREW} {HEBREW}")])
    write_jsonl(graph / "chunks.jsonl", [Chunk(id="chunk-h", document_id="doc-h", start=0, end=65, text=HEBREW)])
    quote = Evidence(chunk_id="chunk-h", start=0, end=len(HEBREW), quote=HEBREW)
    row = ROWS[0].model_copy(update={"question": ARABIC, "answer": "ونه", "evidence": [quote]})
    write_jsonl(data / "examples.jsonl", [row, ROWS[1]])
    toys["rag"].text = HEBREW
    toys["rag"].sources = [Passage(path="h.md", place="h.md", start=0, end=len(HEBREW), text=HEBREW)]

    def from_the_right(selector: str) -> bool:
        page.one(selector)
        return page.browser.execute_script(FROM_THE_RIGHT, selector) == ["rtl", True]

    page.open()
    page.ask(ARABIC)
    page.until(lambda: len(page.all(ANSWERED)) == 2)
    page.picture("chat-rtl")
    for selector in (".asked", ".pane.rag .said", ".pane.rag .passage", ".known blockquote"):
        assert from_the_right(selector), selector
    assert not from_the_right(".pane.tuned .said")  # "Wenna keeps the light"
    page.open("rows?id=row-keeper")
    page.until(lambda: page.text("#detail h2") == ARABIC)
    page.picture("rows-rtl")
    for selector in (".row .link", "#detail h2", "#detail .said", "#detail blockquote"):
        assert from_the_right(selector), selector
    assert not from_the_right('.row[data-id="row-duck"] .link')
    page.one("#detail blockquote .link").click()
    page.until(lambda: page.text("dialog mark") == HEBREW)
    assert from_the_right("dialog .text")


def test_decisions_are_published_from_the_page(browser: Any, tmp_path: Path) -> None:
    project = open_project(tmp_path, run=f"main{DRY}")
    synthesize(open_project(tmp_path), Console(quiet=True), dry=True)
    routes, _ = site(project, {})
    served = Served(build_app(routes), "127.0.0.1", None)
    page = Page(browser, served.address, tmp_path)
    page.open("rows?state=kept")
    question = page.until(lambda: page.all(".row .link"))[0].text.splitlines()[0]
    assert not page.one("#publish").is_enabled()
    page.one(".row .link").click()
    page.one("#reject").click()
    page.until(lambda: page.one("#publish").is_enabled())
    page.one("#publish").click()
    page.until(lambda: "Published:" in page.text(".publish"))
    page.open("rows?state=rejected")
    page.until(lambda: page.all(".row"))
    assert question in page.text("#rowlist")
    assert "rejected by a person" in page.text("#rowlist")
    assert page.faults() == []
    served.close()


def test_a_page_for_other_machines_is_used_with_its_password(browser: Any, desk_project: Any, tmp_path: Path) -> None:
    routes, _ = site(desk_project, {})
    served = Served(build_app(routes, "0.0.0.0", "open-sesame"), "127.0.0.1", None)  # as --host has it
    page = Page(browser, f"http://me:wrong@127.0.0.1:{served.port}", tmp_path)
    browser.get(page.address)
    assert browser.find_elements("css selector", "nav") == []
    page.address = f"http://me:open-sesame@127.0.0.1:{served.port}"
    page.open("rows?id=row-keeper")
    page.until(lambda: page.text("#detail h2") == "Who keeps the light since June?")
    page.one("#accept").click()
    page.until(lambda: "accept by" in page.text("#detail"))
    served.close()


def test_the_stages_of_a_command_under_way_have_a_bar_each(page: Page, desk: Any) -> None:
    page.open("run")
    board = Board(Kept(desk.project.run_dir / PROGRESS).tell)
    with board.stage("tune", 8) as stage:
        stage.note = "loss 0.4"
        page.until(lambda: "tune" in page.text("#live"))
        for _ in range(3):
            stage.count("done")
            time.sleep(1.05)
        page.until(lambda: "3/8" in page.text("#live .stages li"))
        assert "loss 0.4" in page.text("#live")
        assert page.one("#live .fill").get_attribute("width") == "37.5"
        assert "under way" in page.text("#state")
        page.picture("run-live")
    page.until(lambda: page.text("#live") == "")
    assert page.faults() == []


def test_the_run_is_watched_while_it_goes_on(page: Page, desk: Any) -> None:
    page.open("run")
    page.until(lambda: "fewest questions" in page.text("#facts"))
    work = desk.project.run_dir / "work"
    work.mkdir()
    (work / "name").write_text("x")
    page.until(lambda: "under way" in page.text("#state"))
    (desk.project.adapter_dir).mkdir()
    (desk.project.adapter_dir / "losses.csv").write_text(
        "step,epoch,train_loss,validation_loss\n1,0.1,2.5,\n2,0.2,2.1,2.2\n"
    )
    page.until(lambda: page.all(".curve polyline"))
    page.picture("run")
    assert page.faults() == []


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
@pytest.mark.parametrize("part", ["rows?id=row-keeper", "graph?name=Wenna", "run"])
def test_the_other_parts_fit_a_phone(page: Page, part: str, dark: bool) -> None:
    page.open(part, "phone", dark)
    time.sleep(1)
    page.picture(f"{part.partition('?')[0]}-phone-{'dark' if dark else 'light'}")
    assert page.overflow() <= 0

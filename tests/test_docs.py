"""README and docs: short enough, every link leads somewhere, every command and file that is named is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer

import ragtuned

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench" / "README.md"])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
MOST_LINES, MOST_COLUMNS = 120, 120
LINK = re.compile(r'\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"')
MADE = {"bench/results/NAME.json", "bench/quality/podcast/documents/ep05-danielle-feinberg.txt"}  # by who reads them
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`((?:agents|graphs|tuning|eval|bench|examples|docs|tests)/[\w./-]+)`")


def name_of(path: Path) -> str:
    """The page's path in the repository."""
    return path.relative_to(ROOT).as_posix()


def words_of(path: Path) -> str:
    """A page without its code blocks."""
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """What a link can point at in a page, as GitHub makes it of the headings."""
    headings = re.findall(r"^#+ (.+)$", words_of(path), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def links(path: Path) -> list[str]:
    """The relative links of a page."""
    found = [one or other for one, other in LINK.findall(words_of(path))]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def test_a_link_that_leads_nowhere_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A heading: kill -9\n[a](#a-heading-kill--9) [b](none.md)\n```\n[c](code.md)\n```\n")
    assert links(page) == ["#a-heading-kill--9", "none.md"]
    assert anchors(page) == {"a-heading-kill--9"}


def test_the_readme_fits_on_a_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_line_of_prose_is_longer_than_the_code_may_be(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > MOST_COLUMNS and not line.startswith("|")] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_files_that_a_page_names_are_there(path: Path) -> None:
    missing = [name for name in NAMED.findall(words_of(path)) if not (ROOT / name).exists() and name not in MADE]
    assert missing == []


@pytest.mark.parametrize("path", [README, *sorted((ROOT / "docs").rglob("*.md"))], ids=name_of)
def test_commands_that_a_page_names_are_there(path: Path) -> None:
    group = typer.main.get_command(ragtuned.app)
    known = set(group.commands)  # type: ignore[attr-defined] - a group, since it has several verbs
    code = " ".join(
        re.findall(r"`[^`\n]+`|^ {4}[^\n]*$|^```.*?^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    )
    named = {verb.split()[0] for verb in re.findall(r"(?:^|[`/$\s])ragtuned ([a-z]+)\b", code)}
    assert named <= known, f"no such verb: {sorted(named - known)}"


@pytest.mark.parametrize("path", DECISIONS, ids=name_of)
def test_a_decision_has_its_context_its_decision_and_its_consequences(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]}: \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_every_decision_and_guide_is_in_its_index() -> None:
    for index in ("docs/decisions/README.md", "docs/README.md"):
        folder = (ROOT / index).parent
        listed = {link.partition("#")[0] for link in links(ROOT / index)}
        assert {path.name for path in folder.glob("*.md")} - {"README.md"} <= listed


def test_the_row_of_the_readme_quotes_its_document() -> None:
    block = next(block for block in FENCED.findall(README.read_text(encoding="utf-8")) if "evidence" in block)
    name, start, end = re.search(r"(documents/\S+), characters (\d+)–(\d+)", block).groups()  # type: ignore[union-attr]
    quote = re.search(r'"(.+)"', block)[1]  # type: ignore[index]
    assert (ROOT / "examples" / "demo" / name).read_text(encoding="utf-8")[int(start) : int(end)] == quote


def test_the_changelog_has_one_line_for_each_change() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^#+ (.+)$", text, re.MULTILINE) == ["Changelog", "Unreleased", "Added", "Changed", "Fixed"]
    entries = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert [line for line in entries if not line.startswith("- ")] == []


def test_the_counts_of_the_demo_are_whole() -> None:
    kept = json.loads((ROOT / "bench" / "results" / "demo.json").read_text(encoding="utf-8"))
    assert all(0 <= one["hits"] <= one["n"] for by in kept["figures"].values() for one in by.values())

"""docs/configuration.md is what the config classes say."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, RootModel

from agents.config import Section
from eval.configuration_reference import PAGE, main, page, section, sections, type_of


class Inner(Section):
    """[toy.inner]: what stands inside."""

    steps: int = Field(3, ge=1, le=9, description="steps to take | at once")
    word: str | None = None
    """A word,
    told on two lines."""


class Toy(Section):
    """[toy]: a section for this test.

    A second paragraph.
    """

    kind: Literal["a", "b"] = Field("a", description="which of the two")
    inner: Inner = Inner()
    whole: Inner = Field(Inner(), alias="global")


class Named(RootModel[dict[str, Inner]]):
    """[named]: several by name."""

    root: dict[str, Inner] = {}


def test_the_page_in_docs_is_what_the_code_makes() -> None:
    # else: python -m eval.configuration_reference
    assert PAGE.read_text(encoding="utf-8") == page(sections())


def test_every_key_of_every_section_says_what_it_does() -> None:
    told = page(sections())
    keys = [line for line in told.splitlines() if line.startswith("| `")]
    assert len(keys) > 50
    assert [line for line in keys if line.rsplit("|", 2)[1].strip() == ""] == []


def test_every_section_says_what_it_is_for() -> None:
    silent = [name for name, cls in sections().items() if not list(section(name, cls))[1].strip()]
    assert silent == []


def test_a_section_inside_a_section_has_a_table_of_its_own() -> None:
    told = "\n".join(section("toy", Toy))
    assert "## [toy]\n\nA section for this test.\n\nA second paragraph.\n" in told
    assert '| `kind` | `a` or `b` | `"a"` | Which of the two. |' in told
    assert "## [toy.inner]\n\nWhat stands inside.\n" in told
    assert "## [toy.global]\n" in told
    assert "| `inner`" not in told


def test_a_row_has_type_bounds_default_and_words_from_either_place() -> None:
    told = "\n".join(section("toy.inner", Inner))
    assert "| `steps` | whole number, ≥ 1, ≤ 9 | `3` | Steps to take \\| at once. |" in told
    assert "| `word` | text | unset | A word, told on two lines. |" in told


def test_a_table_of_named_sections_tells_what_stands_under_a_name() -> None:
    assert "## [named.NAME]\n" in "\n".join(section("named", Named))


def test_every_section_of_the_command_is_on_the_page_once() -> None:
    import ragtuned

    known = {name for package in ragtuned.PACKAGES for name in package.sections()}
    headings = [line for line in page(sections()).splitlines() if line.startswith("## ")]
    assert {heading.strip("# []").partition(".")[0] for heading in headings} == known
    assert len(headings) == len(set(headings))


def test_a_type_without_words_is_a_mistake_that_shows() -> None:
    with pytest.raises(TypeError, match="no words for"):
        type_of(BaseModel)


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    main([str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_text(encoding="utf-8").startswith("# Configuration")

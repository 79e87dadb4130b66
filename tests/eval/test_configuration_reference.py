"""docs/configuration.md is what the config classes say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel
from pydantic.fields import FieldInfo

from agents.config import Section
from eval.configuration_reference import ORDER, PAGE, default_of, main, page, row, section, sections, type_of


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


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        pytest.param(int | None, "whole number", id="or nothing"),
        pytest.param(int | str, "whole number or text", id="either"),
        pytest.param(list[str], "list of text", id="list"),
        pytest.param(list[list[float]], "list of lists of number", id="lists"),
        pytest.param(tuple[Path, ...], "list of path", id="tuple"),
        pytest.param(dict[str, bool], "table of true or false by text", id="table"),
        pytest.param(Annotated[Any, "note"], "value", id="annotated"),
        pytest.param(Literal["a", 2], "`a` or `2`", id="options"),
    ],
)
def test_a_type_is_told_in_words_of_toml(annotation: Any, words: str) -> None:
    assert type_of(annotation) == words


@pytest.mark.parametrize(
    ("default", "shown"),
    [
        pytest.param(None, "unset", id="none"),
        pytest.param("ä", '`"ä"`', id="text"),
        pytest.param(True, "`true`", id="truth"),
        pytest.param(["a", 1], '`["a", 1]`', id="list"),
        pytest.param((), "`[]`", id="empty list"),
        pytest.param({"a": 1, "b": [2]}, "`{ a = 1, b = [2] }`", id="table"),
        pytest.param({}, "`{}`", id="empty table"),
    ],
)
def test_a_default_stands_as_in_the_file(default: Any, shown: str) -> None:
    assert default_of(FieldInfo(default=default, annotation=Any)) == shown
    assert default_of(FieldInfo(default_factory=lambda: default, annotation=Any)) == shown


def test_a_key_that_must_be_given_has_no_default() -> None:
    assert row("word", FieldInfo(annotation=str)) == "| `word` | text | unset |  |"


def test_bounds_of_every_kind_are_told() -> None:
    class Bounded(BaseModel):
        share: float = Field(0.5, gt=0, lt=1, description="auto: as it comes")
        names: list[str] = Field([], min_length=2, description="names.")

    told = [row(key, field) for key, field in Bounded.model_fields.items()]
    assert told == [
        "| `share` | number, > 0, < 1 | `0.5` | auto: as it comes. |",
        "| `names` | list of text, at least 2 long | `[]` | Names. |",
    ]


def test_sections_stand_in_the_order_of_the_way_of_the_data_and_others_last() -> None:
    names = list(sections())
    assert names[: len(ORDER)] == [name for name in ORDER if name in names]
    assert "improve" in names[len(ORDER) - 1 :]


def test_words_of_a_section_are_wrapped_to_the_width_of_the_page_and_none_is_broken() -> None:
    class Long(Section):
        __doc__ = f"Section [long]: {'one-word-with-hyphens ' * 20}and {'x' * 150}."

    heading, _, *lines = "\n".join(section("long", Long)).splitlines()
    assert heading == "## [long]"
    told = [word for line in lines for word in line.split()]
    assert told == ["One-word-with-hyphens", *["one-word-with-hyphens"] * 19, "and", f"{'x' * 150}."]
    assert all(len(line) <= 120 for line in lines if "xxx" not in line)
    assert len(lines[0]) > 90

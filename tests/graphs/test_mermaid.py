"""The picture in docs/langgraph.md is what the code draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.mermaid import BEGIN, END, drawn, in_text, main

PAGE = Path(__file__).parents[2] / "docs" / "langgraph.md"


def test_the_page_shows_what_the_code_draws() -> None:
    assert (
        in_text(PAGE.read_text(encoding="utf-8")) == drawn()
    )  # else: python -m graphs.mermaid --write docs/langgraph.md


def test_the_picture_has_the_stages_the_branches_and_the_loop() -> None:
    picture = drawn()
    facts, briefs = picture.split("Recipe ragtuned:")
    for arrow in ("load -.-> passages;", "communities --> several;", "whole --> filter;", "judge -.-> write;"):
        assert arrow in facts
    for arrow in ("load -.-> extract;", "cover -.-> review;", "review --> publish;", "check -.-> write;"):
        assert arrow in briefs
    assert "\\" not in picture  # GitHub shows an escaped name as it is


def test_a_file_without_the_marks_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no marks")
    with pytest.raises(ValueError, match="no picture"):
        main(["--write", str(tmp_path / "README.md")])
    (tmp_path / "README.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter")
    main(["--write", str(tmp_path / "README.md")])
    assert (tmp_path / "README.md").read_text() == f"before\n{BEGIN}\n{drawn()}\n{END}\nafter"

"""The picture of a result: drawn from metrics.json or from kept counts, the same bytes for the same figures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agents.errors import InputError
from agents.project import Project
from eval.plot import DARK, LABELS, LIGHT, Theme, draw, main, read_shares, shares_of
from eval.report import read_metrics, write_report
from eval.settings import CONTESTANTS
from eval.statistics import of_counts

ROOT = Path(__file__).parents[2]
COUNTS = ROOT / "bench" / "results" / "demo.json"
PICTURES = ROOT / "docs" / "pictures"


def test_a_report_leaves_its_picture_light_and_dark_beside_it(evaluated: Project) -> None:
    write_report(evaluated)
    light, dark = (evaluated.run_dir / f"gold-{name}.svg" for name in ("light", "dark"))
    assert LIGHT.paper in light.read_text()
    assert DARK.paper in dark.read_text()
    for path in (light, dark):
        fetched = re.findall(r'(?:href|src)="([^"#][^"]*)"', path.read_text())
        assert fetched == []  # a picture that a stranger opens asks for nothing


def test_a_planted_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("as it was")
    (tmp_path / "gold-light.svg").symlink_to(tmp_path / "elsewhere")
    draw(read_shares(COUNTS), tmp_path / "gold-light.svg", LIGHT)
    assert (tmp_path / "elsewhere").read_text() == "as it was"
    assert not (tmp_path / "gold-light.svg").is_symlink()


def test_the_counts_that_are_kept_draw_the_same_picture(evaluated: Project, tmp_path: Path) -> None:
    metrics = evaluated.eval_dir / "metrics.json"
    counts = tmp_path / "counts.json"
    main([str(metrics), "--light", str(tmp_path / "a.svg"), "--counts", str(counts), "--commit", "abc1234"])
    main([str(counts), "--light", str(tmp_path / "b.svg")])
    assert json.loads(counts.read_text())["commit"] == "abc1234"
    assert read_shares(counts) == shares_of(read_metrics(evaluated))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_figure_that_nobody_was_asked_is_left_out(tmp_path: Path) -> None:
    counts = {"figures": {"gold local": {name: {"hits": 1, "n": 3} for name in CONTESTANTS}}}
    (tmp_path / "counts.json").write_text(json.dumps(counts))
    shares = read_shares(tmp_path / "counts.json")
    assert shares == {"gold local": dict.fromkeys(CONTESTANTS, of_counts(1, 3))}
    draw(shares, tmp_path / "one.svg", LIGHT)
    assert (tmp_path / "one.svg").stat().st_size > 0


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"figures": {"gold local": {"base": {"hits": 1}}}}', '{"figures": {"gold local": {}}}'],
    ids=["empty", "a list", "no json", "no n", "a contestant missing"],
)
def test_a_file_without_figures_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match="x.json holds no figures"):
        read_shares(tmp_path / "x.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no figures"):
        read_shares(tmp_path / "none.json")


@pytest.mark.parametrize(("theme", "name"), [(LIGHT, "light"), (DARK, "dark")], ids=["light", "dark"])
def test_the_pictures_of_the_readme_show_the_counts_of_the_demo(theme: Theme, name: str, tmp_path: Path) -> None:
    # else: docs/results/README.md has the command
    draw(read_shares(COUNTS), tmp_path / "again.svg", theme)
    assert _words(tmp_path / "again.svg") == _words(PICTURES / f"demo-{name}.svg")


def _words(picture: Path) -> list[str]:
    """What is written in a picture: matplotlib leaves every text as a comment above its outlines."""
    return re.findall(r"<!-- (.*?) -->", picture.read_text(encoding="utf-8"), re.DOTALL)


def test_the_table_of_the_readme_has_the_counts_of_the_demo() -> None:
    kept = json.loads(COUNTS.read_text())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, by in kept["figures"].items():
        row = " | ".join(_cell(by.get(who)) for who in CONTESTANTS)
        assert re.search(rf"\| {row} \|", readme.replace("**", "")), f"{name}: no row | {row} |"
    assert kept["commit"] in readme


def _cell(count: dict[str, int] | None) -> str:
    return f"{count['hits']}/{count['n']}" if count else ""


def test_every_figure_that_is_drawn_is_one_of_metrics() -> None:
    from eval.metrics import FIGURES

    assert LABELS.keys() <= FIGURES.keys()


@pytest.mark.parametrize("name", ["demo-light.svg", "demo-dark.svg"])
def test_the_picture_calls_agreement_with_the_teacher_not_right(name: str) -> None:
    groups = re.findall(r"<!-- (.+?) -->", (PICTURES / name).read_text())
    assert "(teacher's answer)" in groups
    assert "answered right" not in groups

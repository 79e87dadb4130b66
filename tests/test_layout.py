"""The layout, read from the sources: who imports whom, docstrings, lengths, and a test for every file."""

from __future__ import annotations

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agents", "graphs", "tuning", "eval")
MAY_IMPORT = {
    "agents": {"agents"},
    "graphs": {"agents", "graphs"},
    "tuning": {"agents", "tuning"},
    "eval": set(PACKAGES),
    "ragtuned.py": set(PACKAGES),
}
# a package beside the others: it imports them, never the other way round
BENCH = sorted((ROOT / "bench").rglob("*.py"))
SOURCES = sorted([path for package in PACKAGES for path in (ROOT / package).rglob("*.py")] + [ROOT / "ragtuned.py"])
MOST_LINES = 300
# of graphs/, in the order of the data: each may import those before it
STAGES = ("corpus", "knowledge", "briefs", "drafting", "dataset", "facts")
MAY_IMPORT_OF_GRAPHS = {  # folder: the folders of graphs/ that it may import
    **{stage: set(STAGES[:n]) for n, stage in enumerate(STAGES)},
    "graphrag": {"corpus", "knowledge"},
    "dataset": {*STAGES[:4], "graphrag"},  # a run is exported as an index, too
    "facts": {"knowledge", "dataset"},  # of recipe facts: a stage that needs no briefs
    "review": {"dataset", "drafting"},
    "paper": {"knowledge", "drafting"},
    "preview": {*STAGES, "graphrag"},
}
KNOW_THE_RUN = {"facts", "review", "paper", "preview"}  # the others import no module of graphs/ itself but config
TESTED_ELSEWHERE = {  # file: the tests that drive it
    "eval/report_judge.py": "eval/test_report_sections.py",
    "eval/report_markdown.py": "eval/test_report_sections.py",
    "eval/improve/places.py": "eval/improve/test_improve_loop.py",
    "agents/text/dates.py": "graphs/briefs/test_briefs_local.py",
    "agents/text/figures.py": "agents/text/test_values.py",
    "graphs/corpus/readers/front_matter.py": "graphs/corpus/readers/test_markdown.py",
    "graphs/corpus/readers/ocr.py": "graphs/corpus/readers/test_pdf.py",
    "graphs/corpus/readers/pdf_page.py": "graphs/corpus/readers/test_pdf_layout.py",
    "graphs/corpus/readers/pdf_second_try.py": "graphs/corpus/readers/test_pdf.py",
    "agents/text/number_words.py": "agents/text/test_values.py",
    "graphs/config.py": "graphs/briefs/test_briefs_local.py",
    "graphs/briefs/facts.py": "graphs/briefs/test_briefs_local.py",
    "graphs/briefs/styles.py": "graphs/briefs/test_briefs_local.py",
    "graphs/briefs/brief.py": "graphs/briefs/test_briefs_local.py",
    "graphs/briefs/unanswerable.py": "graphs/briefs/test_briefs_local.py",
    "graphs/drafting/gates.py": "graphs/drafting/test_drafting_sources.py",
    "graphs/drafting/local.py": "graphs/drafting/test_drafting_sources.py",
    "graphs/drafting/unanswerable.py": "graphs/drafting/test_drafting_sources.py",
    "graphs/drafting/rewrite.py": "graphs/briefs/test_briefs_rewrite.py",
    "graphs/drafting/multi_hop.py": "graphs/briefs/test_briefs_multi_hop.py",
    "graphs/drafting/community.py": "graphs/drafting/test_drafting_sources.py",
    "graphs/knowledge/sources.py": "graphs/drafting/test_drafting_sources.py",
    "agents/models/backends.py": "agents/test_privacy.py",
    "agents/roles/checks.py": "agents/roles/test_critic.py",
    "graphs/drafting/kind.py": "graphs/drafting/test_kinds.py",
    "graphs/preview/run.py": "graphs/preview/test_preview.py",
    "graphs/preview/followed.py": "graphs/preview/test_preview.py",
    "graphs/preview/page.py": "graphs/preview/test_preview.py",
    "graphs/paper/briefs.py": "graphs/paper/test_paper_nodes.py",
    "eval/judge/config.py": "eval/judge/test_judge_commands.py",
    "eval/judge/show.py": "eval/judge/test_judge_commands.py",
    "agents/roles/pairwise_judge.py": "eval/judge/test_judge_verdicts.py",
    "agents/roles/gold_writer.py": "eval/test_gold_draft.py",
    "eval/gold_commands.py": "eval/test_gold_draft.py",
    "agents/roles/reference_judge.py": "eval/judge/test_judge_marks.py",
    "agents/roles/published_judge.py": "eval/judge/test_judge_commands.py",
    "eval/marks/negation.py": "eval/marks/test_statements.py",
    "eval/paired_comparison.py": "eval/test_metrics.py",
    "agents/commands.py": "agents/test_agents_commands.py",
    "agents/errors.py": "test_command.py",
    "agents/extraction.py": "agents/roles/test_extractor.py",
    "agents/facts.py": "graphs/facts/test_passage_loop.py",
    "agents/reading.py": "eval/contestants/test_rag.py",
    "agents/roles/fact_reporter.py": "agents/roles/test_roles_over_facts.py",
    "agents/roles/path_writer.py": "agents/roles/test_roles_over_facts.py",
    "agents/roles/unknown_writer.py": "agents/roles/test_roles_over_facts.py",
    "agents/roles/paper.py": "agents/roles/test_paper_roles.py",
    "agents/models/scripted.py": "agents/models/test_client.py",
    "agents/models/retries.py": "agents/models/test_client.py",
    "agents/models/sources.py": "agents/models/test_weights.py",
    "graphs/languages.py": "graphs/facts/test_many_languages.py",
    "graphs/community_reports.py": "graphs/test_synthesis.py",
    "graphs/outcome.py": "graphs/test_synthesis.py",
    "graphs/commands.py": "test_command.py",
    "graphs/preview/terminal.py": "graphs/preview/test_preview.py",
    "graphs/graphrag/columns.py": "graphs/graphrag/test_graphrag_tables.py",
    "graphs/graphrag/index_reading.py": "graphs/graphrag/test_read.py",
    "graphs/review/terminal.py": "graphs/review/test_decisions.py",
    "graphs/review/node.py": "eval/ui/test_ui_rows.py",
    "graphs/fact_nodes.py": "graphs/facts/test_fact_synthesis.py",
    "graphs/facts/loop.py": "graphs/facts/test_passage_loop.py",
    "graphs/facts/rows.py": "graphs/facts/test_passage_loop.py",
    "graphs/facts/passage.py": "graphs/facts/test_passage_loop.py",
    "graphs/facts/told.py": "graphs/facts/test_multi_hop.py",
    "graphs/nodes.py": "graphs/test_synthesis.py",
    "graphs/state.py": "graphs/test_synthesis.py",
    "ragtuned.py": "test_command.py",
    "tuning/card.py": "tuning/test_train.py",
    "tuning/checkpoints.py": "tuning/test_train.py",
    "tuning/backends/peft.py": "tuning/test_backends.py",
    "tuning/backends/unsloth.py": "unsloth/test_unsloth_backend.py",
    "tuning/trainer.py": "tuning/test_train.py",
    "tuning/commands.py": "tuning/test_tune_verb.py",
    "tuning/export/embedded.py": "tuning/export/test_gguf_file.py",
    "eval/improve/rounds.py": "eval/improve/test_improve_loop.py",
    "eval/improve/settings.py": "eval/improve/test_improve_loop.py",
    "eval/serve.py": "eval/test_eval_export.py",
    "eval/model_commands.py": "eval/test_eval_commands.py",
    "eval/session.py": "eval/test_eval_commands.py",
    "eval/ui/panes.py": "eval/ui/test_ui_chat.py",
    "eval/ui/server.py": "eval/ui/test_ui_guard.py",
    "eval/ui/site.py": "eval/ui/test_ui_page.py",
    "eval/ui/run_files.py": "eval/ui/test_ui_chat.py",
    "eval/ui/documents.py": "eval/ui/test_ui_page.py",
    "eval/votes.py": "eval/ui/test_ui_chat.py",
    "eval/chat_graph.py": "eval/test_langgraph_server.py",
    "eval/commands.py": "eval/test_eval_commands.py",
    "eval/demo.py": "test_recording.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The top-level packages of ours that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found & {*PACKAGES, "ragtuned"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    assert imported(path) <= MAY_IMPORT[path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize("path", [*SOURCES, *BENCH], ids=name_of)
def test_a_module_says_what_it_is_for_and_is_not_too_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= MOST_LINES


def test_no_script_of_bench_has_the_name_of_an_installed_package() -> None:
    # one that is run by its path stands first on the import path
    assert {path.stem for path in BENCH} & set(packages_distributions()) == set()


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name != "__init__.py"], ids=name_of)
def test_every_source_file_has_its_tests(path: Path) -> None:
    package = path.parent.relative_to(ROOT)
    folder = ROOT / "tests" / package
    usual = any((folder / f"{name}.py").is_file() for name in (f"test_{path.stem}", f"test_{package.name}_{path.stem}"))
    other = TESTED_ELSEWHERE.get(name_of(path))
    assert usual or (other and (ROOT / "tests" / other).is_file())


def test_the_list_of_exceptions_names_files_that_are_there() -> None:
    assert {name for name in TESTED_ELSEWHERE if not (ROOT / name).is_file()} == set()


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


def modules_imported(path: Path) -> set[str]:
    """The modules of ours that a file imports, inside functions too.

    `from package import module` counts as the module.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            folder = ROOT.joinpath(*node.module.split("."))
            found |= {f"{node.module}.{alias.name}" if folder.is_dir() else node.module for alias in node.names}
    return {name for name in found if name.partition(".")[0] in PACKAGES}


def folders_imported(path: Path, package: str) -> set[str]:
    """The folders of `package` that a file imports from, but for its own.

    A module of the package itself by its whole name.
    """
    parts = [name.split(".") for name in modules_imported(path)]
    return {name[1] if len(name) > 2 else ".".join(name) for name in parts if name[0] == package} - {path.parent.name}


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parent.parent == ROOT / "graphs"], ids=name_of)
def test_a_folder_of_graphs_imports_only_those_before_it(path: Path) -> None:
    found = {
        name for name in folders_imported(path, "graphs") if not (path.parent.name in KNOW_THE_RUN and "." in name)
    }
    assert found <= {*MAY_IMPORT_OF_GRAPHS[path.parent.name], "graphs.config", "graphs.concurrency"}


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parent.parent == ROOT / "agents"], ids=name_of)
def test_text_knows_no_role_and_no_model_and_a_model_knows_no_role(path: Path) -> None:
    folders = {name for name in folders_imported(path, "agents") if "." not in name}
    assert folders <= {"text": set(), "models": {"text"}, "roles": {"text", "models"}}[path.parent.name]


def test_no_module_imports_itself_by_way_of_others() -> None:
    arrows = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): modules_imported(path)
        for path in SOURCES
    }
    while leaves := [name for name, others in arrows.items() if not others & arrows.keys() - {name}]:
        for name in leaves:
            del arrows[name]
    assert sorted(arrows) == []  # who is left stands in a circle, or before one


TESTS = sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_every_function_of_the_tests_says_what_it_takes_and_gives(path: Path) -> None:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            takes = node.args
            rest = [one for one in (takes.vararg, takes.kwarg) if one]
            names = [*takes.posonlyargs, *takes.args, *takes.kwonlyargs, *rest]
            bare = [one.arg for one in names if one.annotation is None and one.arg not in ("self", "cls")]
            found += [f"line {node.lineno}: {node.name}: {name}" for name in bare + ["->"] * (node.returns is None)]
    assert found == []

"""The loop through the student: unknown facts get further rows, round by round, until it no longer pays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import DeadAdapter, InputError
from agents.files import read_json, read_jsonl, write_jsonl
from agents.models.kept import keep_calls, kept_calls
from agents.project import Project
from agents.records import Rejected, to_messages
from eval.contamination import trained_files
from eval.improve.facts import FactRow, FactRows, further_row
from eval.improve.loop import improve
from eval.improve.rounds import Improved, Probed
from eval.improve.settings import ImproveConfig
from eval.settings import EvalConfig
from tuning.model import CARD, WEIGHTS, Generation
from tuning.recipe import Recipe

NAMES = ("Wenna", "Orla", "Bastow", "Hettary", "Edrick", "Tamsel", "Fitch", "Ansgret")
WORDINGS = ("Who keeps lamp {n}?", "Lamp {n}, who is its keeper?", "By whom is lamp {n} kept?", "Lamp {n} is whose?")


def row(fact: int, wording: int) -> dict[str, Any]:
    return {
        "id": f"r{fact}-{wording}",
        "kind": "local",
        "fact": f"f{fact}",
        "messages": to_messages(WORDINGS[wording].format(n=fact), f"{NAMES[fact]}."),
    }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Eight facts with one trained row and three over the budget each; gold is no question at all."""
    sections = {"eval": EvalConfig.model_validate({}), "tuning": Recipe.model_validate({"replay_rows": 0})}
    run = Project(tmp_path, "main", sections)
    write_jsonl(run.data_dir / "train.jsonl", [row(n, 0) for n in range(8)])
    over = [
        Rejected(
            id=f"x{n}-{w}",
            kind="local",
            brief=f"f{n}",
            question=WORDINGS[w].format(n=n),
            answer=f"{NAMES[n]}.",
            gate="selection",
            reason="over the budget",
            raw="",
            round=1,
        )
        for n in range(8)
        for w in (1, 2, 3)
    ]
    write_jsonl(run.data_dir / "rejected.jsonl", over)
    run.gold.write_text("never read", encoding="utf-8")
    save(run.adapter_dir, [])
    return run


def save(folder: Path, facts: Sequence[int]) -> None:
    """An adapter that knows these facts."""
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_text(json.dumps(sorted(facts)), encoding="utf-8")
    (folder / CARD).write_text(json.dumps({"fingerprint": folder.parent.name}), encoding="utf-8")


class Knows:
    """A student that answers what its adapter knows."""

    def __init__(self, adapter: Path) -> None:
        self.facts = json.loads((adapter / WEIGHTS).read_text(encoding="utf-8"))

    def generate(self, prompts: Sequence[Any], max_new_tokens: int, batch_size: int) -> list[Generation]:
        numbers = [int("".join(filter(str.isdigit, prompt[-1]["content"]))) for prompt in prompts]
        texts = [f"{NAMES[n]}." if n in self.facts else "Nobody." for n in numbers]
        return [Generation(text, 1, 1, 0.0, True) for text in texts]


class Trainer:
    """Learns as many new facts a round as it is told to; the others of the round before stay known."""

    def __init__(self, *learns: int) -> None:
        self.learns = list(learns)
        self.rows: list[list[str]] = []

    def __call__(self, rows: Path, out: Path, start: Path) -> None:
        self.rows.append([one.question for one in read_jsonl(rows, FactRow)])
        known = json.loads((start / WEIGHTS).read_text(encoding="utf-8"))
        new = [n for n in range(8) if n not in known][: self.learns.pop(0)]
        save(out, [*known, *new])


def run(project: Project, trainer: Callable[..., Any], **settings: Any) -> Improved:
    config = ImproveConfig.model_validate(settings)
    return improve(project, config, Knows, trainer, Console(quiet=True))


def known(state: Improved) -> list[int]:
    return [one.known.hits for one in state.rounds]


def test_it_ends_at_the_target_and_leaves_the_improved_adapter_in_place(project: Project) -> None:
    state = run(project, Trainer(8), known_target=0.9)
    assert (known(state), state.kept, state.ended) == ([0, 8], 1, "known_target = 0.9 is reached")
    assert json.loads((project.adapter_dir / WEIGHTS).read_text()) == list(range(8))
    card = json.loads((project.adapter_dir / CARD).read_text())
    assert card == {"fingerprint": "main", "improved": {"rounds": 1, "known": 8, "probed": 8}}


def test_a_round_has_the_contexts_of_the_run_beside_its_rows(project: Project) -> None:
    (project.data_dir / "contexts.jsonl").write_text('{"id": "r0-0", "passages": ["Wenna."]}\n', encoding="utf-8")
    run(project, Trainer(8))
    contexts = project.run_dir / "improve" / "round-1" / "contexts.jsonl"
    assert contexts.read_bytes() == (project.data_dir / "contexts.jsonl").read_bytes()


def test_a_probe_is_no_trained_question_in_any_round(project: Project) -> None:
    trainer = Trainer(5, 0)
    run(project, trainer, rounds=2)
    told = (project.run_dir / "improve" / "round-0" / "probes.jsonl").read_text(encoding="utf-8").splitlines()
    probes = {Probed.model_validate_json(line).question for line in told}
    assert len(probes) == 8
    assert not probes & {question for rows in trainer.rows for question in rows}


def test_unknown_facts_get_new_rows_and_known_ones_are_rehearsed(project: Project) -> None:
    trainer = Trainer(5, 0)
    run(project, trainer, rounds=2, rows_per_fact=1, rehearsal=0.5)
    first, second = trainer.rows
    assert (len(first), len(set(first))) == (16, 16)  # of each of eight facts the old row and a new one
    unknown = [question for question in second if any(str(n) in question for n in (5, 6, 7))]
    assert len(unknown) == 9  # the old row, the new one of round 1, and the new one of round 2
    assert len(second) - len(unknown) == 4  # half as many of those that are known


def test_refusals_are_rehearsed_in_the_share_that_they_had(project: Project) -> None:
    refused = [row(n, 0) | {"id": f"u{n}", "kind": "unanswerable", "fact": f"u{n}"} for n in range(2)]
    write_jsonl(project.data_dir / "train.jsonl", [*(row(n, 0) for n in range(8)), *refused])
    (project.adapter_dir / WEIGHTS).write_text(json.dumps([0, 1, 2, 3, 4, 5]), encoding="utf-8")
    run(project, Trainer(0), rounds=1, rows_per_fact=1, rehearsal=0)
    lines = (project.run_dir / "improve" / "round-1" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert (kinds.count("local"), kinds.count("unanswerable")) == (4, 1)  # two for eight before


@pytest.mark.parametrize(
    ("learns", "settings", "ended", "hits"),
    [
        ([5, 0], {"rows_per_fact": 1}, "round 2 helped less than its interval", [0, 5, 5]),
        ([5], {"rounds": 1}, "rounds = 1 are done", [0, 5]),
        ([5], {"rows": 6}, "rows = 6 are used up", [0, 5]),
    ],
    ids=["interval", "rounds", "rows"],
)
def test_it_ends_when_another_round_would_not_pay(
    learns: list[int], settings: dict[str, Any], ended: str, hits: list[int], project: Project
) -> None:
    state = run(project, Trainer(*learns), **settings)
    assert (state.ended, known(state)) == (ended, hits)
    if "rows" in settings:
        assert state.rounds[1].further == 6


def test_it_ends_where_no_further_row_is_left(project: Project) -> None:
    state = run(project, Trainer(5), rows_per_fact=2)
    assert (state.ended, known(state)) == ("no further row is left for what is not known", [0, 5])
    (project.data_dir / "rejected.jsonl").write_text("", encoding="utf-8")
    write_jsonl(project.data_dir / "validation.jsonl", [row(n, 3) for n in range(8)])
    assert run(project, Trainer()).ended == "no further row is left for what is not known"


def test_the_teacher_writes_where_no_row_is_left_and_is_asked_once_for_each_fact(project: Project) -> None:
    asked: list[list[str]] = []

    def write(facts: Sequence[FactRows], count: int) -> list[FactRow]:
        asked.append([fact.id for fact in facts])
        return [further_row(f.trained, f"Tell me: {f.trained[0].question}", "Nobody.") for f in facts if f.id != "f7"]

    trainer = Trainer(5, 2)
    config = ImproveConfig.model_validate({"write": 2})
    state = improve(project, config, Knows, trainer, Console(quiet=True), write)
    assert asked == [["f5", "f6", "f7"]]  # after round 1, in which the reserve was used up
    assert known(state) == [0, 5, 7]
    assert [one.further for one in state.rounds] == [0, 16, 2]
    assert "Tell me: Who keeps lamp 6?" in trainer.rows[1]
    assert state.ended in ("no further row is left for what is not known", "round 2 helped less than its interval")


def test_answers_may_hold_any_end_of_a_line(project: Project) -> None:
    rows = read_jsonl(project.data_dir / "rejected.jsonl", Rejected)
    odd = [one.model_copy(update={"answer": f"{one.answer}\u2028It is\u0085so."}) for one in rows]
    write_jsonl(project.data_dir / "rejected.jsonl", odd)
    assert len(run(project, Trainer(5, 0), rounds=2, rows_per_fact=1).rounds) == 3


def test_a_round_that_makes_it_worse_is_not_kept(project: Project) -> None:
    def forgets(rows: Path, out: Path, start: Path) -> None:
        save(out, [0])

    (project.adapter_dir / WEIGHTS).write_text("[0, 1, 2]", encoding="utf-8")
    state = run(project, forgets)
    assert (known(state), state.kept) == ([3, 1], 0)
    assert json.loads((project.adapter_dir / WEIGHTS).read_text()) == [0, 1, 2]


def test_a_dead_adapter_ends_the_loop_and_the_good_one_stays(project: Project) -> None:
    def dies(rows: Path, out: Path, start: Path) -> None:
        raise DeadAdapter("all its answers are empty")

    state = run(project, dies)
    assert state.ended == "round 1 made a dead adapter (all its answers are empty)"
    assert (project.adapter_dir / WEIGHTS).read_text() == "[]"


class Killed(BaseException):
    """What a kill looks like from inside."""


def test_a_killed_loop_goes_on_where_it_stood(project: Project) -> None:
    trainer = Trainer(5, 1)

    def killed_in_round_two(rows: Path, out: Path, start: Path) -> None:
        if out.parent.name == "round-2":
            raise Killed
        trainer(rows, out, start)

    with pytest.raises(Killed):
        run(project, killed_in_round_two, rows_per_fact=1)
    assert read_json(project.run_dir / "improve" / "improve.json", Improved, "").ended == ""
    state = run(project, trainer, rows_per_fact=1)
    assert known(state) == [0, 5, 6]
    assert len(trainer.rows) == 2  # round 1 was not trained again
    again = run(project, Trainer(), rows_per_fact=1)
    assert again == state  # a finished loop trains nothing


def test_a_kill_between_the_old_adapter_and_the_new_one_loses_neither(project: Project) -> None:
    run(project, Trainer(8))
    project.adapter_dir.rename(project.run_dir / ".adapter.improved")
    assert run(project, Trainer()).kept == 1
    assert json.loads((project.adapter_dir / WEIGHTS).read_text()) == list(range(8))


@pytest.mark.parametrize("name", ["rename", "rmtree"])
def test_a_kill_at_any_step_of_the_change_of_adapters_is_mended_by_the_same_command(
    name: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner: Any = {"rename": Path, "rmtree": shutil}[name]
    step = getattr(owner, name)

    def cut(path: Path, *given: Any, **named: Any) -> Any:
        if path.parent == project.run_dir and path.is_dir() and "adapter" in path.name:
            if name == "rmtree":
                (path / WEIGHTS).unlink()
            raise Killed
        return step(path, *given, **named)

    monkeypatch.setattr(owner, name, cut)
    with pytest.raises(Killed):
        run(project, Trainer(8))
    monkeypatch.undo()
    assert run(project, Trainer()).kept == 1
    assert json.loads((project.adapter_dir / WEIGHTS).read_text()) == list(range(8))


def test_an_adapter_of_which_the_card_alone_is_left_gives_way_to_the_improved_one(project: Project) -> None:
    run(project, Trainer(8))
    shutil.copytree(project.adapter_dir, project.run_dir / ".adapter.improved")
    (project.adapter_dir / WEIGHTS).unlink()
    assert run(project, Trainer()).kept == 1
    assert json.loads((project.adapter_dir / WEIGHTS).read_text()) == list(range(8))


def test_another_adapter_or_other_rows_begin_anew(project: Project) -> None:
    run(project, Trainer(5, 0))
    (project.adapter_dir / WEIGHTS).write_text("[7]", encoding="utf-8")
    assert known(run(project, Trainer(0)))[0] == 1
    assert known(run(project, Trainer(2, 0), rounds=2))[0] == 1


def trained(project: Project) -> set[str]:
    """The further questions that the adapter in place was trained on, by its card."""
    files = trained_files(project, read_json(project.adapter_dir / CARD, dict[str, Any], ""))
    return {row.question for path in files[1:] for row in read_jsonl(path, FactRow)}


def test_a_second_loop_that_gains_nothing_leaves_what_the_first_one_trained_on_record(project: Project) -> None:
    run(project, Trainer(4), rounds=1, rows_per_fact=1)
    keep_calls(project.run_dir / "improve", ["paid"])
    first = trained(project)
    trainer = Trainer(-8)
    assert run(project, trainer, rounds=3, rows_per_fact=1).kept == 0
    assert trained(project) == first
    assert len(first) == 8
    assert kept_calls(project.directory) == {"paid"}
    assert json.loads((project.adapter_dir / CARD).read_text())["improved"] == {"rounds": 0, "known": 4, "probed": 8}


def test_a_second_loop_trains_no_row_of_the_first_as_a_further_one_and_counts_its_own_budget(project: Project) -> None:
    run(project, Trainer(4), rounds=1, rows_per_fact=1)
    first = trained(project)
    second = run(project, Trainer(4), rounds=3, rows_per_fact=1, rows=3)
    further = read_jsonl(project.run_dir / "improve" / "round-1" / "further.jsonl", FactRow)
    assert (second.kept, second.rounds[1].further, len(further)) == (1, 3, 3)
    assert not {row.question for row in further} & first
    assert trained(project) == first | {row.question for row in further}
    run(project, Trainer(), rounds=4, rows_per_fact=1)  # a third one: all is known
    assert trained(project) == first | {row.question for row in further}


def test_a_second_loop_under_way_leaves_the_record_of_the_adapter_in_place(project: Project) -> None:
    run(project, Trainer(4), rounds=1, rows_per_fact=1)
    first = trained(project)

    def killed(rows: Path, out: Path, start: Path) -> None:
        raise Killed

    with pytest.raises(Killed):
        run(project, killed, rounds=3, rows_per_fact=1)
    assert trained(project) == first
    (project.run_dir / "improve").rename(project.run_dir / ".improve.begun")  # a kill while it took its place
    with pytest.raises(Killed):
        run(project, killed, rounds=3, rows_per_fact=1)
    assert trained(project) == first


def test_after_tuning_anew_the_rows_of_an_earlier_loop_are_further_rows_again(project: Project) -> None:
    run(project, Trainer(4), rounds=1, rows_per_fact=1)
    shutil.rmtree(project.adapter_dir)
    save(project.adapter_dir, [0])
    assert run(project, Trainer(7), rounds=1, rows_per_fact=2).rounds[1].further == 14
    assert len(trained(project)) == 14


def test_rows_without_a_question_to_probe_with_are_told(project: Project) -> None:
    (project.data_dir / "rejected.jsonl").unlink()
    with pytest.raises(InputError, match="none of 8 facts has a checked question") as caught:
        run(project, Trainer())
    assert "rows_per_fact" in caught.value.do

"""All contestants of a config: who is asked what, what is kept, and what a second start still asks."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import (
    BatchWritten,
    BudgetReached,
    ConfigError,
    EmptyResult,
    FailedCall,
    InputError,
    TruncatedReply,
)
from agents.files import read_jsonl, write_jsonl
from agents.models.batch_results import import_results
from agents.models.budget import Caps
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.models.kept import kept_calls
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from agents.project import Project
from agents.records import Finding, Report, content_id
from eval.contestants.answering import Answer
from eval.contestants.graph_search import Point, Points
from eval.contestants.lineup import Models
from eval.evaluate import evaluate
from eval.metrics import Metrics
from eval.settings import BUILT_IN, STUDENT, TUNED, ContestantConfig, ContestantsConfig, EvalConfig
from tests.batch_answers import BatchProvider, answer

Embed = Callable[[Sequence[str]], list[list[float]]]
THREE = ["base", "rag", "tuned"]


def reads(prompt: str) -> str:
    """Repeats the last document it is given, else talks about Paris."""
    return (re.findall(r">\n(.*)\n</document>", prompt) or ["Paris."])[-1]


def strong(inputs: dict[str, Any]) -> str:
    """A teacher that answers from what stands before the question."""
    return reads(inputs["messages"][-1]["content"])


def rated(inputs: dict[str, Any]) -> Points:
    """Every report helps with its own words."""
    return Points(points=[Point(point=line, rating=50) for line in re.findall(r"- (.*)", inputs["reports"])])


class Bench:
    """A project with toys in place of all models."""

    def __init__(self, project: Project, embed: Embed, toy_student: type, quiet: Console) -> None:
        teacher = ModelConfig(provider="openai", model="strong", price_in=1.0, price_out=2.0, context=8000, retries=0)
        config = {**project.config, "models": ModelsConfig({"teacher": teacher}), "roles": RolesConfig()}
        self.project = replace(project, config=config)
        self.embed, self.quiet = embed, quiet
        self.students = {None: toy_student(reads), project.adapter_dir: toy_student(lambda _: "Two coppers.")}
        self.teacher = ScriptedModel({"contestant": strong, "graph_map": rated})
        self.loaded: list[Path | None] = []
        findings = [Finding(claim="Hettary charges two coppers.", chunk_ids=[])]
        report = Report(id="c", title="Harbour", summary="About a harbour.", findings=findings)
        write_jsonl(project.graph_dir / "reports.jsonl", [report])

    def run(
        self,
        names: Sequence[str],
        caps: Caps | None = None,
        fresh: bool = False,
        batch: Path | None = None,
        **settings: Any,
    ) -> Metrics:
        """Evaluate with these contestants."""

        def load(adapter: Path | None) -> Any:
            self.loaded.append(adapter)
            return self.students[adapter]

        config = EvalConfig(contestants=list(names), batch_tokens=512, **settings)
        return evaluate(
            self.project, config, "toy", load, lambda: self.embed, self.quiet, None, fresh, caps, self.teacher, batch
        )

    def in_batches(self, names: Sequence[str], provider: BatchProvider) -> tuple[Metrics, list[dict[str, int]]]:
        """The figures, and what each round asked for by role."""
        requests, results, rounds = self.project.directory / "out.jsonl", self.project.directory / "in.jsonl", []
        while True:
            try:
                return self.run(names, batch=requests), rounds
            except BatchWritten as written:
                rounds.append(dict(written.batch["by_role"]))
            assert self.loaded == []  # no student before all is answered
            answer(requests, results, provider.completion)
            store = CallStore(self.project.calls)
            import_results(store, results)
            store.close()

    def answers(self, name: str) -> list[Answer]:
        """What a contestant answered."""
        return read_jsonl(self.project.eval_dir / "answers" / f"{name}.jsonl", Answer)


@pytest.fixture
def bench(project: Project, embed: Embed, toy_student: type, quiet: Console) -> Bench:
    """The toys."""
    return Bench(project, embed, toy_student, quiet)


def test_every_built_in_contestant_answers_the_same_questions(bench: Bench) -> None:
    metrics = bench.run(list(BUILT_IN))
    asked = {name: [answer.question for answer in bench.answers(name)] for name in BUILT_IN}
    assert {name: len(ids) for name, ids in asked.items()} == {
        **dict.fromkeys(BUILT_IN, 6),
        **{"base": 60, "tuned": 60, "ceiling": 3},
    }
    assert all(asked["base"][: len(ids)] == ids for ids in asked.values())
    local = {name: scores.gold["local"].hits for name, scores in metrics.contestants.items()}
    assert local == {**dict.fromkeys(BUILT_IN, 1), "base": 0, "long_context": 0}  # it repeats the last document
    assert bench.loaded == [None, bench.project.adapter_dir]


def test_two_that_share_a_model_load_it_once_and_a_served_one_costs_what_its_price_says(bench: Bench) -> None:
    metrics = bench.run([*THREE, "rag_teacher", "graph"])
    cost = metrics.contestants["rag_teacher"].cost
    assert cost.usd == pytest.approx((cost.prompt_tokens * 1.0 + cost.completion_tokens * 2.0) / 1e6)
    assert metrics.contestants["graph"].cost.usd > 0
    assert metrics.contestants["rag"].cost.usd == 0
    assert (metrics.contestants["rag"].cost.peak_memory_mb > 0, cost.peak_memory_mb) == (True, 0)


def test_what_served_contestants_were_paid_for_is_kept_by_a_prune(bench: Bench) -> None:
    bench.run([*THREE, "rag_teacher", "graph"])
    store = CallStore(bench.project.calls)
    assert store.count() > 0
    assert store.prune(kept_calls(bench.project.directory) or set(), dry=True) == 0
    store.close()


def test_a_second_start_asks_nobody_and_changes_no_answer(bench: Bench) -> None:
    first = bench.run([*THREE, "rag_teacher", "graph"])
    files = {path: path.read_bytes() for path in bench.project.eval_dir.rglob("answers/*")}
    bench.loaded.clear()
    bench.teacher.requests.clear()
    assert bench.run([*THREE, "rag_teacher", "graph"]).contestants == first.contestants
    assert files == {path: path.read_bytes() for path in bench.project.eval_dir.rglob("answers/*")}
    assert (bench.loaded, bench.teacher.requests) == ([], [])
    bench.run(THREE, fresh=True)
    assert bench.loaded == [None, bench.project.adapter_dir]


def test_what_a_setting_decides_is_asked_anew_and_nothing_else(bench: Bench) -> None:
    bench.run(THREE)
    for student in bench.students.values():
        student.batches.clear()
    bench.run(THREE, top_k=1)
    asked = [prompt for batch in bench.students[None].batches for prompt in batch]
    assert (len(asked), all("</document>" in prompt for prompt in asked)) == (6, True)
    assert bench.students[bench.project.adapter_dir].batches == []


def test_a_killed_evaluation_goes_on_where_it_was(bench: Bench) -> None:
    tuned = bench.students[bench.project.adapter_dir]
    whole, tuned.reply = tuned.reply, None
    calls = []

    def killed(prompt: str) -> str:
        calls.append(prompt)
        if len(calls) == 30:
            raise KeyboardInterrupt
        return "Two coppers."

    tuned.reply = killed
    with pytest.raises(KeyboardInterrupt):
        bench.run(THREE)
    done = [answer.question for answer in bench.answers("tuned")]
    assert 0 < len(done) < 30
    tuned.reply, tuned.batches, bench.loaded = whole, [], []
    bench.run(THREE)
    assert sum(map(len, tuned.batches)) == 60 - len(done)
    assert bench.loaded == [bench.project.adapter_dir]


def test_a_contestant_that_breaks_on_one_question_fails_there_and_answers_the_rest(bench: Bench) -> None:
    tuned = bench.students[bench.project.adapter_dir]

    def breaks(prompt: str) -> str:
        if "Hettary charge" in prompt:
            raise RuntimeError("out of range")
        return "I do not know."

    whole, tuned.reply = tuned.reply, breaks
    metrics = bench.run(THREE)
    lost = [answer for answer in bench.answers("tuned") if answer.failed]
    assert [(answer.question, answer.failed) for answer in lost] == [("g-1", "RuntimeError: out of range")]
    cost = metrics.contestants["tuned"].cost
    assert (cost.failed, cost.answers, metrics.contestants["tuned"].gold["local"].n) == (1, 60, 1)
    assert metrics.contestants["tuned"].false_refusals.hits == 2
    tuned.reply = whole
    assert bench.run(THREE).contestants["tuned"].cost.failed == 0


def test_a_contestant_that_fails_on_everything_gives_no_figures(bench: Bench) -> None:
    def breaks(prompt: str) -> str:
        raise RuntimeError("no memory")

    bench.students[None].reply = breaks
    with pytest.raises(EmptyResult, match="base answered no question: RuntimeError: no memory"):
        bench.run(THREE)
    assert not (bench.project.eval_dir / "metrics.json").exists()


def test_a_reply_that_fails_or_is_cut_off_is_one_answer_and_ends_nothing(bench: Bench) -> None:
    def says(inputs: dict[str, Any]) -> Any:
        question = inputs["messages"][-1]["content"].rsplit("Question: ", 1)[1]
        if "dog" in question:
            return FailedCall("refused as it is")
        return TruncatedReply("cut off", raw="Two coppers, and") if "Hettary charge" in question else "Wenna."

    bench.teacher.scripts["contestant"] = says
    cost = bench.run([*THREE, "rag_teacher"]).contestants["rag_teacher"].cost
    assert (cost.failed, cost.cut_off, cost.answers) == (1, 1, 6)
    by_id = {answer.question: answer for answer in bench.answers("rag_teacher")}
    assert (by_id["g-1"].text, by_id["g-4"].failed) == ("Two coppers, and", "failed call: refused as it is")


def test_a_cap_ends_the_start_and_a_higher_one_pays_only_for_the_rest(bench: Bench) -> None:
    with pytest.raises(BudgetReached, match="--max-calls 4 is reached"):
        bench.run([*THREE, "rag_teacher"], caps=Caps(calls=4))
    bench.run([*THREE, "rag_teacher"], caps=Caps(calls=2))
    assert len(bench.teacher.requests) == 6


def test_a_cost_is_capped_only_where_the_price_is_known(bench: Bench) -> None:
    bench.project.config["models"].root["teacher"] = ModelConfig(provider="openai", model="strong")
    with pytest.raises(ConfigError, match="--max-cost needs the price of strong"):
        bench.run([*THREE, "rag_teacher"], caps=Caps(cost=1.0))


def test_a_contestant_of_the_config_may_read_or_not(bench: Bench) -> None:
    bench.project.config["contestants"] = ContestantsConfig(
        {
            "closed": ContestantConfig(model="teacher"),
            "one": ContestantConfig(model="teacher", reads="passages", top_k=1),
        }
    )
    bench.run([*THREE, "closed", "one"])
    assert {answer.text for answer in bench.answers("closed")} == {"Paris."}
    assert {len(answer.sources) for answer in bench.answers("one")} == {1}
    assert {len(answer.sources) for answer in bench.answers("rag")} == {2}


def test_a_model_that_nobody_named_is_told_before_anything_is_asked(bench: Bench) -> None:
    bench.project.config["contestants"] = ContestantsConfig({"gpt": ContestantConfig(model="gpt")})
    with pytest.raises(ConfigError, match="a contestant's model is 'gpt'"):
        bench.run([*THREE, "gpt"])
    assert bench.loaded == []


def test_a_student_in_a_folder_is_known_by_its_weights_and_another_by_its_name(bench: Bench, tmp_path: Path) -> None:
    weights = tmp_path / "student" / "model.safetensors"
    weights.parent.mkdir()

    def known(student: str) -> list[str]:
        return [Models(bench.project, student, lambda adapter: None).identity(name) for name in (STUDENT, TUNED)]

    weights.write_bytes(b"one")
    before = known(str(weights.parent))
    assert known(str(weights.parent)) == before
    weights.write_bytes(b"other")
    assert not {*before} & {*known(str(weights.parent))}
    assert known("a/b")[0] == content_id("model", "a/b")


def test_without_reports_graph_is_told_before_anything_is_asked(bench: Bench) -> None:
    (bench.project.graph_dir / "reports.jsonl").unlink()
    with pytest.raises(InputError, match="graph has nothing to read"):
        bench.run([*THREE, "graph"])
    assert bench.loaded == []


@pytest.mark.parametrize(("tokens", "context"), [(1000, 8000), (None, 1000)], ids=["its own", "of its model"])
def test_reports_in_too_few_tokens_are_told_before_anything_is_asked(
    bench: Bench, tokens: int | None, context: int
) -> None:
    bench.project.config["models"].root["teacher"] = ModelConfig(provider="openai", model="strong", context=context)
    own = {"graph": {"tokens": tokens, "model": "teacher", "reads": "reports"}}
    bench.project.config["contestants"] = ContestantsConfig.model_validate(own)
    with pytest.raises(ConfigError, match="graph reads reports in 1000 tokens: too few"):
        bench.run([*THREE, "graph"])
    assert (bench.loaded, bench.teacher.requests) == ([], [])


def test_long_context_says_which_share_of_the_documents_it_read(bench: Bench) -> None:
    bench.project.config["contestants"] = ContestantsConfig(
        {"short": ContestantConfig(reads="corpus", tokens=417), "long_context": BUILT_IN["long_context"]}
    )
    costs = {name: one.cost.read for name, one in bench.run([*THREE, "short", "long_context"]).contestants.items()}
    assert costs["long_context"] == 1.0
    assert 0 < (costs["short"] or 0) < 1.0
    assert costs["rag"] is None


def test_what_base_knows_and_what_the_ceiling_misses_is_named(bench: Bench) -> None:
    bench.students[None].reply = lambda prompt: "Wenna." if "light" in prompt else "Paris."
    metrics = bench.run([*THREE, "ceiling"])
    assert metrics.unaided is not None
    assert metrics.unaided.questions == ["g-2"]
    assert [metrics.unaided.gold["tuned"][kind].n for kind in ("local", "multi_hop")] == [1, 0]
    assert metrics.doubtful_gold == ["g-1", "g-3"]


def test_tuned_is_put_beside_everybody_and_reading_beside_reading(bench: Bench) -> None:
    found = bench.run([*THREE, "tuned+rag", "rag_teacher"]).differences
    assert {(one.first, one.second) for one in found} == {
        ("tuned", "base"),
        ("tuned", "rag"),
        ("tuned", "tuned+rag"),
        ("tuned", "rag_teacher"),
        ("tuned+rag", "rag"),
        ("tuned+rag", "rag_teacher"),
    }
    local = next(one for one in found if (one.first, one.second, one.figure) == ("tuned", "base", "gold local"))
    assert (local.only_first, local.only_second, local.of_first.n, local.interval.difference) == (1, 0, 1, 1.0)


def test_served_contestants_are_asked_in_batches_and_say_what_they_say_live(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [*THREE, "rag_teacher", "graph"]
    provider = BatchProvider(bench.teacher, monkeypatch)
    batched, rounds = bench.in_batches(names, provider)
    assert rounds == [{"contestant": 6, "graph_map": 6}, {"contestant": 6}]  # a map, then the answers from its points
    said = {name: [(one.question, one.text) for one in bench.answers(name)] for name in names}
    costs = {name: batched.contestants[name].cost for name in names}
    assert (costs["rag_teacher"].seconds, costs["graph"].seconds, costs["rag"].seconds) == (None, None, 0.5)
    bench.project.calls.unlink()
    live = bench.run(names, fresh=True)
    assert said == {name: [(one.question, one.text) for one in bench.answers(name)] for name in names}
    for name in ("rag_teacher", "graph"):  # at half the price
        assert costs[name].usd == pytest.approx(live.contestants[name].cost.usd / 2)


def test_the_questions_of_several_prompt_batches_are_written_in_one_round(bench: Bench) -> None:
    with pytest.raises(BatchWritten) as written:
        bench.run([*THREE, "rag_teacher"], batch=bench.project.directory / "out.jsonl", max_new_tokens=500)
    assert written.value.batch["requests"] == 6  # one prompt of 500 tokens fits under batch_tokens


def test_a_live_start_takes_what_a_batch_answered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.in_batches([*THREE, "rag_teacher"], BatchProvider(bench.teacher, monkeypatch))
    bench.teacher.requests.clear()
    assert bench.run([*THREE, "rag_teacher"], fresh=True).contestants["rag_teacher"].cost.answers == 6
    assert bench.teacher.requests == []


def test_an_embedded_teacher_is_asked_in_no_batch(bench: Bench) -> None:
    bench.project.config["models"] = ModelsConfig.model_validate({"teacher": {"provider": "local"}})
    with pytest.raises(ConfigError, match="speaks for teacher, and no batch reaches it"):
        bench.run([*THREE, "rag_teacher"], batch=bench.project.directory / "out.jsonl")


def test_a_contestant_may_read_what_a_reranker_puts_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def last_first(name: str) -> Any:
        asked.append(name)
        return lambda pairs: list(range(len(pairs)))

    monkeypatch.setattr("eval.contestants.reranker.cross_encoder", last_first)
    own = {"model": "student", "reads": "passages", "reranker": "some/model"}
    bench.project.config["contestants"] = ContestantsConfig.model_validate({"reranked": own})
    bench.run([*THREE, "reranked"], top_k=1)
    read = {name: [[p.path for p in one.sources] for one in bench.answers(name)] for name in ("rag", "reranked")}
    assert asked == ["some/model"]
    assert all(first != last for first, last in zip(read["rag"], read["reranked"], strict=True))


def test_the_type_that_students_compute_in_decides_their_answers_and_none_of_a_served_model(bench: Bench) -> None:
    def asked(dtype: str) -> dict[str, str]:
        bench.run([*THREE, "rag_teacher"], dtype=dtype)
        return {name: bench.answers(name)[0].asked for name in ("base", "rag_teacher")}

    full, half = asked("float32"), asked("bfloat16")
    assert full["rag_teacher"] == half["rag_teacher"]
    assert full["base"] != half["base"]


def test_the_context_of_a_server_decides_what_is_read_of_all_documents_and_no_other_answer(bench: Bench) -> None:
    own = {"closed": {}, "whole": {"reads": "corpus"}, "limited": {"reads": "corpus", "tokens": 417}}
    bench.project.config["contestants"] = ContestantsConfig.model_validate(
        {name: {"model": "teacher", **settings} for name, settings in own.items()}
    )
    names = [*THREE, "long_context", "rag_teacher", "closed", "whole", "limited"]

    def asked(context: int) -> tuple[dict[str, str], float]:
        models = bench.project.config["models"].root
        models["teacher"] = models["teacher"].model_copy(update={"context": context})
        read = bench.run(names).contestants["whole"].cost.read
        return {name: bench.answers(name)[0].asked for name in names}, read or 0

    (small, part), (large, all_of_it) = asked(417), asked(8000)
    assert [name for name in names if small[name] != large[name]] == ["whole"]
    assert (0 < part < 1, all_of_it) == (True, 1)


def test_one_student_is_let_go_of_before_the_next_is_loaded(bench: Bench, toy_student: type) -> None:
    loaded: list[weakref.ref[Any]] = []

    def load(_: Path | None) -> Any:
        assert not any(student() for student in loaded)
        student = toy_student(reads)
        loaded.append(weakref.ref(student))
        return student

    evaluate(bench.project, EvalConfig(contestants=THREE), "toy", load, lambda: bench.embed, bench.quiet)
    assert len(loaded) == 2

"""Numbers from grades."""

from __future__ import annotations

import pytest

from eval.contestants.answering import Answer
from eval.marks.grades import Grade
from eval.metrics import Metrics, doubtful_gold, exploratory, over_seeds, score, unaided
from eval.paired_comparison import FALLBACK, PRIMARY, limits, paired_comparison


def grade(
    question: str, name: str, hits: int, set_: str = "gold", kind: str = "local", of: int = 1, **extra: object
) -> Grade:
    """A mark with the given points."""
    base = {
        "question": question,
        "contestant": name,
        "set": set_,
        "kind": kind,
        "hits": hits,
        "of": of,
        "f1": None,
        "refused": False,
    }
    return Grade.model_validate({**base, **extra})


def answer(seconds: float, finished: bool = True) -> Answer:
    """An answer that took `seconds`."""
    return Answer(
        question="q",
        contestant="base",
        text="",
        raw="",
        finished=finished,
        prompt_tokens=10,
        completion_tokens=4,
        seconds=seconds,
    )


def test_gold_is_in_doubt_where_the_reader_of_its_evidence_is_wrong_and_not_where_it_gave_no_answer() -> None:
    grades = [grade(name, who, hits) for name in "abc" for who, hits in (("ceiling", name == "a"), ("rag", 0))]
    given = [answer(1.0).model_copy(update={"question": name, "failed": "refused" * (name == "b")}) for name in "abc"]
    assert doubtful_gold(grades, given) == ["c"]


def test_scores_count_claims_for_global_and_questions_for_the_rest() -> None:
    grades = [
        grade("1", "base", 1, f1=0.5),
        grade("2", "base", 0, refused=True, f1=0.0),
        grade("3", "base", 2, kind="global", of=4),
        grade("4", "base", 1, kind="unanswerable", refused=True),
        grade("5", "base", 1, set_="wording", f1=0.8),
        grade("6", "base", 0, set_="untrained"),
        grade("7", "base", 1, set_="general", leaked=["Ostrelow"]),
        grade("8", "base", 0, set_="stranger", kind="unanswerable"),
        grade("1", "tuned", 0),
    ]
    scores = score("base", grades, [answer(1.0), answer(3.0, finished=False)])
    counts = {kind: (one.hits, one.n) for kind, one in scores.gold.items()}
    assert counts == {"local": (1, 2), "multi_hop": (0, 0), "global": (2, 4), "unanswerable": (1, 1)}
    assert (scores.false_refusals.hits, scores.false_refusals.n) == (1, 3)
    assert (scores.gold_f1, scores.wording_f1) == (0.25, 0.8)
    assert (scores.wording.hits, scores.untrained.n, scores.untrained.hits) == (1, 1, 0)
    assert (scores.general.hits, scores.leaks.hits, scores.invented.hits) == (1, 1, 1)
    assert (scores.cost.seconds, scores.cost.cut_off, scores.cost.answers) == (2.0, 1, 2)


def test_a_refusal_is_false_where_it_is_wrong_and_the_documents_answer() -> None:
    grades = [
        grade("1", "tuned", 0, refused=True),
        grade("2", "tuned", 1, kind="global", of=3, refused=True),
        grade("3", "tuned", 0),
        grade("4", "tuned", 1, kind="unanswerable", refused=True),
        grade("5", "tuned", 0, set_="wording", refused=True),
    ]
    told = score("tuned", grades, [])
    assert (told.false_refusals.hits, told.false_refusals.n) == (1, 3)


def test_what_base_knows_by_itself_is_left_out_for_everybody_and_a_refusal_is_no_knowledge() -> None:
    grades = [
        grade("known", "base", 1),
        grade("half", "base", 1, kind="global", of=2),
        grade("refused", "base", 1, kind="unanswerable", refused=True),
        grade("new", "base", 0),
        grade("general", "base", 1, set_="general"),
        grade("known", "tuned", 1),
        grade("new", "tuned", 1),
    ]
    told = unaided(grades)
    assert told.questions == ["known"]
    left = {name: {kind: (one.hits, one.n) for kind, one in found.items()} for name, found in told.gold.items()}
    nothing = {"multi_hop": (0, 0), "global": (0, 0), "unanswerable": (0, 0)}
    assert left == {
        "base": {"local": (0, 1), "multi_hop": (0, 0), "global": (1, 2), "unanswerable": (1, 1)},
        "tuned": {"local": (1, 1), **nothing},
    }


def test_tuned_is_compared_with_all_others_and_with_passages_with_who_reads_them() -> None:
    names = ("base", "rag", "tuned", "tuned+rag", "rag_teacher", "graph")
    grades = [grade(question, name, name != "base") for name in names for question in "abc"]
    grades += [grade("g", name, 1, set_="general") for name in names]
    pairs = [(one.first, one.second) for one in exploratory(grades)]
    others = [("tuned", name) for name in ("base", "rag", "tuned+rag", "rag_teacher", "graph")]
    assert pairs == [*others, ("tuned+rag", "rag"), ("tuned+rag", "rag_teacher")]
    assert {one.figure for one in exploratory(grades)} == {"gold local"}
    without = [one for one in grades if one.contestant in ("base", "rag")]
    assert exploratory(without) == []


def test_the_cost_is_that_of_the_answers_that_were_given() -> None:
    given = [
        answer(float(n)).model_copy(update={"usd": 0.5, "memory_mb": n, "prompt_tokens": n, "completion_tokens": 2 * n})
        for n in range(1, 21)
    ]
    failed = answer(99.0).model_copy(update={"failed": "out of memory", "usd": 9.0, "memory_mb": 999})
    stored = answer(0.0).model_copy(update={"prompt_tokens": 0, "completion_tokens": 0, "read": 7})
    cost = score("base", [], [*given, failed, stored]).cost
    assert (cost.answers, cost.failed, cost.read, cost.peak_memory_mb) == (22, 1, 7, 20)
    assert (cost.seconds, cost.slow_seconds) == (10.5, 20.0)
    assert (cost.prompt_tokens, cost.completion_tokens, cost.usd) == (10.0, 20.0, pytest.approx(10 / 21))
    empty = score("base", [], []).cost
    assert (empty.seconds, empty.slow_seconds, empty.prompt_tokens, empty.usd, empty.read) == (None, None, 0, 0, None)


def test_the_primary_comparison_is_paired_on_local_gold() -> None:
    results = {"1": (1, 1), "2": (1, 0), "3": (0, 1), "4": (0, 0), "5": (1, 0)}
    grades = [
        grade(q, name, hit) for q, pair in results.items() for name, hit in zip(("tuned", "rag"), pair, strict=False)
    ]
    grades += [grade("6", "tuned", 1, kind="multi_hop"), grade("7", "tuned", 1, set_="wording")]
    found = paired_comparison(grades)
    assert found.name == PRIMARY
    assert (found.both, found.only_tuned, found.only_rag, found.neither) == (1, 2, 1, 1)
    assert (found.tuned.hits, found.rag.hits, found.tuned.n) == (3, 2, 5)
    assert found.p == 1.0


def test_the_comparison_names_the_questions_that_part_the_two_and_what_they_can_show() -> None:
    pairs = {"a": (1, 1), "b": (0, 1), **{f"c{n}": (1, 0) for n in range(8)}}
    grades = [
        grade(q, name, hit) for q, pair in pairs.items() for name, hit in zip(("tuned", "rag"), pair, strict=True)
    ]
    found = paired_comparison(grades)
    assert found.is_gold
    assert found.pairs_apart == ([f"c{n}" for n in range(8)], ["b"])
    assert found.least_lead == 7
    assert found.interval is not None
    assert found.interval.difference == 0.7
    assert found.interval.low < 0.7 < found.interval.high


def test_the_interval_is_over_all_seeds_and_wider_where_a_document_holds_many_questions() -> None:
    def run(hits: int, document: str) -> list[Grade]:
        return [
            grade(str(n), name, int(name == "tuned" and n < hits), cluster=document.format(n=n // 8))
            for n in range(32)
            for name in ("tuned", "rag")
        ]

    apart, together = (paired_comparison(run(8, name), run(16, name)).interval for name in ("", "{n}.md"))
    assert apart is not None
    assert together is not None
    assert apart.difference == together.difference == 12 / 32
    assert together.high - together.low > 1.2 * (apart.high - apart.low)


def test_without_gold_the_primary_comparison_falls_back_to_new_wordings_and_says_so() -> None:
    found = paired_comparison(
        [
            grade("1", "tuned", 1, set_="wording"),
            grade("1", "rag", 0, set_="wording"),
            grade("2", "tuned", 1, set_="untrained"),
        ]
    )
    assert (found.name, found.undecided) == (FALLBACK, "")
    assert not found.is_gold
    assert (found.only_tuned, found.tuned.n) == (1, 1)


def test_gold_without_the_kind_that_decides_is_said_to_be_there() -> None:
    pair = ("tuned", "rag")
    grades = [
        *(grade("m", name, int(name == "tuned"), kind="multi_hop") for name in pair),
        *(grade("u", name, 1, kind="unanswerable") for name in pair),
        *(grade("w", name, 1, set_="wording") for name in pair),
    ]
    found = paired_comparison(grades)
    why = 'gold.jsonl has no local question; set [eval] primary to "multi_hop" or "unanswerable", or to "gold" for all'
    assert (found.undecided, found.name) == (why, f"heldout, new wordings: tuned against rag ({why})")
    assert (found.is_gold, found.both) == (False, 1)
    assert (
        paired_comparison(grades, kind="multi_hop").undecided == paired_comparison(grades, kind="gold").undecided == ""
    )


def test_the_primary_comparison_is_of_the_kind_that_the_config_names() -> None:
    grades = [
        *(grade("a", name, 1, kind="multi_hop") for name in ("tuned", "rag")),
        *(grade("b", name, int(name == "tuned")) for name in ("tuned", "rag")),
    ]
    hops, everything = (paired_comparison(grades, kind=kind) for kind in ("multi_hop", "gold"))
    assert (hops.name, hops.tuned.n, hops.is_gold) == ("gold, multi-hop questions: tuned against rag", 1, True)
    assert (everything.name, everything.tuned.n) == ("gold, all questions: tuned against rag", 2)


@pytest.mark.parametrize(
    ("behind", "margin", "not_worse"),
    [
        pytest.param(0, 0.0, None, id="no margin was named"),
        pytest.param(1, 0.15, True, id="one of a hundred behind"),
        pytest.param(12, 0.15, False, id="twelve behind"),
    ],
)
def test_not_worse_is_said_by_the_lower_end_of_the_interval(behind: int, margin: float, not_worse: bool | None) -> None:
    grades = [
        grade(str(n), name, int(n < 50 and not (name == "tuned" and n < behind)))
        for n in range(100)
        for name in ("tuned", "rag")
    ]
    found = paired_comparison(grades, margin=margin)
    assert found.not_worse is not_worse
    said = " ".join(limits(found))
    assert ("worse by less than 15%" in said) is (margin > 0)
    assert "100 questions, as often apart as these, show" in said


def test_few_questions_are_said_to_show_nothing() -> None:
    grades = [grade(str(n), name, int(name == "tuned")) for n in range(3) for name in ("tuned", "rag")]
    assert paired_comparison(grades).detectable is None
    assert "3 questions, as often apart as these, show no difference" in " ".join(limits(paired_comparison(grades)))


def metrics(local_hits: int) -> Metrics:
    """metrics.json of a run in which tuned got so many of four right."""
    grades = [grade(str(n), name, int(n < local_hits)) for n in range(4) for name in ("base", "rag", "tuned")]
    contestants = {name: score(name, grades, []) for name in ("base", "rag", "tuned")}
    return Metrics(
        primary=paired_comparison(grades),
        contestants=contestants,
        questions={},
        student="s",
        adapter={},
        config={},
        versions={},
        seconds=1.0,
        peak_memory_mb=1,
    )


def test_runs_of_several_seeds_become_mean_least_and_most() -> None:
    table = over_seeds([metrics(hits) for hits in (1, 2, 4)])
    assert table["tuned"]["gold local"] == pytest.approx({"mean": 7 / 12, "min": 0.25, "max": 1.0, "runs": 3})
    assert "general" not in table["tuned"]

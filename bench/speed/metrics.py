"""What marking and counting take: 10,000 questions, eight contestants, answers of all sorts.

python -m bench.speed.metrics --questions 10000

The answers are the gold of examples/demo and examples/journal in sentences, right, wrong, refused and long, and the
same general and invented questions over again under other ids. Seconds by step, processor seconds of all
processes, and peak memory; --profile shows where the time goes, on one core.
"""

from __future__ import annotations

import cProfile
import pstats
import random
import resource
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.measurement import ROOT, write_result
from eval.contestants.answering import Answer
from eval.contestants.memory import peak
from eval.marks import marking
from eval.marks.grades import Exam
from eval.marks.marking import mark_all
from eval.metrics import doubtful_gold, exploratory, score, unaided
from eval.paired_comparison import paired_comparison
from eval.questions import (
    GoldQuestion,
    HeldoutQuestion,
    general_knowledge_questions,
    load_gold,
    stranger_questions,
)
from eval.settings import BUILT_IN

SHARES = {"gold": 0.5, "heldout": 0.4, "general": 0.05, "strangers": 0.05}
NAMES = 2_000  # entities of a corpus with ten thousand questions


def exam(count: int) -> Exam:
    """An exam of `count` questions: the hand-written ones over and over, each in a document of its own kind."""
    gold = [one for name in ("demo", "journal") for one in load_gold(ROOT / "examples" / name / "gold.jsonl")]
    general, strangers = general_knowledge_questions(), stranger_questions()
    sizes = {name: round(share * count) for name, share in SHARES.items()}
    asked = [one for one in gold if one.kind in ("local", "multi_hop")]
    return Exam(
        [_again(gold[n % len(gold)], n) for n in range(sizes["gold"])],
        [_held(asked[n % len(asked)], n) for n in range(sizes["heldout"])],
        [_again(general[n % len(general)], n) for n in range(sizes["general"])],
        [_again(strangers[n % len(strangers)], n) for n in range(sizes["strangers"])],
        [f"Name{n} {'Vale' if n % 2 else 'Orrin'}" for n in range(NAMES)],
    )


def _again(one: Any, n: int) -> Any:
    """The question under an id of its own, asked in words of its own: no cache of whole texts helps."""
    return one.model_copy(update={"id": f"{type(one).__name__}-{n}", "question": f"{one.question} ({n})"})


def _held(one: GoldQuestion, n: int) -> HeldoutQuestion:
    turns = [{"role": "user", "content": f"{one.question} ({n})"}, {"role": "assistant", "content": one.answers[0]}]
    return HeldoutQuestion(
        id=f"held-{n}", kind="local", tag="wording", fact=f"fact-{n // 4}", training_rows=[], messages=turns
    )


def answers(of: Exam, seed: int = 0) -> dict[str, dict[str, Answer]]:
    """What eight contestants say."""
    draw = random.Random(seed)
    wanted = {
        **{one.id: one.answers[0] if one.answers else " ".join(claim[0] for claim in one.claims) for one in of.gold},
        **{one.id: one.reference for one in of.heldout},
        **{one.id: one.answers[0] for one in of.general},
        **{one.id: "" for one in of.strangers},
    }
    texts = list(wanted.values())

    def said(question: str) -> str:
        right, other = wanted[question], draw.choice(texts)
        return draw.choice(
            [
                right,
                f"It was {right}, as the keeper wrote on {draw.randint(1, 28)} April 19{draw.randint(10, 99)}.",
                f"It was {other}, not {right}.",
                "I don't know. The documents do not say.",
                f"According to the documents, {other}. Later that year {right} was told of again, "
                f"with {draw.randint(2, 900)} barrels and {draw.randint(2, 90)} lanterns. " * 3,
            ]
        )

    return {name: {question: _answer(name, question, said(question)) for question in wanted} for name in BUILT_IN}


def _answer(name: str, question: str, text: str) -> Answer:
    return Answer(
        question=question,
        contestant=name,
        text=text,
        raw=text,
        finished=True,
        prompt_tokens=900,
        completion_tokens=30,
        seconds=0.5,
    )


def figures(of: Exam, given: dict[str, dict[str, Answer]]) -> dict[str, float]:
    """Everything `ragtuned eval` computes once the answers are there; seconds by step."""
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def done(step: str) -> None:
        nonlocal started
        seconds[step] = round(time.perf_counter() - started, 2)
        started = time.perf_counter()

    grades = mark_all(of, given)
    done("marks")
    for name, one in given.items():
        score(name, grades, list(one.values()))
    done("scores")
    paired_comparison(grades)
    done("primary comparison")
    exploratory(grades)
    done("differences")
    unaided(grades)
    doubtful_gold(grades, given.get("ceiling", {}).values())
    done("unaided and doubtful")
    return seconds


def main(
    questions: Annotated[int, typer.Option(help="Questions of all kinds together.")] = 10_000,
    profile: Annotated[bool, typer.Option("--profile", help="Print the thirty dearest functions.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file of the result.")] = None,
) -> None:
    """Mark and count."""
    of = exam(questions)
    given = answers(of)
    profiler = cProfile.Profile(time.process_time)
    with peak() as memory:
        if profile:
            marking.MANY = 8 * questions + 1  # in this process
            profiler.enable()
        seconds = figures(of, given)
        profiler.disable()
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "questions": questions,
        "contestants": len(given),
        "seconds": seconds,
        "total_seconds": round(sum(seconds.values()), 1),
        "processor_seconds": round(time.process_time() + children.ru_utime + children.ru_stime, 1),
        "peak_mb": memory.mb,
        "worker_peak_mb": children.ru_maxrss // 2**10,
    }
    print(result)
    if not profile:
        write_result("metrics", result, out)


if __name__ == "__main__":
    typer.run(main)

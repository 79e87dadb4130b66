"""Verdicts on the rows of one page in one call: the questions are answered anew, and the answers compared.

A row whose question, asked with the page and without its answer, gets the same answer again is taken for right
(round-trip consistency: Alberti and others 2019, arXiv 1906.05416). Numbers compare as values: "14 weeks" is "fourteen
weeks". Asked for a yes or no about each of the same rows, all in one call, a 1.5B model is far less sure
(docs/results/small-teacher.md): it has seen the answer it is to doubt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from agents.errors import TruncatedReply
from agents.models.client import Client
from agents.roles.role import JUDGES, Role, fence
from agents.roles.sentence_writer import PlainLines
from agents.text.number_words import as_figures
from agents.text.stems import stems
from agents.text.stop_words import stop_words
from agents.text.values import values_in
from agents.text.words import STOP, stem, words

MOST_QUESTIONS = 8  # of one call
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
NUMBERED = re.compile(r"^\W*(\d+)[.):\s]\s*(.*\S)", re.MULTILINE)

ANSWERS_PROMPT = """{{document}}

{{lines}}

Answer each question from the document in a few words, copied from it. Write the number of each line and the answer, or "not stated"."""  # noqa: E501


def scripted_answers(inputs: dict[str, Any]) -> str:
    """What a dry run answers: what the document has in the place that a scripted question leaves out."""
    page = " ".join(inputs["document"].split())
    return "\n".join(f"{number}. {_left_out(q, page)}" for number, q in NUMBERED.findall(inputs["lines"]))


def _left_out(question: str, page: str) -> str:
    """Of "What is left out of: Ann has … boats?" the "three"."""
    before, _, after = question.partition(": ")[2].rstrip("?").partition("…")
    match = re.search(f"{re.escape(before)}([^.!?>]+?){re.escape(after)}", page)
    return match[1].strip() if match else "not stated"


ROW_ANSWERS = Role(
    "critic.answers",
    PlainLines,
    ANSWERS_PROMPT,
    max_tokens=200,
    script=scripted_answers,
    rank=JUDGES,
    usual_tokens=45,
    recipe="facts",
)


async def verdicts(client: Client, page: str, rows: Sequence[tuple[str, str]], language: str = "en") -> list[float]:
    """How far each (question, answer) agrees with what the model answers to the question by `page`: 0–1, in order.

    1.0 is the same answer; 0.0 another, another number, or none. Questions are asked once each, several a call. A line
    that is missing is asked again once, alone. Raises what `Client.ask` raises, but no `TruncatedReply`.
    """
    questions = list(dict.fromkeys(question for question, _ in rows))
    told: dict[str, str] = {}
    for start in range(0, len(questions), MOST_QUESTIONS):
        told |= await _answers(client, page, questions[start : start + MOST_QUESTIONS])
    for question in [q for q in questions if q not in told] if len(questions) > 1 else []:
        told |= await _answers(client, page, [question])
    return [agreement(question, answer, told.get(question, ""), language) for question, answer in rows]


async def _answers(client: Client, page: str, questions: Sequence[str]) -> dict[str, str]:
    """The answers by question; a number told twice tells nothing, and neither does a line that was cut."""
    listed = "\n".join(f"{n}. {' '.join(question.split())}" for n, question in enumerate(questions, 1))
    try:
        reply = await ROW_ANSWERS.ask_text(client, document=fence(page), lines=fence(listed, "lines"))
        text = reply.text
    except TruncatedReply as error:
        text = error.raw.rpartition("\n")[0]
    found = NUMBERED.findall(text)
    times = Counter(number for number, _ in found)
    return {
        questions[int(number) - 1]: answer
        for number, answer in found
        if times[number] == 1 and 0 < int(number) <= len(questions)
    }


def agreement(question: str, expected: str, told: str, language: str = "en") -> float:
    """F1 of the words that carry meaning (SQuAD, arXiv 1606.05250, section 6.1), 0–1; 0.0 where numbers differ.

    What an answer only repeats of its question ("Ann ties her hair with wire.") does not count.
    """
    wanted, given = _meaning(expected, language), _meaning(told, language)
    repeated = set(_meaning(question, language)) - set(wanted)
    given = Counter({word: count for word, count in given.items() if word not in repeated})
    numbers = [{word for word in side if word[0].isdigit()} for side in (wanted, given)]
    if numbers[0] and numbers[1] and numbers[0] != numbers[1]:
        return 0.0
    shared = (wanted & given).total()
    return 2 * shared / (wanted.total() + given.total()) if shared else 0.0


def _meaning(text: str, language: str) -> Counter[str]:
    """The stems of an answer, its numbers as digits; all its words where none carries meaning ("both of them")."""
    spelled = as_figures(text, language[:2].lower(), least=1)
    numbers, rest = NUMBER.findall(spelled), NUMBER.sub(" ", spelled)
    values = [_value(number, language) for number in numbers]
    if language not in ("", "en"):
        found = stems(rest, language)  # of Chinese and Japanese, pairs of letters
        return Counter([*values, *(w for w in found if w not in stop_words(language))]) or Counter(found)
    found = words(rest)
    return Counter([*values, *(stem(w) for w in found if w not in STOP)]) or Counter(found)


def _value(number: str, language: str) -> str:
    """The value of digits, "5300" of "5,300"; times ("12:30") and what is no number stay as they are."""
    found = [value for value in values_in(number, language) if value[0].isdigit()]
    return found[0] if len(found) == 1 else number

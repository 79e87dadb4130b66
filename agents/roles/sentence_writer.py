"""The sentence writer: for each piece of one sentence, the question that it answers.

For small models: one short task in plain text a call, the page first, so that a server's cache of it serves every
sentence of the page. The answers are given where they can be found by rule (`agents.text.pieces`): a small model that
chooses them takes names and leaves the amounts out, asks "Why …?" of a sentence without a reason, and answers with what
stands nowhere (docs/results/small-teacher.md). The answer stands before its question: a question that is written first
is answered with anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel

from agents.errors import TruncatedReply
from agents.models.client import Client
from agents.records import Item
from agents.roles.role import WRITES, Role, fence, fill
from agents.text.matching import find_piece
from agents.text.pieces import pieces
from agents.text.words import content_words, words

MOST_PIECES = 7  # of one call: with more a 1.5B model repeats its questions
ENGLISH = ("", "en", "english")
LINE = re.compile(r"^\W*(?:\d+[.):]\s*)?(?P<answer>[^|｜]+?)\s*[|｜]\s*(?P<question>[^|｜]+?[?？؟;])\s*$")
LeftOut = Literal["unreadable line", "answer not in the sentence", "question gives the answer away", "said before"]


class PlainLines(BaseModel):
    """Lines of plain text: there are no fields."""


class SentenceRows(Item):
    """(question, answer) of each line that can be read; the answer as it stands in the sentence.

    A question may come with two answers: which of them is right is for the verdicts to say.
    `left_out`: (line, reason) of each other line.
    """

    rows: list[tuple[str, str]] = []
    left_out: list[tuple[str, LeftOut]] = []


# (page, sentence, rows, the same in another syntax): each question tells nearly all of the sentence
WORKED = (
    (
        "# Diary of Orla Dunn, 2 May\n\nI run the mill at Brenholt, and my knees complain of it. On 30 April Tom Hale "
        "sold me his grey mare for sixty crowns, because he is moving to Dorn. She is called Biscuit.",
        "On 30 April Tom Hale sold me his grey mare for sixty crowns, because he is moving to Dorn.",
        """30 April | On what date did Tom Hale sell Orla Dunn his grey mare?
Tom Hale | Who sold Orla Dunn a grey mare for sixty crowns on 30 April?
grey mare | What did Tom Hale sell Orla Dunn for sixty crowns on 30 April?
sixty crowns | How much did Orla Dunn pay Tom Hale for the grey mare?
Dorn | To which town was Tom Hale moving when Orla Dunn bought his grey mare?""",
        """30 April | Day of the sale of Tom Hale's grey mare to Orla Dunn?
Tom Hale | From whom did Orla Dunn get a grey mare on 30 April?
grey mare | On 30 April, which animal came to Orla Dunn from Tom Hale?
sixty crowns | What was the price of the grey mare that Orla Dunn bought from Tom Hale?
Dorn | Tom Hale parted with his grey mare because of a move to which town?""",
    ),
    (
        "# Minutes of the Welby bridge committee\n\nAda Finch chaired the meeting in the old brewery. The bridge has "
        "been closed since Monday. She counted eleven cracks in its north arch, each as wide as a thumb.",
        "She counted eleven cracks in its north arch, each as wide as a thumb.",
        """eleven cracks | How many cracks did Ada Finch count in the north arch of the Welby bridge?
north arch | In which part of the Welby bridge did Ada Finch count eleven cracks?
thumb | As wide as what is each of the cracks in the north arch of the Welby bridge?""",
        """eleven cracks | Number of cracks that Ada Finch found in the north arch of the Welby bridge?
north arch | Which arch of the Welby bridge had eleven cracks when Ada Finch looked?
thumb | The cracks that Ada Finch found in the Welby bridge had the width of what?""",
    ),
    (
        "# Letter from Piet to Marja, 7 June\n\nDear Marja, your sister is well. Joost Maas, who builds clocks, wants "
        "two hundred florins for a new bell for the tower of Leem. I think it too much.\n\nYour Piet",
        "Joost Maas, who builds clocks, wants two hundred florins for a new bell for the tower of Leem.",
        """Joost Maas | Who wants two hundred florins for a new bell for the tower of Leem?
two hundred florins | How much does Joost Maas want for a new bell for the tower of Leem?
new bell | For what does Joost Maas want two hundred florins in Leem?
tower | In which building of Leem will the new bell of Joost Maas hang?
Leem | For the tower of which place does Joost Maas want two hundred florins for a new bell?""",
        """Joost Maas | By whom is a new bell for the tower of Leem offered for two hundred florins?
two hundred florins | Price that Joost Maas names for a new bell for the tower of Leem?
new bell | Two hundred florins is what Joost Maas asks for what?
tower | Joost Maas offers Leem a new bell for which building?
Leem | Which town is to pay Joost Maas two hundred florins for a new bell?""",
    ),
)

GIVEN = "For each piece of this sentence write the question that it answers"
CHOSEN = (
    "Take up to six different pieces out of this sentence, each of one to five words: names, dates, numbers, things, "
    "reasons. For each write the question that it answers"
)
SENTENCE_PROMPT = """{{document}}

Sentence:
{{lines}}

{{task}}, one a line: piece | question. The question tells what the rest of the sentence says, so that only this piece answers it. It names every person, place and thing in full: no "I", "you", "he", "she" or "it", since whoever reads it sees neither sentence nor document.{{pieces}}"""  # noqa: E501


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _inputs(page: str, sentence: str, given: Sequence[str], language: str) -> dict[str, Any]:
    """What the prompt is filled with; the pieces come from the document too and stand in a fence."""
    foreign = "" if language.lower() in ENGLISH else f" Write the questions in {language}."
    listed = f"\nPieces:\n{fence(chr(10).join(given), 'lines')}" if given else ""
    return {
        "document": fence(page),
        "lines": fence(_one_line(sentence), "lines"),
        "task": GIVEN if given else CHOSEN,
        "pieces": foreign + listed,
    }


def _example(page: str, sentence: str, reply: str) -> tuple[str, str]:
    given = [line.split(" | ")[0] for line in reply.splitlines()]
    return fill(SENTENCE_PROMPT, _inputs(page, sentence, given, "en")), reply


def scripted_sentence(inputs: dict[str, Any]) -> str:
    """What a dry run answers: of each piece, what is told of it beside the rest of the sentence."""
    given = re.findall(r"^(?!</?lines>)(.+)$", inputs["pieces"], re.MULTILINE)
    sentence = re.sub(r"</?lines>|[|?\n]", "", inputs["lines"]).strip()
    return "\n".join(f"{piece} | What is left out of: {sentence.replace(piece, '…')}?" for piece in given)


SENTENCE_WRITER = Role(
    "question_writer.sentence",
    PlainLines,
    SENTENCE_PROMPT,
    max_tokens=320,
    script=scripted_sentence,
    rank=WRITES,
    usual_tokens=90,
    recipe="facts",
    examples=tuple(_example(page, sentence, plain) for page, sentence, plain, _ in WORKED),
)
SENTENCE_WRITER_ANEW = replace(
    SENTENCE_WRITER,
    name="question_writer.sentence_anew",
    examples=tuple(_example(page, sentence, anew) for page, sentence, _, anew in WORKED),
)
"""The same, but for its examples: of them a small model takes the syntax of its questions."""


async def write_sentence(
    client: Client, title: str, page: str, sentence: str, language: str, anew: bool = False
) -> SentenceRows:
    """Questions about `sentence` of `page`, each with a piece of the sentence as its answer.

    `language`: a code or an English name; of other languages than English the model chooses the pieces. `anew` asks for
    the same in another syntax: a second call about the same sentence. Lines that cannot be read are left out and the
    others kept, also those before a cut.

    Raises what `Client.ask` raises, but no `TruncatedReply`.
    """
    text = _one_line(sentence)
    found = pieces(text)[:MOST_PIECES] if language.lower() in ENGLISH else []
    given = [text[start:end] for start, end in found]
    role = SENTENCE_WRITER_ANEW if anew else SENTENCE_WRITER
    titled = page if title in page else f"{title}\n\n{page}"
    try:
        reply = (await role.ask_text(client, **_inputs(titled, text, given, language))).text
    except TruncatedReply as error:
        reply = error.raw.rpartition("\n")[0]  # its last line was cut
    return read_rows(reply, text)


def read_rows(reply: str, sentence: str) -> SentenceRows:
    """The rows of a reply, and what was left out of it."""
    rows: dict[tuple[str, ...], tuple[str, str]] = {}  # by the words of question and answer
    left_out: list[tuple[str, LeftOut]] = []
    for line in filter(None, map(str.strip, reply.splitlines())):
        match = LINE.match(line)
        answer = _in_sentence(match["answer"], sentence) if match else ""
        question = match["question"] if match else ""
        key = (*words(question), "|", *words(answer))
        if reason := _reason(bool(match), question, answer, key in rows):
            left_out.append((line, reason))
        else:
            rows[key] = (question, answer)
    return SentenceRows(rows=list(rows.values()), left_out=left_out)


def _in_sentence(answer: str, sentence: str) -> str:
    """The answer as it stands in the sentence, as whole words; empty where it does not."""
    wanted = answer.strip("\"'“”.,; ")
    span = find_piece(wanted, sentence)
    return sentence[slice(*span)] if span else ""


def _reason(readable: bool, question: str, answer: str, known: bool) -> LeftOut | None:
    if not readable:
        return "unreadable line"
    if not answer:
        return "answer not in the sentence"
    if find_piece(answer, question) or content_words(answer) and content_words(answer) <= content_words(question):
        return "question gives the answer away"
    return "said before" if known else None

"""The document writer: a passage told anew, as it stands or as the answer to a question about it.

A fact that is met in one wording only is memorised and not known (Physics of Language Models 3.1, arXiv 2309.14316);
rewrites of passages and rewrites that answer a question are what continued pretraining on small corpora lives on
(EntiGraph, arXiv 2409.07431; WRAP, arXiv 2401.16380).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from agents.llm import Client
from agents.question_writer import QUESTION, SENTENCE, feedback
from agents.role import Role, fence
from agents.text import names_in


class Rewrite(BaseModel, extra="forbid"):
    """A passage in other words."""

    text: str = Field(pattern=SENTENCE)


class AskedRewrite(BaseModel, extra="forbid"):
    """A question about a passage, and the passage told anew as its answer."""

    question: str = Field(pattern=QUESTION)
    text: str = Field(pattern=SENTENCE)


RULES = """It keeps every name, number and date of the passage and adds nothing. It names people, places and things in full, never "I", "we" or "the passage",
  since its reader sees no page: whoever writes "I" is called by name."""

REWRITE_PROMPT = f"""{{{{document}}}}

{{{{passage}}}}

Tell the passage anew, in other words and another order.
- text: full sentences. {RULES}
{{{{feedback}}}}"""

ASKED_PROMPT = f"""{{{{document}}}}

{{{{passage}}}}

Write a question about the passage as a whole, and tell the passage anew as its answer.
- question: short, what someone asks who wants to know all that the passage tells of {{{{name}}}}; it names {{{{name}}}}.
- text: the answer, full sentences in other words. {RULES}
{{{{feedback}}}}"""

REWRITER = Role("question_writer.rewrite", Rewrite, REWRITE_PROMPT, max_tokens=400)
ANSWERER = Role("question_writer.asked", AskedRewrite, ASKED_PROMPT, max_tokens=450)


async def rewrite(client: Client, document: str, passage: str, reasons: Sequence[str]) -> str:
    """The passage in other words. Raises what `Role.ask` raises."""
    draft = await REWRITER.ask(client, document=fence(document), passage=fence(passage, "passage"), feedback=feedback(reasons))
    return draft.text


async def answer_by_rewrite(client: Client, document: str, passage: str, name: str, reasons: Sequence[str]) -> AskedRewrite:
    """A question about what the passage tells of `name`, and the passage as its answer. Raises what `Role.ask` raises."""
    return await ANSWERER.ask(client, document=fence(document), passage=fence(passage, "passage"), name=name, feedback=feedback(reasons))


def _sentences(inputs: dict[str, Any]) -> list[str]:
    """What a dry run tells anew: the sentences of the passage from last to first."""
    passage = inputs["passage"].removeprefix("<passage>\n").removesuffix("\n</passage>")
    return [re.sub(r'["\\?\n]', " ", part).strip(" .!") for part in re.split(r"(?<=[.!?])\s+", passage)][::-1]


def scripted_rewrite(inputs: dict[str, Any]) -> Rewrite:
    """What a dry run answers."""
    return Rewrite(text=" ".join(f"It is told that {part}." for part in _sentences(inputs)))


def scripted_asked(inputs: dict[str, Any]) -> AskedRewrite:
    """What a dry run answers."""
    last = next(iter(names_in(_sentences(inputs)[0])), "the end")
    return AskedRewrite(question=f"What happened with {inputs['name']} up to {last}?", text=scripted_rewrite(inputs).text)

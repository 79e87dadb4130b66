"""The document writer: what a passage states told anew, sentence by sentence, each from another of its names.

A fact that is met in one wording only is memorised and not known (Physics of Language Models 3.1, arXiv 2309.14316);
rewrites of passages are what continued pretraining on small corpora lives on (EntiGraph, arXiv 2409.07431; WRAP, arXiv
2401.16380). Asked for a whole passage in other words, a 1.5B teacher copies it (docs/decisions/0007); made to begin a
sentence with another name, it has to turn it round.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agents.models.client import Client
from agents.roles.lines import Lines, ask_lines, listed_in, literal
from agents.roles.question_writer import as_clause
from agents.roles.role import WRITES, Role, fence

ANEW = r"[^\"\\\n]{2,250}"  # at temperature 0 a small model may say one name for ever
REWRITE_PROMPT = """{{document}}

{{lines}}

Say each sentence anew, with the beginning that stands before it. Keep every name, number and date, and add nothing.
Name people, places and things in full, never "I", "we", "he", "she" or "it": whoever writes "I" is called by name. "begins with Dorn: In May I left Dorn." gives "Dorn was left by Ann Hale in May."
"""  # noqa: E501


def scripted_rewrite(inputs: dict[str, Any]) -> str:
    """What a dry run answers: of the beginning it is told what the sentence says."""
    lines = (
        (field, *line.removeprefix("begins with ").partition(": ")[::2]) for field, line in listed_in(inputs["lines"])
    )
    return json.dumps(
        {field: f"{opening} is what is told of where {as_clause(sentence)}." for field, opening, sentence in lines}
    )


REWRITER = Role(
    "question_writer.rewrite",
    Lines,
    REWRITE_PROMPT,
    max_tokens=400,
    script=scripted_rewrite,
    rank=WRITES,
    usual_tokens=130,
)


async def rewrite(client: Client, document: str, sentences: Sequence[tuple[str, str]]) -> list[str]:
    """Each (sentence, beginning) of `document` told anew.

    From a server without patterns a line may begin otherwise. Raises what `Role.ask` raises.
    """
    asked = [f"begins with {opening}: {sentence}" for sentence, opening in sentences]
    forms = [rf"^(The )?{literal(opening)} {ANEW}\.$" for _, opening in sentences]
    return await ask_lines(REWRITER, client, asked, forms, document=fence(document))

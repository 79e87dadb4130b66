"""What the scripted server answers: for every role of ours a reply of its shape.

It is made from the words of the prompt alone.

The reply is a pure function of the request's body, so that two runs get the same replies. It builds on the roles'
own `scripted` functions, with questions that differ from sentence to sentence, so that most rows are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.roles.community_summarizer import ReportDraft
from agents.roles.community_summarizer import scripted as scripted_report
from agents.roles.critic import GATES, SAME_QUESTION, YES_OR_NO, Judgement
from agents.roles.document_writer import scripted_rewrite
from agents.roles.extractor import MOST_ENTITIES, Look
from agents.roles.lines import listed_in
from agents.roles.question_writer import GlobalDraft, LocalDraft, UnknownDraft
from agents.roles.registry import ROLES
from agents.roles.same_entity import PairVerdict, PairVerdicts
from agents.roles.wordings import scripted_wordings
from agents.text.names import names_in
from agents.text.words import words
from bench.corpus import MONTHS
from bench.peers.replies import peer_reply
from bench.server.chat_request import ChatRequest, share
from bench.server.fact_replies import FACT_ROLES, fact_reply

NOT_NAMES = {*MONTHS, "Chronicle"}
UNTOLD = "the favourite song of"  # what the scripted writer asks when the document must not answer
# of the critic's verdicts are a no that a right draft does not deserve: the writer's second round is exercised
REFUSED = 0.02
SURE, UNSURE = 0.96, 0.07  # P(yes)
ASKED_BY = {gate.ask.splitlines()[-1]: gate.name for gate in (*GATES, SAME_QUESTION)}
"""What a gate asks → its name in the counts."""
COUNTED_AS = {**{role.schema.__name__: role.name for role in ROLES.values()}, "Lines": "lines"}
"""Schema → role, but for the one that two roles share."""


@dataclass(frozen=True)
class Answer:
    """What the model says to a request: the text, the role it was taken for, and P(yes) where a yes or no was asked."""

    role: str
    text: str
    p_yes: float | None = None


def answer(asked: ChatRequest) -> Answer:
    """The reply to a request; a prompt of no known role gets a plain sentence."""
    gate = (
        next((name for ask, name in ASKED_BY.items() if ask in asked.prompt), "")
        if asked.schema in ("", "Judgement")
        else ""
    )
    if gate and asked.schema:
        verdict = Judgement(
            reasoning="The names and numbers agree.", verdict="yes" if _p_yes(asked, gate) > 0.5 else "no"
        )
        return Answer(f"critic.{gate}.reasoned", verdict.model_dump_json())
    if gate:
        p = _p_yes(asked, gate)
        return Answer(f"critic.{gate}", "yes" if p > 0.5 else "no", p)
    if asked.schema in WRITERS:
        said = WRITERS[asked.schema](asked.prompt)
        return Answer(COUNTED_AS[asked.schema], said if isinstance(said, str) else said.model_dump_json())
    if (said := fact_reply(asked.schema, asked.prompt)) is not None:
        return Answer(COUNTED_AS[asked.schema], said)
    return _other(asked)


def _other(asked: ChatRequest) -> Answer:
    if asked.prompt.rstrip().endswith(YES_OR_NO.strip()):
        return Answer("critic.other", "yes", SURE)
    if (text := peer_reply(asked.talk)) is not None:
        return Answer("peer", text)
    return Answer("other", f"Tully Marn keeps {asked.prompt.count(' ')} lanterns.")


def _p_yes(asked: ChatRequest, gate: str) -> float:
    """P(yes) of a gate: no for a question the document must not answer, and now and then for one that it does."""
    question = _line(asked.prompt, "Question: ")
    if gate == "answerable" and UNTOLD in question:
        return UNSURE
    prompt = asked.prompt.partition(YES_OR_NO)[0].partition("\nReason in one")[0]  # both forms of a gate agree
    return UNSURE if share(prompt, "verdict") < REFUSED else SURE


def _look(prompt: str) -> Look:
    """The names of the document."""
    found = [n for n in dict.fromkeys(names_in(_document(prompt))) if n not in NOT_NAMES and len(n) <= 40]
    return Look(entities=[f"{_type(n)}: {n}" for n in found[:MOST_ENTITIES]])


def _lines(prompt: str) -> str:
    """Each name with its type, or each sentence told anew."""
    lines = prompt.partition("<lines>\n")[2].rpartition("\n</lines>")[0]
    if "Say each sentence anew" in prompt:
        return scripted_rewrite({"lines": lines})
    return json.dumps({field: f"{_type(name)}: {name}" for field, name in listed_in(lines)})


def _report(prompt: str) -> ReportDraft:
    names = _line(prompt, "Write a short report about what these numbered sources say of ").rstrip(".")
    sources = re.sub(
        r"^(\[\d+\]) [^:\n]{3,80}: ", r"\1 ", _document(prompt), flags=re.MULTILINE
    )  # a child's title before its claim
    draft = scripted_report({"document": sources, "names": names})
    return draft.model_copy(update={"title": " and ".join(names.split(", ")[:2])})


def _local(prompt: str) -> LocalDraft:
    """The sentence itself, asked for in the style wanted by its first name and last words."""
    focus = _plain(prompt.partition('The sentence: "')[2].partition('"\n')[0]).rstrip(".!?")
    asked = re.search(r'Ask "(Who|When|How many|Where|Why|What)', prompt)
    name = next((n for n in names_in(focus) if n not in NOT_NAMES), focus.split()[0])
    tail = " ".join(focus.split()[-3:])
    verb = "known" if "An earlier draft was rejected" in prompt else "told"
    fact = f"It is told that {focus}."
    return LocalDraft(
        evidence=focus,
        recall=fact,
        question=f"{asked[1] if asked else 'What'} is {verb} of {name} beside {tail}?",
        answer=fact,
    )


def _global(prompt: str) -> GlobalDraft:
    """What is told of the name wanted, by the style wanted."""
    name, _, style = (
        prompt.partition("one short question about ")[2]
        .partition("\n")[0]
        .partition(" that all these sentences answer together. ")
    )
    verb = "known" if "An earlier draft was rejected" in prompt else "told"
    return GlobalDraft(question=f"What is {verb} of {_plain(name)}, and {' '.join(words(style))}?")


def _unknown(prompt: str) -> UnknownDraft:
    name, _, style = _line(prompt, "Ask about ").partition(": ")
    again = " as remembered" if "An earlier draft was rejected" in prompt else ""
    return UnknownDraft(question=f"What is {UNTOLD} {_plain(name)}, asked {style.rstrip('.')}{again}?")


def _wordings(prompt: str) -> str:
    return scripted_wordings({"openings": prompt, "question": _line(prompt, "Question: ")})


def _type(name: str) -> str:
    return "person" if " " in name else "place"


def _document(prompt: str) -> str:
    return prompt.partition("<document>\n")[2].rpartition("\n</document>")[0]


def _line(prompt: str, opening: str) -> str:
    """The rest of the line that begins with `opening`, "" if there is none."""
    found = re.search(rf"^{re.escape(opening)}(.*)$", prompt, re.MULTILINE)
    return found[1].strip() if found else ""


def _plain(text: str) -> str:
    """`text` without the marks that a question's schema forbids."""
    return " ".join(re.sub(r'["\\?\n]', " ", text).split())


def _pairs(prompt: str) -> PairVerdicts:
    """Of each numbered pair: two things."""
    numbers = re.findall(r"^(\d+)\. .+ and ", prompt, re.MULTILINE)
    return PairVerdicts(verdicts=[PairVerdict(pair=int(number), verdict="different") for number in numbers])


WRITERS: dict[str, Callable[[str], Any]] = {
    "Look": _look,
    "Lines": _lines,
    "ReportDraft": _report,
    "LocalDraft": _local,
    "GlobalDraft": _global,
    "UnknownDraft": _unknown,
    "Wordings": _wordings,
    "PairVerdicts": _pairs,
}


def as_message(asked: ChatRequest, text: str) -> dict[str, Any]:
    """The assistant's message in the form asked for: content, or the arguments of the tool."""
    if asked.form != "tools":
        return {"role": "assistant", "content": text}
    arguments = text if asked.schema in {*WRITERS, *FACT_ROLES, "Judgement"} else json.dumps({"text": text})
    call = {
        "id": f"call_{asked.key[:12]}",
        "type": "function",
        "function": {"name": asked.tool, "arguments": arguments},
    }
    return {"role": "assistant", "content": None, "tool_calls": [call]}

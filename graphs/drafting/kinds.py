"""Every kind of question, once. A new one is a file beside the others, one line here, and its name in the records."""

from __future__ import annotations

from collections.abc import Iterable

from agents.records import Brief
from graphs.config import SynthesisConfig
from graphs.drafting.community import COMMUNITY
from graphs.drafting.kind import Knowledge, QuestionKind
from graphs.drafting.local import LOCAL
from graphs.drafting.multi_hop import MULTI_HOP
from graphs.drafting.rewrite import REWRITE
from graphs.drafting.unanswerable import UNANSWERABLE

KINDS: dict[str, QuestionKind] = {kind.name: kind for kind in (LOCAL, COMMUNITY, MULTI_HOP, UNANSWERABLE, REWRITE)}


def first_briefs(known: Knowledge, config: SynthesisConfig) -> list[Brief]:
    """The briefs of all kinds that need no report; of local ones as many as the budget wants at first."""
    return [brief for kind in KINDS.values() if not kind.of_reports for brief in kind.briefs(known, config)]


def report_briefs(known: Knowledge, config: SynthesisConfig) -> list[Brief]:
    """The briefs of all kinds that are made of reports."""
    return [brief for kind in KINDS.values() if kind.of_reports for brief in kind.briefs(known, config)]


def teaches(kind: str) -> bool:
    """Whether rows of this kind teach an answer: refusals, quotes and rows to remember the base by do not."""
    return kind in KINDS and KINDS[kind].teaches


def reaching(briefs: Iterable[Brief]) -> list[Brief]:
    """The briefs that reach what they are about, since their questions are answered."""
    return [brief for brief in briefs if teaches(brief.kind)]

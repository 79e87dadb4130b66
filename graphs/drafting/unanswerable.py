"""Drafts of questions that the page does not answer."""

from __future__ import annotations

from agents.models.client import Client
from agents.records import Brief
from agents.roles.question_writer import write_unknown
from agents.text.unanswerable_templates import question_by_template
from graphs.drafting.sources import Sources


async def ask_unanswerable(sources: Sources, writer: Client, brief: Brief, reasons: list[str]) -> str:
    """A question that the page does not answer; at first one about a person by rule, where no word of the page hints at its answer."""
    person = any(sources.entities[target].type == "person" for target in brief.targets if target in sources.entities)
    by_rule = question_by_template(brief.subject, brief.style, sources.page(brief)) if person and not reasons else ""
    return (
        by_rule
        or (await write_unknown(writer, sources.page(brief), brief.subject, brief.style, reasons)).question.strip()
    )

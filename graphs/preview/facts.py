"""`synthesize --preview N` of recipe facts: some facts with all their questions, and what became of these.

A few passages go through the loop of the coming run, so that their replies, kept in the call store, are not paid again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from agents.console import Console
from agents.facts import Fact, Passage
from agents.models.client import Client
from agents.project import Project
from agents.records import Brief, Example, Rejected
from agents.roles.checks import Draft
from agents.spread import spread
from graphs.concurrency import gather
from graphs.context import Context
from graphs.drafting.gates import Fault
from graphs.facts.loop import begin, build_passage_loop, passage
from graphs.facts.passage import Page
from graphs.facts.rows import FactSources
from graphs.facts.writers import writer_of
from graphs.preview.followed import Followed, Try
from graphs.source import Corpus

FACTS_A_PASSAGE = 5  # shown: one passage for so many of the facts that are asked for


async def followed_facts(
    project: Project, corpus: Corpus, clients: Mapping[str, Client], console: Console, count: int
) -> list[Followed]:
    """`count` facts of passages spread over the corpus, each with its questions; none if no passage holds a fact."""
    context = Context(project, clients, console, corpus)
    read = corpus.index.documents if corpus.folder else corpus.loaded.documents
    documents = {document.id: document for document in read}
    sources = FactSources(context.synthesis, clients, documents, {chunk.id: chunk for chunk in corpus.chunks})
    loop = build_passage_loop(sources, writer_of(sources, context.knowledge))
    chosen = spread(corpus.chunks, math.ceil(count / FACTS_A_PASSAGE))
    with console.stage("preview", len(chosen)) as stage:

        async def one(number: int) -> list[Followed]:
            page = Page(sources, chosen[number])
            made = passage(await loop.ainvoke(begin(page)))
            stage.count("failed" if made.reason else "done")
            path = documents[page.chunk.document_id].path
            return [_followed(fact, made, path, page.chunk.text) for fact in made.facts]

        try:
            of_passages = await gather(range(len(chosen)), one, context.turn("passages"))
        finally:
            await context.close_clients()
    return spread([fact for facts in of_passages for fact in facts], count)


def _followed(fact: Fact, made: Passage, path: str, page: str) -> Followed:
    kept = [row for row in made.examples if row.fact == fact.id]
    lost = [fault for fault in made.rejected if fault.brief == fact.id]
    brief = Brief(
        id=fact.id,
        kind="local",
        style="fact",
        targets=[fact.id],
        chunk_ids=[made.chunk_id],
        statements=[fact.statement],
    )
    tries = [Try([], _draft(row)) for row in kept]
    tries += [Try([], _draft(row), fault=Fault(row.gate, row.reason, row.raw)) for row in lost]
    return Followed(brief, [path], page, tries, "kept" if kept else "rejected")


def _draft(row: Example | Rejected) -> Draft:
    return Draft(row.kind, row.question, "", row.answer, row.evidence if isinstance(row, Example) else [])

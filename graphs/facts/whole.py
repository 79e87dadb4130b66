"""Questions about the whole: every community is reported on, from the deepest level up, and asked about at once.

Map–reduce as in GraphRAG (arXiv 2404.16130, section 3.1): a leaf reads its facts, a parent its children's findings and
the facts of members that are in no child. The answer of a row is its findings as they stand, so that it is as true as
they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from agents.errors import ITEM_ERRORS
from agents.facts import Fact
from agents.progress import Stage
from agents.records import Community, Finding, Rejected, Report, content_id
from agents.roles.fact_reporter import FACT_REPORTER, FactReportDraft, FindingDraft, WholeDraft, report_facts
from agents.roles.role import FENCE
from agents.text.language import language_name
from agents.text.prompt_injection import gives_orders
from agents.text.spans import locate
from agents.text.stems import content_stems
from agents.text.values import says, values_in
from graphs.concurrency import BottomUp, gather
from graphs.dataset.contrast import Names
from graphs.facts.checks import strange_names
from graphs.facts.knowledge import entities_by_name
from graphs.facts.rows import FactSources, Question, Written, rejection
from graphs.facts.told import Told, check_question, facts_by_entity, judged, sorted_out, together

OF_ALL = 3  # times as many questions of the whole corpus as of a part of it
MOST_NAMES = 12  # of a community that its reporter is told
MOST_CLAIM = 250  # characters; 25 words are asked for
MOST_FACTS = 12  # of a finding of findings: those nearest to its claim
MOST_FINDINGS = 3  # of an answer: about 60 words, which a small student can learn
MOST_JUDGED = 60  # facts that the critic is shown at once
CLOSED = tuple(".!?…。！？")
UNSPACED = {"zh", "ja"}  # languages that write no blank between sentences


class Said(NamedTuple):
    """What a reporter reads or writes: a fact or a finding, with the facts that carry it."""

    text: str
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Reported:
    """What a community's reply came to."""

    report: Report
    claims: Sequence[Said]
    passed: Sequence[Question]
    rejected: Sequence[Rejected]
    facts: Mapping[str, Sequence[Fact]]
    """Of each question, by the id of its group."""


class Whole(NamedTuple):
    """The reports in the order of the communities, and the rows about the whole."""

    reports: list[Report]
    written: Written


async def write_whole(sources: FactSources, stage: Stage | None = None) -> Whole:
    """A report for each community, and rows from it; one that fails is counted and left out.

    All calls of a level are open at once, and the critic reads a community's rows while its parent is written.
    """
    communities = list(sources.communities.values())
    reporter, bottom_up = Reporter(sources), BottomUp(communities)
    reported: dict[str, Reported] = {}

    async def one(community: Community) -> Written:
        found, failed = None, []
        async with bottom_up.turn(community) as children:
            try:
                if found := await reporter.report(community, children, reported):
                    reported[community.id] = found
            except ITEM_ERRORS as error:
                nothing = Question("global", community.id, "", "", "", "", [])
                failed = [rejection(nothing, "writer", error.reason, 1, error.said)]
        if stage:
            stage.count("done" if found else "failed")
        return await reporter.judged(found) if found else Written([], failed)

    written = together(await gather(communities, one, nullcontext()))
    return Whole([reported[c.id].report for c in communities if c.id in reported], written)


class Reporter:
    """Reports on communities; what it reads of the facts is looked up once."""

    def __init__(self, sources: FactSources) -> None:
        self.sources = sources
        self._about = facts_by_entity(sources)
        self._order = {fact: n for n, fact in enumerate(sources.facts)}
        self._by_name = entities_by_name(sources.entities.values())
        self._names = Names(list(sources.entities.values()))

    async def report(
        self, community: Community, children: Sequence[Community], reported: Mapping[str, Reported]
    ) -> Reported | None:
        """The report of a community with its questions that pass the checks; None if there is no finding."""
        lines = self.lines(community, children, reported)
        if not lines:
            return None
        told, config = Told(self.sources, _facts(lines)), self.sources.config
        asked = config.global_.briefs_per_report * (OF_ALL if community.level == 0 else 1)
        draft = await report_facts(
            self.sources.clients[FACT_REPORTER.model_key],
            self._most_told(community),
            [line.text for line in lines],
            community.level == 0,
            asked,
            config.phrasings,
            language_name(told.language),
        )
        claims = [self._claim(finding, lines, told.language) for finding in draft.findings]
        if not (kept := [claim for claim in claims if claim]):
            return None
        checked, facts = self._asked(community, draft.questions[:asked], claims, told)
        passed, rejected = sorted_out(checked, told.language)
        return Reported(self._as_report(community, draft, kept, told), kept, passed, rejected, facts)

    def lines(
        self, community: Community, children: Sequence[Community], reported: Mapping[str, Reported]
    ) -> list[Said]:
        """What is known of a community within `report_characters`: of each child its first findings, and facts.

        Facts that name more of its members come first; those that are taken stand in the order of the documents.
        """
        known = [reported[child.id] for child in children if child.id in reported]
        covered = {eid for child in children if child.id in reported for eid in child.entity_ids}
        rounds = zip_longest(*(child.claims for child in known))
        findings = [line for row in rounds for line in row if line]
        left = self.sources.config.report_characters
        taken: list[Said] = []
        for line in findings:
            if left >= len(line.text):
                taken.append(line)
                left -= len(line.text)
        named: dict[str, int] = defaultdict(int)
        for eid in community.entity_ids:
            for fact in self._about.get(eid, []) if eid not in covered else []:
                named[fact.id] += 1
        drawn: list[str] = []
        for fid in sorted(named, key=lambda fid: (-named[fid], content_id("drawn", self.sources.config.seed, fid))):
            if left < (size := len(self._line(self.sources.facts[fid]).text)):
                break
            drawn.append(fid)
            left -= size
        return taken + [self._line(self.sources.facts[fid]) for fid in sorted(drawn, key=self._order.__getitem__)]

    def _line(self, fact: Fact) -> Said:
        """A fact without its quote, with where and when."""
        where = dict.fromkeys(self.sources.title(e.chunk_id) for e in fact.evidence[:2])
        return Said(f"{fact.statement} (in {', '.join(filter(None, [*where, fact.date]))})", [fact])

    def _most_told(self, community: Community) -> list[str]:
        """The names of the members that most is told of."""
        known = [eid for eid in community.entity_ids if eid in self.sources.entities]
        return [
            self.sources.entities[eid].name
            for eid in sorted(known, key=lambda e: (-len(self._about[e]), e))[:MOST_NAMES]
        ]

    def _claim(self, finding: FindingDraft, lines: Sequence[Said], language: str) -> Said | None:
        """A finding with the facts it names, if it says nothing that they do not."""
        text = " ".join(finding.claim.split())
        facts = _facts(lines[n - 1] for n in dict.fromkeys(finding.facts) if 1 <= n <= len(lines))
        wanted = content_stems(text, language)
        near = sorted(facts, key=lambda fact: -len(wanted & content_stems(fact.statement, language)))[:MOST_FACTS]
        told = Told(self.sources, sorted(near, key=lambda fact: self._order[fact.id]), language)
        if not text or not near or len(text) > MOST_CLAIM or not self.carries(told, text):
            return None
        return Said(text if text.endswith(CLOSED) else text + ("。" if language in UNSPACED else "."), told.facts)

    def carries(self, told: Told, text: str) -> bool:
        """Whether every number and every name of `text` stands in the facts, and it gives a model no orders."""
        stated = values_in(text, told.language)
        if gives_orders(text) or FENCE.search(text) or not all(says(value, told.values) for value in stated):
            return False
        own = {name for fact in told.facts for name in fact.entities}
        names = [name for name in self._names.near(text) if locate(name, text)]
        known = all(locate(name, told.context) or self._by_name[name.casefold()].name in own for name in names)
        return known and not strange_names(text, told.context, told.language)

    def _asked(
        self, community: Community, drafts: Iterable[WholeDraft], claims: Sequence[Said | None], whole: Told
    ) -> tuple[list[tuple[Question, str | None]], dict[str, Sequence[Fact]]]:
        """The questions with their faults, and the facts of each group of them; `whole` is all that was reported on."""
        language = whole.language
        checked: list[tuple[Question, str | None]] = []
        facts: dict[str, Sequence[Fact]] = {}
        for draft in drafts:
            numbers = list(dict.fromkeys(draft.findings))
            found = [claims[n - 1] if 1 <= n <= len(claims) else None for n in numbers]
            kept = [claim for claim in found if claim]
            told = Told(self.sources, _facts(kept), language)
            answer = ("" if language in UNSPACED else " ").join(claim.text for claim in kept)
            group = content_id("whole", community.id, draft.form, answer)
            facts[group] = told.facts
            fault = "finding left out" if len(kept) < len(numbers) or not kept else None
            fault = fault or ("too many findings" if len(kept) > MOST_FINDINGS else None)
            for wording in draft.questions:
                text = " ".join(wording.split())
                asked = Question("global", group, draft.form, text, answer, answer, told.evidence)
                checked.append((asked, fault or check_question(asked, whole)))
        return checked, facts

    def _as_report(self, community: Community, draft: FactReportDraft, claims: Sequence[Said], told: Told) -> Report:
        """The report; a title or summary that says more than the facts gives way to what the findings say."""
        title, summary = (" ".join(text.split()) for text in (draft.title, draft.summary))
        return Report(
            id=community.id,
            title=title if title and self.carries(told, title) else ", ".join(self._most_told(community)[:3]),
            summary=summary if self.carries(told, summary) else " ".join(claim.text for claim in claims[:2]),
            findings=[
                Finding(claim=c.text, chunk_ids=sorted({e.chunk_id for fact in c.facts for e in fact.evidence}))
                for c in claims
            ],
        )

    async def judged(self, reported: Reported) -> Written:
        """The rows of a report that the critic keeps; it is shown the facts of their findings, so many at a time."""
        batches: list[tuple[list[Question], dict[str, Fact]]] = []
        for asked in reported.passed:
            facts = {fact.id: fact for fact in reported.facts[asked.fact]}
            if not batches or len(batches[-1][1] | facts) > MOST_JUDGED:
                batches.append(([], {}))
            batches[-1][0].append(asked)
            batches[-1][1].update(facts)

        async def one(batch: tuple[list[Question], dict[str, Fact]]) -> Written:
            asked, facts = batch
            return await judged(Told(self.sources, list(facts.values())), asked, FACT_REPORTER, reported.report.id)

        rows = await gather(batches, one, nullcontext())
        return together([Written([], list(reported.rejected)), *rows])


def _facts(lines: Iterable[Said]) -> list[Fact]:
    """The facts of some lines, each once."""
    return list({fact.id: fact for line in lines for fact in line.facts}.values())

"""Briefs about the whole: findings of a report that one question asks for together.

They tell of one name, alike of two, or of amounts. Summaries, comparisons and rankings are asked for by rule: a small
teacher writes questions that the findings do not answer.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agents.records import Brief, Entity, Finding, Report
from agents.roles.question_writer import COMPARISON, RANKING, SUMMARY, subject_of, with_article
from agents.text.dates import DATE
from agents.text.names import undated_names
from agents.text.numbers import numbers_in
from agents.text.words import content_words, stem, words
from graphs.briefs.amounts import amounts_in
from graphs.briefs.brief import brief_of, manner
from graphs.briefs.styles import REASON
from graphs.config import GLOBAL_STYLES, SynthesisConfig

MOST_FINDINGS = 3
"""Of a question: its answer is all of them, and a student on two cores learns about sixty tokens a row."""
BY_RULE = ("summary", "comparison", "ranking")


class FindingsAsk(NamedTuple):
    """A style, what the question is about, the findings that answer it, and the entities that are compared.

    The findings stand in the order they are told.
    """

    style: str
    about: str
    findings: Sequence[Finding]
    entities: tuple[Entity, ...] = ()


def global_briefs(reports: Sequence[Report], entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """Up to `global.briefs_per_report` briefs for every report, none asked twice.

    The report is the first target, entities that are compared are the others.
    """
    briefs: list[Brief] = []
    asked: set[tuple[str, str]] = set()
    by_name = _by_name(entities)
    for report in sorted(reports, key=lambda r: r.id):
        every = _asks(_distinct(report.findings), by_name, random.Random(f"{config.seed} {report.id}"))
        for ask in itertools.islice((ask for ask in every if ask[:2] not in asked), config.global_.briefs_per_report):
            asked.add(ask[:2])
            chunk_ids = sorted({cid for finding in ask.findings for cid in finding.chunk_ids})
            claims = [finding.claim for finding in ask.findings]
            targets = [report.id, *(entity.id for entity in ask.entities)]
            brief = brief_of("global", ask.style, targets, chunk_ids, claims, subject_of(claims))
            asker = "" if ask.style in BY_RULE else manner(brief, config)["asker"]
            briefs.append(brief.model_copy(update={"asker": asker, "length": "paragraph", "depth": "connect"}))
    return list({tuple(brief.statements): brief for brief in briefs}.values())


def asked_by_rule(brief: Brief) -> bool:
    """Whether a brief about the whole has one question, which no model writes."""
    return brief.style in BY_RULE


def question_by_rule(brief: Brief, entities: Mapping[str, Entity]) -> str:
    """The question of a brief that is asked by rule; empty for the others, whose questions are written."""
    if brief.style == "summary":
        return SUMMARY.format(name=brief.subject)
    if brief.style == "comparison":
        said = "\n".join(brief.statements)
        first, second = (with_article(_as_told(entities[eid], said), said) for eid in brief.targets[1:])
        return COMPARISON.format(first=first, second=second)
    if brief.style == "ranking":
        return RANKING.format(unit=_ranked_by(brief.statements), name=brief.subject)
    return ""


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, a line each, but for those whose content words all stand in another one.

    "Ann is a miller." goes beside "Ann is a miller in Marrow.".
    """
    lines = [finding.model_copy(update={"claim": " ".join(finding.claim.split())}) for finding in findings]
    held = [content_words(line.claim) for line in lines]
    return [
        line
        for n, line in enumerate(lines)
        if not any(held[n] < other or (held[n] == other and m < n) for m, other in enumerate(held) if m != n)
    ]


def _by_name(entities: Sequence[Entity]) -> dict[str, Entity]:
    """The entity of each name and alias; a name of two things is left out."""
    named: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        for name in {entity.name, *entity.aliases}:
            named[name].append(entity)
    return {name: found[0] for name, found in named.items() if len(found) == 1}


def _asks(findings: Sequence[Finding], by_name: Mapping[str, Entity], rng: random.Random) -> Iterator[FindingsAsk]:
    """Every name that several findings share, once; then what can be compared and ranked; then the names again.

    Each time a name comes again, it is in its next style.
    """
    told: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for name in dict.fromkeys(undated_names(finding.claim)):
            told[name].append(finding)
    shared = [(name, found, styles_of_name(name, found)) for name, found in sorted(told.items()) if len(found) > 1]
    rng.shuffle(shared)
    yield from _in_style(0, shared, rng)
    yield from comparisons(findings, by_name)
    yield from rankings(told)
    for turn in range(1, len(GLOBAL_STYLES)):
        yield from _in_style(turn, shared, rng)


def _in_style(
    turn: int, shared: Sequence[tuple[str, list[Finding], list[str]]], rng: random.Random
) -> Iterator[FindingsAsk]:
    """Some findings of each name, in the style number `turn` that they serve."""
    for name, found, served in shared:
        if turn < len(served):
            chosen = rng.sample(range(len(found)), min(MOST_FINDINGS, len(found)))
            yield FindingsAsk(served[turn], name, [found[n] for n in sorted(chosen)])


def styles_of_name(name: str, findings: Sequence[Finding]) -> list[str]:
    """The questions that findings about `name` can answer together, by what stands in them; a plain summary always."""
    claims = [finding.claim for finding in findings]
    others = {other for claim in claims for other in undated_names(claim)} - {name}
    served = {
        "change": sum(bool(DATE.search(claim)) for claim in claims) > 1,
        "people": len(others) > 1,
        "causes": any(map(REASON.search, claims)),
    }
    return ["summary", *(style for style, fits in served.items() if fits)]


def comparisons(findings: Sequence[Finding], by_name: Mapping[str, Entity]) -> Iterator[FindingsAsk]:
    """Two entities of one type, each named first in a finding.

    Both say something in the same words and name nothing in common. The most alike first.
    """
    names = [undated_names(finding.claim) for finding in findings]
    subjects = [by_name.get(found[0]) if found else None for found in names]
    plain = [_plain(finding) for finding in findings]
    best: dict[str, tuple[int, FindingsAsk]] = {}
    for left, right in itertools.combinations(range(len(findings)), 2):
        a, b, alike = subjects[left], subjects[right], len(plain[left] & plain[right])
        if a and b and a.id != b.id and a.type == b.type and alike and not {*names[left]} & {*names[right]}:
            ask = FindingsAsk(
                "comparison", " and ".join(sorted((a.name, b.name))), (findings[left], findings[right]), (a, b)
            )
            best[ask.about] = min(best.get(ask.about, (0, ask)), (-alike, ask), key=lambda pair: pair[0])
    yield from (ask for _, ask in sorted(best.values(), key=lambda pair: (pair[0], pair[1].about)))


def rankings(told: Mapping[str, Sequence[Finding]]) -> Iterator[FindingsAsk]:
    """Findings about one name that tell different amounts of the same, the most first."""
    for name, findings in sorted(told.items()):
        amounts = [amounts_in(DATE.sub("", finding.claim)) for finding in findings]
        for unit in sorted({unit for found in amounts for unit in found}):
            by_amount = {
                found[unit][0]: finding for found, finding in zip(amounts, findings, strict=True) if unit in found
            }
            if len(by_amount) > 1:
                yield FindingsAsk(
                    "ranking",
                    f"{unit} {name}",
                    [by_amount[amount] for amount in sorted(by_amount, reverse=True)[:MOST_FINDINGS]],
                )


def _ranked_by(claims: Sequence[str]) -> str:
    """What is counted in all of the claims, less in each than in the one before."""
    amounts = [amounts_in(DATE.sub("", claim)) for claim in claims]
    for unit, (_, word) in sorted(amounts[0].items()):
        counts = [found[unit][0] for found in amounts if unit in found]
        if len(counts) == len(claims) and all(more > less for more, less in itertools.pairwise(counts)):
            return word
    raise ValueError(f"nothing is counted in all of {claims!r}")


def _plain(finding: Finding) -> set[str]:
    """The content words of a finding that are no names, dates or numbers."""
    text = DATE.sub("", finding.claim)
    named = {stem(word) for name in undated_names(text) for word in words(name)}
    return content_words(text) - named - {stem(number) for number in numbers_in(text)}


def _as_told(entity: Entity, text: str) -> str:
    """The longest of the entity's names that stands in `text`.

    Its own where a date stands between the words ("Ann on 3 May Hale").
    """
    return max((name for name in (entity.name, *entity.aliases) if name in text), key=len, default=entity.name)

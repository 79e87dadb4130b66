"""What the reports of a GraphRAG index claim, sentence by sentence, each with the chunks that carry it.

GraphRAG writes paragraphs and names their records in brackets: "… [Data: Entities (5, 7); Relationships (23, +more)]"
(its prompts.index.community_report). As with our own summarizer, a claim that no sentence of its chunks carries is left
out, and sentences quoted from the community's chunks take its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from agents.records import Chunk, Community, Entity, Finding, Relation, Report
from agents.roles.community_summarizer import LEANS_ON_CONTEXT, MOST_FINDINGS, is_carried, quoted_findings
from agents.text.sentences import sentences
from graphs.corpus.readers import short_title
from graphs.graphrag.index_reading import IndexReading
from graphs.graphrag.tables import whole
from graphs.knowledge.communities import CHUNKS_OF_COMMUNITY, chunks_of

REFERENCE = re.compile(r"\s*\[Data:([^\]]*)\]", re.IGNORECASE)
RECORDS = re.compile(r"(source|entit|relation|report)\w*\s*\(([^()]*)\)", re.IGNORECASE)
Records = Mapping[tuple[str, int], Sequence[str]]
"""(kind as RECORDS reads it, human_readable_id) → chunk ids."""


class Claim(NamedTuple):
    """A claim, the chunks of the records it names (None if it names none), and whether it stands as it is."""

    text: str
    chunk_ids: list[str] | None
    proven: bool


def read_reports(
    reading: IndexReading,
    chunks: Sequence[Chunk],
    entities: Mapping[str, Entity],
    relations: Mapping[str, Relation],
    communities: Sequence[Community],
    numbers: Mapping[int, Community],
) -> tuple[list[Report], int]:
    """The reports, and how many claims are left out. Only communities that were read have one."""
    texts = {chunk.id: chunk.text for chunk in chunks}
    records = {
        **_records(reading, "source", "text_units", {cid: [cid] for cid in texts}),
        **_records(reading, "entit", "entities", {eid: entity.chunk_ids for eid, entity in entities.items()}),
        **_records(
            reading, "relation", "relationships", {rid: relation.chunk_ids for rid, relation in relations.items()}
        ),
        **{("report", number): community.chunk_ids for number, community in numbers.items()},
    }
    reports: dict[str, Report] = {}
    left_out = 0
    for number, row in reading.rows("community_reports"):
        community = numbers.get(int(row["community"]))
        if community is None:
            reading.skip("community_reports", number, "unknown community", f"community {row['community']}")
            continue
        claims = [claim for finding in row["findings"] or [] if finding for claim in claims_of(finding, records)]
        found = [f for claim in claims if (f := _finding(claim, community, texts))]
        if unproven := len(claims) - len(found):
            found += _quoted(community, entities, texts, found)
        left_out += unproven
        reports[community.id] = Report(
            id=community.id, title=short_title(row["title"] or ""), summary=row["summary"] or "", findings=found
        )
    return [reports[community.id] for community in communities if community.id in reports], left_out


def _records(reading: IndexReading, kind: str, name: str, chunk_ids: Mapping[str, Sequence[str]]) -> Records:
    """The chunks of the records of one table by the number that reports name them with."""
    numbered = ((whole(row["human_readable_id"]), row["id"]) for _, row in reading.rows(name))
    return {(kind, number): chunk_ids[i] for number, i in numbered if number is not None and i in chunk_ids}


def claims_of(finding: Any, records: Records) -> Iterator[Claim]:
    """The sentences of a finding, each with what the next reference names.

    What follows the last one belongs to all of them.

    A finding whose explanation only repeats its summary and names its records is one claim and stands as it is: so our
    own findings are written, which are verified already.
    """
    summary, explanation = (
        (finding, "") if isinstance(finding, str) else (finding["summary"] or "", finding["explanation"] or "")
    )
    *parts, rest = REFERENCE.split(explanation or summary)
    named = [_named(reference, records) for reference in parts[1::2]]
    if summary and [part.rstrip() for part in parts[::2]] == [summary.rstrip()] and not rest:
        yield Claim(summary, named[0], True)
        return
    everything = [cid for ids in named for cid in ids] or None
    for text, ids in [*zip(parts[::2], named, strict=True), (rest, everything)]:
        text = " ".join(text.lstrip(" .,;:").split())
        for start, end in sentences(text):
            yield Claim(text[start:end].rstrip(".") + "." * (text[end - 1] not in "!?"), ids or everything, False)


def _named(reference: str, records: Records) -> list[str]:
    ids = [
        (kind.lower(), int(number))
        for kind, numbers in RECORDS.findall(reference)
        for number in re.findall(r"\d+", numbers)
    ]
    return list(dict.fromkeys(cid for record in ids for cid in records.get(record, [])))


def _finding(claim: Claim, community: Community, texts: Mapping[str, str]) -> Finding | None:
    """The claim with those of its chunks, else of its community's, that carry it; None if there is none."""
    if claim.proven:
        return Finding(claim=claim.text, chunk_ids=claim.chunk_ids or [])
    candidates = community.chunk_ids if claim.chunk_ids is None else claim.chunk_ids
    carriers = (
        [cid for cid in candidates if is_carried(claim.text, texts[cid])]
        if not LEANS_ON_CONTEXT.search(claim.text)
        else []
    )
    return Finding(claim=claim.text, chunk_ids=carriers) if carriers else None


def _quoted(
    community: Community, entities: Mapping[str, Entity], texts: Mapping[str, str], found: Sequence[Finding]
) -> list[Finding]:
    """As many sentences as our own reports have, from the chunks that mention the most of the community."""
    near = [(texts[cid], [cid]) for cid in chunks_of(community.entity_ids, entities)[:CHUNKS_OF_COMMUNITY]]
    names = [entities[eid].name for eid in community.entity_ids]
    return quoted_findings(near, names, {finding.claim for finding in found}, MOST_FINDINGS - len(found))

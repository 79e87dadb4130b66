"""Multi-hop rows of the sentence writer, by rule: one kept question tells who is meant, another asks about them.

"Who bought the mill at Orrin?" makes "the person who bought the mill at Orrin", and that stands for the name in a
question about another document. English alone, and only where the sentence stays easy to read: as its subject, or at
its end.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from agents.records import Example
from agents.roles.path_writer import PathDraft
from agents.text.names import names_in
from agents.text.values import values_in
from graphs.facts.knowledge import entities_by_name
from graphs.facts.multi_hop import Path, check_path
from graphs.facts.rows import FactSources, Question, example
from graphs.facts.told import Told, check_question, documents_of

HELPS = "is|was|has|had|will|can|must"
WHO = re.compile(rf"Who (?P<told>(?!(?:did|do|does|are|were|is it|was it)\b)(?:(?:{HELPS}) )?[a-z][^,;:()\"“”?]+)\?$")
OPEN_END = re.compile(r" (?:to|for|with|by|from|of|at|on|in|about)$")  # "who was she married to" describes nobody
NAMED = re.compile(
    rf"\b(?:(?:did|do|does|{HELPS}) (?P<subject>[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)(?= [a-z])"
    r"|(?:to|for|with|by|from|of|about) (?P<end>[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)(?=\?$))"
)


def write_composed(sources: FactSources, rows: Iterable[Example]) -> list[Example]:
    """At most as many rows as `multi_hop.share` says; one for each answer about a person, the descriptions by turns."""
    by_name = entities_by_name(sources.entities.values())
    about = [row for row in sorted(rows, key=lambda row: (len(row.question), row.id)) if row.fact in sources.facts]
    clues: dict[str, list[tuple[str, Example]]] = defaultdict(list)
    for row in about:
        match, entity = WHO.match(row.question), by_name.get(row.answer.casefold())
        told = match["told"] if match else ""
        precise = names_in(told) or values_in(told)  # "who stood up" may be anybody
        if precise and entity and entity.type == "person" and not OPEN_END.search(told):
            clues[entity.id].append((told, row))
    made: dict[tuple[str, str], Example] = {}
    for row in about:
        match = NAMED.search(row.question)
        entity = by_name.get((match["subject"] or match["end"]).casefold()) if match else None
        if not match or not entity or (row.fact, row.answer) in made:
            continue
        place = match.span("subject") if match["subject"] else match.span("end")
        described = clues[entity.id]
        for told, clue in described[len(made) % max(1, len(described)) :] + described:
            path = Path(entity, sources.facts[clue.fact], sources.facts[row.fact])
            text = f"{row.question[: place[0]]}the person who {told}{row.question[place[1] :]}"
            both = Told(sources, [path.a, path.b], "en")
            statement = f"{path.a.statement} {path.b.statement}"
            asked = Question("multi_hop", path.id, "bridge", text, row.answer, statement, both.evidence)
            draft = PathDraft(pair=1, asked="b", answer=row.answer, questions=[text])
            apart = not documents_of(sources, path.a) & documents_of(sources, path.b)
            if apart and not check_path(asked, path, draft, "en") and not check_question(asked, both):
                made[row.fact, row.answer] = example(sources, asked, None, 1)
                break
    return list(made.values())[: round(sources.config.multi_hop.share * len(sources.facts))]

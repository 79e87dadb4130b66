"""The rules that join names of people.

Titles, the order of names, letters, diminutives, middle names left out, one name alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from graphs.knowledge.aliases import Aliases
from graphs.knowledge.names import BEFORE_GIVEN, GIVEN, Person, fits

MOST_CANDIDATES = (
    50  # fuller names looked at before a briefer one counts as fitting many: no block is compared in pairs
)
COUPLE = {"m", "f"}


def join_people(aliases: Aliases) -> None:
    """Join the names of people, the fullest first.

    So a name alone finds one person and not three spellings of one.
    """
    people = {key: parsed for key in sorted(aliases.names) if (parsed := aliases.names[key].person)}
    full = {key: parsed for key, parsed in people.items() if parsed.given}
    _join_titles(aliases, full)
    _join_briefer(aliases, full)
    _join_alone(aliases, {key: parsed for key, parsed in people.items() if not parsed.given}, full)


def _join_titles(aliases: Aliases, full: Mapping[str, Person]) -> None:
    """Names that are the same without their titles; Mr. and Mrs. Alex Reed are two."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, parsed in full.items():
        groups[parsed.base].append(key)
    for base, keys in groups.items():
        first = base if base in keys else keys[0]
        if not {full[key].gender for key in keys} >= COUPLE:
            for key in keys:
                aliases.join(key, first, "title" if full[key].title or full[first].title else "order of names")


def _join_briefer(aliases: Aliases, full: Mapping[str, Person]) -> None:
    """Letters, diminutives and missing middle names ("J.

    Miller", "Jane Miller", "Jane A. Miller"): each name joins the one fuller name that it fits.
    """
    fuller: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in sorted(
        full, key=lambda k: (len(full[k].given[0]) == 1, full[k].given[0] in GIVEN, -len(full[k].base), k)
    ):
        name = full[key]
        called = [name.given[0], *sorted(GIVEN.get(name.given[0], ()))]
        near = [other for given in called for other in fuller[(name.surname, given)][: MOST_CANDIDATES + 1]]
        if len(near) <= MOST_CANDIDATES:
            rule = (
                "initials"
                if len(name.given[0]) == 1
                else "part of the name"
                if len(name.given) < max((len(full[k].given) for k in near), default=0)
                else ""
            )
            aliases.join_only(
                key,
                (k for k in near if fits(name, full[k]) and (rule or not _met(aliases, key, k))),
                rule or "diminutive",
            )
        for given in {name.given[0], name.given[0][0]}:
            fuller[(name.surname, given)].append(key)


def _met(aliases: Aliases, a: str, b: str) -> bool:
    """Whether both names stand in one chunk: Bill Harker beside William Harker is another man."""
    return bool(aliases.names[a].chunks & aliases.names[b].chunks)


def _join_alone(aliases: Aliases, alone: Mapping[str, Person], full: Mapping[str, Person]) -> None:
    """A first name or a surname, with a title or without, joins the one person who has it."""
    by_word: dict[str, list[str]] = defaultdict(list)
    by_title: dict[str, list[str]] = defaultdict(list)
    genders: dict[str, set[str]] = defaultdict(set)
    for key, name in full.items():
        for word in {name.given[0], name.surname, name.surname.split()[-1]}:
            by_word[word].append(key)
        genders[aliases.root(key)].add(name.gender)
    for key, name in alone.items():
        if name.title:
            by_title[name.surname].append(key)
    couples = {surname for surname, keys in by_title.items() if {alone[key].gender for key in keys} >= COUPLE}
    for key, name in alone.items():
        if name.gender and name.surname in couples:
            continue
        likely = [
            k
            for k in by_word[name.surname]
            if _may_be(name, full[k]) and not genders[aliases.root(k)] | {name.gender} >= COUPLE
        ]
        found = aliases.join_only(key, likely, "title" if name.title else "part of the name")
        if not found and not name.title and not aliases.join_only(key, by_title[name.surname], "title"):
            called = (
                k
                for given in GIVEN.get(name.surname, ())
                for k in by_word[given]
                if aliases.names[k].documents & aliases.names[key].documents
            )
            aliases.join_only(key, (k for k in called if full[k].given[0] in GIVEN[name.surname]), "diminutive")


def _may_be(short: Person, full: Person) -> bool:
    """Behind most titles stands a surname ("Captain Skane").

    Behind "Sister", and without a title, perhaps a first name.
    """
    return not short.title or short.title in BEFORE_GIVEN or short.surname in (full.surname, full.surname.split()[-1])

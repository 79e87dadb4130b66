"""The rules that join names of what is no person.

Legal forms, kinds in front, acronyms, clipped names, names told in the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from graphs.knowledge.aliases import Aliases, Name
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.names import (
    acronym,
    canonical,
    folded,
    initials,
    is_common,
    place_alone,
    without_kind,
    without_legal_form,
)

PLACES = frozenset({"place", "location", "geo", "city", "country"})
COMPANIES = frozenset({"organization", "organisation", "company", "institution"})
LEAST_LETTERS = 3  # of an acronym that is believed without a document in common
CHARACTERS_AROUND = 80  # characters on either side of "known as" in which the two names stand
TOLD = re.compile(
    r"\b(?:(?:also |better )?known as|a\.k\.a\.|aka|nicknamed|formerly|n[ée]e|alias)\s|\b(?:is short for|stands for)\s"
)
IN_BRACKETS = re.compile(r"\(([^()\n]{2,60})\)")

SHORTENED: tuple[tuple[str, Callable[[Name], str]], ...] = (
    ("possessive", lambda name: name.form.removesuffix(" s")),
    ("legal form", lambda name: without_legal_form(name.form) if name.share(COMPANIES) else name.form),
    ("kind of place", lambda name: place_alone(name.spelling) if name.share(PLACES) else name.form),
    ("kind in front", lambda name: without_kind(name.spelling)),
)


def join_told(aliases: Aliases, text: Mentions) -> None:
    """Names that the text says are one: "Margaret Hale, known as Peg", "Ostrey Harbour Authority (OHA)"."""
    here: dict[str, list[Name]] = defaultdict(list)
    for name in aliases.names.values():
        for cid in name.chunks:
            here[cid].append(name)
    for cid in sorted(here):
        for alias, full in _told(text.chunks[cid].text, here[cid]):
            if alias.is_like(full):
                aliases.join(alias.key, full.key, "told in the text")


def _told(text: str, names: list[Name]) -> Iterator[tuple[Name, Name]]:
    """(alias, name) pairs of one chunk."""
    for match in TOLD.finditer(text):
        left, right = _ending(text[: match.start()], names), _beginning(text[match.end() :], names)
        if left and right and left is not right:
            yield (left, right) if match[0].startswith(("is short", "stands")) else (right, left)
    for match in IN_BRACKETS.finditer(text):
        left, right = _ending(text[: match.start()], names), _beginning(match[1], names)
        if left and right:
            yield from ((a, b) for a, b in ((left, right), (right, left)) if acronym(a.spelling) in initials(b.form))


def _ending(text: str, names: list[Name]) -> Name | None:
    """The longest of the names that the text ends with."""
    last = f" {folded(text[-CHARACTERS_AROUND:])}"
    return max(
        (name for name in names if last.endswith(f" {name.form}")), key=lambda name: len(name.form), default=None
    )


def _beginning(text: str, names: list[Name]) -> Name | None:
    first = f"{canonical(text[:CHARACTERS_AROUND])} "
    return max(
        (name for name in names if first.startswith(f"{name.form} ")), key=lambda name: len(name.form), default=None
    )


def join_things(aliases: Aliases) -> None:
    """Legal forms, kinds in front, acronyms and clipped names."""
    for rule, shortened in SHORTENED:
        longer: dict[str, list[str]] = defaultdict(list)
        for key, name in aliases.names.items():
            form = shortened(name)
            if form != name.form and form in aliases.names and name.is_like(aliases.names[form]):
                longer[form].append(key)
        for form, keys in longer.items():
            if (
                rule != "kind of place"
                or len({tail for key in keys if (tail := aliases.names[key].spelling.partition(",")[2])}) < 2
            ):
                for key in keys:
                    aliases.join(key, form, rule)
    things = {key: aliases.names[key] for key in sorted(aliases.names) if aliases.names[key].person is None}
    _join_acronyms(aliases, things)
    _join_clipped(aliases, things)


def _join_acronyms(aliases: Aliases, things: Mapping[str, Name]) -> None:
    """An acronym ("OHA") joins the only name that has these letters.

    In a document of its own, or of one type and three letters or more.
    """
    by_letters: dict[str, list[str]] = defaultdict(list)
    for key, name in things.items():
        for letters in initials(name.form):
            by_letters[letters].append(key)
    for key, name in things.items():
        letters = acronym(name.spelling)
        if letters:
            sure = len(letters) >= LEAST_LETTERS
            fit = (
                k
                for k in by_letters[letters]
                if things[k].documents & name.documents or sure and things[k].is_like(name)
            )
            aliases.join_only(key, fit, "acronym")


def _join_clipped(aliases: Aliases, things: Mapping[str, Name]) -> None:
    """Names cut short: "Norvik" of "Norvik Labs", if both are companies.

    "the Institute" and "lens" of the only one there is.
    """
    by_first: dict[str, list[str]] = defaultdict(list)
    by_last: dict[str, list[str]] = defaultdict(list)
    for key, name in things.items():
        first, _, rest = name.form.partition(" ")
        if rest and " s " not in name.form:
            by_first[first].append(key)
            by_last[rest.split()[-1]].append(key)
    for key, name in things.items():
        if is_common(name.spelling):
            fit = (k for k in by_last[name.form] if things[k].is_like(name))
        elif name.share(COMPANIES):
            fit = (k for k in by_first[name.form] if things[k].share(COMPANIES) and things[k].is_like(name))
        else:
            continue
        aliases.join_only(key, fit, "part of the name")

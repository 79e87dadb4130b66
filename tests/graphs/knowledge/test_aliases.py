"""The forest of names: fuller names at the roots, documents with a mind of their own."""

from __future__ import annotations

from collections import Counter

from graphs.knowledge.aliases import Aliases
from graphs.knowledge.names import Name


def names(*forms: str, kind: str = "person") -> dict[str, Name]:
    return {form: Name(form, form, Counter([form.title()]), Counter([kind]), {"chunk-1"}, {"doc-1"}) for form in forms}


def test_the_fuller_name_is_the_root_and_the_first_rule_is_kept() -> None:
    aliases = Aliases(names("ann", "ann hale", "ann b hale"), lambda form: {"doc-1"})
    aliases.join("ann", "ann hale", "first")
    aliases.join("ann hale", "ann b hale", "second")
    aliases.join("ann", "ann b hale", "third")
    assert [aliases.root(key) for key in ("ann", "ann hale", "ann b hale")] == ["ann b hale"] * 3
    assert [aliases.rule(key, "doc-1") for key in ("ann", "ann hale", "ann b hale")] == ["first", "second", ""]


def test_of_several_candidates_the_documents_decide() -> None:
    stands = {"ann": {"a", "b", "c"}, "ann hale": {"a", "c"}, "ann reed": {"b", "c"}}
    aliases = Aliases(names(*stands), stands.__getitem__)
    aliases.join_only("ann", ["ann hale", "ann reed"], "rule")
    assert [aliases.root("ann", document) for document in "abc"] == ["ann hale", "ann reed", "ann"]


def test_candidates_that_are_one_person_already_are_one() -> None:
    aliases = Aliases(names("ann", "ann hale", "a hale"), lambda form: {"doc-1"})
    aliases.join("a hale", "ann hale", "initials")
    aliases.join_only("ann", ["a hale", "ann hale"], "part")
    assert aliases.root("ann") == "ann hale"


def test_what_is_kept_apart_is_never_joined() -> None:
    aliases = Aliases(names("ann", "ann hale"), lambda form: {"doc-1"}, [["Ann", "ANN HALE"]])
    aliases.join("ann", "ann hale", "rule")
    assert aliases.root("ann") == "ann"

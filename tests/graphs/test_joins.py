"""The forest of names: fuller names at the roots, documents with a mind of their own."""

from collections import Counter

from graphs.joins import Joins, Name


def names(*forms, kind="person"):
    return {form: Name(form, form, Counter([form.title()]), Counter([kind]), {"chunk-1"}, {"doc-1"}) for form in forms}


def test_the_fuller_name_is_the_root_and_the_first_rule_is_kept():
    joins = Joins(names("ann", "ann hale", "ann b hale"), lambda form: {"doc-1"})
    joins.join("ann", "ann hale", "first")
    joins.join("ann hale", "ann b hale", "second")
    joins.join("ann", "ann b hale", "third")
    assert [joins.root(key) for key in ("ann", "ann hale", "ann b hale")] == ["ann b hale"] * 3
    assert [joins.rule(key, "doc-1") for key in ("ann", "ann hale", "ann b hale")] == ["first", "second", ""]


def test_of_several_candidates_the_documents_decide():
    stands = {"ann": {"a", "b", "c"}, "ann hale": {"a", "c"}, "ann reed": {"b", "c"}}
    joins = Joins(names(*stands), stands.__getitem__)
    assert joins.join_only("ann", ["ann hale", "ann reed"], "rule")
    assert [joins.root("ann", document) for document in "abc"] == ["ann hale", "ann reed", "ann"]


def test_candidates_that_are_one_person_already_are_one():
    joins = Joins(names("ann", "ann hale", "a hale"), lambda form: {"doc-1"})
    joins.join("a hale", "ann hale", "initials")
    joins.join_only("ann", ["a hale", "ann hale"], "part")
    assert joins.root("ann") == "ann hale"


def test_what_is_kept_apart_is_never_joined():
    joins = Joins(names("ann", "ann hale"), lambda form: {"doc-1"}, [["Ann", "ANN HALE"]])
    joins.join("ann", "ann hale", "rule")
    assert joins.root("ann") == "ann"

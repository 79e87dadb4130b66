"""Names taken apart: what is folded, what is a title or a legal form, what is a common noun."""

from __future__ import annotations

from collections import Counter

import pytest

from graphs.knowledge.names import MOST_PARSED, Name, canonical


def name(spelling: str, kind: str = "person") -> Name:
    form = canonical(spelling)
    return Name(form, form, Counter([spelling]), Counter([kind]), {"chunk-1"}, {"doc-1"})


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("The Boat", "boat", True),
        ("Gull-Point", "gull point", True),
        ("Ann", "Anna", False),
        ("a mill", "an mill", True),
        ("José Núñez", "JOSE NUNEZ", True),
        ("Groß & Söhne", "gross and sohne", True),
        ("東浜市", "西浜市", False),
        ("Ann's house", "Ann", False),
    ],
    ids=["article-case", "punctuation", "another-name", "articles", "accents", "ampersand", "signs", "possessive"],
)
def test_names_are_looked_up_folded(left: str, right: str, same: bool) -> None:
    assert (canonical(left) == canonical(right)) is same


@pytest.mark.parametrize(
    ("spelling", "kind", "words", "mark"),
    [
        ("Dr. Jane A. Miller", "person", "jane a miller", "dr"),
        ("Miller, Jane", "person", "jane miller", ""),
        ("A. Miller", "person", "a miller", ""),
        ("Tom Hale Jr.", "person", "tom hale jr", ""),
        ("Captain Skane", "person", "skane", "captain"),
        ("Captain", "person", "captain", ""),
        ("Kevin's", "person", "kevin", ""),
        ("Kevin S.", "person", "kevin s", ""),
        ("Brandt & Söhne GmbH", "organization", "brandt and sohne", "gmbh"),
        ("Co", "organization", "co", ""),
        ("The Dr. Jane", "thing", "dr jane", ""),
    ],
    ids=[
        "title",
        "order",
        "letter",
        "suffix",
        "title-and-surname",
        "title-alone",
        "possessive",
        "letter-behind",
        "legal-form",
        "legal-form-alone",
        "no-person",
    ],
)
def test_a_name_is_compared_without_title_and_legal_form(spelling: str, kind: str, words: str, mark: str) -> None:
    parts = name(spelling, kind).parts
    assert (" ".join(parts.words), parts.mark) == (words, mark)


def test_common_nouns_are_equal_in_the_plural_and_names_are_not() -> None:
    assert name("drift nets", "thing").normal == name("the drift net", "thing").normal
    assert name("Tolleys", "thing").normal != name("Tolley", "thing").normal
    assert [name(n, "thing").is_common for n in ("lens", "the Institute", "Norvik", "Harbour Meeting")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_name_of_half_a_page_is_cut_before_it_is_parsed() -> None:
    assert len(" ".join(name("Ann " * 10_000).parts.words)) <= MOST_PARSED

"""Names by rule in languages with capital letters."""

from __future__ import annotations

import pytest

from agents.text.capitalised import capitalised_names, has_capitals


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (
            "de",
            "Anna Berg eröffnete die Mühle in Lund am 4. Mai 1921. Sie zahlte 300 Kronen für das neue Rad. "
            "Karl Holm baute die Brücke über die Save. Der Rat von Lund wählte Maria Stein zur Schreiberin.",
            ["Anna Berg", "Lund", "Karl Holm", "Maria Stein"],
        ),
        (
            "es",
            "Ana Díaz abrió el molino en Vigo el 4 de mayo. Ella pagó 300 coronas. Juan navegó por el Río de la Plata.",
            ["Ana Díaz", "Vigo", "Juan", "Río de la Plata"],
        ),
        (
            "fr",
            "L’usine ferma lundi. Émile Zola l’acheta. Qu’il revienne, dit Élodie Brûlé. C’est Émile qui paya.",
            ["Émile Zola", "Élodie Brûlé", "Émile"],
        ),
        (
            "ru",
            "Анна Берг открыла мельницу в Лунде 4 мая 1921 года. Она заплатила 300 крон. Карл Хольм построил мост.",
            ["Анна Берг", "Лунде", "Карл Хольм"],
        ),
        (
            "el",
            "Η Άννα Μπεργκ άνοιξε τον μύλο στη Λουντ. Ο Κώστας Χολμ έχτισε τη γέφυρα το 1925.",
            ["Άννα Μπεργκ", "Λουντ", "Κώστας Χολμ"],
        ),
        ("nl", "Vincent van Gogh woonde in Den Haag.", ["Vincent van Gogh", "Den Haag"]),
        ("zh", "王小明于1921年在临海开办了面粉厂。", []),
        ("ar", "افتتحت آنا بيرغ الطاحونة في لوند.", []),
    ],
    ids=["german-nouns", "spanish", "french-elisions", "cyrillic", "greek", "small-words-inside", "chinese", "arabic"],
)
def test_names_are_told_from_words_that_open_a_sentence(language: str, text: str, names: list[str]) -> None:
    assert list(capitalised_names(text, language)) == names


def test_headings_and_rows_of_tables_name_nobody() -> None:
    assert capitalised_names("# Das Leben der Anna Berg\n\n| Anna Berg | Lund |\n", "de") == ()


@pytest.mark.parametrize(("language", "has"), [("de", True), ("ru", True), ("el", True), ("zh", False), ("hi", False)])
def test_scripts_without_capitals_are_known(language: str, has: bool) -> None:
    assert has_capitals(language) is has

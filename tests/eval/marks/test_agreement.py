"""Agreement with the teacher demands what was asked for and no more."""

from __future__ import annotations

import pytest

from eval.marks.agreement import agrees

CHARGE = "Hettary charges two coppers for a crossing, payable to her grandson Fitch on 1 May."
KEEPER = "The light has been kept by Lise Moor since her father Aldo fell ill in March."
KILN = "It split because it was cooled too quickly after a long firing."
FILTER = "If the filter is not changed every month, the pump overheats and shuts down."


@pytest.mark.parametrize(
    ("answer", "question", "reference", "right"),
    [
        pytest.param("two coppers", "How much does Hettary charge?", CHARGE, True, id="the number alone"),
        pytest.param("three coppers", "How much does Hettary charge?", CHARGE, False, id="another number"),
        pytest.param("1 May", "How much does Hettary charge?", CHARGE, False, id="the date for the number"),
        pytest.param("On May 1st.", "When is it payable?", CHARGE, True, id="the date"),
        pytest.param("Lise Moor", "Who keeps the light?", KEEPER, True, id="the name"),
        pytest.param("Lise", "Who keeps the light?", KEEPER, True, id="the first name"),
        pytest.param("Aldo Moor", "Who keeps the light?", KEEPER, False, id="a namesake"),
        pytest.param("It is not kept by Lise Moor.", "Who keeps the light?", KEEPER, False, id="denied"),
        pytest.param("it cooled too quickly", "Why did it split?", KILN, True, id="the reason"),
        pytest.param("because of a long firing", "Why did it split?", KILN, False, id="an aside for the reason"),
        pytest.param("the pump overheats", "What happens if the filter is not changed?", FILTER, True, id="if"),
        pytest.param("the pump leaks", "What happens if the filter is not changed?", FILTER, False, id="half of it"),
        pytest.param("Yes", "Is it green?", "No, it has been bright red since June.", False, id="yes for no"),
        pytest.param("It is red, not green.", "Is it green?", "No, it is bright red.", True, id="no without the word"),
        pytest.param("Haverin", "Where does she live?", "She has lived in Haverin since 1902.", True, id="the place"),
        pytest.param("1902", "Where does she live?", "She has lived in Haverin since 1902.", False, id="no place"),
        pytest.param("Mara", "Who became a pilot?", "Mara became a pilot after her sister Lena.", True, id="opening"),
        pytest.param("am 1. September", "Wann beginnt sie?", "Sie beginnt am 1. September.", True, id="German"),
        pytest.param("王雪", "新看守人是谁？", "新看守人是王雪，她今年十九岁。", True, id="Chinese"),
        pytest.param("李明", "新看守人是谁？", "新看守人是王雪，她今年十九岁。", False, id="another Chinese name"),
        pytest.param("田中", "鍵をなくしたのは誰ですか。", "鍵をなくしたのは田中で、六月でした。", True, id="Japanese"),
        pytest.param(
            "佐藤", "鍵をなくしたのは誰ですか。", "鍵をなくしたのは田中で、六月でした。", False, id="another one"
        ),
        pytest.param("Moor", "Who keeps the light?", "It is Captain Lise Moor.", True, id="family name behind a title"),
        pytest.param("Captain", "Who keeps the light?", "It is Captain Lise Moor.", False, id="the title alone"),
        pytest.param("", "Who keeps the light?", KEEPER, False, id="empty"),
        pytest.param("Norvik", "Where is it sold?", "Shops in Norvik sell it.", True, id="a word that opens it"),
        pytest.param("Shops", "Where is it sold?", "Shops in Norvik sell it.", False, id="the opening for the place"),
        pytest.param("Norvik", "Where is it sold?", "Norvik sells.", True, id="a place that opens two words"),
        pytest.param("Norvik", "Where is it sold?", "Norvik", True, id="a place alone"),
        pytest.param("Norvik", "Where did you leave it?", "I left it in Norvik.", True, id="a place that I tell"),
        pytest.param("I", "Where did you leave it?", "I left it in Norvik.", False, id="who tells it for the place"),
        pytest.param("I'm not sure if it is two coppers.", "How much is it?", "Two coppers.", False, id="a refusal"),
        pytest.param("at 10:30", "When does it open?", "It opens at 10:30 in the hall of 1902.", True, id="a time"),
        pytest.param(
            "Lise Moor", "Who keeps the light?", "Aldo fell ill. Lise Moor keeps the light.", True, id="second sentence"
        ),
        pytest.param(
            "Aldo", "Who keeps the light?", "Aldo fell ill. Lise Moor keeps the light.", False, id="the first for it"
        ),
        pytest.param("1500 Kronen", "Wie viel kostet sie?", "Sie kostet 1.500 Kronen.", True, id="German thousands"),
        pytest.param("1.500 Kronen", "Wie viel kostet sie?", "Sie kostet 1500 Kronen.", True, id="and the other way"),
        pytest.param(
            "it cooled too quickly on 7 May", "Why did it split?", KILN, False, id="the reason, and a date of its own"
        ),
        pytest.param("rust damage", "Why did it stop?", "It stopped because of rust.", True, id="all there is to say"),
        pytest.param("a storm and rust", "Why did it stop?", "It stopped for rust.", True, id="half of it right"),
        pytest.param("wind, a storm and rust", "Why did it stop?", "It stopped for rust.", False, id="a third right"),
        pytest.param(
            "fog came", "Why did they leave?", "When the fog came, the lights failed.", True, id="a clause that is news"
        ),
        pytest.param(
            "never sold to traders",
            "What was decided?",
            "It was never sold to traders.",
            True,
            id="what the teacher denies",
        ),
        pytest.param(
            "sold to traders",
            "What was decided?",
            "It was never sold to traders.",
            False,
            id="what the teacher denies, affirmed",
        ),
        pytest.param("ferry boat trip", "Does the ferry leave?", "the ferry", True, id="no news, half in common"),
        pytest.param("ferry boat trip now", "Does the ferry leave?", "the ferry", False, id="no news, less in common"),
    ],
)
def test_a_short_right_answer_agrees_and_a_wrong_one_does_not(
    answer: str, question: str, reference: str, right: bool
) -> None:
    assert agrees(answer, question, reference) is right

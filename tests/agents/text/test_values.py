"""Numbers, dates and times as values."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.values import amount, same_value, says, values_in

CASES = [
    ("en", "It weighs 5.3 kg.", "5.3"),
    ("en", "1,200 men and 1,234,567.50 pounds", "1200 1234567.5"),
    ("en", "twenty-three sheep, one of them old", "23"),
    ("en", "Six years, then nineteen more", "6 19"),
    ("en", "the first of May", "--05-01"),
    ("en", "the first one came second", ""),
    ("en", "On 1 May, or May 1st, or May the first.", "--05-01"),
    ("en", "3 April 2024; April 3, 2024; 2024-04-03; 4/3/2024; Apr. 3rd, 2024", "2024-04-03"),
    ("en", "3 Sept. 1820 to January 1821", "1820-09-03 1821-01"),
    ("en", "She may come in May.", "--05"),
    ("en", "half past ten, 10:30 and 10.30 a.m.", "T10:30"),
    ("en", "a quarter to five, at 4:45 pm or 5 o'clock or 5 p.m.", "T04:45 T16:45 T05:00 T17:00"),
    ("en", "12 %, 12%, 12 percent, twelve per cent", "12%"),
    ("en", "1.2 million, two million, $5M, 3bn", "1200000 2000000 5000000 3000000000"),
    ("en", "a hall of 5 m", "5"),
    ("en", "the 19th century, the 1820s, 1914-1918", "19 1820 1914 1918"),
    ("en", "-5 degrees (-7)", "-5 -7"),
    ("en", "5½ and ½", "5.5 0.5"),
    ("en", "40 m² on the H100 in version 1.2.3", "40 h100 1.2.3"),
    ("en", "40 50 60", "40 50 60"),
    ("de", "dreiundzwanzig Schafe und eine Ziege", "23"),
    ("de", "am 1. Mai, am ersten Mai, 1.5.", "--05-01 1.5"),
    ("de", "3. April 2024, 03.04.2024, 3. Apr. 2024", "2024-04-03"),
    ("de", "1.200 Mann, 5,3 kg, 12 Prozent, 1,2 Mio. Euro", "1200 5.3 12% 1200000"),
    ("de", "um 10.30 Uhr, ½ Liter", "T10:30 0.5"),
    ("es", "el 3 de mayo de 2024, el primero de mayo, veintitrés, 1.200", "2024-05-03 --05-01 23 1200"),
    ("fr", "le 1er mai 2024, le premier mai, vingt-trois, 12 300 hommes", "2024-05-01 --05-01 23 12300"),
    ("fr", "à 10h30, 12 pour cent, treize pour cent", "T10:30 12% 13%"),
    ("zh", "2024年4月3日，三百二十人，1.2万元，百分之三十，10点半", "2024-04-03 320 12000 30% T10:30"),
    ("zh", "二〇二四年五月，万一", "2024-05"),
    ("zh", "两年前有两千三百人、两个孩子", "2 2300 2"),
    ("zh", "一万二千亿元，三亿五千万，10万5千", "1200000000000 350000000 105000"),
    ("ja", "4億2千万円と4億2000万円と4.2億円", "420000000 420000000 420000000"),
    ("it", "il 9 febbraio del 2023", "2023-02-09"),
    ("es", "el 9 de febrero del 2023", "2023-02-09"),
    ("en", "EUR 41.3m and £5mn for a wall of 1.2m", "41300000 5000000 1.2"),
    ("ja", "2024年4月3日に三十五人、10時30分", "2024-04-03 35 T10:30"),
    ("ko", "2024년 4월 3일", "2024-04-03"),
    ("he", "ב-4 במאי 2024, 3 באפריל", "2024-05-04 --04-03"),
    ("hi", "4 मई 2024 को", "2024-05-04"),
    ("ar", "في 4 مايو 2024", "2024-05-04"),
    ("el", "στις 4 Μαΐου 2024", "2024-05-04"),
    ("ru", "3 мая 2024 г., 1,5 млн", "2024-05-03 1500000"),
    ("hu", "2024. április 3.", "2024-04-03"),
    ("xx", "42 blorp", "42"),
    ("ja", "", ""),
]


@pytest.mark.parametrize(("language", "text", "values"), CASES, ids=[f"{case[0]} {case[1][:24]}" for case in CASES])
def test_a_text_holds_its_values(language: str, text: str, values: str) -> None:
    assert values_in(text, language) == frozenset(values.split())


@pytest.mark.parametrize(
    ("left", "right", "language"),
    [
        pytest.param("the first of May", "1 May", "en", id="date"),
        pytest.param("Six years", "6 years", "en", id="number word"),
        pytest.param("six", "about 6 years", "en", id="the thing counted named once"),
        pytest.param("one", "1", "en", id="one as a whole answer"),
        pytest.param("dreiundzwanzig Jahre", "23 Jahre", "de", id="german"),
    ],
)
def test_two_answers_say_the_same(left: str, right: str, language: str) -> None:
    assert same_value(left, right, language)
    assert same_value(right, left, language)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("5.3", "3.5", id="figures turned"),
        pytest.param("six years", "six months", id="another unit"),
        pytest.param("1 May", "2 May", id="another day"),
        pytest.param("red", "red", id="no value"),
        pytest.param("12%", "12", id="a share and a count"),
    ],
)
def test_two_answers_say_different_things(left: str, right: str) -> None:
    assert not same_value(left, right, "en")


@pytest.mark.parametrize(
    ("text", "number", "of"),
    [
        ("one hundred and ten crowns", "110", "crowns"),
        ("two", "2", ""),
        ("1.5 miles of rope", "1.5", "miles of rope"),
        ("27 to 9", None, ""),
        ("3 May", None, ""),
        ("12 %", None, ""),
        ("none", None, ""),
    ],
    ids=["words", "small", "decimal", "two-numbers", "date", "share", "no-number"],
)
def test_an_amount_is_one_number_and_what_it_is_of(text: str, number: str | None, of: str) -> None:
    assert amount(text) == (None if number is None else (Decimal(number), of))


@pytest.mark.parametrize("value", ["2024-04-03", "2024", "2024-04", "--04-03", "--04"])
def test_a_date_says_its_parts(value: str) -> None:
    assert says(value, values_in("on 3 April 2024"))


@pytest.mark.parametrize("value", ["2023", "--03", "3", "--04-04"])
def test_a_date_does_not_say_another(value: str) -> None:
    assert not says(value, values_in("on 3 April 2024"))


@given(st.integers(0, 10**9))
def test_a_number_is_the_same_with_and_without_separators(number: int) -> None:
    assert values_in(f"{number:,} men") == values_in(f"{number} men") == {str(number)}
    assert values_in(f"{number:,} Mann".replace(",", "."), "de") == {str(number)}


@given(text=st.text(max_size=60), language=st.sampled_from(["en", "de", "fr", "zh", "ru", "ar", "xx"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    assert values_in(text, language) == values_in(text, language)
    assert same_value(text, text, language) in (True, False)


@pytest.mark.parametrize("unit", ["1", "1 ", "1,", "1.", "a1", "三", "万", "May 1 ", "1/", "½", "1:", " ", "x", "one "])
def test_a_line_of_a_hundred_thousand_letters_is_read_in_seconds(unit: str) -> None:
    began = time.process_time()
    values_in(unit * (100_000 // len(unit)))
    assert time.process_time() - began < 5


def test_a_date_over_two_lines_is_one() -> None:
    assert values_in("on 3\n  May 2024") == {"2024-05-03"}


def test_a_sentence_is_read_in_a_millisecond() -> None:
    values_in("warm")
    began = time.process_time()
    for n in range(300):
        values_in(f"On 3 April 2024 the twenty-three members of club {n} paid 1.2 million pounds at half past ten.")
    assert (time.process_time() - began) / 300 < 0.002

"""The language of a sentence or two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.language import RARE, _identifier, language_name, language_of

SENTENCES = [
    ("en", "The mill stood on the river for ninety years. Nobody remembers who built it."),
    ("en", "He sold the boat in May."),
    ("de", "Die Mühle stand neunzig Jahre am Fluss. Niemand weiß, wer sie gebaut hat."),
    ("de", "Er verkaufte das Boot im Mai."),
    ("es", "El molino estuvo junto al río noventa años. Nadie recuerda quién lo construyó."),
    ("es", "Vendió el barco en mayo."),
    (
        "fr",
        "Le moulin est resté au bord de la rivière pendant quatre-vingt-dix ans. Personne ne sait qui l'a construit.",
    ),
    ("fr", "Il vendit le bateau en mai."),
    ("it", "Il mulino rimase sul fiume per novant'anni. Nessuno ricorda chi lo costruì."),
    ("it", "Vendette la barca a maggio."),
    ("pt", "O moinho ficou junto ao rio durante noventa anos. Ninguém se lembra de quem o construiu."),
    ("pt", "Ele vendeu o barco em maio."),
    ("nl", "De molen stond negentig jaar aan de rivier. Niemand weet wie hem gebouwd heeft."),
    ("nl", "Hij verkocht de boot in mei."),
    ("ru", "Мельница стояла на реке девяносто лет. Никто не помнит, кто её построил."),
    ("ru", "Он продал лодку в мае."),
    ("pl", "Młyn stał nad rzeką dziewięćdziesiąt lat. Nikt nie pamięta, kto go zbudował."),
    ("pl", "Sprzedał łódź w maju."),
    ("zh", "磨坊在河边矗立了九十年。没有人记得是谁建的。"),
    ("zh", "他五月卖掉了船。"),
    ("ja", "水車小屋は九十年間川のそばに立っていた。誰が建てたのか誰も覚えていない。"),
    ("ja", "彼は五月に船を売った。"),
    ("zh", "他于1921年5月4日在3个村庄里卖掉了2条船和1座磨坊。"),
    ("ja", "彼は1921年5月4日に2そうの船を売った。"),
    ("ko", "물레방아는 구십 년 동안 강가에 서 있었다. 누가 지었는지 아무도 기억하지 못한다."),
    ("ko", "그는 오월에 배를 팔았다."),
    ("ar", "وقفت الطاحونة على النهر تسعين عاما. لا أحد يتذكر من بناها."),
    ("ar", "باع القارب في مايو."),
    ("hi", "चक्की नदी के किनारे नब्बे साल तक खड़ी रही। किसी को याद नहीं कि इसे किसने बनाया।"),
    ("hi", "उसने मई में नाव बेच दी।"),
    ("sv", "Kvarnen stod vid ån i nittio år. Ingen minns vem som byggde den."),
    ("sv", "Han sålde båten i maj."),
    ("tr", "Değirmen doksan yıl nehir kenarında durdu. Kimse onu kimin yaptığını hatırlamıyor."),
    ("tr", "Tekneyi mayısta sattı."),
]


@pytest.mark.parametrize(("code", "text"), SENTENCES, ids=[f"{code} {text[:10]}" for code, text in SENTENCES])
def test_a_sentence_shows_its_language(code: str, text: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "42", "Norvik", "# README", "lol yes", "Maria Schmidt, Juan Gómez, Li Wei", "GPU H100 80GB", "| Ann | 31 |"],
)
def test_names_and_scraps_show_none(text: str) -> None:
    assert language_of(text) == ""


def test_addresses_do_not_count() -> None:
    assert language_of("https://www.example.org/the-mill-on-the-river ann.lee@example.org") == ""


@given(st.text(max_size=60))
def test_any_text_gives_a_code_or_nothing_and_the_same_twice(text: str) -> None:
    code = language_of(text)
    language_of.cache_clear()
    assert code == language_of(text)
    assert len(code) in (0, 2)


def test_only_the_scores_of_the_languages_that_are_told_are_kept() -> None:
    identifier = _identifier()
    assert identifier._full_model[0] is identifier.nb_ptc  # the table of all would be 27 MB beside it
    assert not RARE & set(identifier.labels)


@pytest.mark.parametrize(("code", "name"), [("de", "German"), ("zh", "Chinese"), ("xx", "xx"), ("", "")])
def test_a_code_has_an_english_name(code: str, name: str) -> None:
    assert language_name(code) == name

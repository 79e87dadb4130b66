"""A text is read in its own encoding, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import UnreadableFile
from agents.records import Document
from graphs.corpus.readers import read_file
from graphs.corpus.readers.plain import decoded

GERMAN = "Der Müller von Lund öffnete die Mühle am 4. Mai 1921. Er zahlte dreihundert Kronen für das große Rad."
FRENCH = "L'été où Émile Zola acheta le moulin, il paya trois cents couronnes à la commune. C'était très cher."
POLISH = "Łucja Lang otworzyła młyn w Łodzi czwartego maja. Zapłaciła trzysta koron za koło, że się udało."
RUSSIAN = "Анна Берг открыла мельницу в Лунде четвёртого мая. Она заплатила триста крон за колесо."
GREEK = "Η Άννα άνοιξε τον μύλο στη Λουντ στις τέσσερις Μαΐου. Πλήρωσε τριακόσιες κορώνες για τον τροχό."
JAPANESE = "アンナは五月四日に水車小屋を開いた。彼女は車輪に三百クローネを支払った。カールは橋を架けた。"
CHINESE = "安娜于五月四日开了磨坊。她为轮子付了三百克朗。卡尔在河上建了一座桥，用了十一个月。"
KOREAN = "안나는 오월 사일에 방앗간을 열었다. 그녀는 바퀴에 삼백 크로네를 지불했다."
ARABIC = "فتحت آنا بيرغ المطحنة في لوند في الرابع من مايو. دفعت ثلاثمائة كرونة مقابل العجلة."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (GREEK, "iso8859-7"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "euc_kr"),
        (ARABIC, "cp1256"),
    ],
    ids=["german", "french", "polish", "russian", "koi8", "greek", "japanese", "euc-jp", "chinese", "korean", "arabic"],
)
def test_an_encoding_of_old_is_guessed_and_the_guess_is_told(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(b"Plain letters first. " * 10_000 + text.encode(encoding))
    (document,) = read_file(tmp_path / "a.txt", "a.txt", 10**6)
    assert isinstance(document, Document)
    assert document.text.endswith(text)
    assert document.metadata["encoding"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_an_encoding_that_the_file_tells_is_no_guess(encoding: str) -> None:
    assert decoded(f"{RUSSIAN}\r\n{JAPANESE}\rEnd".encode(encoding)) == (f"{RUSSIAN}\n{JAPANESE}\nEnd", "")


def test_a_word_alone_is_too_little_to_guess_from() -> None:
    with pytest.raises(UnreadableFile, match="its encoding cannot be told"):
        decoded("Grüße".encode("latin-1"))


def test_control_characters_are_no_text() -> None:
    assert decoded(b"a" * 9000 + b"\x00\x07\x1b[1mb\tc\n")[0] == "a" * 9000 + "\x1b[1mb\tc\n"


def test_a_picture_inside_a_text_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Ann drew it: data:image/png;base64,{'iVBORw0KGgo' * 9}\n\nKarl sold it.")
    (document,) = read_file(tmp_path / "a.txt", "a.txt", 10**6)
    assert isinstance(document, Document)
    assert (document.text, document.metadata["left_out"]) == (
        "Ann drew it: \n\nKarl sold it.",
        {"file inside the text": 1},
    )

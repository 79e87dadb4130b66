"""Sentences of any language, by hand-written cases, and what holds for every text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.segment import spans

CASES = [
    pytest.param("en", ["Prof. Smith of Norvik met Capt. Hale in Jan. 2020."], id="titles"),
    pytest.param("en", ["Prof. Smith met Capt. Hale. ", "She paid."], id="titles-then-more"),
    pytest.param("en", ["J. R. R. Tolkien wrote it. ", "Then he left."], id="initials"),
    pytest.param("en", ["It weighs 5.3 kg. ", "That is 0.2 less."], id="decimals"),
    pytest.param("en", ["Use fruit, e.g. apples or pears. ", "Do not use nuts, i.e. almonds."], id="e.g."),
    pytest.param("en", ["Well ... maybe not. ", "We shall see."], id="ellipsis-in"),
    pytest.param("en", ["He waited... ", "Then the bell rang."], id="ellipsis-end"),
    pytest.param("en", ['"Is it far?" she asked. ', '"No," he said.'], id="quote"),
    pytest.param("en", ['He said: "We go." ', "She stayed."], id="quote-end"),
    pytest.param("en", ["Ann: hi :)\n", "Bob: what time is it?\n", "Ann: ten"], id="chat"),
    pytest.param(
        "en", ["Ann: Sing with me! 🎤🎶 ", "Is it loud? 💪🏽🥗\n", "Bob: 😊\n", "Ann: ten !! ...\n"], id="emoji"
    ),
    pytest.param("en", ["✅ The sail is paid. \n", "✅ The oil too."], id="emoji-bullets"),
    pytest.param("en", ["# The Mill\n", "It was built in 1820. ", "It burned down in 1901."], id="heading"),
    pytest.param("en", ["Bring:\n", "- a rope\n", "- two lamps\n", "- bread"], id="list"),
    pytest.param("en", ["1. Open the valve.\n", "2. Wait for No. 7 to stop."], id="numbered"),
    pytest.param("en", ["| Name | Age |\n", "|---|---|\n", "| Ann | 31 |\n", "| Bob | 29 |"], id="table"),
    pytest.param("en", ["No stop here\n\n", "Second paragraph"], id="paragraphs"),
    pytest.param("en", ["The mill stands\non the river. ", "It is old."], id="wrapped"),
    pytest.param("en", ["He moved to the U.S. in May. ", "She stayed in the U.K. ", "They wrote."], id="u.s."),
    pytest.param("en", ["We met at 5 p.m. on Monday. ", "It rained."], id="p.m."),
    pytest.param("en", ["Norvik Inc. sold it to Hale & Co. in 1990. ", "Nobody knew."], id="inc."),
    pytest.param("en", ["See Sec. 3.2 and Fig. 4. ", "Both show p. 12."], id="section"),
    pytest.param("en", ["Stop! ", "Who goes there? ", "Me."], id="exclaim"),
    pytest.param("en", ["Look at www.example.org/a.b.html for more. ", "It is free."], id="url"),
    pytest.param("en", ["He left (it was late.) and slept. ", "She did not."], id="paren"),
    pytest.param("en", ["Norvik vs. Hale was decided by St. Mary's court. ", "Dr. Lee wept."], id="versus"),
    pytest.param("de", ["Sie kam am 3. Mai nach Bonn. ", "Dort blieb sie."], id="de-date"),
    pytest.param("de", ["Obst, z. B. Äpfel, ist gesund. ", "Das weiß man."], id="de-zb"),
    pytest.param("de", ["Prof. Dr. Anna Weiß traf Hrn. Kurz um 10.30 Uhr. ", "Er war müde."], id="de-titel"),
    pytest.param("de", ["Im 19. Jahrhundert war König Ludwig II. sehr arm. ", "Er baute trotzdem."], id="de-ordinal"),
    pytest.param("de", ["Die Straße ist ca. 5 km lang, d. h. zu lang. ", "Vgl. S. 12."], id="de-bzw"),
    pytest.param("de", ["„Kommst du?“, fragte sie. ", "„Ja.“ ", "Er ging."], id="de-quote"),
    pytest.param("es", ["¿Dónde está el molino? ", "¡Qué lejos! ", "El Sr. García lo vendió."], id="es"),
    pytest.param("es", ["La Dra. Pérez vive en la Av. Mayor, núm. 5. ", "No sale."], id="es-abbr"),
    pytest.param("fr", ["M. Dupont est né le 1er mai 1920. ", "Mme Roux l'aimait."], id="fr"),
    pytest.param("fr", ["« Venez ! » dit-il. ", "Elle partit."], id="fr-quote"),
    pytest.param("zh", ["磨坊建于1820年。", "它在1901年烧毁。", "谁点的火？", "没人知道！"], id="zh"),
    pytest.param("zh", ["他说：“我们走吧。”", "她留下了。"], id="zh-quote"),
    pytest.param("ja", ["「行こう。」と彼は言った。", "彼女は残った。"], id="ja"),
    pytest.param("ja", ["彼は「行こう。」", "彼女は残った。"], id="ja-quote"),
    pytest.param("hi", ["यह एक मिल है। ", "वह पुरानी है।"], id="hi"),
    pytest.param("ru", ["В 1920 г. он жил на ул. Мира. ", "Потом уехал."], id="ru"),
    pytest.param("it", ["Il dott. Rossi arrivò alle 10.30. ", "Poi partì."], id="it"),
    pytest.param("ar", ["أين الطاحونة؟ ", "إنها بعيدة."], id="ar"),
    pytest.param("en", ["Version 2.0.1 came out. ", "It fixed bugs."], id="code"),
    pytest.param("en", ["iPhone sales fell. ", "iPad sales rose."], id="lower"),
    pytest.param("en", ["It is **dry.** ", "Keep it so."], id="star-emphasis"),
    pytest.param(
        "fr",
        ["Le maire M. Dupont est né ici. ", "Mlle. Lou arrive. ", "Le Dr. Petit vient."],
        id="french titles within",
    ),
    pytest.param("de", ["Das Buch kostet 12. ", "Er kauft es."], id="a German sentence that ends with a number"),
    pytest.param("pl", ["Urodził się w 1920 r. w Warszawie. ", "Potem wyjechał."], id="polish year"),
    pytest.param("sv", ["Kl. 10.30 kom dr. Berg. ", "Sedan gick han."], id="swedish hour"),
    pytest.param("en", ["alice: hi\n", "bob99: what time is it?\n", "alice: ten"], id="chat of small letters"),
    pytest.param("en", ["[10:30] Ann Lee: hi\n", "[10:31] Bob Poe: hello"], id="chat with times"),
    pytest.param("zh", ["小王：你好\n", "小李：几点了？"], id="chinese chat"),
    pytest.param("en", ["**1. The roof.** ", "It leaks.\n\n", "**2. The door.** ", "It is shut."], id="bold numbers"),
    pytest.param("en", ["> quoted first\n", "> quoted second"], id="quoted lines"),
    pytest.param("en", ["The Mill\n========\n", "It stands on the river."], id="underlined heading"),
    pytest.param("en", ["- a rope\n  of hemp\n", "- a lamp"], id="item over two lines"),
    pytest.param("en", ["The list that the\nthing said: a rope. ", "Done."], id="a colon in wrapped prose"),
]


@pytest.mark.parametrize(("language", "pieces"), CASES)
def test_a_text_falls_into_its_sentences(language: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    assert [text[start:end] for start, end in spans(text, language)] == [piece.strip() for piece in pieces]


def test_a_long_quotation_is_split_within() -> None:
    quoted = [f"Sentence number {n} is said in one breath." for n in range(10)]
    text = 'He began: "' + " ".join(quoted) + '" Then he left.'
    found = [text[start:end] for start, end in spans(text, "en")]
    assert found == ['He began: "' + quoted[0], *quoted[1:-1], quoted[-1] + '"', "Then he left."]


MARKS = st.text(alphabet=st.sampled_from("aA1 .!?:\n\t\r\u2028\u3000\"'“”«»()#|-*>_。」「、é😀"), max_size=60)


@given(text=st.text(max_size=80) | MARKS, language=st.sampled_from(["", "en", "de", "fr", "ja", "zh", "ru", "xx"]))
def test_spans_are_in_order_and_lose_nothing_but_white_space(text: str, language: str) -> None:
    found = spans(text, language)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in found)
    edges = [0, *(edge for span in found for edge in span), len(text)]
    assert edges == sorted(edges)
    assert all(not text[end:start].strip() for end, start in zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.parametrize("unit", ["a", "A. b ", "«a. ", "\n", " ", "x\n", "Das 1. ", "1:", '"a. B" ', "(", "- "])
def test_a_line_of_half_a_megabyte_takes_seconds(unit: str) -> None:
    text = unit * (500_000 // len(unit))
    began = time.process_time()
    spans(text, "de")
    assert time.process_time() - began < 10

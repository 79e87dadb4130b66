"""Refusals, and answers that are none, in the languages beside English."""

from __future__ import annotations

import pytest

from eval.marks.refusal import is_refusal


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("Wann die Mühle gebaut wurde, lässt sich den Unterlagen nicht entnehmen.", id="de: entnehmen"),
        pytest.param("Zu den Gebühren findet sich in den Unterlagen nichts.", id="de: findet sich nichts"),
        pytest.param("Keine Uhrzeit genannt.", id="de: kein … genannt"),
        pytest.param("L'article parle de la file, sans préciser le prix.", id="fr: sans préciser"),
        pytest.param("Aucun des extraits ne précise où se trouve la clé.", id="fr: aucun"),
        pytest.param("Ninguno de los textos menciona el peso.", id="es: ninguno"),
        pytest.param("Dai documenti non risulta chi l'abbia scritta.", id="it: non risulta"),
        pytest.param("O nome do comprador não é revelado.", id="pt"),
        pytest.param("Zijn leeftijd staat nergens in het logboek.", id="nl: nergens"),
        pytest.param("根据现有资料无法判断船长的年龄。", id="zh"),
        pytest.param("記述なし。", id="ja"),
    ],
)
def test_a_refusal_in_another_language(answer: str) -> None:
    assert is_refusal(answer)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Wann wurde die Mühle gebaut?", "Sie wurde 1783 gebaut. Der Baumeister ist nicht bekannt."),
        ("Was kostet das Parken am See?", "4 Euro. Eine Monatskarte wird nicht erwähnt."),
        ("Combien coûtait le billet ?", "Douze francs. Le texte ne dit pas si les enfants payaient."),
        ("¿Cuándo se fundó el club?", "En 1924; no se conocen los nombres de los fundadores."),
        ("Quando è stata restaurata la chiesa?", "Non è mai stata restaurata."),
        ("Onde fica a oficina?", "Na rua do Sol; o número não é indicado."),
        ("Waar ligt het schip nu?", "In Harlingen; hoe lang nog is niet bekend."),
        ("船长多大年纪？", "船长四十三岁，日志没有提到他的生日。"),
        ("橋を設計したのは誰ですか。", "設計者の名は銘板に書かれていませんが、田中技師とされています。"),
        ("猫の名前は何ですか。", "タマです。犬の名前は不明です。"),
    ],
)
def test_an_answer_in_another_language_with_a_negation_or_a_side_remark(question: str, answer: str) -> None:
    assert not is_refusal(answer, question)

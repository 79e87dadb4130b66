"""Refusals in many wordings: a model that has seen one sentence only learns the sentence, not when to say it.

Every wording is one that `eval.marks.refusal.is_refusal` takes for a refusal; a question in a language that it does not
know is refused in English.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from agents.records import REFUSAL

PLAIN = (
    REFUSAL,
    "I don't know: the documents do not tell.",
    "The documents do not say.",
    "That is not mentioned in the documents.",
    "I have no information about that.",
    "I cannot say. Nothing in the documents tells it.",
    "There is no record of that in the documents.",
    "I'm not sure. The documents do not mention it.",
    "That is unknown: the documents do not state it.",
    "I could not find that anywhere in the documents.",
    "Sorry, I don't know that.",
    "I do not know. It is not stated anywhere.",
)
UNTOLD = (
    "I don't know: the documents do not say that about {name}.",
    "That is not mentioned about {name}.",
    "I have no information on that about {name}.",
    "About {name} I cannot say that: it is not told anywhere.",
    "There is no mention of that for {name} in the documents.",
    "The documents do not tell that of {name}.",
)
"""About a known name."""
STRANGER = (
    "I don't know {name}. The documents do not say.",
    "The documents do not mention {name}.",
    "There is no mention of {name} in the documents.",
    "I have no information about {name}.",
    "{name} is not mentioned anywhere.",
    "I cannot say: I have no record of {name}.",
)
"""About a name that no document holds."""


class Wordings(NamedTuple):
    """How a language refuses: without a name, about a known `{name}`, about one that no document holds."""

    plain: Sequence[str]
    untold: Sequence[str]
    stranger: Sequence[str]


WORDINGS = {
    "en": Wordings(PLAIN, UNTOLD, STRANGER),
    "de": Wordings(
        (
            "Das weiß ich nicht. Die Dokumente sagen es nicht.",
            "Die Dokumente sagen dazu nichts.",
            "Das wird in den Dokumenten nicht erwähnt.",
            "Dazu habe ich keine Angaben.",
            "Das ist unbekannt: Die Dokumente nennen es nicht.",
        ),
        (
            "Ich weiß es nicht: Die Dokumente sagen das nicht über {name}.",
            "Über {name} wird das nicht erwähnt.",
            "Dazu finde ich keine Angaben über {name}.",
        ),
        (
            "Ich kenne {name} nicht. Die Dokumente sagen nichts dazu.",
            "Die Dokumente erwähnen {name} nicht.",
            "Es gibt keine Angaben über {name}.",
        ),
    ),
    "fr": Wordings(
        (
            "Je ne sais pas : les documents ne le disent pas.",
            "Les documents ne le disent pas.",
            "Ce n'est pas mentionné dans les documents.",
            "Je n'ai aucune information à ce sujet.",
            "Je l'ignore.",
        ),
        (
            "Je ne sais pas : les documents ne disent pas cela de {name}.",
            "Les documents ne mentionnent pas cela à propos de {name}.",
            "Il n'y a aucune information à ce sujet sur {name}.",
        ),
        (
            "Je ne connais pas {name}.",
            "Les documents ne mentionnent pas {name}.",
            "Il n'y a aucune mention de {name}.",
        ),
    ),
    "es": Wordings(
        (
            "No lo sé. Los documentos no lo dicen.",
            "Los documentos no lo dicen.",
            "No se menciona en los documentos.",
            "No tengo información sobre eso.",
            "Se desconoce: no consta en los documentos.",
        ),
        (
            "No lo sé: los documentos no dicen eso de {name}.",
            "Los documentos no mencionan eso de {name}.",
            "No hay información sobre eso de {name}.",
        ),
        (
            "No conozco a {name}. Los documentos no lo dicen.",
            "Los documentos no mencionan a {name}.",
            "No hay ninguna mención de {name}.",
        ),
    ),
    "it": Wordings(
        (
            "Non lo so. I documenti non lo dicono.",
            "I documenti non lo dicono.",
            "Non è menzionato nei documenti.",
            "Non ho informazioni su questo.",
            "Non si sa.",
        ),
        (
            "Non lo so: i documenti non dicono questo di {name}.",
            "I documenti non menzionano questo di {name}.",
            "Non ci sono informazioni su questo riguardo a {name}.",
        ),
        (
            "Non conosco {name}.",
            "I documenti non menzionano {name}.",
            "Non c'è nessuna menzione di {name}.",
        ),
    ),
    "pt": Wordings(
        (
            "Não sei. Os documentos não o dizem.",
            "Os documentos não dizem.",
            "Não é mencionado nos documentos.",
            "Não tenho informação sobre isso.",
            "Não se sabe.",
        ),
        (
            "Não sei: os documentos não dizem isso de {name}.",
            "Os documentos não mencionam isso de {name}.",
            "Não há informação sobre isso de {name}.",
        ),
        (
            "Não conheço {name}.",
            "Os documentos não mencionam {name}.",
            "Não há nenhuma menção de {name}.",
        ),
    ),
    "nl": Wordings(
        (
            "Dat weet ik niet. De documenten zeggen het niet.",
            "De documenten zeggen daar niets over.",
            "Dat wordt niet vermeld in de documenten.",
            "Ik heb daar geen informatie over.",
            "Dat is niet bekend.",
        ),
        (
            "Ik weet het niet: de documenten zeggen dat niet over {name}.",
            "Dat wordt niet vermeld over {name}.",
            "Ik heb daar geen informatie over voor {name}.",
        ),
        (
            "Ik ken {name} niet.",
            "De documenten noemen {name} niet.",
            "Er is geen vermelding van {name}.",
        ),
    ),
    "zh": Wordings(
        (
            "我不知道，文件中没有提到。",
            "文件中没有说明。",
            "文件中未提及。",
            "没有相关信息。",
            "不清楚，文件里没有记载。",
        ),
        (
            "我不知道，文件中没有提到{name}的这一点。",
            "文件中没有说明{name}的这一情况。",
            "没有关于{name}这方面的信息。",
        ),
        (
            "我不知道{name}，文件中没有提到。",
            "文件中没有提到{name}。",
            "没有关于{name}的信息。",
        ),
    ),
    "ja": Wordings(
        (
            "わかりません。文書には書かれていません。",
            "文書には書かれていません。",
            "文書では言及されていません。",
            "それについての情報はありません。",
            "不明です。",
        ),
        (
            "わかりません。{name}のそのことは文書に書かれていません。",
            "{name}について、そのことは書かれていません。",
            "{name}のそれについての情報はありません。",
        ),
        (
            "{name}は知りません。文書には書かれていません。",
            "文書では{name}は言及されていません。",
            "{name}についての情報はありません。",
        ),
    ),
}
"""By ISO 639-1 code: the languages whose refusals the marking rules know."""


def refusal(question: str, name: str, known: bool, language: str = "en") -> str:
    """One of the wordings, the same for the same question; every other one names what is asked about (`name`)."""
    plain, untold, stranger = WORDINGS.get(language, WORDINGS["en"])
    naming: Sequence[str] = (untold if known else stranger) if name else ()
    forms = [*plain, *naming, *naming]
    drawn = int.from_bytes(hashlib.sha256(question.encode()).digest()[:4], "big") % len(forms)
    return forms[drawn].format(name=name)

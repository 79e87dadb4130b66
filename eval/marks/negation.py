"""The small words that turn a statement round, by language: no library lists them for more than English.

`NOT` denies what stands around it, `AWAY` what follows it (without, instead of, refused to), `OR` leaves open which,
`AND` and `BUT` begin a statement of their own, `NOW` says that what stood before has changed. Languages: English,
German, French, Spanish, Italian, Portuguese, Dutch, Chinese, Japanese; in others nothing is denied.
"""

from __future__ import annotations

from functools import cache

from agents.text.words import word_set

NOT = {
    "en": "not never neither nor cannot no nobody nothing none hardly",
    "de": "nicht kein keine keinen keiner keinem keines nie niemals weder niemand nichts",
    "fr": "ne n pas jamais aucun aucune ni rien",
    "es": "no nunca jamás ni nadie nada ningún ninguno ninguna tampoco",
    "it": "non mai né nessun nessuno nessuna niente",
    "pt": "não nunca jamais nem ninguém nada nenhum nenhuma",
    "nl": "niet geen nooit noch niemand niets",
    "zh": "不 没 沒 非 未 无 無",
    "ja": "",
}
AWAY = {
    "en": "without instead rather unlike except than before refused refuses refusing declined declines failed fails "
    "denied denies formerly previously used unable",
    "de": "ohne statt anstatt außer weigerte weigert lehnte ablehnte früher ehemals",
    "fr": "sans sauf lieu plutôt refusé refusa refuse refusait avant autrefois",
    "es": "sin excepto vez lugar negó negaron rechazó antes",
    "it": "senza tranne invece rifiutò rifiutato prima",
    "pt": "sem exceto vez lugar recusou antes",
    "nl": "zonder behalve plaats weigerde vroeger",
}
AND = {
    "en": "and while whereas though although so because since",
    "de": "und während obwohl weil denn",
    "fr": "et tandis quoique parce car",
    "es": "y e mientras aunque porque",
    "it": "e ed mentre perché",
    "pt": "e enquanto embora porque",
    "nl": "en terwijl hoewel omdat",
}
BUT = {
    "en": "but however yet whose",
    "de": "aber sondern doch jedoch dessen deren",
    "fr": "mais cependant pourtant dont",
    "es": "pero sino mas cuyo cuya",
    "it": "ma bensì però",
    "pt": "mas porém cujo cuja",
    "nl": "maar echter wiens",
    "zh": "而 但",
}
INSTEAD = {
    "en": "because since while whereas though although ;",
    "de": "weil da während obwohl denn ;",
    "fr": "parce car tandis ;",
    "es": "porque mientras aunque ;",
    "it": "perché mentre ;",
    "pt": "porque enquanto embora ;",
    "nl": "omdat terwijl hoewel ;",
}
"""What parts the answer of a sentence from its reason or its contrast."""
NOW = {
    "en": "now later extended moved changed postponed",
    "de": "jetzt nun inzwischen später",
    "fr": "maintenant désormais",
    "es": "ahora después",
    "it": "ora adesso poi",
    "pt": "agora depois",
    "nl": "nu later inmiddels",
}
OR = {
    "en": "or",
    "de": "oder",
    "fr": "ou",
    "es": "o u",
    "it": "o oppure",
    "pt": "ou",
    "nl": "of",
    "zh": "或 还 還",
    "ja": "か",
}
BOTH = {
    "en": "both between",
    "de": "beide beides zwischen",
    "fr": "deux entre",
    "es": "ambos ambas entre",
    "it": "entrambi tra fra",
    "pt": "ambos ambas entre",
    "nl": "beide tussen",
}
UNTIL = {
    "en": "until till",
    "de": "bis",
    "fr": "jusqu jusque",
    "es": "hasta",
    "it": "fino",
    "pt": "até",
    "nl": "tot",
}
SAYS_NO = {"en": "no", "de": "nein", "fr": "non", "es": "no", "it": "no", "pt": "não", "nl": "nee"}
"""Behind something it takes it back: "the saw, no: the hammer"."""
WHO = {
    "en": "who whom whose which that where",
    "de": "der die das den dem deren dessen wo",
    "fr": "qui que dont où",
    "es": "que quien donde",
    "it": "che cui dove",
    "pt": "que quem onde",
    "nl": "die dat wie waar",
}
"""Begins a clause that says more of what stands before it."""
KIN = {
    "en": "brother sister son daughter wife husband widow widower mother father parents grandmother grandfather "
    "grandson granddaughter uncle aunt cousin nephew niece friend neighbour neighbor pupil student apprentice "
    "assistant colleague partner servant secretary deputy predecessor successor rival",
    "de": "Bruder Schwester Sohn Tochter Frau Mann Witwe Mutter Vater Eltern Großmutter Großvater Enkel Enkelin Onkel "
    "Tante Vetter Cousin Cousine Neffe Nichte Freund Freundin Nachbar Nachbarin Schüler Schülerin Lehrling Gehilfe "
    "Kollege Kollegin Sekretär Sekretärin Vorgänger Vorgängerin Nachfolger Nachfolgerin",
    "fr": "frère sœur fils fille femme épouse mari veuve mère père parents oncle tante cousin cousine neveu nièce ami "
    "amie voisin voisine élève apprenti assistant collègue secrétaire prédécesseur successeur",
    "es": "hermano hermana hijo hija mujer esposa marido viuda madre padre padres tío tía primo prima sobrino sobrina "
    "amigo amiga vecino vecina alumno alumna aprendiz ayudante colega secretario secretaria sucesor predecesor",
    "it": "fratello sorella figlio figlia moglie marito vedova madre padre zio zia cugino cugina nipote amico amica "
    "vicino vicina allievo allieva assistente collega segretario successore predecessore",
    "pt": "irmão irmã filho filha mulher esposa marido viúva mãe pai tio tia primo prima sobrinho sobrinha amigo amiga "
    "vizinho vizinha aluno aluna aprendiz assistente colega secretário sucessor antecessor",
    "nl": "broer zus zoon dochter vrouw man weduwe moeder vader oom tante neef nicht vriend vriendin buurman buurvrouw "
    "leerling assistent collega secretaris opvolger voorganger",
}
"""Somebody who is told of by somebody else's name: "Emil's brother" is not Emil."""
OF = {
    "en": "of to",
    "de": "von des der",
    "fr": "de du d",
    "es": "de del",
    "it": "di del della",
    "pt": "de do da",
    "nl": "van",
}
YES_NO = frozenset(
    ["yes", "no", "ja", "nein", "oui", "non", "sí", "si", "no", "sim", "não", "nee", "是", "不", "はい", "いいえ"]
)
ALL = word_set("everyone everybody everything anyone anybody anything all any nobody none nothing")
"""Before "but" they turn round what follows it: "everybody but Ann" is not Ann, "nobody but Ann" is."""
NO_DENIAL = word_set("only just until later doubt merely nur bloß seulement solo sólo")
"""Behind a negation they take it back: "not only", "not until", "no later than", "no doubt"."""
JAPANESE_NOT = ("ない", "なく", "ません", "なかっ", "じゃな", "ではあり")


@cache
def listed(table: str, language: str) -> frozenset[str]:
    """The small letters of a table (its name) in a language; none where it has none."""
    tables = {
        **{"not": NOT, "away": AWAY, "and": AND, "but": BUT, "or": OR, "both": BOTH, "instead": INSTEAD, "now": NOW},
        **{"until": UNTIL, "no": SAYS_NO, "who": WHO, "kin": KIN, "of": OF},
    }
    return frozenset(tables[table].get(language, "").split())

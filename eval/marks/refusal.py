"""Whether an answer says that it does not know, by rule, in nine languages.

The rule stands on its own: it knows how people say it (somebody knows not, a source tells not, there is nothing about
it, it is unknown), not the sentences that `agents.text.refusals` trains. Such a statement must come first, or behind no
more than a lead-in ("Based on the documents", "Document 1 says that …"), and no answer may follow it ("…, but the tower
is forty feet high"). Quoted speech is nobody's refusal.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.text.normal_form import plain
from eval.marks.normalise import CITATION

SOURCE = (
    r"(?:documents?|texts?|passages?|contexts?|journals?|letters?|informations?|records?|sources?|stor(?:y|ies)|notes?|"
    r"papers?|pages?|manuals?|reports?|logs?|articles?|handbooks?|diar(?:y|ies)|books?|minutes|guides?|"
    r"polic(?:y|ies)|contracts?|interviews?|episodes?|"
    r"ledgers?|inventor(?:y|ies)|timetables?|catalogues?|chapters?|sections?|extracts?|materials?|excerpts?|"
    r"transcripts?|corpus|data)"
)
TELL = (
    r"(?:sa(?:y|ys|id)|mention(?:s|ed)?|specif(?:y|ies|ied)|state[sd]?|provide[sd]?|contain(?:s|ed)?|include[sd]?|"
    r"give(?:s|n)?|indicate[sd]?|tells?|told|record(?:s|ed)?|explain(?:s|ed)?|describe[sd]?|reveal(?:s|ed)?|name[sd]?|"
    r"answer(?:s|ed)?|cover(?:s|ed)?|list(?:s|ed)?|disclose[sd]?|address(?:es|ed)?|appear(?:s|ed)?|occurs?|"
    r"go(?:es)? into|discuss(?:es|ed)?)"
)
TOLD = (
    r"(?:mentioned|specified|stated|provided|recorded|given|described|answered|available|named|listed|disclosed|"
    r"documented|found|addressed|clear|known(?! (?:for|as|to)\b))"
)
KNOW = (
    r"(?:know|say|tell|answer|find|determine|recall|remember|help|assist|identify|confirm|provide|verify|"
    r"locate|see|learn|hear|"
    r"give|work out|make out)"
)
NOT = r"(?:not|never|n't)"
ADVERB = r"(?:explicitly|actually|really|directly|clearly|further|anywhere|specifically|otherwise|even|ever|itself|yet)"
FACT = (
    r"(?:information|mention|records?|details?|evidence|data|answer|indication|knowledge|passage|clue|word|trace|"
    r"context)"
)
ENGLISH = (
    rf"(?:i|we) (?:do|can|could|did|would)? ?{NOT} (?:{ADVERB} )?(?:be able to )?{KNOW}\b",
    r"(?:i|we) (?:have|see|find|found|know of|had|lack)(?: \w+){0,2} no\b|(?:i|we) know of no\b|(?:i|"
    r"we) (?:lack|have no)\b",
    rf"(?:i|we) (?:do|did) not have (?:\w+ ){{0,3}}(?:{FACT}|access|memory)\b",
    r"(?:i am|i'm|we are|we're|i was|we were)(?: afraid i am)? (?:not (?:sure|aware|certain|able|familiar|"
    r"told)|unable|unsure)\b",
    r"(?:i|we) would need (?:more|further)\b",
    r"(?:i have |i've )?never heard of\b",
    r"(?:i have |i've )?no idea\b",
    rf"(?:\w+ ){{0,4}}?(?:{SOURCE}|they|it)(?: (?!but\b)\w+){{0,3}}? (?:do|does|did) {NOT} (?:{ADVERB} )?{TELL}\b",
    rf"(?:\w+ ){{0,3}}?(?:{SOURCE}|they)(?: \w+){{0,2}}? (?:never|nowhere) {TELL}\b",
    rf"(?:\w+ ){{0,3}}?{SOURCE}(?: \w+){{0,2}}? (?:lacks?|omits?|(?:is|are) silent|makes? no mention|"
    rf"leaves? (?:it |this |that )?open)\b",
    rf"(?:none|nothing|neither|nowhere)(?: (?!that\b|who\b)\w+){{0,6}}? (?:{TELL}|{TOLD})\b",
    rf"no (?:such|{SOURCE}|{FACT})(?: (?!that\b)\w+){{0,3}}? (?:{TELL}|{TOLD}|exists?|about|on|of|regarding)\b",
    rf"there (?:is|are|was|were|'s) (?:no|nothing|not enough|not any|insufficient)(?: (?!longer\b)\w+){{0,2}}? ?"
    rf"(?:{FACT}|{TOLD}|in|about)\b",
    rf"there (?:is|are|was|were) no (?:\w+ ){{1,6}}?(?:in|among|on) (?:the |these |any |my )*(?:\w+ )?{SOURCE}\b",
    rf"(?:{{NP}})(?:is|are|was|were|has been) (?:{NOT}|nowhere) (?:\w+ )?{TOLD}\b(?! (?:to|for|as|until|till)\b)",
    rf"(?:{{NP}})(?:do|does|did) {NOT} (?:appear|occur|come up)\b",
    r"(?:{NP})goes unmentioned\b",
    r"(?:that |{NP})(?:is|are|was|were|remains?|stays?) (?:unknown|unspecified|unclear|unstated|uncertain|undocumented)"
    r"(?=$| (?:who|what|where|when|why|how|whether|which|in|from)\b|[.,:;])",
    r"(?:{NP})(?:cannot|can not|could not) be (?:determined|answered|known|found|inferred|established|said|told)\b",
    r"there is no way (?:to|of) (?:tell|telling|know|knowing|say|saying|find out|finding out)\b",
    r"(?:that|this|it) is not something (?:i|we|the documents?) (?:can|could|know|knows?|say|tell)\b",
    rf"gives? no (?:\w+ )?(?:reason|names?|dates?|numbers?|explanation|{FACT})\b",
    r"it is (?:not possible|impossible) to (?:say|tell|determine|answer|know)\b",
    rf"(?:the answer|that|this|it) (?:is|was) {NOT} (?:there|in|among|part of|to be found|told)\b",
    rf"(?:he|she|they) (?:does|do) {NOT} (?:say|tell|mention|explain|specify) (?:who|what|which|where|when|why|"
    rf"how|whether)\b",
    rf"(?:nobody|no one) (?:knows|tells|says|mentions|explains)\b|does {NOT} {TELL}\b",
    r"no (?:\w+ ){1,2}(?:is|are|was|were) (?:given|mentioned|stated|specified|named|recorded|provided|"
    r"described|listed)\b",
    rf"(?:do|can|could) {NOT} (?:really )?(?:say|tell|know|answer)\b",
    rf"(?:the |this |that )*(?:[\w'’-]+ )?{SOURCE} (?:says?|tells?|contains?|gives?|has|have|offers?|"
    rf"provides?) (?:nothing|no)\b",
    rf"(?:insufficient|not enough|no) {FACT}\b",
    r"(?:unknown|unanswerable|unclear|no answer|n/?a|none given)(?=$|[.,:;!]| from\b)",
    rf"(?:(?:it|that|this) (?:is|was) )?{NOT} (?:mentioned|specified|stated|known|given|recorded|told|said|"
    rf"named|available|clear|"
    rf"documented)\b"
    r"(?! (?:to|for|as|by name)\b)",
)
NP = (
    r"(?:(?!(?:and|because|since|who|which|whom|whose|that was|that is|as|so|if|although|though|while|"
    r"where) )[\w'’-]+ ){0,9}?"
)
NP = rf"(?:(?:the|his|her|their|its) \w+ (?:who|which|that|whom|where) (?:[\w'’-]+ ){{1,12}}?|{NP})"
"""What is not known: a few words without a clause of their own, or one thing with it ("the man who came first")."""
OTHERS = {
    "de": (
        r"(?:(?:das|dies|es|darüber|leider) )*(?:weiß|kenne|kann|finde|habe) ich (?:\w+ ){0,6}?(?:nicht|"
        r"kein\w*|nichts)\b",
        r"ich (?:weiß|kenne|kann|finde|habe) (?:\w+ ){0,6}?(?:nicht|kein\w*|nichts)\b",
        r"(?:dazu |leider |darüber |zu \w+ )*(?:finde|habe|kann) ich (?:\w+ ){0,7}?(?:keine?\w*|nicht|nichts)\b",
        r"keine (?:ahnung|angaben?|information(?:en)?|antwort)\b|unbekannt\b|nicht (?:bekannt|angegeben|"
        r"genannt|erwähnt)\b",
        r"(?:\w+ ){0,8}?(?:wird|werden|ist|sind|wurde|bleibt) (?:\w+ ){0,6}?(?:nicht|nirgends|nirgendwo) (?:\w+ )?"
        r"(?:genannt|erwähnt|angegeben|bekannt|gesagt|beschrieben|festgehalten|erklärt|beantwortet)\b",
        r"(?:\w+ ){0,6}?(?:ist|bleibt) (?:unbekannt|unklar|ungewiss|offen)\b",
        r"(?:der |die |das |den |im |in )*(?:\w+en )?(?:dokumente?n?|texte?|quellen?|unterlagen|passagen?|"
        r"briefe?|kontext|seiten?)"
        r"(?: \w+){0,2}? (?:sag|erwähn|nenn|enthalt|enthält|geb|gib|verrat|verrät|schweig|beantwort|mach)\w*"
        r"(?: \w+){0,4}? (?:nicht|nichts|kein\w*|darüber)\b",
        r"(?:es |das |dies |dazu |darüber |davon )*(?:geht|steht) (?:\w+ ){0,6}?(?:nicht|nichts|nirgends)\b",
        r"(?:es |dazu |darüber )*gibt (?:es )?(?:\w+ ){0,3}?keine?\w* (?:angaben?|information\w*|hinweise?|auskunft)\b",
    ),
    "fr": (
        r"(?:désolée?,? )?(?:mais )?(?:je|nous|on) (?:ne |n')(?:le |la |l')?(?:sais|savons|sait|peux|pouvons|"
        r"peut|connais|"
        r"trouve|dispose|ai)\b(?: \w+){0,4}? ?(?:pas|rien|aucun\w*)\b",
        r"je suis désolée?,? mais je ne\b|(?:je|on|nous) l'ignor\w+\b|j'ignore\b|aucune (?:idée|information|mention)\b",
        r"(?:les? |la |l'|ce |cette |aucun )*(?:documents?|textes?|passages?|sources?|lettres?|contexte|"
        r"extraits?)(?: \w+){0,2}? "
        r"(?:ne |n')(?:le |la |l')?(?:mention|précis|di[ts]|indiqu|donn|contien|parl|révèl|fourni|nomm)\w*\b",
        r"(?:ce|cela|c'|il|elle)? ?(?:n'est|ne sont|n'a été|n'est pas)(?: pas| nulle part)?"
        r" (?:précisé|mentionné|indiqué|connu|dit|donné|spécifié)\w*\b",
        r"(?:[\w'-]+ ){0,6}?(?:n'est|ne sont) (?:pas|nulle part) (?:précisé|mentionné|indiqué|connu|dit|donné)\w*\b",
        r"il n'y a (?:aucune?|pas d[e'])\b ?(?:information|mention|indication|détail|réponse)\w*\b",
        r"(?:c'est |cela reste |[\w'-]+ (?:[\w'-]+ )?est )?inconnue?s?\b(?= *(?:$|[.,]))|non (?:précisé|"
        r"mentionné|indiqué)\w*\b",
    ),
    "es": (
        r"(?:lo siento,? )?(?:pero )?(?:yo )?no (?:lo |la )?(?:sé|sabemos|puedo|podemos|conozco|encuentro|"
        r"encontré|tengo)\b"
        r"(?: \w+){0,2}?(?: (?:responder|contestar|decir|información|datos|encontrar|ayudar|idea)\w*\b|"
        r"(?= *(?:$|[.,]))|"
        r" (?:quién|qué|cómo|dónde|cuándo|por|a))",
        r"ni idea\b|se desconoce\b|desconocid[oa]s?\b(?= *(?:$|[.,]))|desconozco\b|no consta\b"
        r"|no lo (?:dice|dic|indica|menciona|explica)n?\b",
        r"(?:el |la |los |las |ningún )*(?:documentos?|textos?|pasajes?|fuentes?|cartas?|"
        r"contexto)(?: \w+){0,2}? (?:no )?"
        r"(?:lo )?(?:mencion|dice|indica|especific|contien|da|dan|revela|nombra|habla|explica)\w*\b",
        r"(?:[\w'-]+ ){0,6}?no (?:se|está|es|fue) (?:lo )?(?:mencion|dice|indica|especific|conoc|sabe|da |"
        r"nombra|explica)\w*\b",
        r"no hay (?:ninguna? )?(?:información|mención|datos|constancia|respuesta|detalles)\b",
    ),
    "it": (
        r"(?:mi dispiace,? )?(?:ma )?(?:io )?non (?:lo |la )?(?:so|sappiamo|posso|possiamo|conosco|trovo|ho)\b"
        r"(?: \w+){0,2}?(?: (?:rispondere|dire|informazioni|trovare|idea|chi|che|come|dove|quando)\b|(?= *(?:$|[.,])))",
        r"(?:i |il |la |le |nessun |nei |l')*(?:document[oi]|test[oi]|pass[io]|font[ei]|letter[ae]|"
        r"contesto)(?: \w+){0,2}? "
        r"non (?:lo )?(?:menzion|dic|indic|specific|conten|contien|dà|forni|rivel)\w*\b",
        r"non (?:ci sono|c'è|vi sono) (?:alcuna? |nessuna? )?(?:informazion|menzion|dett|rispost|dat)\w*\b",
        r"(?:[\w'-]+ ){0,6}?non (?:è|sono|viene|vengono) (?:stat\w )?(?:menzionat|indicat|specificat|not|dett|dat)\w\b",
        r"nessuna idea\b|sconosciut[oa]\b(?= *(?:$|[.,]))|non si sa\b",
    ),
    "pt": (
        r"(?:desculpe,? )?(?:mas )?(?:eu )?não (?:o )?(?:sei|sabemos|posso|podemos|conheço|encontrei|tenho)\b"
        r"(?: \w+){0,2}?(?: (?:responder|dizer|informaç|encontrar|ideia|quem|que|como|onde|quando)\w*\b|"
        r"(?= *(?:$|[.,])))",
        r"(?:o |a |os |as |nenhum )*(?:documentos?|textos?|passagens?|fontes?|cartas?|"
        r"contexto)(?: \w+){0,2}? não (?:o )?"
        r"(?:mencion|diz|dizem|indic|especific|cont|dá|dão|revel)\w*\b",
        r"não (?:há|existe[m]?) (?:nenhuma? )?(?:informaç|menç|dados|detalhes|resposta)\w*\b",
        r"(?:[\w'-]+ ){0,6}?não (?:é|são|foi|está) (?:mencionad|indicad|especificad|conhecid|dit)\w+\b",
        r"nenhuma ideia\b|desconhecid[oa]\b(?= *(?:$|[.,]))|não se sabe\b|não consta\b",
    ),
    "nl": (
        r"(?:dat |helaas )?(?:ik )?(?:weet|kan|vind|heb|ken) (?:ik )?(?:\w+ ){0,4}?(?:niet|geen|niets)\b|geen idee\b",
        r"(?:de |het |in )*(?:documenten|document|tekst|teksten|bronnen|passages)(?: \w+){0,2}? "
        r"(?:noem|vermeld|zeg|geef|gev|bevat)\w*(?: \w+){0,4}? (?:niet|geen|niets)\b",
        r"(?:[\w'-]+ ){0,6}?(?:wordt|is|staat) (?:\w+ ){0,4}?(?:niet|nergens) (?:vermeld|genoemd|bekend|"
        r"gezegd|aangegeven)\b",
        r"onbekend\b|niet (?:vermeld|bekend|genoemd)\b|er is geen (?:informatie|vermelding)\b",
    ),
}
CHINESE = re.compile(
    r"^(?:很?抱歉|对不起|對不起|不好意思)|^(?:我|我们)?(?:并)?(?:不知道|不清楚|不确定|不了解|不太清楚|无法|沒有|没有(?:关于|相关))|"
    r"(?:文件|文档|資料|资料|文本|文章|材料|上下文|原文|段落|信件|日记)[^。，]{0,8}?(?:没有|沒有|未|并未|無|无|不)[^。]{0,4}?"
    r"(?:提|说|說|记|記|给出|包含|写|涉及|相关|提供|信息)|^[^。，]{0,14}(?:未(?:提及|说明|记载|知)|不(?:明|详|得而知)|没有(?:提到|提及|说明|记载))|"
    r"^无(?:法|从)|没有(?:相关|任何|这方面的)?信息|^(?:未知|不明|不详|不知)"
)
JAPANESE = re.compile(
    r"^(?:申し訳|すみません|残念ながら)|(?:わか|分か)り(?:ません|かね)|(?:わか|分か)らない|^知りません|存じ(?:ません|上げ)|不明(?:です|。|$)|"
    r"(?:書かれて|記載されて|述べられて|言及されて|示されて|触れられて|記されて)(?:い)?(?:ません|ない)|"
    r"(?:情報|記述|記載|言及|手がかり)(?:は|が)(?:あり|見つかり|含まれてい)?(?:ません|ない)|お答えでき(?:ません|ない)"
)
LEAD = re.compile(
    r"^(?:(?:(?:i'm |i am )?(?:very |really |so )?sorry(?: for [^.,]+)?|apologies|es tut mir leid|"
    r"entschuldigung|unfortunately|regrettably|well|hmm?|no(?=,)|leider|désolée?|"
    r"lo siento|mi dispiace|desculpe|helaas|i'm afraid|i am afraid|but|however|mais|pero|aber|and|so)(?:[.,:] ?| |"
    r"$)(?:but |mais |pero )?"
    r"|(?:based on|according to|from|as an|as of|given|in|within|about|regarding|as for|without|laut|d'après|selon|"
    r"según|secondo|segundo|"
    r"on the basis of|after (?:reading|searching)) [^,.;:]{1,80}(?:[,:] ?|$)"
    r"|(?:about|from|in) (?:the )?[\w' -]{1,60}? (?=(?:i|we|there|it) ))+",
    re.IGNORECASE,
)
ABOUT_SOURCES = re.compile(
    rf"^(?:the |these |those |this |all |\d+ |given |provided |retrieved |that |both )*(?:{SOURCE}|they|it|"
    rf"i looked)\b|^(?:die|der|das|les?|los|el|i|il|os?|de|het) "
    r"(?:dokument|text|unterlagen|document|texte|documentos|texto|documenti|testo|tekst)",
    re.IGNORECASE,
)
TURN = re.compile(
    r"(?:[,;.]|^) ?(?:but|however|nevertheless|still|yet|aber|doch|mais|pero|ma|mas|maar)\b,? (.+)$", re.IGNORECASE
)
OFFER = re.compile(
    r"^(?:i(?! (?:think|believe|guess|suppose|assume|would (?:say|guess))\b)|we|you|please|if|could you|perhaps you|"
    r"feel free|ich|je|yo|they|it only|the documents? only)\b",
    re.IGNORECASE,
)
EMPHASIS = re.compile(r"\*{1,3}|^#+ |^[-•] |`+", re.MULTILINE)  # of Markdown
LITTLE = re.compile(r"\b(?:only|just|no|not|never|nothing|nowhere)\b", re.IGNORECASE)
IS_TOLD = re.compile(rf"\b(?:is|are|was|were) (?:only |just )?{TOLD}$", re.IGNORECASE)
IS_NOT = re.compile(r"^(?:but |and )?(?:[\w'’-]+ ){1,5}(?:is|are|was|were) (?:not|never)\.?$", re.IGNORECASE)
"""After "the well is mentioned": "its depth is not"."""
COLON = re.compile(r"^there (?:is|are|was|were) no\b[^:]*: *(?!the|they|it|i\b)", re.IGNORECASE)
QUOTED = re.compile(r"[\"“„«]([^\"“”„«»]*)[\"”“»]")
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
WORDS = 40  # of an answer that are read: what is said later qualifies an answer already given
_SAYINGS = re.compile(
    "|".join(
        f"(?:{one.replace('{NP}', NP)})" for one in (*ENGLISH, *(one for many in OTHERS.values() for one in many))
    ),
    re.IGNORECASE,
)


@lru_cache(maxsize=2**14)  # an answer is asked about by more than one rule
def is_refusal(text: str) -> bool:
    """Whether the answer says, before anything else, that it does not know, and gives no answer after all."""
    said = CITATION.sub(lambda cited: "the document" if cited[0][0].isalpha() else " ", plain(EMPHASIS.sub("", text)))
    said = " ".join(said.split()[:WORDS])
    said = re.sub(r" (?=[.,;!?])", "", said)
    if QUOTED.fullmatch(said.rstrip(".")):
        said = said.strip('"“”„«».')
    if not said.isascii() and (CHINESE.search(said) or JAPANESE.search(said)):
        return True
    said = QUOTED.sub("…", said).replace("can't", "cannot").replace("Can't", "Cannot")
    said = said.replace("n't", " not").replace("annot", "an not")
    said = re.sub(r"\b(there|it|that|he|she|what|name)'s\b", r"\1 is", said, flags=re.IGNORECASE)
    for sentence in SENTENCE.split(said):
        verdict = _sentence(sentence)
        if verdict is not None:
            return verdict
    return False


def _sentence(sentence: str) -> bool | None:
    """Whether a sentence refuses; None where it only leads in, so that the next one counts."""
    clauses = re.split(r"(?:, (?=but|and|so|they|their|its?|her|his|the|i |there|nor)|: |; | – | — )", sentence)
    for at, clause in enumerate(clauses):
        head = LEAD.sub("", clause)
        if _goes_on_to_refuse(head, *clauses[at + 1 : at + 2]):
            return True
        if _SAYINGS.match(head):
            return not _answers_after(" ".join(clauses[at:])[len(clause) - len(head) :], sentence)
        if not head.strip(" .") or ABOUT_SOURCES.match(head):
            continue
        return False
    return None


def _goes_on_to_refuse(clause: str, behind: str = "") -> bool:
    """Whether what little is known comes first: "Only its first letter is given, so I cannot say"."""
    if behind.startswith("so "):
        return bool(LITTLE.search(clause) and _SAYINGS.match(behind[3:]))
    return bool(IS_TOLD.search(clause) and IS_NOT.match(behind))


def _answers_after(refusal: str, sentence: str) -> bool:
    turn = TURN.search(sentence[sentence.find(refusal[:12]) :])
    if turn and not OFFER.match(turn[1]) and not _SAYINGS.match(turn[1]):
        return True
    return bool(COLON.match(sentence))

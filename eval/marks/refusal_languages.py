"""How eight languages beside English say that something is not known or not told (`eval.marks.refusal_words`).

In front of a statement of `OTHERS` a subject may stand. Chinese and Japanese, which part no words, are searched.
"""

from __future__ import annotations

import re

NEED = (
    r"nicht|kein|nirg|nerg|\bnie|weder|schweig|offen|unklar|unbekannt|ungewiss|unerwähnt|fehl|keiner|ohne|\bbitte|"
    r"\bkönn|\bkannst|\bne\b|\bn'|ignor|inconn|\bsans\b|aucun|\bpas\b|-vous\b|veuillez|\brien\b|imposs|\bno\b|\bni\b|"
    r"\bsin\b|desco[nñ]|imposib|ning|\bnon\b|nessun|senza|sconosc|não|nenhum|\bsem\b|qualquer|desconh|niet|nooit|geen|"
    r"onbekend|onduid|ontbre|zonder"
)
"""One of these stands in every statement."""
FACTS = {
    "de": r"(?:angaben?|information(?:en)?|hinweise?|auskunft|auskünfte|erwähnung|anhaltspunkte?|antwort|details?|"
    r"daten|aussagen?|erkenntnisse|ahnung|belege?|einzelheiten)",
    "fr": r"(?:informations?|mentions?|indications?|précisions?|détails?|données?|traces?|réponses?|renseignements?|"
    r"idée)",
    "es": r"(?:informaci[óo]n|menci[óo]n|datos?|constancia|respuesta|detalles?|indicaci[óo]n|referencias?|registros?|"
    r"idea)",
    "it": r"(?:informazion[ei]|menzion[ei]|dettagli\w?|rispost[ae]|dat[oi]|indicazion[ei]|tracci\w+|riferiment[oi]|"
    r"idea)",
    "pt": r"(?:informaç\w+|menç\w+|dados?|detalhes?|respostas?|indicaç\w+|referências?|registos?|registros?|ideia)",
    "nl": r"(?:informatie|vermelding(?:en)?|gegevens|details?|antwoord|aanwijzing(?:en)?|idee|verwijzing(?:en)?)",
}
DE_NOT = r"(?:nicht|nirgends|nirgendwo|nie|niemals|nichts|kein\w*)"
DE_TOLD = (
    r"(?:genannt|erwähnt|angegeben|bekannt(?! (?:für|als|war|waren|ist|sind)\b)|gesagt|beschrieben|festgehalten|"
    r"erklärt|beantwortet|überliefert|vermerkt|verzeichnet|aufgeführt|dokumentiert|ersichtlich|beziffert|angeführt|"
    r"mitgeteilt|belegt|erläutert|spezifiziert|notiert|verraten|berichtet|geklärt|enthalten|ausgewiesen|thematisiert|"
    r"benannt|klar)"
)
DE_FIND = (
    r"(?:entnehmen|feststellen|bestimmen|beantworten|ermitteln|ableiten|klären|sagen|hervor|erschließen|erkennen|"
    r"herauslesen|helfen|finden|beurteilen)"
)
FR_SAY = (
    r"(?:mention|précis|di[ts]|dis|indiqu|donn|contien|révèl|fourni|nomm|signal|évoqu|expliqu|spécifi|décri|perme|"
    r"apparaî|figur|détaill|abord|compor|connu|cit|inclu)"
)
ES_SAY = (
    r"(?:mencion|di[cg]|indic|especific|conoce|sabe|nombr|explic|revel|precis|detall|desglos|aclar|consta|figur|"
    r"aparec|incluy|descri)"
)
IT_SAY = (
    r"(?:menzion|dic|indic|specific|conten|contien|forni|rivel|nomin|precis|risult|spieg|not[oaie]$|figur|compar|"
    r"ripor|includ|descriv)"
)
PT_SAY = (
    r"(?:mencion|diz|dit[oa]|indic|especific|revel|conhecid|nome|precis|explic|const|aparec|inform|detalh|esclarec|"
    r"inclu|descrev)"
)
NL_NOT = r"(?:niet|nergens|nooit|niets|geen)"
NL_TOLD = (
    r"(?:vermeld|genoemd|bekend(?! om)|gezegd|aangegeven|beschreven|opgegeven|duidelijk|verteld|gegeven|te vinden)"
)
OTHERS = {
    "de": (
        rf"\b(?:weiß|kenne|kann|finde|habe|konnte|verfüge|sehe) ich (?:[\w-]+ ){{0,7}}?{DE_NOT}\b",
        rf"\bich (?:weiß|kenne|kann|finde|habe|konnte|verfüge|sehe) (?:[\w-]+ ){{0,7}}?{DE_NOT}\b",
        rf"\bkein\w* (?:\w+ ){{0,4}}?(?:{FACTS['de']}|nennt|erwähnt|sagt|verrät|enthält|beschreibt)\b|\bunbekannt$|"
        rf"\bweder (?:\w+ ){{0,8}}?noch\b.* {DE_TOLD}\b",
        rf"\b{DE_NOT} (?:[\w-]+ ){{0,6}}?{DE_TOLD}\b(?! (?:war|ist|wird|wurde|waren|sind|werden|will|wollte)\b)",
        rf"\b(?:(?:findet|finden) sich|nennt|nennen|sagt|sagen|erwähnt|erwähnen|verrät|verraten|beschreibt|"
        rf"beschreiben|erklärt|erklären|beantwortet|beantworten|steht|stehen|enthält|enthalten|beziffert|"
        rf"schreibt) (?:[\w-]+ ){{0,6}}?{DE_NOT}\b",
        rf"\b(?:geht|gehen|lässt|lassen|ist|sind|kann|können) (?:[\w-]+ ){{0,8}}?{DE_NOT} (?:\w+ ){{0,3}}?(?:zu "
        rf")?{DE_FIND}\b",
        r"\b(?:ist|sind|bleibt|bleiben|lässt|lassen) (?:\w+ ){0,6}?(?:unbekannt|unklar|ungewiss|unerwähnt)$",
        r"\b(?:bleibt|bleiben|lässt|lassen) (?:\w+ ){0,6}?offen$",
        r"\b(?:schweig(?:t|en)|an keiner stelle|nicht in der lage|fällt (?:\w+ )?nicht|fehlt (?:\w+ ){0,3}?angabe)\b",
        r"\bohne (?:\w+ ){0,6}?zu (?:nennen|erwähnen|sagen|verraten|beziffern|beschreiben)\b",
        r"^(?:könn(?:t?en) sie|kannst du|könntest du|bitte) (?:\w+ ){0,8}?(?:sagen|nennen|geben|mitteilen|teilen)\b",
    ),
    "fr": (
        r"\b(?:je|nous|on) (?:ne |n')(?:le |la |l')?(?:sais|savons|sait|peux|pouvons|peut|connais|trouve|dispose|"
        r"ai)\b(?: \w+){0,4}? ?(?:pas|rien|aucun\w*)\b",
        r"\b(?:je|on|nous) l'ignor\w+\b|\b(?:j'|on )ignore\b|\bimpossible de (?:le |la )?(?:savoir|dire|détermin)\w*",
        rf"\b(?:ne|n') ?(?:l'|le |la |les |y |en |nous |sont |est |a |ont |s'){{0,2}} ?(?:pas |jamais |"
        rf"nulle part )?(?:été )?(?:\w+ment )?{FR_SAY}\w*(?=$| (?:pas|jamais|rien|aucun\w*|nulle|point|ni|dans|par|"
        rf"ici|qui|où|quand|comment)\b)",
        rf"\b(?:ne|n') ?(?:est|sont|a|ont) (?:pas|jamais|nulle part) (?:été )?(?:\w+ment )?{FR_SAY}\w*",
        rf"\b(?:rien|aucun\w*|nul\w*)(?: [\w'-]+){{0,6}}? (?:ne |n')(?:\w+ )?{FR_SAY}\w*",
        rf"\b(?:aucune?|pas d[e']|sans) ?(?:autre )?{FACTS['fr']}\b|^non (?:précisé|mentionné|indiqué)\w*",
        r"\binconnue?s?$|\bsans (?:jamais |toutefois |pour autant |en |l[ae] |l')?(?:dat|cit|expliqu|précis|donn|dir|"
        r"nomm|indiqu|mentionn|révél)\w+",
        r"\bpas (?:en mesure|capable)\b|\bpourriez-vous\b|\bveuillez\b|\bpouvez-vous\b",
    ),
    "es": (
        rf"\bno (?:lo |la )?(?:sé|sabemos|puedo|podemos|conozco|encuentro|encontré|tengo|"
        rf"dispongo)\b(?: \w+){{0,3}}?(?: (?:responder|contestar|decir|encontrar|ayudar|{FACTS['es']}|quién|qué|cómo|"
        rf"dónde|cuándo|por|a)\b|$)",
        r"\bni idea\b|\bse desconoce\b|\bdesconocid[oa]s?$|\bdesconozco\b",
        rf"\bno (?:(?:se|lo|la|los|me|nos|está|es|fue|ha|sido|viene|queda) ){{0,3}}{ES_SAY}\w*(?! bien\b)",
        r"\bno (?:se )?(?:da|dan|queda claro|consta)\b|\bno (?:hay forma|(?:es|resulta) posible|se puede|"
        r"cabe) (?:de )?\w+r",
        rf"\b(?:no (?:hay|existe|existen)|ning[úu]n\w*|sin) (?:\w+ ){{0,2}}?{FACTS['es']}\b|"
        rf"\bning[úu]n\w*(?: \w+){{0,5}}? (?:lo |se )?{ES_SAY}\w*",
        r"\bsin (?:llegar a )?(?:precis|dec|menc|nombr|especific|indic|aclar|revel|d)a?[ri]+r?\b|\bimposible saber|"
        r"\bno (?:soy capaz|estoy en condiciones)",
    ),
    "it": (
        rf"\bnon (?:lo |la )?(?:so|sappiamo|posso|possiamo|conosco|trovo|ho)\b(?: \w+){{0,2}}?(?: (?:rispondere|dire|"
        rf"trovare|{FACTS['it']}|chi|che|come|dove|quando)\b|$)",
        rf"\bnon (?:(?:lo|la|ne|viene|vengono|è|sono|stat[oaie]|si|mai|viene mai) ){{0,3}}{IT_SAY}\w*",
        rf"\b(?:non (?:ci sono|c'è|vi sono)|nessun\w*|senza) (?:\w+ ){{0,2}}?{FACTS['it']}\b|"
        rf"\bnessun\w*(?: \w+){{0,5}}? {IT_SAY}\w*|\bsconosciut[oa]$|\bnon si sa\b|\bnon sono in grado\b",
        r"\bsenza (?:mai )?(?:precis|dir|nomin|indic|specific|menzion|rivel|dar)\w*|\bnon (?:è|"
        r"si può) (?:possibile )?\w+re\b",
    ),
    "pt": (
        rf"\bnão (?:o )?(?:sei|sabemos|posso|podemos|conheço|encontrei|encontro|tenho|consigo|consegui|"
        rf"disponho)\b(?: \w+){{0,3}}?(?: (?:responder|dizer|encontrar|{FACTS['pt']}|quem|que|como|onde|quando)\b|$)",
        rf"\bnão (?:(?:se|o|a|é|são|foi|está|vem|nos) ){{0,3}}{PT_SAY}\w*|\bnão (?:dá|dão|se sabe)\b|"
        rf"\bdesconhecid[oa]$",
        rf"\b(?:não (?:há|existem?)|nenhum\w*|qualquer|sem) (?:\w+ ){{0,2}}?{FACTS['pt']}\b|"
        rf"\bnenhum\w*(?: \w+){{0,5}}? {PT_SAY}\w*",
        r"\bsem (?:nunca )?(?:precis|dizer|nome|indic|especific|mencion|revel|dar)\w*|\bnão (?:é possível|"
        r"sou capaz de) \w+r\b",
    ),
    "nl": (
        rf"\b(?:weet|kan|vind|heb|ken|kon) ik (?:\w+ ){{0,5}}?{NL_NOT}\b|\bik (?:weet|kan|vind|heb|ken|"
        rf"kon) (?:\w+ ){{0,5}}?{NL_NOT}\b|^(?:weet|kan) (?:ik )?niet\b",
        rf"\bgeen (?:\w+ ){{0,2}}?{FACTS['nl']}\b|\bonbekend$|\b(?:blijft|is) onduidelijk\b|\bontbre(?:ekt|ken)\b",
        rf"\b{NL_NOT} (?:\w+ ){{0,5}}?{NL_TOLD}\b(?! (?:is|was|wordt|werd|wil)\b)",
        rf"\b(?:noem|vermeld|zeg|geef|gev|bevat|beschrijf|beschrijv|vertel|sta)\w* (?:\w+ ){{0,6}}?{NL_NOT}\b",
        r"\bzonder (?:\w+ ){0,4}?te (?:noemen|vermelden|zeggen|geven)\b|\bgeen toegang\b",
    ),
}
CHINESE = re.compile(
    r"^(?:很?抱歉|对不起|對不起|不好意思)|^(?:所以|因此)?(?:我|我们)?(?:并|也|还)?(?:不知道|不清楚|不确定|不了解|不太清楚|无法|無法|无从)|无法(?:得知|确定|判断|回答|知道|确认|查|"
    r"从)|(?:没有|沒有|没|并未|未|未曾)(?:明确|具体|直接|详细|任何地方)?(?:提及|提到|说明|說明|记载|記載|透露|披露|注明|公布|给出|列出|标明|交代|写|提供|记录|涉及|包含|介绍|明说|提|说|"
    r"載|载)|不得而知|不详|不明$|未知|无(?:相关|从得知)|(?:没有|沒有|无)(?:关于|相关|任何|这方面的|具体)[^。，]{0,12}?(?:信息|资料|记录|内容|说明|数据|记载)?|(?:没有|"
    r"无)[^。，]{0,14}(?:信息|记载|线索)|[找查]不到|看不出|^不知"
)
CHINESE_SOURCE = re.compile(
    r"文件|文档|資料|资料|文本|文章|材料|上下文|原文|文中|段落|信件|日记|日志|访谈|报告|记录|书中|手册|根据|关于|至于"
)
JAPANESE = re.compile(
    r"^(?:申し訳|すみません|残念ながら)|(?:わか|分か|判)り(?:ません|かね)|(?:わか|分か)らない|知りません|存じ(?:ません|上げ)|不明|(?:書|記|記載|述べ|言及|示|触れ|明記|明かさ|説明|"
    r"紹介|語|載|公表|記録|特定)(?:さ)?(?:か|ら|し)?(?:れて)?(?:て)?(?:い|お)?(?:り)?(?:ません|ない)|(?:情報|記述|記載|言及|手がかり|説明|データ|記録)(?:は|が|"
    r"も)?(?:あり|見つか|見当たり|含まれてい|ござい|提供されてい)?(?:り)?(?:ません|ない|なし|無し)|(?:答え|判断|特定|確認|読み取|読み取れ|断定|お答え)(?:でき|れ|られ|"
    r"は?でき)?(?:ません|ない)|出て(?:き|い)ません|出てこない|登場しま?せ?ん|見(?:つか|当た)りません|未記載"
)
CHINESE_TURN = re.compile(r"(?:但是?|不过|然而|可是)")
JAPANESE_TURN = re.compile(r"(?:が|けれども?|けど|ものの)、|。(?:しかし|ただし|ただ)、")

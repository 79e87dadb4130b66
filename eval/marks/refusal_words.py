"""How one says in English that something is not known or not told (`eval.marks.refusal_languages`: in eight others).

A statement of `STARTS` begins a clause ("I don't know", "Not stated"); one of `STATEMENTS` may have a subject in front
of it, any noun phrase ("The exact date | is not given", "Tilly | gives no time"). Clauses are in small letters,
single-spaced, without marks at their ends, with "not" for "n't". An answer is cut to
seventy words before it is read, which bounds every repetition.
"""

from __future__ import annotations

import re

from agents.text.words import word_set

NEED = (
    r"\b(?:no|not|never|nothing|none|neither|nobody|nowhere|without|un\w+|n/a|tb[acd]|need|have to|miss\w*|lost|"
    r"absent|cut|omit\w*|lack\w*|silent|impossible|difficult|hard|declin\w*|refus\w*|avoid\w*|stop\w*|breaks?|ends?|"
    r"left|leaves?|open|insufficient|too little|please|kindly|you|to be|mystery|guess\w*|any(?:one|body)'s)\b"
)
"""One of these words stands in every statement: a quick look spares the others."""
SOURCE = (
    r"(?:documents?|texts?|passages?|contexts?|journals?|letters?|informations?|records?|sources?|stor(?:y|ies)|"
    r"\w*papers?|pages?|manuals?|reports?|\w*logs?|articles?|\w*books?|diar(?:y|ies)|minutes|guides?|polic(?:y|ies)|"
    r"contracts?|interviews?|episodes?|ledgers?|inventor(?:y|ies)|timetables?|catalogues?|chapters?|sections?|"
    r"extracts?|materials?|excerpts?|\w*scripts?|corpus|data|\w*notes?|recipes?|chronicles?|accounts?|chats?|"
    r"gazettes?|call|transcriptions?|correspondence|regist(?:er|ry|ries|ers)|archives?|files?|entr(?:y|ies)|posts?|"
    r"threads?|messages?|e-?mails?|brochures?|leaflets?|websites?|captions?|statements?|filings?|testimon(?:y|ies)|"
    r"memoirs?|memos?|reviews?|summar(?:y|ies)|descriptions?|news\w+|bulletins?|instructions|terms|rules|footnotes?|"
    r"lists?|collections?|study|studies|paragraphs?|snippets?|programmes?|specifications?|advert\w*|knowledge|"
    r"listings?|plaques?|booklets?|colophons?|notices?)"
)
FACT = (
    r"(?:informations?|mentions?|details?|evidence|data|answers?|indications?|knowledge|clues?|traces?|references?|"
    r"records?|statements?|hints?|explanations?|specifics?|figures?|descriptions?|context)"
)
THING = (
    rf"(?:{FACT}|names?|dates?|years?|times?|numbers?|prices?|reasons?|amounts?|values?|costs?|totals?|ages?|places?|"
    rf"locations?|sums?|counts?|sources?|addresse?s?|breakdowns?|opinions?|views?|quotes?|quantit(?:y|ies)|limits?|"
    rf"clauses?|sections?|passages?|entry|entries|notes?|lines?|words?|remarks?)"
)
WH = r"(?:who|whom|whose|what|which|where|when|why|how|whether|if)"
ADVERB = r"(?:\w+ly|even|ever|yet|once|itself|themselves|further|anywhere|otherwise|at all|in fact|quite|still|also)"
NOT = rf"(?:{ADVERB} )?(?:not|never|nowhere)(?: {ADVERB}){{0,2}}"
BE = r"(?:is|are|was|were|be|been|being|gets?)"
SAY = (
    rf"(?:say|mention|specify|attribute|credit|state|explain|describe|reveal|disclose|discuss|indicate|clarify|"
    rf"elaborate|comment|note|identify|detail|quote|cite|record|report|name|address|publish|announce|tell(?: (?:us|"
    rf"you|me))?(?= {WH}\b|$)|tell (?:us|you|me)|go into|spell|write down|touch (?:on|upon)|refer to|"
    rf"break (?:\w+ ){{0,3}}?(?:out|down)|make (?:it )?(?:clear|any mention)|(?:give|express|provide|offer|"
    rf"put) (?:an?|the|any|its|his|her|their|us|me)\b)"
)
TELL = (
    rf"(?:{SAY}|provide|give|contain|include|cover|list|show|appear|occur|answer|tell|deal with|shed|define|set out|"
    rf"extend|get to|settle|fix|come up|speak of|talk about|allow (?:us|me|one|any)|(?:have|hold|offer|"
    rf"supply) (?:\w+ ){{0,3}}?{THING}\b)"
)
SAYS = (
    r"(?:says?|mentions?|specif(?:y|ies)|states?|explains?|describes?|reveals?|discloses?|discuss(?:es)?|indicates?|"
    r"records?|reports?|names?|address(?:es)?|gives?|provides?|contains?|includes?|covers?|lists?|answers?|tells?|"
    r"identif(?:y|ies)|refers?|shows?|quotes?|offers?|writes?|goes into|spells?|notes?|credits?|makes?)"
)
TOLD = (
    rf"(?:mentioned|specified|stated|provided|recorded|given(?! (?:back|up|an?|the|any|his|her|enough)\b)|described|"
    rf"answered|named|listed|disclosed|documented|addressed|quoted|reported|noted|published|announced|released|"
    rf"made (?:public|clear|explicit)|spel(?:led|t) out|broken (?:out|down)|written down|identified|explained|"
    rf"discussed|indicated|revealed|set out|established|detailed|defined|clarified|attested|reproduced|handed down|"
    rf"touched on|passed on|found out|solved|settled|clear(?= {WH}\b| from\b|$)|known(?! (?:for|as|to|outside|beyond|"
    rf"among|by)\b))"
)
KNOW = (
    r"(?:know|say|tell|answer|find|determine|recall|remember|help|assist|identify|confirm|provide|verify|locate|see|"
    r"learn|hear|give|work out|make out|share|infer|state|establish|offer|come across|speculate|access|comment)"
)
KNOWN = (
    r"(?:determined|answered|known|inferred|established|said|told|worked out|made out|read off|derived|identified|"
    r"confirmed|verified|ascertained|concluded|deduced|gathered|calculated|given|stated|pinned down|judged|found|"
    r"named|specified|provided)"
)
UN = r"(?:un(?:known|specified|clear|stated|certain|documented|recorded|answered|named|explained|mentioned|disclosed)"
UN += r"|unsaid|left out)"
TOLD_END = rf"{TOLD}(?=$| (?:in|for|at|on|about|anywhere|here|yet|within|among)\b)"
NO_ANSWER = r"(?:longer|doubt|one|matter|less|more|sooner)\b|(?:[\w'-]+ ){1,3}were (?:reported|recorded|listed|noted)\b"
"""Behind "no": "No deaths were reported" tells how many."""
SHORT = r"(?: (?!that\b|who\b|but\b)\w+)"

STARTS = (
    rf"(?:i|we)(?: {ADVERB})? (?:do|can|could|did|would|have|am|was)? ?{NOT} (?:{ADVERB} )?(?:be(?:en)? able to "
    rf")?(?:{KNOW}|found|seen|told)\b(?! (?:any )?(?:more|further)\b)",
    r"(?:i|we) (?:have|had|see|find|found|know of|lack)(?: \w+){0,2}? (?:no|nothing)\b|(?:i|we) (?:lack|"
    r"know nothing)\b",
    rf"(?:i|we) (?:do|did|can|could) not (?:have|see|find) (?:[\w'-]+ ){{0,4}}?(?:{THING}|access|memory|any\w*)\b",
    r"(?:i am|i'm|we are|we're|i was|we were)(?: afraid i am)? (?:not (?:sure|aware|certain|able|familiar|told)|"
    r"unable|unsure)\b",
    r"(?:i|we)(?: would|'d) (?:need|have to|require)\b|i need (?:more|further|the|additional)\b",
    r"(?:could|can|would) you (?:please |kindly |perhaps )?(?:provide|share|give|clarify|specify|tell|send|let|"
    r"paste)\b",
    r"(?:please|kindly) (?:provide|share|clarify|specify|tell me|send me|let me know|paste)\b",
    r"(?:which|what) (?:\w+ ){0,3}?(?:do|are) you (?:mean|referring|asking|thinking|talking)\b",
    r"(?:i have |i've )?(?:never heard of|no idea)\b",
    r"(?:found|find|finds|see|saw|contains?|provides?|includes?|mentions?) (?:no|nothing)\b|i(?:'d|"
    r" would) (?:only )?be guessing",
    rf"(?:with|but) no (?:\w+ ){{0,2}}?{THING}\b|(?:you|one)(?: would|'d| will|'ll)? (?:have|need) to (?:ask|check|"
    rf"contact|consult)\b",
    rf"{NOT} (?:in|part of|among) (?:\w+ ){{0,3}}?{SOURCE}\b|tb[acd]$|nothing (?:on|about|regarding|to (?:suggest|"
    rf"indicate|say))\b",
    rf"(?:nobody|no one)(?: \w+){{0,5}}? (?:knows|tells|says|mentions|explains|names|(?:said|mentioned|knew) {WH})\b",
    rf"(?:none|neither|nothing){SHORT}{{0,8}}? (?:{SAYS}|{BE} (?:{ADVERB} )?(?:{TOLD}|said|told))\b|nothing {TOLD}\b",
    rf"nowhere{SHORT}{{0,6}}? (?:{SAYS}|{SAY}|{TOLD}|said|told)\b",
    rf"no (?:such )?{SOURCE}{SHORT}{{0,3}}? (?:{SAYS}|{TOLD}|exists?)\b",
    rf"no {FACT}$|(?:no|insufficient|not enough|too little) (?:\w+ ){{0,2}}?{FACT} (?:about|on|of|regarding|for|in|"
    rf"from|to (?:{KNOW})|{BE}|can|could|has|have|exists?|whatsoever|at all|available|{TOLD})\b",
    r"(?:unknown|unanswerable|unclear|uncertain|unspecified|undisclosed|no answer|n/?a|none given)(?=$| (?:from|in|"
    r"who)\b)",
    rf"(?:it|that|this|there) {BE} {NOT} (?:{TOLD}|said|told|available|there|in|among|found in)\b(?! (?:to|for|as|"
    rf"by name)\b)",
    rf"{NOT} (?:{TOLD}|said|told|available|found in|{WH})\b(?! (?:to|for|as|by name)\b)",
    rf"(?:do|does|can|could) {NOT} (?:really )?(?:{SAY}|tell|know|answer)\b",
    rf"(?:it|they|{SOURCE}|this) {SAYS} (?:nothing|no|nobody)\b|(?:gives?|has|says|offers?) (?:no {THING}|nothing)\b",
    rf"it is (?:not possible|impossible|hard|difficult) to {KNOW}\b|(?:not possible|impossible) to {KNOW}\b",
    rf"without (?:ever |actually |once |any |further |explicitly )?(?:saying|giving|naming|stating|mentioning|"
    rf"specifying|revealing|disclosing|identifying|explaining|telling|describing|an? {THING}|{THING})\b",
)
STATEMENTS = (
    rf"\b(?:do|does) {NOT} {SAY}\b(?!.* to (?:his|her|their|him|them|any\w+)\b)",
    rf"\bdid {NOT} {SAY} (?:{WH}|(?:the|any) (?:\w+ )?{THING})\b",
    rf"\b(?:do|does) {NOT} (?:seem|appear) to (?:be (?:\w+ )?(?:in|among|any|{TOLD})|{TELL})\b",
    rf"\b(?:do|does) {NOT} (?:appear|come up|occur|feature)\b(?=$| anywhere| (?:in|among) (?:\w+ ){{0,4}}?{SOURCE}\b)",
    rf"\b(?:has|have) {NOT} (?:disclosed|released|published|announced|revealed|specified|confirmed|made public)\b",
    rf"\b{SOURCE}(?: (?!but\b)\w+){{0,6}}? (?:do|does|did|can|could) {NOT} {TELL}\b",
    rf"\b(?:they|it)(?: \w+){{0,2}}? (?:do|does) {NOT} {TELL}\b",
    rf"\b(?:never|nowhere) (?:{ADVERB} )?{SAYS}\b",
    rf"\b{SOURCE}(?: \w+){{0,3}}? (?:never|nowhere) (?:{TELL}|{TOLD})\b",
    rf"\b(?:gives?|makes?|offers?|provides?) no (?:[\w'-]+ ){{0,3}}?{THING}\b",
    r"\b(?:mentions?|states?|specifies|quotes?|names|discloses?|says) (?:no(?! one|body)|nothing|neither)\b",
    rf"\b{SOURCE}(?: \w+){{0,3}}? (?:{SAYS}|has|have|stays?|remains?|is|are) (?:no (?:\w+ ){{0,2}}?{THING}|nothing|"
    rf"nobody|no one|silent)\b",
    rf"\b{SOURCE}(?: \w+){{0,2}}? (?:lacks?|omits?|leaves? (?:\w+ ){{0,3}}?open)\b",
    rf"\b{SOURCE}(?: \w+){{0,4}}? (?:is|are) (?:missing|lost)\b",
    r"\bnot come down to us\b",
    rf"\b{SOURCE} (?:\w+ ){{0,2}}?(?:breaks?|ends?|stops?)(?: off| short)? (?:before|short)\b",
    rf"\b(?:{BE}|goes?|went) {NOT} {TOLD}\b(?! (?:to|for|as|until|till|by name)\b)",
    rf"\b(?:has|have|had) {NOT} been (?:{ADVERB} )?{TOLD}\b",
    rf"\b(?:{BE} {NOT}|(?:has|have) {NOT} been) (?:there|in|among|part of|to be found|covered|included|available|"
    rf"present|found|preserved|kept)(?: \w+){{0,5}}? {SOURCE}\b",
    rf"\b{THING}(?: \w+){{0,3}}? {BE} {NOT} (?:available|found|to be found|preserved)\b",
    rf"\b{BE} {NOT} something (?:\w+ ){{1,4}}?(?:can|could|{KNOW}|{SAYS})\b",
    rf"\bno (?!{NO_ANSWER})(?:[\w'-]+ ){{1,9}}?{BE} (?:{ADVERB} )?{TOLD}\b(?! to\b)",
    rf"\bno (?!{NO_ANSWER})(?:[\w'-]+ ){{1,6}}?{TOLD_END}",
    rf"\bno (?:\w+ )?{FACT} (?:\w+ ){{0,6}}?{BE} (?:available|found|present|included)\b",
    rf"\bno (?:[\w'-]+ ){{1,4}}?(?:appears?|occurs?|comes up|{BE}|exists?) (?:in|among) (?:\w+ ){{0,3}}?{SOURCE}\b",
    rf"\bthere {BE} (?:no|not any|not an?|not enough|insufficient) (?:[\w'-]+ ){{0,6}}?{FACT}\b(?! to (?!{KNOW}))",
    rf"\bthere {BE} (?:no|not any|not an?) (?:[\w'-]+ ){{0,6}}?{TOLD_END}",
    rf"\bthere {BE} (?:no|not any|not an?) (?:[\w'-]+ ){{0,6}}?(?:in|on|from|among) (?:\w+ ){{0,3}}?{SOURCE}\b",
    rf"\bthere {BE} (?:nothing|not anything) (?:\w+ )?(?:about|regarding|(?:in|on) (?:\w+ ){{0,3}}?{SOURCE})\b",
    r"\bthere (?:is|are) nothing to (?:suggest|indicate|say|show)\b",
    rf"\b(?:(?:{BE}|remains?|stays?)(?: left)?|left|leaves? (?:it|this|that)) (?:{ADVERB} )?{UN}(?=$| (?:{WH}|in|"
    rf"from)\b)",
    r"\bgo(?:es)? un(?:mentioned|named|recorded|said|stated|reported|explained)\b",
    r"\b(?:remains?|stays?|leaves? (?:it|this|that)) open$",
    r"\b(?:unknown|unspecified|undisclosed)$|\b(?:is|remains) (?:a mystery|any(?:one|body)'s guess)\b",
    r"\b(?:yet|still|remains?) to be (?:confirmed|announced|decided|determined|set|fixed)\b",
    rf"\b(?:can|could) not (?:\w+ly )?be (?:\w+ly )?{KNOWN}\b|\bno way (?:to|of) (?:{KNOW}|\w+ing)\b",
    rf"\b(?:not possible|impossible) to {KNOW}\b",
    rf"\b(?:missing|absent|omitted|lacking|left out|cut) (?:from|in) (?:\w+ ){{0,4}}?{SOURCE}\b",
    rf"\b(?:one|you|readers?|we) (?:can|could) not (?:{ADVERB} )?(?:tell|say|know|determine|infer)\b",
    rf"\b(?:declin|refus)\w* to (?:disclose|specify|reveal|break|comment|(?:say|name|give) (?:{WH}|an?|the|any))\b",
    r"\bstop\w* short of \w+ing\b|\bavoid\w* (?:saying|naming|giving|mentioning|stating)\b",
)
LEAD = re.compile(
    r"^(?:(?:(?:i'm |i am )?(?:very |really |so )?sorry(?: for [^.,]+)?|apologies|es tut mir leid|tut mir leid|"
    r"entschuldigung|unfortunately|regrettably|well|hmm?|leider|infelizmente|purtroppo|malheureusement|"
    r"lamentablemente|desafortunadamente|désolée?|je suis désolée?|it (?:seems|appears)(?: that)?|lo siento|"
    r"mi dispiace|desculpe|helaas|i'm afraid|i am afraid|but|however|mais|pero|aber|and|so|yet|still|thus|therefore|"
    r"hence|de modo que|ma|mas|maar)(?:[.,:] ?| |$)(?:but |mais |pero |that )?|(?:to the best of|to my|based on|"
    r"according to|from|as an|as of|given|in|within|about|regarding|as for|without|laut|d'après|selon|según|secondo|"
    r"segundo|for|on|at|basierend auf|als|on the basis of|after (?:reading|searching)|to (?:determine|answer|say|tell|"
    r"know|identify|find)) [^,.;:]{1,80}[,:] ?|(?:about|from|in) (?:the )?[\w' -]{1,60}? (?=(?:i|we|there|it) ))+",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"^(?:[\w'-]+ ){0,5}[\w'-]+: (?=(?:not|no|un\w+|none|n/a|nicht|kein\w*|non|niet|geen)\b)", re.IGNORECASE
)
"""What is asked for, in front of a colon: "Year: not given"."""
ABOUT_SOURCES = re.compile(
    rf"^(?:although |while |though |only )?(?:the |these |those |this |all |\d+ |given |provided |retrieved |that |"
    rf"both |his |her |their |its )*(?:\w+ ){{0,2}}?(?:{SOURCE}\b|(?:they|it) (?:only |just |merely |also |"
    rf"does )?(?:says?|mentions?|states?|describes?|tells?|refers?|reports?|records?|names?)\b|i (?:wish|looked|"
    rf"searched|checked|read|can see|went)\b)|^(?:die|der|das|im|in de[nmr]|les?|la|los|el|i|il|nei|os?|de|het|"
    rf"l') ?(?:\w+en )?(?:dokument|text|unterlagen|chat|brief|tagebuch|bericht|protokoll|chronik|broschüre|heft|akte|"
    rf"artikel|rezept|buch|dokument|document|journal|catalogue|carnet|article|lettre|texte|passage|art[íi]culo|"
    rf"documento|carta|texto|informe|diario|documenti|testo|tekst|logboek|brieven|verslag)",
    re.IGNORECASE,
)
SUBORDINATE = word_set(
    "because since although though while as if unless whereas until that which who whom whose where and or so when "
    "weil da obwohl dass ob wenn während wobei parce car puisque bien qui que dont où et porque aunque quien perché "
    "che embora omdat hoewel"
)
"""Words that begin a clause which says nothing for the whole sentence."""
CONCESSION = re.compile(
    r"^(?:although|while|though|whereas|obwohl|während|bien que|aunque|sebbene|embora|hoewel)\b|\bzwar\b|\bcertes\b",
    re.I,
)

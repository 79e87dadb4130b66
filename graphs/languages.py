"""Which languages the documents are in, and what cannot be had in them yet: said before money is spent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from agents.records import Chunk
from agents.text.capitalised import has_capitals
from agents.text.language import language_name, language_of
from agents.text.number_words import spoken_languages
from agents.text.refusals import WORDINGS
from agents.text.stems import STEMMERS
from graphs.config import SynthesisConfig
from graphs.dataset.document_rows import PROMPTS

MOST_READ = 200
"""Chunks whose language is looked up, spread over all: 0.2 ms each."""
LEAST_SHARE = 0.005
"""Of the text: below it a language is a quotation, or a mistake."""
NOT_PARTED = frozenset({"zh", "ja", "ko", "th", "lo", "km", "my"})
"""Languages whose words are compared by pairs of letters, which needs no stems."""
OWN_FIGURES = frozenset({"zh", "ja"})
"""Languages whose number words are Chinese figures."""


def shares(chunks: Sequence[Chunk]) -> dict[str, float]:
    """ISO 639-1 code: its share of the text, the largest first; "" where no language stands out."""
    step = -(-len(chunks) // MOST_READ) or 1
    sizes: Counter[str] = Counter()
    for chunk in chunks[::step]:
        sizes[language_of(chunk.text)] += len(chunk.text)
    return {code: size / max(1, sizes.total()) for code, size in sizes.most_common()}


def told(found: Mapping[str, float], config: SynthesisConfig) -> list[str]:
    """Lines for a person: the languages, and what each lacks under this recipe and writer; none for English alone."""
    known = {code: share for code, share in found.items() if share >= LEAST_SHARE}
    foreign = [code for code in known if code not in ("", "en")]
    if not foreign:
        return []
    parts = [f"{language_name(code) if code else 'not told'} {share:.0%}" for code, share in known.items()]
    by_lack: dict[str, list[str]] = defaultdict(list)
    for code in foreign:
        for lack in _lacks(code, config):
            by_lack[lack].append(language_name(code))
    return [
        f"languages of the text: {', '.join(parts)}",
        *(f"  {lack}: {', '.join(of)}" for lack, of in by_lack.items()),
    ]


def _lacks(language: str, config: SynthesisConfig) -> list[str]:
    if config.recipe == "ragtuned":
        return ['few rows or none, since recipe ragtuned reads English (recipe = "facts" reads any language)']
    if config.recipe == "paper":
        return ["asked in English, as the published recipe does"]
    small = config.writer == "sentence"
    compared = language in STEMMERS or language in NOT_PARTED
    wanted = {
        "no counts, sums and spans of days by rule": config.multi_hop.dated > 0,
        "no questions over two documents": small and config.multi_hop.share > 0,
        "names only where an answer stands twice": small and not has_capitals(language),
        "number words are not read, figures are": language not in spoken_languages() | OWN_FIGURES,
        "words are compared as they are written, without stems": not compared,
        "refusals are English": language not in WORDINGS and config.unanswerable.share > 0,
        "no refusals about invented names": not has_capitals(language) and config.unanswerable.contrast_rows > 0,
        "rows that tell pages are asked for by their title alone": language not in PROMPTS
        and config.passages.share > 0,
    }
    return [lack for lack, holds in wanted.items() if holds]

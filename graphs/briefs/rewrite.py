"""Document briefs: passages that a model is to tell anew, each a few sentences of one chunk that name something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.records import Brief, Chunk, Entity
from agents.text.names import undated_names
from agents.text.prompt_injection import orders_in
from agents.text.sentences import is_prose, said, sentences
from graphs.briefs.brief import brief_of, is_named
from graphs.briefs.facts import facts
from graphs.config import SynthesisConfig
from graphs.knowledge.mentions import by_chunk

PASSAGE_CHARACTERS = 400  # about four sentences: a small teacher keeps track of them, and a row stays under 150 tokens
STYLES = ("rewrite", "asked")
TITLED = "Write out, in other words, what {title} tells of {names}."
MOST_NAMES = 2


def rewrite_briefs(chunks: Sequence[Chunk], entities: Sequence[Entity], config: SynthesisConfig) -> list[Brief]:
    """`passages.rewrites` briefs a passage, in the order of the chunks.

    First the passage in other words, then as the answer to a question.
    """
    if not config.passages.rewrites:
        return []
    here = by_chunk(entities)
    briefs = (
        brief_of("document", style, [e.id for e in here[chunk.id] if is_named(e, text)], [chunk.id], [text])
        for chunk in chunks
        for text in passages(chunk)
        for style in STYLES[: config.passages.rewrites]
    )
    return [brief.model_copy(update={"length": "paragraph", "depth": "connect"}) for brief in briefs]


def passages(chunk: Chunk) -> Iterator[str]:
    """The sentences of a chunk one after the other, as many as fit together; headings and orders to a model part them.

    A passage of which no sentence can be told anew is left out.
    """
    orders = orders_in(chunk.text)
    start, end = 0, 0
    spans = [*sentences(chunk.text), (len(chunk.text), len(chunk.text))]
    for first, last in spans:
        text = chunk.text[first:last]
        ends = not text or not is_prose(text) or text in orders
        if end > start and (ends or last - start > PASSAGE_CHARACTERS):
            if subjects(passage := chunk.text[start:end]) and told_anew(passage, chunk):
                yield passage
            start = end = 0
        if not ends:
            start, end = (first if end == start else start), last


def subjects(passage: str) -> list[str]:
    """The names, but for dates, that stand in a passage the most, at most two, in the order of reading."""
    names = [name for start, end in sentences(passage) for name in _names(passage[start:end])]
    most = sorted(dict.fromkeys(names), key=lambda name: -names.count(name))[:MOST_NAMES]
    return [name for name in dict.fromkeys(names) if name in most]


def _names(sentence: str) -> list[str]:
    """The names of a sentence but for dates; one whose date stood before "the" keeps no article."""
    return undated_names(said(sentence))


def told_anew(passage: str, chunk: Chunk) -> list[tuple[str, str]]:
    """(sentence, the name that it is to begin with) of each fact of the passage that has a name behind its first word.

    Of several such names it is the last.
    """
    found: list[tuple[str, str]] = []
    known = set(facts(chunk))
    for start, end in sentences(passage):
        sentence = passage[start:end]
        names = [name for name in _names(sentence) if sentence in known and said(sentence).find(name) > 0]
        found += [(sentence, names[-1])] if names else []
    return found


def titled_question(title: str, text: str) -> str:
    """What asks for a passage of a document in other words, by rule: its title and whom `text` tells of."""
    return TITLED.format(title=title, names=" and ".join(subjects(text)))

"""Markdown, taken apart by markdown-it: the text stays as it was written, and what is no text goes.

Front matter becomes metadata, a link its words, HTML its text; pictures, marks of footnotes and addresses of links go.
Code blocks are left out unless [documents] keep_code is set. Tables, lists and emphasis keep their signs, so that a
passage can be found in the file again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.text.normal_form import tidy
from graphs.corpus.readers.front_matter import front_matter
from graphs.corpus.readers.html import fragment_text
from graphs.corpus.readers.plain import DATA_URI, decoded
from graphs.corpus.readers.reading import Heading, Options, Reading, Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST_PARAGRAPH = 100_000  # characters in which links are looked for: brackets without end take long
CODE = ("fence", "code_block")
LISTS = ("bullet_list_open", "ordered_list_open")
DATA_PICTURE = re.compile(rf"!\[[^\]\n]*\]\({DATA_URI.pattern}[^)\n]*\)?")
WIKI_PICTURE = re.compile(r"!\[\[[^\]\n]+\]\]")
WIKI_LINK = re.compile(r"\[\[(?:[^\]|\n]+\|)?([^\]|\n]+)\]\]")
FOOTNOTE = re.compile(r"\[\^[^\]]+\]:\s*")
MARKED = re.compile(r"[\[\]<&\\`]|!\[")
"""What stands in every paragraph of which anything is changed."""


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """The text of a page of Markdown."""
    text, guessed = decoded(file.read_bytes())
    reading = markdown_text(text, options)
    reading.encoding = guessed
    yield reading


def markdown_text(text: str, options: Options) -> Reading:
    """`text` without what is no text; its headings and tables, and what its front matter says."""
    page = _Page(tidy(text), options)
    return page.reading()


class _Page:
    """The lines of a page, of which those are changed or taken out (None) that hold more than text."""

    def __init__(self, text: str, options: Options) -> None:
        self.options = options
        self.left_out: Counter[str] = Counter()
        text = WIKI_PICTURE.sub("![](#)", DATA_PICTURE.sub("![](#)", text))
        text, self.left_out["file inside the text"] = DATA_URI.subn("", text)
        self.said, text = front_matter(text)
        self.lines: list[str | None] = list(text.split("\n"))
        self.env: dict[str, Any] = {}
        self.tokens = _parser().parse(text, self.env)

    def reading(self) -> Reading:
        """The page put together again."""
        headings: dict[int, tuple[int, int]] = {}
        for token in self.tokens:
            first, last = token.map or (0, 0)
            if token.type in CODE:
                self._code(first, last)
            elif token.type == "html_block":
                self._html(first, last)
            elif token.type == "inline" and MARKED.search(token.content):
                self._inline(token, first, last)
            elif token.type == "heading_open":
                underlined = token.markup in "=-"
                headings[first] = (last - underlined, int(token.tag[1]))
                self._take_out(last - underlined, last)
            elif token.type == "footnote_reference_open":
                self.lines[first] = FOOTNOTE.sub("", self.lines[first] or "")
        for reference in self.env.get("references", {}).values():
            self._take_out(*reference["map"])
        self._bring_lists_to_their_lead_in()
        return self._put_together(headings)

    def _take_out(self, first: int, last: int) -> None:
        self.lines[first:last] = [None] * (last - first)

    def _code(self, first: int, last: int) -> None:
        if not self.options.keep_code:
            self.left_out["code block"] += 1
            self._take_out(first, last)

    def _html(self, first: int, last: int) -> None:
        read = fragment_text("\n".join(line or "" for line in self.lines[first:last]), self.options)
        self.left_out += read.left_out
        self._take_out(first, last)
        self.lines[first] = read.text or None

    def _inline(self, token: Token, first: int, last: int) -> None:
        """A paragraph, a heading or a cell: its words in the place of what was written."""
        if len(token.content) > LONGEST_PARAGRAPH:
            return
        old = token.content.split("\n")
        new = self._words(WIKI_LINK.sub(r"\1", token.content)).split("\n")
        if new == old:
            return
        if len(new) != len(old):
            old, new = [old[0], *[""] * (len(old) - 1)], ["\n".join(new), *[""] * (len(old) - 1)]
        for at, (was, words) in enumerate(zip(old, new, strict=True), first):
            line = self.lines[at] if at < last else None
            if line is None:
                continue
            before, _, after = line.partition(was) if was else ("", "", "")
            self.lines[at] = f"{before}{words}{after}" if words.strip() or before.strip() not in QUOTED else None

    def _words(self, content: str) -> str:
        """What is read of an inline content."""
        children: list[Token] = []
        _parser().inline.parse(content, _parser(), self.env, children)
        return "".join(self._word(child) for child in children)

    def _word(self, child: Token) -> str:
        if child.type == "image":
            self.left_out["picture"] += 1
            return ""
        if child.type in ("softbreak", "hardbreak"):
            return "\n"
        if child.type == "html_inline":
            return "\n" if re.match(r"<br\b", child.content, re.IGNORECASE) else ""
        if child.type == "code_inline":
            return f"{child.markup}{child.content}{child.markup}"
        return child.content or ("" if child.type.startswith(("link", "footnote")) else child.markup)

    def _bring_lists_to_their_lead_in(self) -> None:
        """Take out the blank line between "Needed:" and the list, so that they stay in one chunk."""
        for token in self.tokens:
            at = token.map[0] if token.type in LISTS and token.map else 0
            lead = self.lines[at - 2] if at > 1 else None
            if lead and lead.rstrip().endswith(":") and self.lines[at - 1] == "":
                self.lines[at - 1] = None

    def _put_together(self, headings: dict[int, tuple[int, int]]) -> Reading:
        """The lines that are left. A blank line beside one that was taken out goes with it."""
        starts: dict[int, int] = {}
        kept: list[str] = []
        length, gap = 0, False
        for number, line in enumerate(self.lines):
            starts[number] = length
            if line is None or (gap and not line.strip() and not (kept and kept[-1].strip())):
                gap = True
                continue
            kept.append(line)
            length += len(line) + 1
            gap = gap and not line.strip()
        starts[len(self.lines)] = length
        text = "\n".join(kept)
        found = [
            Heading(starts[first], len(text[: starts[last]].rstrip()), level)
            for first, (last, level) in headings.items()
            if self.lines[first]
        ]
        tables = [token.map for token in self.tokens if token.type == "table_open" and token.map]
        spans = [Span(starts[first], len(text[: starts[last]].rstrip())) for first, last in tables]
        return Reading(text, headings=found, tables=spans, left_out=+self.left_out, **self.said)


QUOTED = {"", ">", "-", "*", "+"}
"""What may stand before a paragraph of which nothing is left, and goes with it."""


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables and footnotes; what is inside paragraphs is parsed where it is needed."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark").enable("table").enable("strikethrough").use(footnote_plugin)
    return parser.disable(["inline", "footnote_tail"])

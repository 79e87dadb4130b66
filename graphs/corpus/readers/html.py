"""The text of a web page as a person reads it: without menus, scripts and hidden parts, its tables row by row.

lxml parses the page. Which part of it is the text is said by its elements (`main`, `nav`, `hidden`, …) and not guessed
from the names of its classes, as trafilatura and resiliparse do: on pages that are lists or tables they leave out what
is wanted (docs/decisions/0018).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.errors import UnreadableFile
from agents.text.words import word_set
from graphs.corpus.readers.grid import Cell, table_text
from graphs.corpus.readers.plain import decoded
from graphs.corpus.readers.reading import BREAK, Blocks, Options, Reading

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_MARKS = 1_000_000  # `<` of a page: each element becomes an object, and some more where it is walked through
DECLARED = re.compile(rb"""(?:<meta[^>]+charset|<\?xml[^>]+encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
SAMPLE = 4096  # bytes that hold the declaration, if there is one
MEANT = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"} | {
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "utf-16": "utf-8",
}
"""Encodings that pages name and the ones that browsers read instead (encoding.spec.whatwg.org, 4.2)."""
LEAST_MAIN = 200  # characters of the part that a page calls its main one; with less it is a shell that a script fills

NEVER = word_set(
    "script style noscript template svg iframe object embed canvas select button textarea dialog audio video head link "
    "meta input datalist"
)
FRAME = word_set("nav footer aside")
ROLES = word_set("navigation banner search contentinfo menu menubar dialog alertdialog tooltip")
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
HIDDEN_CLASSES = word_set("sr-only visually-hidden screen-reader-text d-none hidden")
BLOCK = word_set(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form header hr html legend li main menu ol p section summary table tbody td tfoot th thead title tr ul h1 "
    "h2 h3 h4 h5 h6 pre"
)
IN_CELLS = ".//table | .//p[2] | .//h1 | .//h2 | .//h3 | .//h4 | .//pre"
"""What stands in the cells of a table that is there to arrange a page."""
LISTS = ("ul", "ol", "menu", "dir")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
CONTENT = ("main", "article", "blockquote", "section")
MOST_SPANNED = 1000  # columns or rows of one cell, as browsers have it
SPACE = re.compile(r"[^\S\xa0]+")
DATES = ("article:published_time", "date", "dc.date", "dcterms.date", "datepublished", "dcterms.created")


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """The text of a page, with its title, author and date if it states them.

    Raises:
        UnreadableFile: more than MOST_MARKS tags, or deeper than the parser goes.

    """
    raw = file.read_bytes()
    found = DECLARED.search(raw[:SAMPLE])
    declared = found[1].decode("ascii").lower() if found else ""
    text, guessed = decoded(raw, MEANT.get(declared, declared))
    yield page_text(text, options, encoding=guessed)


def page_text(text: str, options: Options, **facts: Any) -> Reading:
    """The text of a page that is decoded."""
    blocks = Blocks()
    root = page_into(blocks, text, options)
    if root is None:
        return blocks.reading(**facts)
    meta = {
        (tag.get("name") or tag.get("property") or tag.get("itemprop") or "").lower(): (
            tag.get("content") or ""
        ).strip()
        for tag in root.iter("meta")
    }
    title = root.find(".//head/title")
    said = {
        "title": " ".join("".join(title.itertext()).split()) if title is not None else "",
        "author": meta.get("author", ""),
        "date": next((meta[key] for key in DATES if meta.get(key)), ""),
    }
    return blocks.reading(**{**said, **facts})


def page_into(blocks: Blocks, text: str, options: Options) -> HtmlElement | None:
    """Put the text of a page at the end of `blocks`; the page itself, if it is one."""
    root = _parsed(text)
    if root is not None:
        PageWalk(blocks, options).walk(_main(root, blocks))
    return root


def fragment_text(text: str, options: Options) -> Reading:
    """The text of a piece of a page, all of it."""
    root = _parsed(text)
    blocks = Blocks()
    if root is not None:
        PageWalk(blocks, options).walk(root)
    return blocks.reading()


def _parsed(text: str) -> HtmlElement | None:
    from lxml import etree, html  # pyright: ignore[reportAttributeAccessIssue]

    if (marks := text.count("<")) > MOST_MARKS:
        raise UnreadableFile("too large", f"{marks} tags, more than {MOST_MARKS}; divide it")
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but comments
        return None
    if any("depth" in entry.message for entry in parser.error_log):
        raise UnreadableFile("broken", "its elements stand thousands deep in one another")
    return root


def _main(root: HtmlElement, blocks: Blocks) -> HtmlElement:
    """The one part that the page calls its main one, if it holds the text; else the whole."""
    for path in ("//main | //*[@role='main']", "//article"):
        found = root.xpath(path)
        if len(found) == 1 and len(" ".join(found[0].itertext()).strip()) >= LEAST_MAIN:
            outside = [heading for heading in root.xpath("//h1") if heading not in set(found[0].iter("h1"))]
            for heading in outside[:1] if found[0].find(".//h1") is None else []:
                blocks.add(" ".join("".join(heading.itertext()).split()), heading=1)
            return found[0]
    return root


class PageWalk:
    """Goes through the elements of a page in their order and puts their text into `blocks`."""

    def __init__(self, blocks: Blocks, options: Options) -> None:
        self.blocks, self.options = blocks, options
        self._line: list[str] = []
        self._heading = 0
        self._lists: list[Iterator[int] | None] = []  # the numbers of each list that is open; None of one with dots
        self._mark = ""  # of the item whose text comes next

    def walk(self, root: Any) -> None:
        """All of `root`, without recursion: elements may stand thousands deep in one another."""
        from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

        steps = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in steps:
            if event == "start":
                if self._open(element):
                    self._line.append(SPACE.sub(" ", element.text or ""))
                else:
                    steps.skip_subtree()
                continue
            if event == "end":
                self._close(local_name(element))
            if element is not root:
                self._line.append(SPACE.sub(" ", element.tail or ""))
        self._flush()

    def _open(self, element: Any) -> bool:
        """Begin an element; whether what is in it is to be walked through."""
        tag = local_name(element)
        if tag in BLOCK:
            self._flush()
        if tag in ("img", "svg"):
            self.blocks.left_out["picture"] += 1
        if tag in NEVER or hidden(element):
            return False
        if tag in FRAME and not any(True for _ in element.iterancestors(*CONTENT)):
            self.blocks.left_out["menu, side bar or foot of the page"] += 1
            return False
        if tag == "pre":
            self._preformatted(element)
            return False
        if tag == "table" and not element.xpath(IN_CELLS):
            self.blocks.add(table_text(_rows(element)), table=True)
            return False
        if tag == "br":
            self._line.append("\n")
        elif tag in LISTS:
            self._lists.append(count(_number(element.get("start"))) if tag == "ol" else None)
            self._mark = ""
        elif tag == "li":
            numbers = self._lists[-1] if self._lists else None
            self._mark = "  " * (len(self._lists) - 1) + (f"{next(numbers)}. " if numbers else "- ")
        elif tag in HEADINGS:
            self._heading = int(tag[1])
        return True

    def _close(self, tag: str) -> None:
        if tag in BLOCK:
            self._flush()
        if tag in LISTS and self._lists:
            self._lists.pop()
        if tag == "li":
            self._mark = ""
        if tag in HEADINGS:
            self._heading = 0

    def _flush(self) -> None:
        """What was gathered becomes a block. Items stand close to one another, and to the words that lead to them."""
        text = re.sub(r" *\n *", "\n", re.sub(" {2,}", " ", "".join(self._line))).strip()
        self._line.clear()
        if text:
            close = self._mark and (self.blocks.last_is_item or self.blocks.ends_with(":"))
            self.blocks.add(self._mark + text, heading=self._heading, between="\n" if close else BREAK)
            self.blocks.last_is_item = bool(self._mark)
            self._mark = ""

    def _preformatted(self, element: Any) -> None:
        """A listing of a program is code; a letter or a poem with line breaks of its own is text."""
        names = " ".join([element.get("class") or "", (element.getparent().get("class") or "")]).lower()
        code = element.find(".//code") is not None or re.search(r"code|highlight|lang|source|console|syntax", names)
        if code and not self.options.keep_code:
            self.blocks.left_out["code block"] += 1
        else:
            self.blocks.add("".join(element.itertext()))


def local_name(element: Any) -> str:
    """The name of an element without its namespace, in small letters; empty for what is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def hidden(element: Any) -> bool:
    """Whether a person does not see it, or sees it on every page of its site."""
    said = element.attrib
    return (
        "hidden" in said
        or said.get("aria-hidden") == "true"
        or said.get("role", "").lower() in ROLES
        or bool(HIDDEN_STYLE.search(said.get("style", "")))
        or bool(HIDDEN_CLASSES & set(said.get("class", "").split()))
    )


def _rows(table: Any) -> list[list[Cell]]:
    """The cells of each row; a caption is none of them."""
    rows: list[list[Cell]] = []
    for row in table.iter("{*}tr"):
        cells = [cell for cell in row if local_name(cell) in ("td", "th")]
        rows.append([Cell(_words(cell), _number(cell.get("colspan")), _number(cell.get("rowspan"))) for cell in cells])
    return rows


def _words(element: Any) -> str:
    """The text in a cell, on one line."""
    inner = Blocks()
    PageWalk(inner, Options()).walk(element)
    return " ".join(inner.reading().text.split())


def _number(said: str | None) -> int:
    return min(int(said), MOST_SPANNED) if said and re.fullmatch(r"[1-9]\d{0,6}", said.strip()) else 1

"""A web page gives what a person reads on it, with its tables row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import UnreadableFile
from agents.records import Document
from graphs.corpus.readers import read_file
from graphs.corpus.readers.html import page_text
from graphs.corpus.readers.reading import Options

MAIN = "Anna Berg opened the mill at Lund on 4 May 1921. " * 5


def text_of(body: str, keep_code: bool = False) -> str:
    return page_text(f"<html><body>{body}</body></html>", Options(keep_code=keep_code)).text


TABLE = "<table><caption>c</caption><tr><th>Item<th>In<th>Out</tr><tr><td rowspan=2>oil<td>9<td></tr>"
TABLE += "<tr><td colspan=2>none</tr><tr><td colspan=3>end</tr></table>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Ann <b>ke</b>pt<i> it</i>.<br>Well.</p><p>End</p>", "Ann kept it.\nWell.\n\nEnd"),
        ("<p>one</p>two<div>three<span> four</span></div>five", "one\n\ntwo\n\nthree four\n\nfive"),
        (
            "<p>Needed:</p><ul><li>oil<li>rope<ol start=3><li>thick<li>thin</ol></ul>",
            "Needed:\n- oil\n- rope\n  3. thick\n  4. thin",
        ),
        ("<p>Well.</p><ul><li><p>oil</p><p>more</p></li><li>rope</ul>", "Well.\n\n- oil\n\nmore\n\n- rope"),
        (TABLE, "Item | In | Out\noil | 9 | \noil | none | none\nend"),
        ("<table><tr><td><h1>A</h1><td><table><tr><td>x<td>y</table></table>", "A\n\nx | y"),
        ("<nav>Home</nav><p>Ann</p><footer>Imprint</footer><noscript>no</noscript><script>x</script>", "Ann"),
        ("<p hidden>a</p><p style='display: none'>b</p><p aria-hidden=true>c</p><p class='x sr-only'>d</p>Ann", "Ann"),
        ("<div role=navigation>Home</div>Ann<img src=x><svg><text>y</text></svg>", "Ann"),
        ("<article><header>By Karl</header>Ann<footer>4 May</footer></article>", "By Karl\n\nAnn\n\n4 May"),
        (f"<h1>Lund</h1><div>Ads</div><main>{MAIN}</main><div>More ads</div>", f"Lund\n\n{MAIN.strip()}"),
        ("<div>Ann</div><main></main>", "Ann"),
        ("<pre>Roses\n  are red</pre>", "Roses\n  are red"),
        ("Ann<pre><code>x = 1</code></pre><div class=highlight><pre>y</pre></div>", "Ann"),
        ("Ann &amp; Karl&nbsp;Holm &lt;3", "Ann & Karl Holm <3"),
        ("<dl><dt>oil<dd>9</dl>", "oil\n\n9"),
    ],
    ids=[
        *("inline-tags", "blocks", "lists", "paragraphs-in-items", "table-with-merged-cells", "table-for-layout"),
        *("menus-and-scripts", "hidden", "roles-and-pictures", "parts-of-an-article", "main", "empty-main"),
        *("lines-of-their-own", "code", "entities", "definitions"),
    ],
)
def test_the_words_come_as_they_are_read(body: str, text: str) -> None:
    assert text_of(body) == text


def test_code_is_kept_where_it_is_wanted() -> None:
    assert text_of("Ann<pre><code>x = 1</code></pre>", keep_code=True) == "Ann\n\nx = 1"


def test_what_a_page_says_of_itself_is_kept() -> None:
    page = (
        "<head><title>The <b>Mill</title><meta name=author content='Ann'><meta property='article:published_time' "
        "content='1921-05-04'></head><h1>Mill</h1><p>Text</p><h3>Wheel</h3><table><tr><td>a<td>b</table><nav>x</nav>"
    )
    reading = page_text(page, Options())
    assert (reading.title, reading.author, reading.date) == ("The <b>Mill", "Ann", "1921-05-04")
    assert [(reading.text[start:end], level) for start, end, level in reading.headings] == [("Mill", 1), ("Wheel", 3)]
    assert [reading.text[start:end] for start, end in reading.tables] == ["a | b"]
    assert reading.left_out == {"menu, side bar or foot of the page": 1}


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="iso-8859-1">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
        ('<?xml version="1.0" encoding="koi8-r"?>', "koi8-r"),
        ('<meta charset="gb2312">', "gb18030"),
        ('<meta charset="utf-16">', "utf-8"),
        ('<meta charset="no such">', "utf-8"),
    ],
    ids=["latin", "content-type", "xml", "chinese", "utf-16-that-cannot-be", "unknown"],
)
def test_the_declared_encoding_is_followed(tmp_path: Path, head: str, encoding: str) -> None:
    word = {"cp1252": "“é”", "gb18030": "镕"}.get(encoding, "мельница")
    (tmp_path / "a.html").write_bytes(f"{head}<p>{word}</p>".encode(encoding))
    (document,) = read_file(tmp_path / "a.html", "a.html", 10**6)
    assert isinstance(document, Document)
    assert document.text == word
    assert "encoding" not in document.metadata


def test_elements_deeper_than_the_parser_goes_are_told() -> None:
    assert text_of("<div>" * 1000 + "Ann" + "</div>" * 1000) == "Ann"
    with pytest.raises(UnreadableFile, match="deep"):
        text_of("<div>" * 100_000 + "Ann" + "</div>" * 100_000)

"""What reaches a terminal holds no control, and says the same as before."""

from __future__ import annotations

import ast
import io
import json
import sys
import unicodedata
from pathlib import Path

import pytest

from agents import terminal
from agents.terminal import Guarded, as_json, screen, shown

ROOT = Path(__file__).parents[2]
MAY_PRINT = {"agents/terminal.py"}
KINDS = ("Cc", "Cf", "Cs", "Zl", "Zp")
WRITERS = ("typer.echo", "sys.stdout.write", "sys.stderr.write")


CONTROLS = "\x1b\x07\r\x08\x7f\x9b\x85\u202e\u2066\u200e\u061c\u2028\u200b\u2060\ufeff"
UNSEEN = "\xad\u034f\u3164\ufe00\ufffa\u200d\u200c\ufe0f"
TAGS = ("\U000e0041", "\U000e0100", "\udce9")


class Writes(io.StringIO):
    """Counts what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def write(self, text: str) -> int:
        """Keep a text."""
        if text:
            self.written.append(text)
        return len(text)


def test_a_line_is_one_write_so_that_none_comes_between_it_and_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Writes()
    monkeypatch.setattr(sys, "stdout", stream)
    terminal.say("skipped a.tsv: no text")
    assert stream.written == ["skipped a.tsv: no text\n"]


@pytest.mark.parametrize("character", [*CONTROLS, *UNSEEN, *TAGS], ids=lambda c: f"U+{ord(c):04X}")
def test_a_control_or_an_invisible_character_is_shown_as_its_escape(character: str) -> None:
    escape = character.encode("unicode_escape").decode()
    assert shown(f"a{character}b") == f"a{escape}b"
    assert shown(shown(f"a{character}b")) == f"a{escape}b"
    assert shown(character * 3) == escape * 3


def test_every_control_and_format_character_of_unicode_is_escaped_unless_it_is_seen() -> None:
    controls = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in KINDS]
    left = {c for c in controls if shown(f"a{c}b") == f"a{c}b"}
    names = {unicodedata.name(c, repr(c)) for c in left}
    assert {"'\\t'", "'\\n'"} <= names
    seen = ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN")  # the number signs and the marks that join hieroglyphs are drawn
    assert [name for name in names if not name.startswith(seen) and name not in ("'\\t'", "'\\n'")] == []


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines\tand a tab",
        "שלום עולם",
        "مرحبا بالعالم",
        "می\u200cخواهم",
        "क्\u200dष",
        "東浜市の港",
        "👩\u200d👩\u200d👧 ❤️ 1️⃣ 👍🏽",
        "café e\u0301",
        "[red]C:\\x1b[/red]",
    ],
    ids=["lines", "hebrew", "arabic", "persian", "hindi", "japanese", "emoji", "accents", "markup"],
)
def test_what_can_be_read_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    "value",
    ["\x1b[2J\x9b\x7f", "a\u202eb\U000e0041", "\udce9", {"\u200bkey": ["שלום", None, 1.5]}],
    ids=["escapes", "bidi", "half", "nested"],
)
def test_json_reads_back_as_the_same_value_and_holds_no_control(value: object) -> None:
    line = as_json(value)
    assert json.loads(line) == value
    assert shown(line) == line
    assert line.isascii() or "שלום" in line


def test_a_table_in_colours_holds_no_escape_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.text import Text

    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", Guarded(stream))
    screen().print(Text("red \x1b]52;c;aGk=\x07 \x9b", style="red"), "[bold]\u202ex[/bold]")
    said = stream.getvalue()
    assert "\x1b[31m" in said
    assert [text for text in ("\x1b]", "\x07", "\x9b", "\u202e") if text in said] == []
    assert "[bold]\\u202ex[/bold]" in said


def test_what_others_print_is_guarded_and_gets_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    out, error = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", error)
    terminal.guard()
    terminal.guard()
    print("\x1b[31mred")
    sys.stderr.writelines(["\u202ewarned\r\n", "1 of 2\r2 of 2"])
    assert (out.getvalue(), error.getvalue()) == ("\\x1b[31mred\n", "\\u202ewarned\n1 of 2\n2 of 2")
    assert not sys.stdout.isatty()
    assert sys.stdout.encoding == out.encoding


def test_nothing_prints_or_asks_past_this_module() -> None:
    """By the sources: no print, no input, no console of Rich elsewhere."""
    found = []
    for path in [
        *(p for package in ("agents", "graphs", "tuning", "eval") for p in (ROOT / package).rglob("*.py")),
        ROOT / "ragtuned.py",
    ]:
        if (name := path.relative_to(ROOT).as_posix()) in MAY_PRINT:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            rich = isinstance(node, ast.ImportFrom) and node.module in ("rich", "rich.console")
            stream = isinstance(node, ast.Attribute) and ast.unparse(node) in WRITERS
            if called in ("print", "input") or rich or stream:
                found.append(f"{name}:{node.lineno}")  # type: ignore[attr-defined]
    assert found == []

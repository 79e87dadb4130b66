r"""What reaches a terminal: nothing that the terminal, or the eye, takes for something else than it is.

Documents, names, replies and the bodies of errors are a stranger's. An ESC recolours the screen or writes into the
clipboard, a carriage return overwrites what stands before it, a bidi control turns a line round, and an invisible
character hides a text in it. All of them are shown as escapes (`\x1b`, `\u202e`); letters of every script stay as they
are, and so do emoji.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console as Rich

# Where a joiner changes what is seen: between letters of the scripts that join (Arabic, Persian, the Indic ones, Khmer,
# Mongolian) and between emoji. Elsewhere it is only a way to hide something.
EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
JOINING = f"\u0600-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1820-\u18af\ufb50-\ufdff\ufe0f{EMOJI}"
PICTURES = f"0-9#*©®‼⁉™ℹ〰〽㊗㊙{EMOJI}"  # what an emoji selector may follow
# Controls (Unicode's Cc but tab and line feed), halves of characters, line separators, and all that is drawn as nothing
# (Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt, with the interlinear marks).
UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
PLAIN = {"—": "-", "–": "-", "…": "...", "→": "->", "×": "x", "“": '"', "”": '"', "’": "'", "≥": ">=", "≤": "<="}
JOINERS = "[\u200c\u200d]"
HIDDEN = re.compile(rf"[{UNSEEN}]|(?<![{JOINING}]){JOINERS}|{JOINERS}(?![{JOINING}])|(?<![{PICTURES}])[\ufe0e\ufe0f]")


def shown(text: str) -> str:
    r"""`text` with every control, bidi and invisible character as its escape (`\x1b`); tabs and line feeds stay."""
    return HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def as_json(value: Any) -> str:
    r"""`value` as one line of JSON that reads back as the same, such characters as JSON's own escapes (`\u001b`)."""
    return HIDDEN.sub(
        lambda found: json.dumps(found[0])[1:-1], json.dumps(value, ensure_ascii=not _takes_all(sys.stdout))
    )


def _takes_all(stream: Any) -> bool:
    """Whether every letter can be written to the stream: one that it lacks would not read back."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def say(text: str, error: bool = False) -> None:
    """Print a line on stdout, or on stderr, in one write: between two another thread's line could come."""
    print(f"{shown(text)}\n", end="", file=sys.stderr if error else sys.stdout, flush=True)


def ask(prompt: str) -> str:
    """The line that a person types. Raises `EOFError` at the end of the input."""
    return input(shown(prompt))


def screen(error: bool = False) -> Rich:
    """A Rich console on stdout, or on stderr: what it is given holds no escape, and the colours are its own."""
    from rich.console import Console as Rich
    from rich.console import ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Screen(Rich):
        """Shows the text of every segment as `shown` does, whatever it was rendered from."""

        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            """See `rich.console.Console.render`."""
            for segment in super().render(renderable, options):
                yield segment if segment.control else segment._replace(text=shown(segment.text))

    return Screen(file=_beneath(sys.stderr if error else sys.stdout), markup=False, highlight=False, emoji=False)


class Guarded:
    """A stream of text that shows what it is given as `shown` does.

    For what others print: a library's warning, a traceback, an argument that the command quotes. It is no terminal, so
    that nobody writes colours to it; `screen` writes to the stream beneath.
    """

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    def write(self, text: str) -> int:
        """Write the text as it may be shown; return how many characters of it were taken, all."""
        self.beneath.write(shown(text.replace("\r\n", "\n").replace("\r", "\n")))  # a library's bar: a line each time
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several."""
        for line in lines:
            self.write(line)

    def isatty(self) -> bool:
        """No."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.beneath, name)


def take_any_text() -> None:
    """Let stdout and stderr write what their encoding lacks as plain letters or `?`, and never end in a traceback."""
    codecs.register_error("ragtuned-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="ragtuned-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter, "?") for letter in lacking), error.end


def guard() -> None:
    """Put stdout and stderr of this process behind `Guarded`; a second call changes nothing."""
    take_any_text()
    for name in ("stdout", "stderr"):
        if not isinstance(stream := getattr(sys, name), Guarded):
            setattr(sys, name, Guarded(stream))


def on_terminal(stream: Any) -> bool:
    """Whether a person watches the stream, guarded or not."""
    return _beneath(stream).isatty()


def _beneath(stream: Any) -> Any:
    """The stream itself: behind the guard, and behind the one that Rich puts in front of it while a bar shows."""
    stream = getattr(stream, "rich_proxied_file", stream)
    return stream.beneath if isinstance(stream, Guarded) else stream

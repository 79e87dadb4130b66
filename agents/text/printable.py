"""Text as any file, terminal and page takes it."""

from __future__ import annotations

import re
import unicodedata


def printable(text: str) -> str:
    """`text` on one line that any file and terminal takes.

    Line breaks, control characters and halves of characters as escapes.
    """
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text
    )


def markdown(text: str) -> str:
    """A name as one line of Markdown that shows it as it is.

    Nothing in it is a mark-up, a link, a cell's end or HTML.
    """
    return MARKUP.sub(lambda match: "".join(f"\\{c}" for c in match[0]), printable(text))


# What means something within a line, in CommonMark and in GitHub's additions; an underscore only where no word goes on,
# a colon and a dot only in what GitHub makes a link of
MARKUP = re.compile(
    r"[\\`*\[\]<>|$]|~~|(?<![^\W_])_+|_+(?![^\W_])|&(?=\w+;|#)|(?<=https)://|(?<=http)://|(?<=ftp)://|(?<=www)\."
    r"|(?<=\w)@(?=\w)|^[#+=-]|(?<=^\d)[.)]"
)

"""Text in pictures of pages, recognised by the program tesseract where [documents] ocr asks for it."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import TYPE_CHECKING

from agents.errors import MissingExtra

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

DOTS = 300  # an inch; what tesseract is made for
LARGEST_SIDE = 10_000  # dots: a page may say that it is a kilometre wide
MOST_SECONDS = 120  # for a page


def advice(languages: str) -> str:
    """What to do about pages without text."""
    return "no text was recognised" if languages else 'have it recognised: [documents] ocr = "eng" (needs tesseract)'


def recognised(page: PdfPage, languages: str) -> list[str]:
    """The paragraphs on the picture of a page, none if it takes more than two minutes.

    `languages` as tesseract names them: "eng+deu".

    Raises:
        MissingExtra: tesseract is not installed, or does not know a language.

    """
    program = shutil.which("tesseract")
    if not program:
        raise MissingExtra(
            "[documents] ocr: tesseract is not installed", 'install it (apt install tesseract-ocr), or set ocr = ""'
        )
    scale = min(DOTS / 72, LARGEST_SIDE / max(page.get_size()))
    picture = io.BytesIO()
    drawn = page.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType]  # a float is right
    drawn.to_pil().save(picture, "PNG")
    command = [program, "stdin", "stdout", "-l", languages]
    try:
        done = subprocess.run(command, input=picture.getvalue(), capture_output=True, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return []
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-200:]
        raise MissingExtra(
            f"[documents] ocr: tesseract cannot read {languages!r}: {said}",
            "install the language, or name one of tesseract --list-langs",
        )
    return [" ".join(block.split()) for block in done.stdout.decode("utf-8", "replace").split("\n\n") if block.strip()]

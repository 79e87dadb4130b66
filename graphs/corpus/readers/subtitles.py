"""What is said in a film or a talk (srt, vtt) by webvtt-py: who says it and when, sentences in one piece.

The metadata holds `times`: `[start, seconds]`, where a paragraph begins in the text and when it is said.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.errors import UnreadableFile
from graphs.corpus.readers.plain import decoded
from graphs.corpus.readers.reading import Blocks, Options, Reading

PAUSE = 4.0  # seconds of silence that part two paragraphs
LONGEST = 600  # characters after which a paragraph ends with its sentence
TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """One text; a paragraph a speaker, or until a pause.

    Raises:
        UnreadableFile: it holds no times.

    """
    import webvtt
    from webvtt.errors import MalformedFileError

    text, guessed = decoded(file.read_bytes())
    try:
        cues: Any = webvtt.from_buffer(io.StringIO(text), format=file.suffix.lower().lstrip("."))
    except MalformedFileError as error:
        raise UnreadableFile("broken", f"no {file.suffix.lstrip('.')}: {error}") from error
    blocks, times = Blocks(), list[list[int]]()
    held, speaker, ended = "", "", 0.0
    for cue in cues:
        words = " ".join(html.unescape(TAG.sub("", cue.text)).split())
        full = len(held) > LONGEST and held.endswith((".", "!", "?", "。", "！", "？"))
        if held and (full or (cue.voice or "") != speaker or cue.start_in_seconds - ended > PAUSE):
            blocks.add(held)
            held = ""
        ended = max(ended, cue.end_in_seconds)
        if not words or held.endswith(words):  # captions that roll repeat the line before
            continue
        if not held:
            speaker = cue.voice or ""
            times.append([blocks.next_start, cue.start_in_seconds])
        held = f"{held} {words}" if held else f"{speaker}: {words}" if speaker else words
    blocks.add(held)
    yield blocks.reading(encoding=guessed, more={"times": times} if times else {})

"""A tokenizer of words in place of tiktoken's, whose tables are downloaded at run time: the peers run offline with it.

Standard library only.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

PIECE = re.compile(r"\s*\S+|\s+$")
_numbers: dict[str, int] = {}
_pieces: list[str] = []
_lock = threading.Lock()


class WordTokens:
    """A token a word with the white space before it.

    Has no state of its own: it may be copied and used by many threads.
    """

    def encode(self, text: str, **options: object) -> list[int]:
        """The numbers of the words."""
        return [_number(piece) for piece in PIECE.findall(text)]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of the numbers."""
        return "".join(_pieces[token] for token in tokens)

    def encode_batch(self, texts: Sequence[str], **options: object) -> list[list[int]]:
        """`encode` of each text."""
        return [self.encode(text) for text in texts]

    def decode_batch(self, batch: Sequence[Sequence[int]], **options: object) -> list[str]:
        """`decode` of each list."""
        return [self.decode(tokens) for tokens in batch]


def _number(piece: str) -> int:
    with _lock:
        if piece not in _numbers:
            _numbers[piece] = len(_pieces)
            _pieces.append(piece)
        return _numbers[piece]

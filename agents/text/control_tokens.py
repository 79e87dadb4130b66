"""Control tokens of chat templates that stand in a text, broken so that they stay text.

A document, title, question or name that holds `<|im_end|>` must not end a turn. What is broken here keeps every
character and gets one space behind its first: a person still reads it, no tokenizer takes it for the token, and Unicode
normalisation (NFKC) does not put it together again. It happens in three places, each the last one before a template: in
the messages of a row (`to_messages`), in every `Request` to a server, whose tokenizer we cannot see, and where a
student's own template is filled (`tuning.dataset.render_chat`), which also breaks what its tokenizer alone knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

NAMES = (  # what stands between < and > in the vocabularies of the families named
    r"s|bos|eos|unk|pad|cls|sep|mask|(?:bos|eos|pad|eop|unk|cls|sep|mask)_token"  # Llama 2, Gemma, Cohere
    r"|(?:start|end)_(?:of_\w+|function_\w+)|(?:image|audio)_soft_token|unused\d+"  # Gemma
    r"|fim_\w+|file_?sep|filename|repo_?name|gh_stars|issue_\w+|jupyter_\w+|empty_output|commit_\w+|pr_\w+"  # StarCoder
    r"|tools?|tool_(?:calls?|response|responses|results?|sep|list|declare)|think"  # Qwen, DeepSeek
    r"|eo[hastcm]|extra_\d+|extra_id_\d+|reserved\w*_\d+|special_\d+|(?:seed|sys|bot|user):\w+|role"  # Nemotron, Ling
    r"|image|video|audio|img|imgpad|beginoftext|endoftext"
)
BRACKETS = (  # what stands between [ and ]
    r"INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_(?:CALLS|RESULTS|CONTENT)|CALL_ID|ARGS|THINK|IMG\w*"  # Mistral
    r"|PREFIX|MIDDLE|SUFFIX|AUDIO|BEGIN_AUDIO|TRANSCRIBE|MODEL_SETTINGS|control_\d+"
    r"|CLS|SEP|PAD\d*|UNK|MASK|BOS|EOS|EOT|EOD|[gs]MASK|UNUSED_TOKEN_\d+|\|/?\w+\|"  # BERT, GLM, Kimi, InternLM, EXAONE
)
FALCON = r"TITLE|ABSTRACT|INTRODUCTION|SUMMARY|COMMENT|ANSWER|QUESTION|DOMAIN|PREFIX|SUFFIX|MIDDLE"  # between >> and <<
OPENS = re.compile(
    rf"<(?=[|｜])|<(?=/?(?i:{NAMES})>)|<(?=</?SYS>>)|\[(?=/?(?:{BRACKETS})\])|>(?=>(?:{FALCON})<<)",
)
"""The first character of a mark that some template writes; `<|` and DeepSeek's `<｜` open one whatever follows."""
TAGS = re.compile("[\U000e0000-\U000e007f]+")
"""Unicode's tag characters, an invisible alphabet: no person sees what they say, and a model reads it."""


def as_text(text: str) -> str:
    """`text` without the marks of known templates: `< |im_end|>`, `[ INST]`. Twice is the same as once."""
    return OPENS.sub(r"\g<0> ", text if text.isascii() else TAGS.sub("", text))


def messages_as_text(messages: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The messages, each of their values as text."""
    return [{key: as_text(value) for key, value in message.items()} for message in messages]


def breaker(tokens: Sequence[str]) -> re.Pattern[str]:
    """A pattern of these tokens, the longest first, for `broken`; one of a single letter cannot be broken."""
    longest_first = sorted((token for token in tokens if len(token) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def broken(match: re.Match[str]) -> str:
    """A token with a space behind its first character."""
    return f"{match[0][0]} {match[0][1:]}"

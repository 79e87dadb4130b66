"""`ragtuned init`: a config that works as written, without a key."""

from __future__ import annotations

from pathlib import Path

from agents.config import FILE_NAME
from agents.errors import InputError
from agents.files import write_text

CONFIG = """# ragtuned: what is read, who writes, what is tuned.
# Every key has a default; these are the ones people change.

[documents]
paths = ["documents"]            # files, folders and globs: txt, md, html, pdf, docx, csv, jsonl

[models.teacher]
provider = "local"               # llama.cpp inside the process, without a key; 1.1 GB once (`ragtuned models pull`)
model = "qwen2.5-coder-1.5b-instruct"
# provider = "openai"            # any server of the OpenAI protocol: OpenAI, vLLM, Ollama, LM Studio, …
# model = "gpt-5-mini"
# base_url = "http://127.0.0.1:8000/v1"
# api_key_env = "MY_SERVER_KEY"  # the variable with this server's key, if it wants one (OpenAI's: OPENAI_API_KEY)

[synthesis]
reasoning = "none"               # none, short or full: what the student writes before its answer

[synthesis.local]
briefs = 60                      # questions about single facts, before the critic

[synthesis.wordings]
per_question = 5                 # further wordings of every kept question

[tuning]
base = "smollm2-135m-instruct"

# [privacy]
# tracing = true                 # LangSmith's variables count as they are set; else they are laid aside
"""


def init(directory: Path) -> Path:
    """Write ragtuned.toml and an empty documents folder; return the config's path.

    Raises `InputError` if there is one already.
    """
    path = directory / FILE_NAME
    if path.exists():
        raise InputError(f"{path} exists already", "edit it, or name another folder with -C DIR")
    write_text(path, CONFIG)
    (directory / "documents").mkdir(exist_ok=True)
    return path

"""`ragtuned init`: a config that works as written, for the teacher that is named; without a name one without a key."""

from __future__ import annotations

import json
from pathlib import Path

from agents.config import FILE_NAME, did_you_mean
from agents.errors import InputError
from agents.files import write_text
from agents.models.providers import PROVIDERS

LOCAL = "local"
LOCAL_TEACHER = """\
provider = "local"               # llama.cpp inside the process, without a key; 1.1 GB once (`ragtuned models pull`)
model = "qwen2.5-coder-1.5b-instruct"
# provider = "openai"            # any server of the OpenAI protocol: OpenAI, vLLM, Ollama, LM Studio, …
# model = "gpt-5-mini"
# base_url = "http://127.0.0.1:8000/v1"
# api_key_env = "MY_SERVER_KEY"  # the variable with this server's key, if it wants one (OpenAI's: OPENAI_API_KEY)
"""
CONFIG = """# ragtuned: what is read, who writes, what is tuned.
# Every key has a default; these are the ones people change.

[documents]
paths = ["documents"]            # files, folders and globs: txt, md, html, pdf, docx, csv, jsonl

[models.teacher]
{teacher}
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


def init(directory: Path, provider: str = LOCAL, model: str = "") -> Path:
    """Write ragtuned.toml and an empty documents folder; return the config's path.

    Raises:
        InputError: there is one already; no such provider; or one without the model's name.

    """
    path = directory / FILE_NAME
    if path.exists():
        raise InputError(f"{path} exists already", "edit it, or name another folder with -C DIR")
    write_text(path, CONFIG.replace("{teacher}", teacher(provider, model)))
    (directory / "documents").mkdir(exist_ok=True)
    return path


def teacher(provider: str, model: str) -> str:
    """The lines of [models.teacher]. Raises `InputError` as `init` does."""
    known = [LOCAL, *PROVIDERS]
    if provider not in known:
        raise InputError(f"--provider {provider}: unknown{did_you_mean(provider, known)}", "take one of the list")
    if provider == LOCAL:
        default = 'model = "qwen2.5-coder-1.5b-instruct"'
        return LOCAL_TEACHER.replace(default, f"model = {json.dumps(model)}") if model else LOCAL_TEACHER
    if not model:
        raise InputError(f"--provider {provider} needs the name of a model", "add --model NAME")
    entry = PROVIDERS[provider]
    key = f"its key: the environment variable {entry.keys[0]}" + ("" if entry.needs_key else ", if it wants one")
    url = f'base_url = "{entry.base_url}"' if entry.base_url else 'base_url = "https://NAME.openai.azure.com"'
    own = "# " if entry.base_url else ""  # the provider's address is the default
    lines = [f'provider = "{provider}"'.ljust(32) + f" # {key}", f"model = {json.dumps(model)}", f"{own}{url}"]
    return "\n".join(
        [*lines, "# price_in = 0.0                # USD for a million tokens, for plan and --max-cost", ""]
    )

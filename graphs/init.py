"""`ragtuned init`: a config that works as written, for the teacher that is named; without a name one without a key."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from agents.config import FILE_NAME, did_you_mean
from agents.errors import InputError
from agents.files import write_text
from agents.models.network import is_loopback
from agents.models.providers import PROVIDERS
from agents.models.weights import KNOWN

LOCAL = "local"
SERVER = "openai"  # the provider of whoever names an address and no provider
LOCAL_TEACHER = """\
provider = "local"               # llama.cpp inside the process, without a key; 1.1 GB once (`ragtuned models pull`)
model = "qwen2.5-coder-1.5b-instruct"
# provider = "openai"            # any server of the OpenAI protocol: OpenAI, vLLM, Ollama, LM Studio, …
# model = "gpt-5-mini"
# base_url = "http://127.0.0.1:8000/v1"
# api_key_env = "MY_SERVER_KEY"  # the variable with this server's key, if it wants one (OpenAI's: OPENAI_API_KEY)
"""
OF_AN_EMBEDDED_TEACHER = """\
[synthesis]
reasoning = "none"               # none, short or full: what the student writes before its answer

[synthesis.local]
briefs = 60                      # questions about single facts, before the critic

[synthesis.wordings]
per_question = 5                 # further wordings of every kept question
"""
OF_ANY_OTHER = """\
[synthesis]
rows_per_fact = 9                # questions that teach a fact, from its sides and in different words
token_budget = 0                 # training tokens for each token of the documents, at most; 0: all rows that are kept
answer = "span"                  # the shortest right answer; "sentence": the fact; "reasoned": both
"""
HOSTED = "calls_at_once = 8                # as many as the provider lets you; its rate limits are heeded"
OWN_SERVER = "# calls_at_once = 16             # how many your server takes together; 2 if you do not say"
CONFIG = """# ragtuned: what is read, who writes, what is tuned.
# Every key has a default; these are the ones people change.

[documents]
paths = ["documents"]            # files, folders and globs; which kinds are read: docs/documents.md

[models.teacher]
{teacher}
{synthesis}
[tuning]
base = "smollm2-135m-instruct"

# [privacy]
# tracing = true                 # LangSmith's variables count as they are set; else they are laid aside
"""


def init(directory: Path, provider: str = LOCAL, model: str = "", base_url: str = "") -> Path:
    """Write ragtuned.toml and an empty documents folder; return the config's path.

    `base_url` is where the server of the teacher is; without one, its provider's own address.

    Raises:
        InputError: there is one already; no such provider; one without the model's name; or an embedded teacher with
        an address, or of a name that none has.

    """
    path = directory / FILE_NAME
    if path.exists():
        raise InputError(f"{path} exists already", "edit it, or name another folder with -C DIR")
    synthesis = OF_AN_EMBEDDED_TEACHER if provider == LOCAL else OF_ANY_OTHER
    config = CONFIG.replace("{synthesis}", synthesis).replace("{teacher}", teacher(provider, model, base_url))
    write_text(path, config)
    (directory / "documents").mkdir(exist_ok=True)
    return path


def teacher(provider: str, model: str, base_url: str = "") -> str:
    """The lines of [models.teacher]. Raises `InputError` as `init` does."""
    known = [LOCAL, *PROVIDERS]
    if provider not in known:
        raise InputError(f"--provider {provider}: unknown{did_you_mean(provider, known)}", "take one of the list")
    if provider == LOCAL and base_url:
        raise InputError(f"--base-url {base_url}: an embedded teacher has no address", "add --provider openai")
    if provider == LOCAL and model not in ("", *KNOWN) and not Path(model).expanduser().exists():
        say = f"--model {model} without a provider: no embedded teacher{did_you_mean(model, KNOWN)}"
        raise InputError(say, "add --provider, or --base-url of its server; or take one of `ragtuned models list`")
    if provider == LOCAL:
        default = 'model = "qwen2.5-coder-1.5b-instruct"'
        return LOCAL_TEACHER.replace(default, f"model = {json.dumps(model)}") if model else LOCAL_TEACHER
    if not model:
        raise InputError(f"--provider {provider} needs the name of a model", "add --model NAME")
    entry = PROVIDERS[provider]
    key = f"its key: the environment variable {entry.keys[0]}" + ("" if entry.needs_key else ", if it wants one")
    if base_url and provider == "openai":
        key = "any server of its protocol"
    url = f"base_url = {json.dumps(base_url or entry.base_url or 'https://NAME.openai.azure.com')}"
    own = "# " if entry.base_url and not base_url else ""  # the provider's address is the default
    lines = [f'provider = "{provider}"'.ljust(32) + f" # {key}", f"model = {json.dumps(model)}", f"{own}{url}"]
    if base_url:
        lines.append('# api_key_env = "MY_SERVER_KEY"  # the variable with its key, if it wants one')
    address = base_url or entry.base_url
    lines.append(OWN_SERVER if address and is_loopback(urlsplit(address)) else HOSTED)
    return "\n".join(
        [
            *lines,
            "# price_in = 0.0                # USD for a million tokens, for plan and --max-cost; both",
            "# price_out = 0.0",
            "",
        ]
    )

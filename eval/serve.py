"""The exported model behind the OpenAI protocol on this machine, in the llama.cpp of this process."""

from __future__ import annotations

import os
import secrets
import threading

from agents.console import Console
from agents.errors import InputError
from agents.models.local import Address, Endpoint, serve
from agents.project import Project
from eval.export import model_name

KEY = "RAGTUNED_SERVE_KEY"
"""Environment variable with the key that clients send; a new one at every start if it is not set.

Without a key every page that is open in a browser could ask the model what the documents say.
"""


def offer(project: Project, port: int, slots: int, console: Console, block: bool = True) -> Endpoint:
    """Serve the newest GGUF file of the run's adapter on 127.0.0.1 until Ctrl-C; `port` 0 takes a free one.

    Raises:
        InputError: nothing is exported, or what is was made of another adapter.
        EndpointError: llama.cpp cannot load it, or the port is taken.

    """
    from tuning.export.write import exported_gguf

    found = exported_gguf(project.exports, project.adapter_dir)
    if not found:
        raise InputError(
            f"{project.exports} holds no GGUF file of the adapter as it is now", "run `ragtuned export --model gguf`"
        )
    name = model_name(project)
    address = Address(port, os.environ.get(KEY, "") or secrets.token_urlsafe(24), name)
    endpoint = serve(str(found.path), slots, found.context, address=address)
    console.say(f"model {name} ({found.path.name}), {slots} at once with {found.context} tokens each; Ctrl-C ends it")
    console.say(f"OPENAI_BASE_URL={endpoint.base_url}")
    console.say(f"OPENAI_API_KEY={endpoint.api_key}")
    console.done({"base_url": endpoint.base_url, "api_key": endpoint.api_key, "model": name})
    if block:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.say("ended")
    return endpoint

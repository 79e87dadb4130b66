"""The embedded server: what it refuses at once, and, where weights are in the cache, that it speaks the protocol."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.errors import EndpointError, InputError, WeightsError
from agents.models.local import Endpoint, serve, stop_all
from agents.models.weights import KNOWN, find_weights

STUDENT = "smollm2-135m-instruct"
PEOPLE = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """The smallest known model behind a real server, if its weights are on this machine."""
    try:
        find_weights(STUDENT, fetch=False)
    except WeightsError:
        pytest.skip(f"the weights of {STUDENT} are not in the cache (`ragtuned models pull {STUDENT}`)")
    yield serve(STUDENT, slots=2, context=512, threads=1)
    stop_all()


def ask(endpoint: Endpoint, text: str, **options: Any) -> Any:
    """One chat completion through the openai client."""
    import openai

    client = openai.OpenAI(base_url=endpoint.base_url, api_key=endpoint.api_key, max_retries=0)
    return client.chat.completions.create(
        model=STUDENT, messages=[{"role": "user", "content": text}], temperature=0, **options
    )


def test_a_schema_is_obeyed(endpoint: Endpoint) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "person", "schema": PEOPLE, "strict": True}}
    reply = ask(endpoint, "Describe Anna, who is 31.", response_format=schema, max_tokens=60)
    assert set(json.loads(reply.choices[0].message.content)) == {"name", "age"}


def test_probabilities_of_the_first_token_come_with_the_reply(endpoint: Endpoint) -> None:
    reply = ask(endpoint, "Is snow white? Answer yes or no.", logprobs=True, top_logprobs=10, max_tokens=1)
    top = reply.choices[0].logprobs.content[0].top_logprobs
    assert len(top) == 10
    assert 0 < sum(math.exp(token.logprob) for token in top) <= 1.001


def test_a_shared_beginning_is_not_read_twice(endpoint: Endpoint) -> None:
    page = " ".join(f"On day {day} the keeper walked to the mill." for day in range(20))
    ask(endpoint, f"{page} Who walked?", max_tokens=1)
    second = ask(endpoint, f"{page} Where to?", max_tokens=1).usage
    assert second.prompt_tokens_details.cached_tokens > 0.8 * second.prompt_tokens


def test_a_call_without_the_key_of_this_start_is_refused(endpoint: Endpoint) -> None:
    import openai

    with pytest.raises(openai.AuthenticationError):
        ask(Endpoint(endpoint.base_url, "guess"), "hello", max_tokens=1)


def test_it_listens_on_loopback_only_and_starts_once(endpoint: Endpoint) -> None:
    assert endpoint.base_url.startswith("http://127.0.0.1:")
    assert serve(STUDENT, slots=2, context=512, threads=1) is endpoint


def test_a_file_that_is_no_model_is_an_error_that_names_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")
    with pytest.raises(EndpointError, match=r"cannot load .*broken\.gguf"):
        serve(str(broken), slots=1, context=256)


def test_a_name_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(InputError, match=r"no model 'nothing-like-it'"):
        serve("nothing-like-it", slots=1, context=256)


def test_weights_of_the_wrong_hash_never_reach_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGTUNED_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("RAGTUNED_HOME", str(tmp_path))
    (tmp_path / KNOWN[STUDENT].file_name).write_bytes(b"GGUF but another model")
    with pytest.raises(WeightsError, match="SHA-256"):
        serve(STUDENT, slots=1, context=128)

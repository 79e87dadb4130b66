"""A request: what decides its reply is in its name, and what does not is not."""

from __future__ import annotations

from agents.models.request import Request


def test_who_goes_first_and_what_a_prompt_was_filled_with_change_no_key() -> None:
    plain = Request(role="critic.faithful", messages=[{"role": "user", "content": "Is it so?"}], max_tokens=1)
    told = plain.model_copy(update={"rank": 3, "inputs": {"question": "Is it so?"}, "role": "critic"})
    assert told.identity("m", "prompt") == plain.identity("m", "prompt")
    assert "rank" not in plain.identity("m", "prompt")


def test_more_turns_keep_the_rank() -> None:
    request = Request(role="critic", messages=[], max_tokens=1, rank=2)
    assert request.followed_by([{"role": "user", "content": "Again."}]).rank == 2

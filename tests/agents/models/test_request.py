"""A request: what decides its reply is in its name, and what does not is not."""

from __future__ import annotations

from agents.models.request import Request


def test_who_goes_first_what_a_prompt_was_filled_with_and_whether_a_cut_reply_is_of_use_change_no_key() -> None:
    plain = Request(role="critic.faithful", messages=[{"role": "user", "content": "Is it so?"}], max_tokens=1)
    beside = {"rank": 3, "inputs": {"question": "Is it so?"}, "cut_is_reply": True, "role": "critic"}
    told = plain.model_copy(update=beside)
    assert told.identity("m", "prompt") == plain.identity("m", "prompt")
    assert not {"rank", "inputs", "cut_is_reply"} & plain.identity("m", "prompt").keys()


def test_more_turns_keep_the_rank() -> None:
    request = Request(role="critic", messages=[], max_tokens=1, rank=2)
    assert request.followed_by([{"role": "user", "content": "Again."}]).rank == 2

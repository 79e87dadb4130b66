"""One chat completion from a body of any shape (what a server does whole: tests/bench/server/test_habits.py)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.models.completions import AnsweredError, NoChoice, completion_of, words_in


def message(content: Any, **more: Any) -> dict[str, Any]:
    """The message of a completion with this content."""
    return completion_of({"choices": [{"message": {"content": content, **more}}]})["choices"][0]["message"]


def events(*events: Any) -> str:
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


def delta(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta}]}


@pytest.mark.parametrize(
    ("content", "more", "text", "thoughts"),
    [
        ("yes", {}, "yes", ""),
        (None, {}, "", ""),
        ([{"type": "text", "text": "y"}, {"type": "output_text", "text": "es"}, "!"], {}, "yes!", ""),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "no?"}]}, {"text": "yes"}], {}, "yes", "no?"),
        ("yes", {"reasoning_content": "no?"}, "yes", "no?"),
        ("yes", {"reasoning": "no?"}, "yes", "no?"),
        ("", {"reasoning_content": "yes"}, "yes", ""),
    ],
    ids=["text", "null", "parts", "thinking", "reasoning_content", "reasoning", "only-thoughts"],
)
def test_the_text_is_told_from_the_thoughts(content: Any, more: dict[str, Any], text: str, thoughts: str) -> None:
    found = message(content, **more)
    assert (found["content"], found["thoughts"], found["role"]) == (text, thoughts, "assistant")


def test_thoughts_that_ran_into_the_limit_are_no_reply() -> None:
    body = {"choices": [{"finish_reason": "length", "message": {"content": "", "reasoning_content": "Well"}}]}
    assert completion_of(body)["choices"][0]["message"]["content"] == ""


def test_a_refusal_among_the_parts_is_a_refusal() -> None:
    assert message([{"type": "refusal", "refusal": "I cannot."}])["refusal"] == "I cannot."


def test_a_stream_is_put_together_with_its_tool_call_and_its_usage() -> None:
    call = {"index": 0, "id": "1", "function": {"name": "Toy", "arguments": '{"a":'}}
    rest = {"index": 0, "function": {"arguments": " 1}"}}
    usage = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    found = completion_of(events(delta(tool_calls=[call]), delta(tool_calls=[rest]), usage))
    (made,) = found["choices"][0]["message"]["tool_calls"]
    assert made["function"] == {"name": "Toy", "arguments": '{"a": 1}'}
    assert found["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def test_comments_and_names_of_events_in_a_stream_are_passed_over() -> None:
    text = ": keep-alive\n\nevent: message\n" + events(delta(content="Hel"), delta(content="lo"))
    assert completion_of(text)["choices"][0]["message"]["content"] == "Hello"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_a_stream_has_the_line_ends_of_its_protocol_and_a_reply_may_hold_any_other(end: str) -> None:
    said = "one\u2028two\u2029three\x85four\x7f"
    text = "".join(f"data: {json.dumps(delta(content=part), ensure_ascii=False)}\n\n" for part in (said, "."))
    assert completion_of(text.replace("\n", end))["choices"][0]["message"]["content"] == f"{said}."


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"choices": []}, NoChoice),
        ({"choices": None}, NoChoice),
        (events({"choices": []}), NoChoice),
        ({"error": {"message": "no", "code": 402}}, AnsweredError),
        (events({"error": {"message": "no"}}), AnsweredError),
        ("<html>", ValueError),
        (5, ValueError),
        ({"choices": [{"message": 5}]}, ValueError),
    ],
    ids=["empty", "null", "empty-stream", "error", "error-in-a-stream", "page", "number", "odd-message"],
)
def test_what_holds_no_reply_says_what_it_is(body: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        completion_of(body)


@pytest.mark.parametrize(("code", "status"), [(402, 402), ("429", 429), ("oops", 500), (None, 500), (7, 500)])
def test_an_error_has_the_status_that_it_names(code: Any, status: int) -> None:
    assert AnsweredError({"message": "no", "code": code}).status == status


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "no"}},
        {"message": {"detail": [{"loc": ["body"], "msg": "no"}]}},
        {"detail": "no"},
        {"error": "no"},
        "no",
    ],
    ids=["openai", "mistral", "fastapi", "ollama", "text"],
)
def test_the_words_of_an_error_are_found_wherever_they_stand(body: Any) -> None:
    assert words_in(body) == "no"

"""What a server's error is about, told by its status and its words."""

from __future__ import annotations

import pytest

from agents.models.server_errors import LONGEST_WORDS, kind_of, plain

AZURE = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
VLLM = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, AZURE, "filtered"),
        (403, "Your input was flagged (moderation)", "filtered"),
        (400, "Content Exists Risk", "filtered"),
        (400, "系统检测到输入或生成内容可能包含不安全或敏感内容", "filtered"),
        (400, VLLM, "too long"),
        (400, "the request exceeds the available context size", "too long"),
        (413, "413 Request Entity Too Large nginx", "too long"),
        (429, "Request too large for model on tokens per minute (TPM): Limit 6000, Requested 7500", "too long"),
        (400, "max_tokens is too large: 16000. This model's maximum context length is 8192 tokens", "request"),
        (400, "Bad Request", "request"),
        (422, "Extra inputs are not permitted", "request"),
        (401, "", "key"),
        (400, "API key not valid. Please pass a valid API key.", "key"),
        (403, "You do not have permission", "key"),
        (403, "Forbidden", "key"),
        (404, "Not Found", "model"),
        (400, "The model `gpt-9` does not exist", "model"),
        (402, "", "quota"),
        (400, "Your credit balance is too low to access the API", "quota"),
        (429, "insufficient_quota", "quota"),
        (429, "tokens per day (TPD): Limit 100000", "quota"),
        (429, "slow down", "later"),
        (408, "", "later"),
        (500, "Internal Server Error", "later"),
        (529, "overloaded", "later"),
    ],
)
def test_an_error_is_about_the_request_or_about_all_or_passes(status: int, words: str, kind: str) -> None:
    assert kind_of(status, words) == kind


def test_a_quota_that_the_server_says_when_to_come_again_for_is_one_of_the_minute() -> None:
    words = "You exceeded your current quota, please check your plan and billing details. Please retry in 34.07s."
    assert (kind_of(429, words, waits=True), kind_of(429, words)) == ("later", "quota")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "<html><head><title>x</title></head><body><h1>403 Forbidden</h1><hr>ray&nbsp;9</body></html>",
            "403 Forbidden ray 9",
        ),
        ("  no\n", "no"),
        ("x" * 400, "x" * LONGEST_WORDS + "…"),
    ],
    ids=["html", "plain-text", "long"],
)
def test_a_page_is_told_in_a_line(text: str, said: str) -> None:
    assert plain(text) == said

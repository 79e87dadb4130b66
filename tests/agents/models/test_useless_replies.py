"""Replies in a row that were of no use end a run; a good one between them does not."""

from __future__ import annotations

import pytest

from agents.errors import UselessReplies
from agents.models.config import ModelConfig
from agents.models.useless_replies import AT_FIRST, UselessStreak

CONFIG = ModelConfig(model="toy", useless_replies=5)


def test_a_good_reply_between_them_begins_the_count_anew() -> None:
    useless = UselessStreak(CONFIG)
    for _ in range(3):
        for _ in range(4):
            useless.bad("what?")
        useless.good()
    for _ in range(4):
        useless.bad("what?")
    with pytest.raises(UselessReplies, match="the last 5 replies of toy were of no use; the last one: 'no idea'"):
        useless.bad("no\n idea")


def test_a_server_that_never_answered_is_given_up_sooner() -> None:
    useless = UselessStreak(CONFIG)
    for _ in range(AT_FIRST - 1):
        useless.bad("Bad Request", never=True)
    with pytest.raises(UselessReplies, match="Bad Request") as ended:
        useless.bad("Bad Request", never=True)
    assert "`ragtuned doctor`" in ended.value.do  # a higher useless_replies would change nothing

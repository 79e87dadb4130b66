"""The cores that a process may use."""

from __future__ import annotations

import os

import pytest

from agents.cores import usable_cores


def test_a_process_that_is_bound_to_a_core_uses_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {3}, raising=False)
    assert usable_cores() == 1


def test_where_the_system_does_not_tell_the_machine_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert usable_cores() == 6

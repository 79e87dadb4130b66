"""The server's books: calls by role, service time, what was in flight, repeats of answered bodies, errors injected."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Books:
    """Counts of one server since its start or the last reset. Times are of the server's monotonic clock, in seconds."""

    slots: int
    seen: Counter[str] = field(default_factory=Counter)  # by body
    answered: Counter[str] = field(default_factory=Counter)  # by body
    roles: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    abandoned: int = 0
    in_flight: int = 0
    busy: int = 0
    most_in_flight: int = 0
    most_busy: int = 0
    planned: float = 0.0
    served: float = 0.0
    largest: int = 0
    repeats: int = 0
    log: list[str] = field(default_factory=list)  # the digest of every request, as they came
    first: float | None = None
    last: float | None = None
    cpu_from: float = field(default_factory=time.process_time)

    def open(self, key: str, digest: str, characters: int) -> int:
        """A call comes in; returns its attempt number, from 0."""
        attempt = self.seen[key]
        self.seen[key] += 1
        self.repeats += self.answered[key] > 0
        self.log.append(digest)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.largest = max(self.largest, characters)
        self.first = self.first if self.first is not None else time.monotonic()
        return attempt

    def take_slot(self) -> float:
        """A slot begins to serve; returns when."""
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        return time.monotonic()

    def free_slot(self, since: float) -> None:
        """A slot is free again."""
        self.busy -= 1
        self.served += time.monotonic() - since

    def answer(self, key: str, role: str, latency: float) -> None:
        """A good answer of `latency` intended seconds goes out."""
        self.answered[key] += 1
        self.roles[role] += 1
        self.planned += latency

    def close(self, finished: bool) -> None:
        """The call is over; not `finished`: its client left before an answer."""
        self.in_flight -= 1
        self.abandoned += not finished
        self.last = time.monotonic()

    def stats(self) -> dict[str, Any]:
        """Everything as plain JSON; `service_s` are intended latencies, `held_s` what the slots took by the clock."""
        span = (self.last or 0.0) - (self.first or 0.0) if self.last and self.first is not None else 0.0
        return {
            "requests": self.seen.total(),
            "calls": self.answered.total(),
            "bodies": len(self.seen),
            "bodies_answered": sum(n > 0 for n in self.answered.values()),
            "repeated_requests": self.seen.total() - len(self.seen),
            "repeated_after_an_answer": self.repeats,
            "service_s": round(self.planned, 3),
            "held_s": round(self.served, 3),
            "first_call_start": self.first,
            "last_call_end": self.last,
            "span_s": round(span, 3),
            "slots": self.slots,
            "mean_slots_busy": round(self.served / span, 2) if span else 0.0,
            "peak_slots_busy": self.most_busy,
            "in_flight": self.in_flight,
            "peak_in_flight": self.most_in_flight,
            "abandoned": self.abandoned,
            "errors": dict(sorted(self.errors.items())),
            "by_role": dict(sorted(self.roles.items())),
            "largest_request_bytes": self.largest,
            "server_cpu_s": round(time.process_time() - self.cpu_from, 3),
        }

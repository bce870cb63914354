"""Doubles: a Hub of dicts, a channel that records, a clock that is set."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.aggregate import Contents
from bot.core.alerts.message import Delivery
from bot.core.board import Answer, BoardKey, ModelFacts
from bot.core.delivery import Delivered, Outcome
from bot.core.discovery import Benchmark
from bot.core.errors import FetchError
from bot.core.process import Process
from bot.core.timing.schedule import Quota
from bot.hub.answers import Fetched, NotModified, TaskList, TokenReport
from tests.support.builders import ids


class FakeClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 27, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


def process(
    clock: FakeClock, owner: str = "me", new_id: Callable[[], str] | None = None
) -> Process:
    """Return what a process brings along, with the same randomness in each test."""
    return Process(
        clock=clock,
        wait=lambda span: threading.Event().wait(max(span.total_seconds(), 0)),
        new_id=new_id or ids(owner),
        rand=random.Random(1).random,
        owner=owner,
    )


class FakeHub:
    """Answers with what ``answers`` holds by benchmark; an exception there is raised."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | FetchError] = {}
        self.token_report: TokenReport | None = None
        self.left: Quota | None = None
        self.task_lists: dict[str, TaskList | NotModified | FetchError] = {}

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        answer = self.answers[board.benchmark]
        if isinstance(answer, FetchError):
            raise answer
        mark = repr(answer)
        if mark == digest:
            return NotModified(whole=True)
        return Fetched(answer=answer, etag=None, digest=mark)

    def tasks(self, benchmark: str, *, etag: str | None = None) -> TaskList | NotModified:
        found = self.task_lists.get(benchmark, FetchError("the benchmark has no eval.yaml"))
        if isinstance(found, FetchError):
            raise found
        return found

    def benchmarks(self) -> tuple[Benchmark, ...]:
        return tuple(Benchmark(name) for name in sorted(self.answers))

    def aggregate(self, etag: str | None = None) -> Contents | NotModified:
        raise FetchError("the fake Hub has no file over all benchmarks")

    def aggregate_read(self) -> Contents | None:
        return None

    def benchmark_id(self, benchmark: str) -> str:
        return benchmark

    def model_id(self, model: str, timeout: timedelta) -> str:
        return model

    def model_facts(self, model: str, timeout: timedelta) -> ModelFacts:
        raise FetchError("the fake Hub knows no models")

    def token(self) -> TokenReport | None:
        return self.token_report

    def quota(self) -> Quota | None:
        return self.left


class RecordingChannel:
    """Keeps what it accepts; ``outcome`` decides, ``accepts`` whether the receiver got it."""

    pace = timedelta(0)
    for_people = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.accepted: list[Delivery] = []
        self.outcome: Outcome = Delivered()
        self.accepts = True
        self.before_answer: Callable[[], Any] = lambda: None

    def send(self, delivery: Delivery) -> Outcome:
        if self.accepts:
            self.accepted.append(delivery)
        self.before_answer()
        return self.outcome

    def check(self) -> str | None:
        return None

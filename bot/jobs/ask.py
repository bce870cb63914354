"""The Hub as the jobs ask it."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from bot.core.board import BoardKey, ModelFacts
from bot.core.discovery import Benchmark
from bot.hub.answers import Fetched, NotModified, TaskList, TokenReport


class Hub(Protocol):
    """The Hub's leaderboards; safe to call from several threads."""

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        """Fetch one leaderboard; raises ``FetchError`` or one of its kinds."""
        ...

    def tasks(self, benchmark: str, *, etag: str | None = None) -> TaskList | NotModified:
        """Read the tasks of a benchmark; raises ``FetchError`` or one of its kinds."""
        ...

    def benchmarks(self) -> tuple[Benchmark, ...]:
        """List the official benchmarks, sorted by id; raises ``FetchError``."""
        ...

    def model_facts(self, model: str, timeout: timedelta) -> ModelFacts:
        """Look a model up; raises ``FetchError`` also where ``timeout`` is over."""
        ...

    def token(self) -> TokenReport | None:
        """Return what the Hub thinks of the token; None as long as nothing is known."""
        ...

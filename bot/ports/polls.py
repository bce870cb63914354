"""What ``poll`` and ``discover`` ask of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from bot.core.events import Event, Found
from bot.core.model import BoardKey, Snapshot
from bot.core.outbox import NewDelivery
from bot.ports.hub import Benchmark


class Target(Struct, frozen=True, order=True):
    """What one request fetches: a benchmark with or without derived models, all its tasks."""

    benchmark: str
    include_derived: bool = False


class Schedule(Struct, frozen=True, kw_only=True):
    """A watched target and how often it is polled."""

    target: Target
    every: timedelta


class PollClaim(Struct, frozen=True, kw_only=True):
    """The exclusive right to poll a target for some time.

    ``version`` is the target's at the claim: a commit with an outdated one is refused.
    ``fresh`` asks for a silent baseline whatever is stored. ``settled`` says that an unchanged
    answer changes nothing: without it, the body is needed even when it is unchanged.
    ``polled_at`` is the last good poll; ``boards`` counts the target's boards, at least 1.
    """

    target: Target
    owner: str
    version: int
    every: timedelta
    etag: str | None = None
    digest: str | None = None
    fresh: bool = True
    settled: bool = True
    polled_at: datetime | None = None
    failures: int = 0
    boards: int = 1


class BoardPoll(Struct, frozen=True, kw_only=True):
    """What a poll found of one board; ``before`` is null at the first sight of it."""

    key: BoardKey
    before: Snapshot | None
    after: Snapshot
    found: tuple[Found, ...] = ()


class PollResult(Struct, frozen=True, kw_only=True):
    """A good poll, as one transaction stores it."""

    at: datetime
    etag: str | None
    digest: str | None
    next_at: datetime
    boards: tuple[BoardPoll, ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()


class Discovery(Struct, frozen=True, kw_only=True):
    """The official benchmarks as last told; ``missing`` counts lists without one, by id."""

    at: datetime
    benchmarks: tuple[Benchmark, ...]
    missing: dict[str, int] = {}
    doubted: int = 0


class PollStore(Protocol):
    """What ``poll`` and ``discover`` ask of the database. Every method is one transaction."""

    def claim_poll(
        self, target: Target, owner: str, now: datetime, until: datetime
    ) -> PollClaim | None:
        """Claim a watched target, due or not; None while another owner's claim lasts."""
        ...

    def snapshots(self, target: Target) -> dict[str | None, Snapshot]:
        """Load the target's boards by task."""
        ...

    def commit_poll(self, claim: PollClaim, result: PollResult) -> None:
        """Store a good poll and end the claim; raises ``ConflictError`` if it is outdated."""
        ...

    def commit_failure(
        self, claim: PollClaim, now: datetime, error: str, next_at: datetime
    ) -> None:
        """Count a failed poll and end the claim; snapshots stay as they are."""
        ...

    def discovery(self) -> Discovery | None:
        """Return the last list of official benchmarks, None before the first."""
        ...

    def commit_discovery(
        self,
        previous: Discovery | None,
        now: Discovery,
        found: Sequence[tuple[BoardKey, Event]],
        deliveries: Sequence[NewDelivery],
    ) -> None:
        """Store a list with its events and deliveries; ``ConflictError`` if not the next one."""
        ...

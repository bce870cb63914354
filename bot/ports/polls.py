"""What ``poll``, ``discover`` and ``tasks`` ask of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from bot.core.alerts.deliveries import NewDelivery
from bot.core.board import BoardKey, Snapshot
from bot.core.discovery import Benchmark
from bot.core.events import Event, Found
from bot.core.tasks import Tasks


class PollClaim(Struct, frozen=True, kw_only=True):
    """The exclusive right to poll a board for some time.

    ``version`` is the board's at the claim: a commit with an outdated one is refused.
    ``fresh`` asks for a silent baseline whatever is stored. ``settled`` says that an unchanged
    answer changes nothing: without it, the body is needed even when it is unchanged.
    ``polled_at`` is the last good poll, ``whole_at`` the last for which the rows came, not only
    the word that they are the same. ``by_task`` says that the Hub has answered to the task's id,
    ``higher_is_better`` what is known of the direction.
    """

    board: BoardKey
    owner: str
    version: int
    every: timedelta
    etag: str | None = None
    digest: str | None = None
    fresh: bool = True
    settled: bool = True
    polled_at: datetime | None = None
    whole_at: datetime | None = None
    by_task: bool = False
    higher_is_better: bool | None = None
    failures: int = 0


class BoardPoll(Struct, frozen=True, kw_only=True):
    """What a poll found of a board; ``before`` is null at the first sight of it."""

    before: Snapshot | None
    after: Snapshot
    found: tuple[Found, ...] = ()


class PollResult(Struct, frozen=True, kw_only=True):
    """A good poll, as one transaction stores it; ``found`` is null where nothing was compared.

    ``whole`` and ``by_task`` say what this answer was, as in ``PollClaim``.
    """

    at: datetime
    etag: str | None
    digest: str | None
    next_at: datetime
    whole: bool = True
    by_task: bool = False
    found: BoardPoll | None = None
    deliveries: tuple[NewDelivery, ...] = ()


class Discovery(Struct, frozen=True, kw_only=True):
    """The official benchmarks as last told; ``missing`` counts lists without one, by id."""

    at: datetime
    benchmarks: tuple[Benchmark, ...]
    missing: dict[str, int] = {}
    doubted: int = 0


class TaskNews(Struct, frozen=True, kw_only=True):
    """What follows from a reading of a benchmark's tasks, as one transaction stores it.

    ``named`` is the task whose board the one without a task becomes; null where none does.
    """

    found: tuple[tuple[BoardKey, Event], ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()
    named: str | None = None


class PollStore(Protocol):
    """What ``poll``, ``discover`` and ``tasks`` ask of the database.

    Every method is one transaction.
    """

    def claim_polls(
        self, boards: Sequence[BoardKey], owner: str, now: datetime, until: datetime
    ) -> tuple[PollClaim, ...]:
        """Claim those of some watched boards, due or not, on which no other owner's claim lasts."""
        ...

    def renew_polls(self, boards: Sequence[BoardKey], owner: str, until: datetime) -> None:
        """Let an owner's claims of some boards last longer."""
        ...

    def end_polls(self, ended: Sequence[tuple[PollClaim, PollResult]]) -> None:
        """End polls that found nothing new; one whose claim is outdated is left out."""
        ...

    def snapshot(self, board: BoardKey) -> Snapshot | None:
        """Load a board; None where it was never seen."""
        ...

    def commit_poll(self, claim: PollClaim, result: PollResult) -> None:
        """Store a good poll and end the claim; raises ``ConflictError`` if it is outdated."""
        ...

    def commit_failure(
        self, claim: PollClaim, now: datetime, error: str, next_at: datetime
    ) -> None:
        """Count a failed poll and end the claim; snapshots stay as they are."""
        ...

    def tasks(self) -> dict[str, Tasks]:
        """Return what is known of the tasks of every benchmark that was asked for them."""
        ...

    def commit_tasks(
        self, benchmark: str, previous: Tasks | None, now: Tasks, news: TaskNews
    ) -> None:
        """Store a reading with what follows; ``ConflictError`` if it is not the next one."""
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

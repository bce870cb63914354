"""What the store tells commands and pages: plain values, never database rows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from bot.core.board import BoardKey, Result, Snapshot, Source


class BoardView(Struct, frozen=True, kw_only=True):
    """A board in a list. One that was never polled has no rows and no task.

    ``rows`` counts present and held ones. ``failures`` in a row and ``error`` are those of the
    benchmark's polls. ``leader`` is the leading model, ``score`` what it leads with.
    """

    key: BoardKey
    watched: bool
    rows: int
    polled_at: datetime | None
    next_poll_at: datetime
    failures: int = 0
    error: str | None = None
    leader: str | None = None
    score: Decimal | None = None


class RowView(Struct, frozen=True, kw_only=True):
    """A row of a board, with the rank that was last reported.

    ``missing`` counts its absences in a row, 0 is present.
    ``last_change`` is the time of the poll that first saw the result as it is.
    """

    id: str
    result: Result
    missing: int
    last_change: datetime


class BoardRows(Struct, frozen=True, kw_only=True):
    """A board as stored; ``rows`` are its snapshot's, present and held, by rank.

    ``baseline_at`` is the time of the oldest results that are kept: what is of then never changed.
    """

    key: BoardKey
    polled_at: datetime | None
    baseline_at: datetime | None
    snapshot: Snapshot
    rows: tuple[RowView, ...]


class HistoryPoint(Struct, frozen=True, kw_only=True):
    """A row's result from ``at`` until ``until``, null while it stands.

    ``removed`` marks the time after a row was told as removed; its figures are the last ones.
    """

    at: datetime
    until: datetime | None
    benchmark: str
    task: str | None
    include_derived: bool
    row_id: str
    model: str
    rank: int
    score: Decimal
    notes: str | None
    filename: str | None
    removed: bool
    verified: bool = False
    source: Source | None = None
    pull_request: int | None = None


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt; ``outcome`` is ``delivered``, ``retry``, ``in_doubt`` or ``rejected``."""

    at: datetime
    outcome: str
    error: str | None


class DeliveryView(Struct, frozen=True, kw_only=True):
    """A delivery with its events' ids and its attempts, the oldest first.

    ``board`` is null for what is of no one board, as notices of health are.

    ``next_attempt_at`` is null where none is planned: sent, failed, or held for a paused channel
    that another delivery probes.
    """

    id: str
    channel: str
    type: str
    board: BoardKey | None
    state: str
    created_at: datetime
    next_attempt_at: datetime | None
    events: tuple[str, ...]
    attempts: tuple[AttemptView, ...]


class Pruned(Struct, frozen=True, kw_only=True):
    """How many rows were deleted."""

    events: int
    deliveries: int
    versions: int

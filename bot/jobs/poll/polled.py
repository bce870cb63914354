"""What came of polling one board, as whoever asked for it is told."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from bot.core.board import BoardKey


class Polled(Struct, frozen=True, kw_only=True):
    """What came of polling one board: counted by outcome, events without shifts.

    A deferred one was not polled, since the Hub's rate limit is used up for so long.
    ``note`` is what people should hear of a poll that did not fail.
    """

    board: BoardKey
    unchanged: int = 0
    changed: int = 0
    failed: int = 0
    deferred: timedelta | None = None
    events: int = 0
    error: str | None = None
    note: str | None = None

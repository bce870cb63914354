"""What a poll takes of its board when it claims it, and what it leaves behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from bot.core.alerts.deliveries import Told
from bot.core.board import BoardKey, Snapshot


class PollClaim(Struct, frozen=True, kw_only=True):
    """The exclusive right to poll a board for some time.

    ``version`` is the board's at the claim: a commit with an outdated one is refused.
    ``fresh`` asks for a silent baseline whatever is stored, ``current`` says that there are rows to
    compare with, however few. ``settled`` says that an unchanged
    answer changes nothing: without it, the body is needed even when it is unchanged.
    ``polled_at`` is the last good poll, ``whole_at`` the last for which the rows came, not only
    the word that they are the same. ``by_task`` says that the Hub has answered to the task's id,
    ``higher_is_better`` what is known of the direction. ``due_at`` is when it was to be polled.
    """

    board: BoardKey
    owner: str
    version: int
    every: timedelta
    etag: str | None = None
    digest: str | None = None
    fresh: bool = True
    current: bool = False
    settled: bool = True
    polled_at: datetime | None = None
    whole_at: datetime | None = None
    by_task: bool = False
    higher_is_better: bool | None = None
    failures: int = 0
    due_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Tell whether the board has been due for a whole interval."""
        return self.due_at is not None and self.due_at + self.every <= now


class BoardPoll(Struct, frozen=True, kw_only=True):
    """A board before and after a poll; ``before`` is null at the first sight of it."""

    before: Snapshot | None
    after: Snapshot


class PollResult(Struct, frozen=True, kw_only=True):
    """A good poll, as one transaction stores it; ``found`` is null where nothing was compared.

    ``whole`` and ``by_task`` say what this answer was, as in ``PollClaim``; ``flaw`` what is wrong
    with rows of it that could not be read.
    """

    at: datetime
    etag: str | None
    digest: str | None
    next_at: datetime
    whole: bool = True
    by_task: bool = False
    found: BoardPoll | None = None
    flaw: str = ""
    told: Told = Told()

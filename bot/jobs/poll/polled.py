"""What came of polling one board, as whoever asked for it is told, and as the log has it."""

from __future__ import annotations

import logging
from datetime import timedelta

from msgspec import Struct

from bot.core.board import BoardKey, Snapshot
from bot.core.diff.compare import Diff
from bot.core.kinds import Kind
from bot.core.render.numbers import plural
from bot.store import PollClaim

log = logging.getLogger(__name__)
outcomes = logging.getLogger("bot.jobs.poll.outcomes")
"""Says what ``Polled`` says, too: a command that lists that keeps it from being said twice."""


class Polled(Struct, frozen=True, kw_only=True):
    """What came of polling one board: counted by outcome, events without shifts.

    A deferred one was not polled, since the Hub's rate limit is used up for so long.
    ``first`` says that it changed for being seen for the first time. ``note`` is what people
    should hear of a poll that did not fail. ``logged`` says that the log has it already.
    """

    board: BoardKey
    unchanged: int = 0
    changed: int = 0
    failed: int = 0
    deferred: timedelta | None = None
    events: int = 0
    first: bool = False
    error: str | None = None
    note: str | None = None
    logged: bool = False

    @property
    def outcome(self) -> str:
        """What the poll is counted as."""
        if self.deferred is not None:
            return "deferred"
        return "failed" if self.failed else "changed" if self.changed else "unchanged"

    @property
    def story(self) -> str:
        """What changed, in a few words."""
        if self.first:
            return "baseline stored, nothing to tell"
        return plural(self.events, "event") if self.events else "changed, nothing to tell"


def compared(claim: PollClaim, before: Snapshot | None, new: Diff) -> Polled:
    """Return what came of a poll whose answer was compared with what was known before."""
    never_a_row = new.after.unseen and before is None
    return Polled(
        board=claim.board,
        changed=int(new.changed),
        unchanged=int(not new.changed),
        events=sum(found.event.kind is not Kind.RANK_SHIFT for found in new.found),
        first=before is None or claim.fresh,
        note="has no rows; its first ones will be its baseline" if never_a_row else None,
    )


def record(polled: Polled, seconds: float) -> None:
    """Log a poll that took so long, unless it found nothing, or was logged with others."""
    if polled.logged:
        return
    name = polled.board.name
    fields = {"board": name, "events": polled.events, "duration": round(seconds, 3)}
    if polled.error is not None:
        outcomes.warning("%s: %s", name, polled.error, extra=fields)
    if polled.note is not None:
        outcomes.warning("%s %s", name, polled.note, extra=fields)
    if polled.changed:
        log.info("%s: %s (%.2f s)", name, polled.story, seconds, extra=fields)

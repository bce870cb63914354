"""What is measured of the stored data, for whoever watches over the program: bounded, and cheap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from bot.config import Settings
from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.store import Store, Unit
from bot.views.operation.status import quota

_SLACK = "slack"


class Measures(Struct, frozen=True, kw_only=True):
    """What is measured at one moment.

    ``deliveries`` are counted by state, as people see it; ``held`` are those that wait for a digest
    or the end of quiet hours, ``oldest_pending`` is how long the oldest waits that nothing holds,
    null where there is none. ``boards`` are the watched ones that were ever polled, with the last
    good poll of each. ``quota`` is what is left of the Hub's rate limit, null where not known.
    ``slack_wait`` is how long until Slack is tried again after an attempt in vain.
    """

    deliveries: Mapping[State, int]
    held: int
    oldest_pending: timedelta | None
    mutes: int
    boards: Mapping[BoardKey, datetime]
    quota: int | None
    slack_wait: timedelta


def measures(store: Store, settings: Settings, now: datetime) -> Measures:
    """Return what is measured now.

    Raises:
        StoreError: the database cannot be used.
    """
    with store.read() as db:
        counted = db.deliveries.counted()
        pending = counted.get(State.PENDING)
        polls = db.targets.last_good_polls()
        told = quota(db.processes.all(), now, settings.hub.concurrency, len(polls))
        return Measures(
            deliveries=dict.fromkeys(State, 0)
            | {state: found.count for state, found in counted.items()}
            | db.deliveries.ended(),
            held=db.windows.held(),
            oldest_pending=max(now - pending.oldest, timedelta()) if pending else None,
            mutes=len(db.mutes.live(now)),
            boards={key: polled_at for key, polled_at in polls.items() if polled_at},
            quota=told.remaining,
            slack_wait=_slack_wait(db, settings, now),
        )


def _slack_wait(db: Unit, settings: Settings, now: datetime) -> timedelta:
    """Return the longest wait of Slack's channels for another attempt at what they hold first."""
    named = [name for name, table in settings.channels.items() if table.type == _SLACK]
    again = [at for at in map(db.channels.tried_again, named) if at is not None]
    return max([timedelta(), *(at - now for at in again)])

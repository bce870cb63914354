"""What becomes of a delivery, its channel and their health when an attempt has ended."""

from __future__ import annotations

from typing import assert_never

from sqlalchemy import Connection, RowMapping, insert, select, update

from bot.core.alerts.message import FAILING, RECOVERED, TEST
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope, State
from bot.core.incidents import CHANNEL
from bot.ports import Claimed, Settlement
from bot.store import incidents as health
from bot.store import pauses
from bot.store.tables import attempts, channels, deliveries


def settle(connection: Connection, claimed: Claimed, owner: str, settlement: Settlement) -> bool:
    """See ``Outbox.settle``."""
    # The channel first, as in a claim, so that the two never wait for each other.
    channel = select(channels.c.name).where(channels.c.name == claimed.channel)
    connection.execute(channel.with_for_update())
    columns = [column for column in deliveries.c if column is not deliveries.c.body]
    query = select(*columns).where(deliveries.c.id == claimed.id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        return False
    _record(connection, row["seq"], settlement)
    if row["lease_owner"] != owner:
        return False
    _end_attempt(connection, row, settlement)
    if isinstance(settlement.outcome, Delivered):
        health.end_failures(connection, CHANNEL, row["channel"], settlement.at)
        pauses.resume(connection, row["channel"], settlement.at)
    else:
        _count(connection, row, settlement)
        pauses.after_failure(connection, row, settlement)
    return True


def _record(connection: Connection, seq: int, settlement: Settlement) -> None:
    name, error = _told(settlement.outcome)
    connection.execute(
        insert(attempts).values(delivery_seq=seq, at=settlement.at, outcome=name, error=error)
    )


def _told(outcome: Outcome) -> tuple[str, str | None]:
    match outcome:
        case Delivered():
            return "delivered", None
        case RetryLater(error=error):
            return "retry", error
        case InDoubt(error=error):
            return "in_doubt", error
        case Rejected(error=error):
            return "rejected", error
        case _:
            assert_never(outcome)


def _end_attempt(connection: Connection, row: RowMapping, settlement: Settlement) -> None:
    """Write the delivery's new state; one without a next attempt has come to its end."""
    again = settlement.next_at
    delivered = isinstance(settlement.outcome, Delivered)
    ended = State.SENT if delivered else State.FAILED
    doubt = row["in_doubt"] or isinstance(settlement.outcome, InDoubt)
    connection.execute(
        update(deliveries)
        .where(deliveries.c.seq == row["seq"])
        .values(
            state=(State.PENDING if again else ended).value,
            next_attempt_at=again,
            ended_at=None if again else settlement.at,
            # A retry waits its time also where the clock was set back since.
            created_at=min(row["created_at"], settlement.at),
            attempts=_attempts(row["attempts"], settlement.outcome),
            in_doubt=doubt and not delivered,
            lease_owner=None,
            lease_until=None,
        )
    )


def _attempts(before: int, outcome: Outcome) -> int:
    """Count an attempt; a broken channel uses up none, however often it is probed."""
    if isinstance(outcome, Rejected) and outcome.scope is Scope.CHANNEL:
        return max(before, 1)
    return before + 1


def _count(connection: Connection, row: RowMapping, settlement: Settlement) -> None:
    """Count a failure for the channel, and tell of an alert that was given up.

    Notices are not told of: where no channel works, each would cause the next. Nor are tests, by
    those who look on.
    """
    error = _told(settlement.outcome)[1] or ""
    name, at = row["channel"], settlement.at
    health.count_failure(connection, CHANNEL, name, at, error, channel=name)
    if settlement.next_at is None and row["type"] not in (FAILING, RECOVERED, TEST):
        health.give_up(connection, row, at, error)

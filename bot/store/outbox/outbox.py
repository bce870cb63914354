"""The outbox: deliveries are stored, and claimed in order and at a pace, a channel at a time.

``channels`` has a row for each channel that was ever claimed for. Who has locked that row decides
for the channel: so no two processes claim for it at once. A claim is a lease on its delivery; one
that ran out may have been sent, and the next one says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, true, update

from bot.core.alerts.deliveries import NewDelivery
from bot.core.alerts.message import DISTURBING, TEST
from bot.core.delivery import Delivered, InDoubt, State
from bot.core.incidents import CHANNEL, DELIVERY, Incident
from bot.store.database.tables import attempts, channels, deliveries
from bot.store.database.upsert import upsert
from bot.store.incidents import Incidents
from bot.store.outbox import queue
from bot.store.outbox.added import add
from bot.store.outbox.attempts import Claimed, Settlement, attempts_after, error_of, outcome_name
from bot.store.outbox.channels import Channels
from bot.store.processes import owners_of

_MOST_PASSED = 100
"""How many deliveries that others have passed are looked at for one claim."""


class Outbox:
    """What is to be sent, and by whom: deliveries are claimed, sent and settled."""

    def __init__(self, connection: Connection, channels: Channels, incidents: Incidents) -> None:
        self._connection = connection
        self._channels = channels
        self._incidents = incidents

    def add(self, new: Sequence[NewDelivery], now: datetime) -> None:
        """Store deliveries in their order: due at once, or held."""
        for delivery in new:
            add(self._connection, delivery, now)

    def due_channels(self, now: datetime) -> tuple[str, ...]:
        """List the channels that a delivery may be claimed for now, their pace aside, by name.

        Costs the same however much waits, and nothing for a channel that nothing waits for.
        """
        at = {"now": now, "horizon": now + queue.LONGEST_CLAIM}
        return tuple(sorted(self._connection.execute(queue.due_channels(), at).scalars()))

    def claim(
        self,
        channel: str,
        pace: timedelta,
        owner: str,
        *,
        due_by: datetime,
        now: datetime,
        until: datetime,
        excluding: Collection[str] = (),
        only: Collection[str] = (),
    ) -> Claimed | None:
        """Claim the channel's next due delivery, if any; ``only`` of these types, where any.

        Due: pending, ``next_attempt_at`` at or before ``due_by``, its channel past its pace
        (which the claim renews) and without a live claim, and no earlier delivery of the channel
        that still waits within its first ``IN_ORDER_ATTEMPTS``. Of a paused channel only its probe
        is ever due. ``excluding`` are ids that were tried already in this pass.
        """
        locked = self._lock(channel)
        if locked is None or queue.is_paced(locked, now):
            return None
        seq = self._next(locked, due_by, now, excluding, only)
        if seq is None:
            return None
        paced = update(channels).where(channels.c.name == channel)
        self._connection.execute(paced.values(not_before=now + pace))
        return self._claim(seq, owner, until)

    def is_due(self, channel: str, now: datetime, only: Collection[str]) -> bool:
        """Whether a delivery of some types may go now, the channel's pace and pause aside."""
        return bool(self._in_order(channel, now, only))

    def paced_until(
        self,
        channel: str,
        *,
        due_by: datetime,
        now: datetime,
        excluding: Collection[str] = (),
        only: Collection[str] = (),
    ) -> datetime | None:
        """Return when a delivery that only its channel's pace holds back may be sent."""
        found = self._connection.execute(_channel(channel)).mappings().first()
        if found is None or not queue.is_paced(found, now):
            return None
        waits = self._next(found, due_by, now, excluding, only) is not None
        return found["not_before"] if waits else None

    def settle(self, claimed: Claimed, owner: str, settlement: Settlement) -> bool:
        """Record an attempt's outcome; False when the claim was lost to another owner.

        ``Rejected`` with ``Scope.CHANNEL`` pauses the channel: this delivery probes it at
        ``settlement.next_at``, all others are held until an attempt succeeds. With
        ``Scope.ENDPOINT`` this delivery is given up as well. A probe that is given up leaves its
        part to the next delivery, an hour later.
        """
        # The channel first, as in a claim, so that the two never wait for each other.
        self._connection.execute(_channel(claimed.channel).with_for_update())
        columns = [column for column in deliveries.c if column is not deliveries.c.body]
        query = select(*columns).where(deliveries.c.id == claimed.id).with_for_update()
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return False
        self._record(row["seq"], settlement)
        if row["lease_owner"] != owner:
            return False
        self._end_attempt(row, settlement)
        if isinstance(settlement.outcome, Delivered):
            self._incidents.end(CHANNEL, row["channel"], settlement.at)
            self._channels.resume(row["channel"], settlement.at)
        else:
            self._count(row, settlement)
            self._channels.after_failure(row, settlement)
        return True

    def renew(self, ids: Collection[str], owner: str, until: datetime) -> None:
        """Let an owner's claims of some deliveries last longer."""
        mine = (deliveries.c.id.in_(sorted(ids)), deliveries.c.lease_owner == owner)
        self._connection.execute(update(deliveries).where(*mine).values(lease_until=until))

    def release(self, owner: str) -> None:
        """Give up an owner's claims, without an attempt counted.

        What is given up may be on its way, so its next attempt is in doubt.
        """
        mine = update(deliveries).where(deliveries.c.lease_owner == owner)
        self._connection.execute(mine.values(lease_owner=None, lease_until=None, in_doubt=True))

    def owners(self, lasting: datetime | None = None) -> frozenset[str]:
        """Return who has claims; see ``owners_of``."""
        return owners_of(deliveries, self._connection, lasting)

    def _lock(self, name: str) -> RowMapping | None:
        """Lock a channel; None where nothing waits, or another process claims for it right now."""
        if self._connection.execute(queue.pending_in_order(name).limit(1)).first() is None:
            return None
        free = _channel(name).with_for_update(skip_locked=True)
        found = self._connection.execute(free).mappings().first()
        if found is None:
            upsert(self._connection, channels, {"name": name}, {})
            found = self._connection.execute(free).mappings().first()
        return found

    def _next(
        self,
        channel: RowMapping,
        due_by: datetime,
        now: datetime,
        excluding: Collection[str],
        only: Collection[str],
    ) -> int | None:
        """Return the number of the delivery that the channel may send now, its pace aside."""
        live = queue.live(channel["name"], now, now + queue.LONGEST_CLAIM).limit(1)
        if self._connection.execute(live).first() is not None:
            return None
        if channel["paused_at"] is not None:
            probe = self._channels.due_probe(channel, due_by)
            found = [] if probe is None or (only and probe["type"] not in only) else [probe]
        else:
            found = self._in_order(channel["name"], due_by, only)
        return next((row["seq"] for row in found if row["id"] not in excluding), None)

    def _in_order(self, name: str, due_by: datetime, only: Collection[str]) -> list[RowMapping]:
        """Return the first deliveries that are due and held back by none before, in their order.

        What was passed is looked for by its time: of very many, those that have waited longest.
        """
        these = deliveries.c.type.in_(sorted(only)) if only else true()
        first = queue.holding(name).where(these).limit(1)
        holding = self._connection.execute(first).mappings().first()
        found = [] if holding is None or not queue.is_due_by(holding, due_by) else [holding]
        for passed in queue.passed(name, due_by, due_by + queue.LONGEST_CLAIM):
            found += self._connection.execute(passed.where(these).limit(_MOST_PASSED)).mappings()
        free = [row for row in found if holding is None or row["seq"] <= holding["seq"]]
        return sorted(free, key=lambda row: row["seq"])

    def _claim(self, seq: int, owner: str, until: datetime) -> Claimed:
        this = deliveries.c.seq == seq
        row = self._connection.execute(select(deliveries).where(this)).mappings().one()
        # A lease that is still noted ran out: whoever had it may have sent the delivery.
        in_doubt = row["in_doubt"] or row["lease_owner"] is not None
        lease = {"lease_owner": owner, "lease_until": until, "in_doubt": in_doubt}
        self._connection.execute(update(deliveries).where(this).values(lease))
        return Claimed(
            id=row["id"],
            channel=row["channel"],
            body=bytes(row["body"]),
            created_at=row["created_at"],
            attempt=row["attempts"] + 1,
            in_doubt=in_doubt,
            once=row["type"] == TEST,
            doubts=self._doubts(row) if in_doubt else (),
        )

    def _doubts(self, row: RowMapping) -> tuple[datetime, ...]:
        """Return when attempts ended in doubt, or may have been under way without an end.

        One that was given up at a stop began about when it was due, which it still is.
        """
        unknown = attempts.c.outcome == "in_doubt"
        query = select(attempts.c.at).where(attempts.c.delivery_seq == row["seq"], unknown)
        ended = self._connection.execute(query).scalars()
        lost = row["lease_until"] if row["lease_owner"] is not None else row["next_attempt_at"]
        return tuple(sorted({*ended, lost}))

    def _record(self, seq: int, settlement: Settlement) -> None:
        outcome = settlement.outcome
        told = {"outcome": outcome_name(outcome), "error": error_of(outcome)}
        values = {"delivery_seq": seq, "at": settlement.at, **told}
        self._connection.execute(insert(attempts).values(**values))

    def _end_attempt(self, row: RowMapping, settlement: Settlement) -> None:
        """Write the delivery's new state; one without a next attempt has come to its end."""
        again = settlement.next_at
        delivered = isinstance(settlement.outcome, Delivered)
        ended = State.SENT if delivered else State.FAILED
        doubt = row["in_doubt"] or isinstance(settlement.outcome, InDoubt)
        this = update(deliveries).where(deliveries.c.seq == row["seq"])
        changed = this.values(
            state=(State.PENDING if again else ended).value,
            next_attempt_at=again,
            ended_at=None if again else settlement.at,
            # A retry waits its time also where the clock was set back since.
            created_at=min(row["created_at"], settlement.at),
            attempts=attempts_after(row["attempts"], settlement.outcome),
            in_doubt=doubt and not delivered,
            lease_owner=None,
            lease_until=None,
        )
        self._connection.execute(changed)

    def _count(self, row: RowMapping, settlement: Settlement) -> None:
        """Count a failure for the channel, and keep that an alert was given up.

        Notices are not told of: where no channel works, each would cause the next. Nor are tests,
        by those who look on.
        """
        name, at, error = row["channel"], settlement.at, error_of(settlement.outcome) or ""
        self._incidents.count(CHANNEL, name, at, error, channel=name)
        if settlement.next_at is None and row["type"] not in DISTURBING:
            lost = Incident(
                subject=DELIVERY,
                name=row["id"],
                failures=row["attempts"] + 1,
                since=row["created_at"],
                at=at,
                error=error,
                channel=name,
            )
            self._incidents.give_up(lost)


def _channel(name: str) -> Select[Any]:
    return select(channels).where(channels.c.name == name)

"""One pass over the outbox: claim, send, settle.

Channels are independent of each other. Within a channel the store keeps order and pace, so a
pass only asks for what may go now.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import assert_never

import msgspec
from msgspec import Struct

from bot.channels.base import Channel
from bot.core.alerts.message import DISTURBING, BoardChange, Delivery, Message, decode
from bot.core.board import ModelFacts
from bot.core.delivery import (
    PROBE_INTERVAL,
    Delivered,
    InDoubt,
    Outcome,
    Rejected,
    RetryLater,
    Scope,
    next_attempt,
)
from bot.core.process import LEASE, Process
from bot.core.render.numbers import plural
from bot.jobs.commit import commit
from bot.store import Claimed, Settlement, Store, Unit

log = logging.getLogger(__name__)

LONGEST_SEND = timedelta(seconds=45)
"""A claim is renewed for so long: a send that hangs keeps nobody from the channel for ever."""

MOST_CHANNELS_AT_ONCE = 100
"""Each channel has a thread of its own, so that one that hangs holds up no other."""

Facts = Callable[[Message], dict[str, ModelFacts]]


class Passed(Struct, frozen=True, kw_only=True):
    """What a pass did: ``failed`` were given up; ``unsuccessful`` counts attempts of any kind."""

    sent: int = 0
    failed: int = 0
    unsuccessful: int = 0

    def __add__(self, other: Passed) -> Passed:
        return Passed(
            sent=self.sent + other.sent,
            failed=self.failed + other.failed,
            unsuccessful=self.unsuccessful + other.unsuccessful,
        )


class Deliverer:
    """Delivers to a set of channels. Safe to call from several threads, a channel each."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        facts: Facts,
        process: Process,
        is_quiet: Callable[[str, datetime], bool] = lambda _channel, _now: False,
    ) -> None:
        """Keep what deliveries need; ``facts`` finds what is known of a message's models.

        ``is_quiet`` says whether a channel has its quiet hours at a time.
        """
        self._store = store
        self._channels = dict(channels)
        self._facts = facts
        self._process = process
        self._is_quiet = is_quiet
        self._sending: dict[str, datetime] = {}

    def due(self, db: Unit) -> list[str]:
        """Return the channels that something is due on; those that rest cost nothing."""
        now = self._process.clock()
        due = [name for name in db.outbox.due_channels(now) if name in self._channels]
        return [
            name
            for name in due
            if not (only := self._only(name, now)) or db.outbox.is_due(name, now, only)
        ]

    def wake(self, *, gone: bool) -> None:
        """Try channels again that rest: the configuration may be another one now.

        ``gone`` includes those whose receiver ended the delivery that it refused.
        """
        now = self._process.clock()
        commit(self._store, lambda db: db.channels.wake(self._channels, now, gone=gone))

    def deliver(self, tried: set[str] | None = None) -> Passed:
        """Attempt each delivery that is due now once, channels side by side.

        It waits where only a channel's pace is in the way, and never for a retry. ``tried`` are
        the ids of deliveries that are left out; what is attempted is added to them.
        """
        done = set() if tried is None else tried
        with self._store.read() as db:
            names = self.due(db)
        if not names:
            return Passed()
        with ThreadPoolExecutor(min(len(names), MOST_CHANNELS_AT_ONCE)) as pool:
            passes = list(pool.map(lambda name: self.drain(name, done, patient=True), names))
        return sum(passes, Passed())

    def drain(
        self, channel: str, tried: set[str] | None = None, *, patient: bool = False
    ) -> Passed:
        """Attempt each delivery of one channel that is due now once; see ``deliver``.

        Without patience, what only the pace holds back is left for the next pass.
        """
        due_by = self._process.clock()
        tried = set() if tried is None else tried
        done = Passed()
        while True:
            now = self._process.clock()  # one for both: a pace must not end between them
            claimed = self._claim(channel, due_by, now, tried)
            if claimed is not None:
                tried.add(claimed.id)
                done += self._attempt(claimed)
                continue
            if not patient or (until := self._paced_until(channel, due_by, now, tried)) is None:
                return done
            self._process.wait(until - self._process.clock())

    def renew(self) -> None:
        """Claim for longer what is being sent; raises ``StoreError``."""
        now, owner = self._process.clock(), self._process.owner
        under_way = [*self._sending.copy().items()]
        ids = [one for one, since in under_way if now < since + LONGEST_SEND]
        if ids:
            commit(self._store, lambda db: db.outbox.renew(ids, owner, now + LEASE))

    def _claim(
        self, channel: str, due_by: datetime, now: datetime, tried: set[str]
    ) -> Claimed | None:
        def claim(db: Unit) -> Claimed | None:
            return db.outbox.claim(
                channel,
                self._channels[channel].pace,
                self._process.owner,
                due_by=due_by,
                now=now,
                until=now + LEASE,
                excluding=tried,
                only=self._only(channel, now),
            )

        return commit(self._store, claim)

    def _paced_until(
        self, channel: str, due_by: datetime, now: datetime, tried: set[str]
    ) -> datetime | None:
        with self._store.read() as db:
            return db.outbox.paced_until(
                channel,
                due_by=due_by,
                now=now,
                excluding=tried,
                only=self._only(channel, now),
            )

    def _only(self, channel: str, now: datetime) -> Collection[str]:
        """Return the types that a channel may be sent now; none where it may be sent all."""
        return DISTURBING if self._is_quiet(channel, now) else ()

    def _attempt(self, claimed: Claimed) -> Passed:
        self._sending[claimed.id] = self._process.clock()
        try:
            return self._send_and_settle(claimed)
        finally:
            self._sending.pop(claimed.id, None)

    def _send_and_settle(self, claimed: Claimed) -> Passed:
        began = time.monotonic()
        message = _read(claimed.body)
        outcome = self._send(claimed, message) if message else UNREADABLE
        settlement = self._settlement(claimed, outcome)
        owner = self._process.owner
        if not commit(self._store, lambda db: db.outbox.settle(claimed, owner, settlement)):
            log.warning("%s: another process took the delivery over", claimed.id)
        _record(claimed, message, outcome, time.monotonic() - began)
        if isinstance(outcome, Delivered):
            return Passed(sent=1)
        given_up = settlement.next_at is None
        return Passed(failed=int(given_up), unsuccessful=1)

    def _send(self, claimed: Claimed, message: Message) -> Outcome:
        delivery = Delivery(
            id=claimed.id,
            body=claimed.body,
            message=message,
            created_at=claimed.created_at,
            attempt=claimed.attempt,
            in_doubt=claimed.in_doubt,
            doubts=claimed.doubts,
            facts=self._facts_of(claimed.channel, message),
        )
        try:
            return self._channels[claimed.channel].send(delivery)
        except Exception as error:
            log.exception("%s: unexpected error", claimed.channel)
            return InDoubt(f"unexpected {type(error).__name__}")

    def _facts_of(self, channel: str, message: Message) -> dict[str, ModelFacts]:
        """Return facts for people; one that cannot be had never stops an alert."""
        if not self._channels[channel].for_people:
            return {}
        try:
            return self._facts(message)
        except Exception:
            log.exception("no facts on models")
            return {}

    def _settlement(self, claimed: Claimed, outcome: Outcome) -> Settlement:
        now = self._process.clock()
        match outcome:
            case Delivered():
                next_at = None
            case _ if claimed.once:
                next_at = None
            case Rejected(scope=Scope.CHANNEL):
                next_at = now + PROBE_INTERVAL
            case Rejected():
                next_at = None
            case RetryLater(retry_after=wait) | InDoubt(retry_after=wait):
                next_at = next_attempt(claimed.attempt, now, self._process.rand(), wait)
            case _:
                assert_never(outcome)
        return Settlement(outcome=outcome, at=now, next_at=next_at)


UNREADABLE = Rejected("the stored body cannot be read by this version of the program")


def _read(body: bytes) -> Message | None:
    try:
        return decode(body)
    except msgspec.MsgspecError:
        return None


def _record(claimed: Claimed, message: Message | None, outcome: Outcome, seconds: float) -> None:
    """Log an attempt that took so long."""
    fields: dict[str, object] = {"channel": claimed.channel, "delivery": claimed.id}
    about = message.type if message else "?"
    if message and isinstance(message.data, BoardChange):
        board, events = message.data.board.key.name, len(message.data.events)
        fields |= {"board": board, "events": events}
        about = f"{board}, {plural(events, 'event')}"
    fields["duration"] = round(seconds, 3)
    words = (claimed.channel, claimed.id, about, seconds)
    if isinstance(outcome, Delivered):
        log.info("%s: sent %s: %s (%.2f s)", *words, extra=fields)
    else:
        failed = "%s: %s not delivered: %s (%.2f s): %s"
        log.warning(failed, *words, outcome.error, extra=fields)

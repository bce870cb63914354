"""What ``deliver`` and ``enrich`` ask of the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from bot.core.board import ModelFacts
from bot.core.delivery import Outcome


class Claimed(Struct, frozen=True, kw_only=True):
    """A delivery claimed for one attempt; ``attempt`` counts from 1, this one included.

    ``once`` says that no other attempt follows, whatever comes of this one. ``doubts`` are the
    times near which an earlier attempt may have arrived, where ``in_doubt``.
    """

    id: str
    channel: str
    body: bytes
    created_at: datetime
    attempt: int
    in_doubt: bool
    once: bool = False
    doubts: tuple[datetime, ...] = ()


class Settlement(Struct, frozen=True, kw_only=True):
    """The end of an attempt. ``next_at`` is null where none follows: the delivery has ended.

    A ``Rejected`` outcome with ``Scope.CHANNEL`` or ``Scope.ENDPOINT`` pauses the whole channel
    (see ``Outbox.settle``).
    """

    outcome: Outcome
    at: datetime
    next_at: datetime | None = None


class Outbox(Protocol):
    """What ``deliver`` and ``enrich`` ask of the database. Every method is one transaction."""

    def due_channels(self, now: datetime) -> Sequence[str]:
        """List the channels that a delivery may be claimed for now, their pace aside.

        Costs the same however much waits, and nothing for a channel that nothing waits for.
        """
        ...

    def claim_due(
        self,
        channel: str,
        pace: timedelta,
        owner: str,
        *,
        due_by: datetime,
        now: datetime,
        until: datetime,
        excluding: Collection[str] = (),
    ) -> Claimed | None:
        """Claim the channel's next due delivery, if any.

        Due: pending, ``next_attempt_at`` at or before ``due_by``, its channel past its pace
        (which the claim renews) and without a live claim, and no earlier delivery of the channel
        that still waits within its first ``IN_ORDER_ATTEMPTS``. ``excluding`` are ids that were
        tried already in this pass.
        """
        ...

    def paced_until(
        self,
        channel: str,
        *,
        due_by: datetime,
        now: datetime,
        excluding: Collection[str] = (),
    ) -> datetime | None:
        """Return when a delivery that only its channel's pace holds back may be sent."""
        ...

    def settle(self, claimed: Claimed, owner: str, settlement: Settlement) -> bool:
        """Record an attempt's outcome; False when the claim was lost to another owner."""
        ...

    def facts(self, models: Collection[str]) -> dict[str, ModelFacts]:
        """Return what is remembered of these models."""
        ...

    def remember_facts(self, facts: Mapping[str, ModelFacts], now: datetime) -> None:
        """Remember what the Hub said of models."""
        ...

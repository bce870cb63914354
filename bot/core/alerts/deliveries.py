"""The deliveries that a change, or a notice, becomes: one a channel, in parts where size asks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from msgspec import Struct

from bot.core.alerts.message import BoardChange, Health, Message, decode, encode
from bot.core.alerts.parts import bodies

NewId = Callable[[], str]
"""Returns an id that was never returned before."""


class NewDelivery(Struct, frozen=True, kw_only=True):
    """A delivery to be stored with the events that cause it; ``body`` are its final bytes."""

    id: str
    channel: str
    type: str
    body: bytes
    event_ids: tuple[str, ...] = ()


def board_deliveries(
    channel: str,
    type_: str,
    now: datetime,
    change: BoardChange,
    split: Collection[str],
    new_id: NewId,
) -> list[NewDelivery]:
    """Return the deliveries that tell a channel of a change.

    Bodies for the channels in ``split`` keep to the size limit of webhooks, in several parts
    where one would exceed it.
    """
    whole = Message(type=type_, timestamp=now, data=change)
    parts = bodies(type_, now, change) if channel in split else (encode(whole),)
    return [
        NewDelivery(
            id=f"msg_{new_id()}", channel=channel, type=type_, body=body, event_ids=_events(body)
        )
        for body in parts
    ]


def notice_delivery(
    channel: str, type_: str, now: datetime, notice: Health, new_id: NewId
) -> NewDelivery:
    """Return the delivery that tells a channel of a health notice."""
    body = encode(Message(type=type_, timestamp=now, data=notice))
    return NewDelivery(id=f"msg_{new_id()}", channel=channel, type=type_, body=body)


def _events(body: bytes) -> tuple[str, ...]:
    data = decode(body).data
    assert isinstance(data, BoardChange)
    return tuple(event.id for event in data.events)

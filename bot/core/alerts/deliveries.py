"""The deliveries that a change, or a notice, becomes: one a channel, in parts where size asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import TEST, BoardChange, Message, board_message, encode
from bot.core.alerts.parts import parts
from bot.core.alerts.route import Alert
from bot.core.process import NewId


class NewDelivery(Struct, frozen=True, kw_only=True):
    """A delivery to be stored with the events that cause it; ``body`` are its final bytes."""

    id: str
    channel: str
    type: str
    body: bytes
    event_ids: tuple[str, ...] = ()


def board_deliveries(
    alerts: Iterable[Alert], change: BoardChange, split: Collection[str], new_id: NewId
) -> list[NewDelivery]:
    """Return the deliveries that tell each channel its part of a change.

    ``change`` holds what is the same for all. Bodies for the channels in ``split`` keep to the
    size limit of webhooks, in several parts where one would exceed it.
    """
    made: list[NewDelivery] = []
    for alert in alerts:
        whole = replace(change, watches=alert.watches, events=alert.events, shifted=alert.shifted)
        told = parts(whole) if alert.channel in split else (whole,)
        made += [new_delivery(alert.channel, board_message(part), new_id) for part in told]
    return made


def new_delivery(channel: str, message: Message, new_id: NewId) -> NewDelivery:
    """Return the delivery of a message to a channel; the events of a test never happened."""
    data = message.data
    happened = data.events if isinstance(data, BoardChange) and message.type != TEST else ()
    return NewDelivery(
        id=f"msg_{new_id()}",
        channel=channel,
        type=message.type,
        body=encode(message),
        event_ids=tuple(event.id for event in happened),
    )

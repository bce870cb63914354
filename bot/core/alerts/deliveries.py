"""The deliveries that a change, or a notice, becomes: one a channel, in parts where size asks."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from bot.core.alerts.memory import Memory
from bot.core.alerts.message import (
    TEST,
    BoardChange,
    Digest,
    Message,
    board_message,
    digest_message,
    encode,
    events_of,
)
from bot.core.alerts.mute import HeldBack
from bot.core.alerts.parts import digest_parts, parts
from bot.core.board import BoardKey
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.core.process import NewId
from bot.core.timing.window import Window


class NewDelivery(Struct, frozen=True, kw_only=True):
    """A delivery to be stored with the events that cause it; ``body`` are its final bytes.

    ``window`` is what it is held for; without one it is due at once.
    """

    id: str
    channel: str
    type: str
    body: bytes
    event_ids: tuple[str, ...] = ()
    window: Window | None = None


class Told(Struct, frozen=True, kw_only=True):
    """What happened, by board, and the deliveries that tell of it: stored together, or not at all.

    Each event has the names of the watches that want it. ``muted`` says what is held back, by
    channel; the bodies of the deliveries do not count it yet. ``memory`` is what channels remember
    of rows from now on, by board and channel.
    """

    found: tuple[tuple[BoardKey, tuple[Found, ...]], ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()
    muted: Mapping[str, HeldBack] = {}
    memory: tuple[tuple[BoardKey, str, Mapping[str, Memory]], ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of all that happened, each as often as it did."""
        return tuple(found.event.kind for _, some in self.found for found in some)


def deliveries(
    channel: str,
    change: BoardChange,
    new_id: NewId,
    *,
    split: bool,
    window: Window | None = None,
) -> list[NewDelivery]:
    """Return the deliveries that tell a channel of a change, at once or in a window.

    With ``split`` they keep to the size limit of webhooks: several parts where one would exceed it.
    """
    told = parts(change) if split and window is None else (change,)
    return [new_delivery(channel, board_message(part), new_id, window) for part in told]


def digest_deliveries(told: Digest, new_id: NewId, *, split: bool) -> list[NewDelivery]:
    """Return the deliveries of a digest; ``split`` as for a change."""
    each = digest_parts(told) if split else (told,)
    return [new_delivery(told.channel, digest_message(part), new_id) for part in each]


def new_delivery(
    channel: str, message: Message, new_id: NewId, window: Window | None = None
) -> NewDelivery:
    """Return the delivery of a message to a channel; the events of a test never happened."""
    happened = () if message.type == TEST else events_of(message)
    return NewDelivery(
        id=f"msg_{new_id()}",
        channel=channel,
        type=message.type,
        body=encode(message),
        event_ids=tuple(event.id for event in happened),
        window=window,
    )

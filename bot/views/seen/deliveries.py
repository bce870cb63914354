"""Deliveries as the page lists them: the newest first, with what each told and waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import chain

from msgspec import UNSET, Struct

from bot.core.alerts.message import BoardInfo
from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.core.errors import ConfigError
from bot.core.timing.window import Hold
from bot.store import Store
from bot.store.outbox.views import DeliveryView
from bot.views.events import story
from bot.views.seen.info import board_infos

FIRST = 5
"""So many of a delivery's events are told in words."""


class InWords(Struct, frozen=True, kw_only=True):
    """An event in words."""

    id: str
    text: str


class SeenDelivery(Struct, frozen=True, kw_only=True):
    """A delivery and its first events in words; ``more`` counts the others, those pruned too.

    One that is held waits until ``closes_at``, null where that is not known, or for a channel that
    said ``paused``.
    """

    view: DeliveryView
    board: BoardInfo | None
    events: tuple[InWords, ...]
    more: int
    closes_at: datetime | None
    paused: str | None


class DeliveryPart(Struct, frozen=True, kw_only=True):
    """Some deliveries, as ``deliveries --json`` has them; the number before the next part.

    ``next`` is null where no older ones are left.
    """

    views: tuple[DeliveryView, ...]
    next: int | None


def delivery_part(
    store: Store, states: Collection[State], channel: str | None, before: int | None, limit: int
) -> DeliveryPart:
    """Return deliveries in some states, of all without any, the newest first, below a number."""
    with store.read() as db:
        until = db.deliveries.last() if before is None else before - 1
        page = db.deliveries.newest(states, channel, until, limit)
    return DeliveryPart(views=page.found, next=page.last)


def one_delivery(store: Store, name: str) -> DeliveryPart:
    """Return the delivery of an id alone.

    Raises:
        ConfigError: there is no such delivery.
    """
    with store.read() as db:
        found = db.deliveries.one(name)
    if found is None:
        raise ConfigError(["no delivery has this id; those that were pruned are gone"])
    return DeliveryPart(views=(found,), next=None)


def seen_deliveries(
    store: Store, views: Collection[DeliveryView], endpoint: str
) -> tuple[SeenDelivery, ...]:
    """Return deliveries with what people ask of them."""
    named = set(chain.from_iterable(one.events[:FIRST] for one in views))
    with store.read() as db:
        found = db.events.named(named)
        keys = {one.board for one in views if one.board} | {one.board for one in found.values()}
        infos = board_infos(db, endpoint, keys)
        closing = {(one.channel, one.why): one.closes_at for one in db.windows.all()}
        paused = {one.channel: one.error for one in db.channels.paused()}
    told = {
        name: InWords(id=name, text=story(one, infos[one.board], endpoint))
        for name, one in found.items()
    }
    return tuple(_seen(one, told, infos, closing, paused) for one in views)


def _seen(
    view: DeliveryView,
    told: Mapping[str, InWords],
    infos: Mapping[BoardKey, BoardInfo],
    closing: Mapping[tuple[str, Hold], datetime],
    paused: Mapping[str, str],
) -> SeenDelivery:
    first = tuple(told[name] for name in view.events[:FIRST] if name in told)
    held = view.state == State.HELD
    waits = None if view.held_for is UNSET else closing.get((view.channel, view.held_for))
    return SeenDelivery(
        view=view,
        board=infos[view.board] if view.board else None,
        events=first,
        more=len(view.events) - len(first),
        closes_at=waits if held else None,
        paused=paused.get(view.channel) if held and view.held_for is UNSET else None,
    )

"""What was sent where, and which deliveries people mean by what they write of an id."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.core.errors import ConfigError
from bot.core.names.suggest import unknown
from bot.core.render.clean import inert
from bot.store import Store
from bot.store.views import DeliveryView

SHORT_ID = len("msg_917c18d7")
"""How much of an id people are shown: enough to tell it, short enough for the other columns."""


def pages(
    store: Store, states: Collection[str] = (), limit: int | None = None
) -> Iterator[tuple[DeliveryView, ...]]:
    """Return deliveries in these states (all without), some at a time, the oldest first.

    Of more than ``limit``, the newest.
    """
    return store.delivery_pages(states, limit)


def meant(store: Store, written: Sequence[str]) -> set[str]:
    """Return the ids of the deliveries that are named: each whole, or as tables show it.

    Raises:
        ConfigError: one is unknown, or stands for several.
    """
    found = {one: _ids(store, one) for one in written}
    problems = [
        f"{inert(one)}: {len(ids)} deliveries begin so; write more of the id"
        if ids
        else str(unknown(one, "no such delivery", set(store.delivery_ids())))
        for one, ids in found.items()
        if len(ids) != 1
    ]
    if problems:
        raise ConfigError(problems)
    return {name for (name,) in found.values()}


def _ids(store: Store, text: str) -> list[str]:
    """Return the delivery whose id a text is; else those whose id it begins."""
    if store.delivery(text):
        return [text]
    return list(store.delivery_ids(text)) if len(text) >= SHORT_ID else []

"""How a new delivery is stored: in the queue, or held for a window."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from bot.core.alerts.deliveries import NewDelivery
from bot.core.delivery import State
from bot.store.database.tables import deliveries, delivery_events


def add(connection: Connection, new: NewDelivery, now: datetime) -> None:
    """Store a delivery, and which events it tells of."""
    held = new.window
    values = {
        "id": new.id,
        "channel": new.channel,
        "type": new.type,
        "state": (State.HELD if held else State.PENDING).value,
        "created_at": now,
        "next_attempt_at": None if held else now,
        "ended_at": now if held else None,
        "attempts": 0,
        "in_doubt": False,
        "held_for": held.why.value if held else None,
        "body": new.body,
    }
    added = connection.execute(insert(deliveries).values(**values)).inserted_primary_key
    assert added is not None
    named = [
        {"delivery_seq": added[0], "position": position, "event_id": event}
        for position, event in enumerate(new.event_ids)
    ]
    if named:
        connection.execute(insert(delivery_events), named)

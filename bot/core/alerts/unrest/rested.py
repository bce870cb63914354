"""What is told of a row once it has rested."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.alerts.net.row import led_before, of_row
from bot.core.events import Event
from bot.core.kinds import Kind


def whole(events: Sequence[Event]) -> Event | None:
    """Return all that happened to a row, as one event; None where it stands as it did before."""
    own = [event for event in events if event.kind is not Kind.UNSTABLE]
    if not own:
        return None
    led = [event for event in own if Kind.NEW_LEADER in event.contains]
    leads = own[-1:] if own[-1] in led else []
    return of_row(own, leads, led_before(led[0]) if led else None)

"""What a process brings along to its work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

Clock = Callable[[], datetime]
"""Returns the time now, aware, in UTC."""

NewId = Callable[[], str]
"""Returns an id that was never returned before."""

LEASE = timedelta(seconds=25)
"""How long a claim lasts unless it is renewed: what a dead process had is taken over soon after."""
RENEW_EVERY = timedelta(seconds=10)


class Process(Struct, frozen=True, kw_only=True):
    """What a process brings along: its clock, ids, randomness in [0, 1), and its name in claims.

    ``wait`` lets a time pass, none where it is negative.
    """

    clock: Clock
    wait: Callable[[timedelta], object]
    new_id: NewId
    rand: Callable[[], float]
    owner: str

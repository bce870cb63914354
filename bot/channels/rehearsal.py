"""Stand-ins for channels, which keep what they are given and send nothing."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.base import Channel
from bot.core.alerts.message import Delivery
from bot.core.delivery import Delivered

Noted = list[tuple[str, Delivery]]
"""What channels were given, by their names, in its order."""


class NotingChannel:
    """Stands for a channel: adds what it is given to ``noted``."""

    pace = timedelta(0)

    def __init__(self, real: Channel, noted: Noted) -> None:
        self.name = real.name
        self.for_people = real.for_people
        self._noted = noted

    def send(self, delivery: Delivery) -> Delivered:
        """Keep the message."""
        self._noted.append((self.name, delivery))
        return Delivered()

    def check(self) -> None:
        """Say nothing: it is never asked."""

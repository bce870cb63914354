"""Stand-ins for channels, which keep what they are given and send nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, tzinfo

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


class SpokenChannel:
    """Stands for a channel: says what it is given as text, under the channel's name."""

    pace = timedelta(0)
    for_people = True

    def __init__(
        self, name: str, say: Callable[[str], object], endpoint: str, zone: tzinfo
    ) -> None:
        self.name = name
        self._say = say
        self._endpoint = endpoint
        self._zone = zone

    def send(self, delivery: Delivery) -> Delivered:
        """Say the message."""
        from bot.core.render import text
        from bot.core.render.page import page

        told = text.render(page(delivery.message, delivery.facts, self._endpoint, self._zone))
        self._say(f"\nto {self.name}: {told.title}\n{told.body}")
        return Delivered()

    def check(self) -> None:
        """Say nothing: it is never asked."""

"""What is asked of a channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from bot.core.alerts.message import Delivery
from bot.core.delivery import Outcome


class Channel(Protocol):
    """Where alerts go. ``send`` blocks, at most some 15 s, and never raises."""

    @property
    def name(self) -> str:
        """The name the configuration gives it."""
        ...

    @property
    def pace(self) -> timedelta:
        """The least time between two sends."""
        ...

    @property
    def for_people(self) -> bool:
        """Whether it renders for people, who like to know a new model's size and age."""
        ...

    def send(self, delivery: Delivery) -> Outcome:
        """Deliver one message and say what came of it."""
        ...

    def check(self) -> str | None:
        """Say why the channel cannot be reached, without sending; None when all seems well."""
        ...

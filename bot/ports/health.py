"""What health notices ask of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.core.health import Ailment
from bot.core.outbox import NewDelivery


class HealthStore(Protocol):
    """What health notices ask of the database."""

    def ailments(self) -> tuple[Ailment, ...]:
        """List what fails, and what works again without people having been told."""
        ...

    def tell(
        self,
        told: Sequence[Ailment],
        recovered: Sequence[Ailment],
        deliveries: Sequence[NewDelivery],
        now: datetime,
    ) -> bool:
        """Mark as told or forget, with the notices, in one; False if another was first."""
        ...

"""What health notices ask of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.core.alerts.deliveries import NewDelivery
from bot.core.incidents import Incident


class HealthStore(Protocol):
    """What health notices ask of the database."""

    def ailments(self) -> tuple[Incident, ...]:
        """List what fails, and what works again without people having been told."""
        ...

    def tell(
        self,
        told: Sequence[Incident],
        recovered: Sequence[Incident],
        deliveries: Sequence[NewDelivery],
        now: datetime,
    ) -> bool:
        """Mark as told or forget, with the notices, in one; False if another was first."""
        ...

"""Says once that the database cannot be used, and once that it can again."""

from __future__ import annotations

import logging
import threading

from bot.core.errors import BotError, StoreError

log = logging.getLogger(__name__)

_NEVER = float("-inf")


class Outage:
    """What was said of the database since it was last known to work; safe in several threads.

    The daemon asks it every second: without this, the log would be full of one sentence. Work in
    several threads ends in any order, so what it says counts in the order in which it began.
    """

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._failed = self._worked = _NEVER
        self._lock = threading.Lock()

    @property
    def lasts(self) -> bool:
        """Whether the database could not be used, and nobody has found since that it can."""
        return bool(self._said)

    def report(self, error: BotError, began: float) -> None:
        """Log what ended some work; of the database, each sentence once while that lasts.

        Of the database, only where nothing that ``began`` later has written to it.
        """
        if isinstance(error, StoreError):
            with self._lock:
                if began < self._worked:
                    return
                self._failed = max(self._failed, began)
                if str(error) in self._said:
                    return
                self._said.add(str(error))
        log.error("%s", error)

    def end(self, began: float) -> None:
        """Be told that work wrote something; it ends what no work that began later has met."""
        with self._lock:
            if began < self._failed:
                return
            self._worked = max(self._worked, began)
            lasted, self._said = bool(self._said), set()
        if lasted:
            log.warning("the database can be used again")

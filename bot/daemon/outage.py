"""Says once that the database cannot be used, and once that it can again."""

from __future__ import annotations

import logging
import threading

from bot.core.errors import BotError, StoreError

log = logging.getLogger(__name__)


class Outage:
    """What was said of the database since it was last known to work; safe in several threads.

    The daemon asks it every second: without this, the log would be full of one sentence.
    """

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._lock = threading.Lock()

    @property
    def lasts(self) -> bool:
        """Whether the database could not be used, and nobody has found since that it can."""
        return bool(self._said)

    def report(self, error: BotError) -> None:
        """Log what ended some work; of the database, each sentence once while that lasts."""
        if isinstance(error, StoreError):
            with self._lock:
                known = str(error) in self._said
                self._said.add(str(error))
            if known:
                return
        log.error("%s", error)

    def end(self) -> None:
        """Be told that something was written."""
        with self._lock:
            lasted, self._said = bool(self._said), set()
        if lasted:
            log.warning("the database can be used again")

"""A dead man's switch: calls ``[health] ping_url``, so that somebody else notices the silence."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from datetime import datetime, timedelta

from bot.config import Settings
from bot.core.process import Clock
from bot.core.secret import Secret
from bot.net.deadline import Deadline
from bot.net.errors import AddressError, NetError
from bot.store import Store

log = logging.getLogger(__name__)

TIMEOUT = timedelta(seconds=10)
"""For a whole call: ``poll`` waits for it at its end."""


class Pinger:
    """Calls an address for as long as the program does what it is there for; none without one.

    What cannot be called is said once, and so is that it works again. It never raises.
    """

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._url = settings.health.ping_url
        self._every = settings.poll.every
        self._clock = clock
        self._last: datetime | None = None
        self._failed = False

    @property
    def pace(self) -> timedelta | None:
        """How often ``ping_if_well`` is to be asked at most; None where nothing is called."""
        return self._every if self._url else None

    def ping_if_well(self) -> None:
        """Call where it is due, every watched board is polled in time, and one of them answers.

        Raises:
            StoreError: the database cannot be used.
        """
        now, last = self._clock(), self._last
        if self._url is None or (last is not None and last <= now < last + self._every):
            return
        with self._store.read() as db:
            late, boards = db.targets.late(now), db.boards.list_all()
        answers = any(one.watched and one.polled_at and not one.failures for one in boards)
        if answers and not late and self.ping():
            self._last = now

    def ping(self) -> bool:
        """Call now; whether it was answered."""
        if self._url is None:
            return False
        wrong = _call(self._url)
        if wrong and not self._failed:
            log.warning("health.ping_url: %s", wrong)
        if self._failed and not wrong:
            log.warning("health.ping_url works again")
        self._failed = wrong is not None
        return wrong is None


def _call(url: Secret) -> str | None:
    """Return what kept a call from being answered, without a word of the address."""
    from bot.net.client import Client  # takes a moment to load
    from bot.net.connections import Connections

    deadline = Deadline(TIMEOUT, time.monotonic)
    connections = Connections(1, timedelta(0), time.monotonic)
    proxies = (url.reveal().partition(":")[0].casefold(), "all")
    try:
        with (
            closing(Client(url.reveal(), connections, proxies=proxies)) as client,
            client.ask("GET", url.reveal(), deadline) as answer,
        ):
            return None if answer.is_success else f"the answer was HTTP {answer.status_code}"
    except AddressError as error:
        return str(error)
    except NetError as error:
        return error.why

"""Alerts through any of Apprise's services."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from bot.channels.excerpt import Excerpts, Known
from bot.channels.limits import SEND_TIMEOUT, within
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.core.message import Outgoing
from bot.core.render import text
from bot.core.secret import Secret

if TYPE_CHECKING:  # heavy: loaded at the first send
    import apprise

INVALID = "the url is not one that Apprise knows; see its list of services for the form"
SHORTEST_BODY = 100

_HARMLESS = str.maketrans({"@": "\uff20", "<": "\u2039", ">": "\u203a"})
"""Services read these as mentions or markup; a look-alike says the same to people."""


class AppriseChannel:
    """Sends messages as text through one Apprise address; implements ``ports.Channel``.

    Apprise says whether a service took a message, not why not: what it logs is the reason, and
    is kept from all other logs since it may hold the address.
    """

    pace = timedelta(seconds=1)
    for_people = True

    def __init__(
        self,
        name: str,
        *,
        url: Secret,
        endpoint: str,
        timeout: timedelta = SEND_TIMEOUT,
        known: Known | None = None,
    ) -> None:
        self.name = name
        self._url = url
        self._endpoint = endpoint
        self._timeout = timeout
        self._excerpts = Excerpts([url.reveal()], known)

    def send(self, outgoing: Outgoing) -> Outcome:
        """Send title and body once, the body as long as the service allows."""
        try:
            if not self._load():
                return Rejected(INVALID, Scope.CHANNEL)
            return within(self._timeout, lambda: self._notify(outgoing))
        except TimeoutError as error:
            return InDoubt(str(error))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and have sent
            return InDoubt(f"{type(error).__name__}: {self._excerpts.about(outgoing)(error)}")

    def check(self) -> str | None:
        """Say whether Apprise understands the address; nothing is sent."""
        try:
            return None if self._load() else INVALID
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            return f"{INVALID} ({type(error).__name__})"

    def _load(self) -> bool:
        """Load Apprise and its plugins, outside any time limit; False where none knows the url."""
        with _overheard():
            return len(self._service) > 0

    def _notify(self, outgoing: Outgoing) -> Outcome:
        import apprise

        with _overheard() as said:
            told = text.render(
                outgoing.message, outgoing.facts, self._endpoint, max_chars=self._room
            )
            title = told.title.translate(_HARMLESS)
            taken = self._service.notify(
                title=title,
                body=told.body.translate(_HARMLESS),
                body_format=apprise.NotifyFormat.TEXT,
                interpret_escapes=False,
            )
        if taken:
            return Delivered()
        reason = self._excerpts.about(outgoing)("; ".join(said)) or "no reason given"
        return RetryLater(f"the service did not take it: {reason}")

    @property
    def _room(self) -> int:
        """The characters that the service takes in a body, its title possibly part of it."""
        limits = [int(server.body_maxlen) - text.MAX_TITLE for server in self._service]
        return max(min([text.MAX_CHARS, *limits]), SHORTEST_BODY)

    @cached_property
    def _service(self) -> apprise.Apprise:
        import apprise

        asset = apprise.AppriseAsset(async_mode=False, app_id="leaderboard-bot")
        service = apprise.Apprise(asset=asset)
        service.add([self._url.reveal()])  # not taken apart: one channel, one address
        return service


_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)
"""Where what Apprise says goes; its own threads carry the context on."""


class _Silence(logging.Filter):
    """Keeps warnings for the send they belong to, and everything from all handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = _heard.get()
        if said is not None and record.levelno >= logging.WARNING:
            said.append(record.getMessage())
        return False


_SILENCE = _Silence()


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Collect Apprise's warnings; nothing of it is logged, then or later."""
    import apprise  # noqa: F401 - sets its logger up

    logging.getLogger("apprise").addFilter(_SILENCE)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # its debug records hold paths
    said: list[str] = []
    token = _heard.set(said)
    try:
        yield said
    finally:
        _heard.reset(token)

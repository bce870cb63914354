"""Alerts through any of Apprise's services."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.channels.apprise.details import why_not
from bot.channels.sending import SEND_TIMEOUT
from bot.core.alerts.message import Delivery
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.core.render import forms, text
from bot.core.render.forms import Form
from bot.core.render.page import page
from bot.core.secret import Secret
from bot.net.deadline import bounded
from bot.net.errors import NOT_RESOLVED
from bot.net.excerpt import Excerpts, KnownSecrets

if TYPE_CHECKING:  # heavy: loaded at the first send
    import apprise
    from apprise.plugins import NotifyBase

SHORTEST_BODY = 100

_CONNECT = timedelta(seconds=5)
"""For a connection: one that comes about after our limit would still carry the message."""

_LISTEN = timedelta(seconds=5)
"""How much longer than we its plugins wait for an answer, so that ours is the limit that counts:
to them, a slow answer is none."""

_BYTES = frozenset({"dingtalk", "fcm", "feishu", "irc", "lark", "prowl", "wechat", "wecombot"})
"""The schemas of services that count bytes."""

_MAIL = frozenset({"mailto", "mailtos"})
"""Has one time limit for each of its steps, the connection's; its subjects stand in lists."""

_FORMS = {"text": forms.TEXT, "markdown": forms.MARKDOWN, "html": forms.HTML}
_NTFY = frozenset({"ntfy", "ntfys"})
_NTFY_BYTES = 3_800
"""It makes a file of a longer message."""


class AppriseChannel:
    """Sends messages in the form that a service reads, by one Apprise address.

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
        known: KnownSecrets | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self.name = name
        self._zone = zone
        self._url = url
        self._endpoint = endpoint
        self._timeout = timeout
        self._excerpts = Excerpts([url.reveal()], known)

    def send(self, delivery: Delivery) -> Outcome:
        """Send title and body once, the body as long as the service allows."""
        try:
            if not self._load():
                return Rejected(f"the url {self._why_not()}", Scope.CHANNEL)
            return bounded(self._timeout, lambda: self._notify(delivery))
        except TimeoutError as error:
            return InDoubt(str(error))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and have sent
            return InDoubt(f"{type(error).__name__}: {self._excerpts.about(delivery)(error)}")

    def check(self) -> str | None:
        """Say whether Apprise understands the address; nothing is sent."""
        try:
            return None if self._load() else self._why_not()
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            return f"is no address that Apprise can use ({type(error).__name__})"

    def _load(self) -> bool:
        """Load Apprise and its plugins, outside any time limit; False where none knows the url."""
        with _overheard():
            return len(self._service) > 0

    def _why_not(self) -> str:
        with _overheard():
            return why_not(self._url.reveal())

    def _notify(self, delivery: Delivery) -> Outcome:
        with _overheard() as said:
            (server,) = self._service
            format_ = server.resolve_format(None)
            told = self._render(delivery, server, _FORMS[format_.value])
            taken = self._service.notify(
                title=told.title,
                body=told.body,
                body_format=format_,
                interpret_escapes=False,
            )
        if taken:
            return Delivered()
        if NOT_RESOLVED in said:
            return RetryLater(f"cannot connect: {NOT_RESOLVED}")
        reason = self._excerpts.about(delivery)("; ".join(said)) or "no reason given"
        return RetryLater(f"the service did not take it: {reason}")

    def _render(self, delivery: Delivery, server: NotifyBase, form: Form) -> text.Text:
        """Return the message as the service reads it, in the room that it has."""
        own_title = server.title_maxlen > 0
        words = page(delivery.message, delivery.facts, self._endpoint, self._zone)
        told = text.render(
            words,
            max_chars=self._room,
            max_title=min(text.MAX_TITLE, server.title_maxlen) if own_title else text.MAX_TITLE,
            form=form,
            size=_size(server),
        )
        if _schemas(server) & _MAIL:
            return text.as_mail(words, told, form)
        # Where there is no place for a title, it becomes a part of the body.
        return told if own_title else text.Text(form.heading(told.title), told.body)

    @property
    def _room(self) -> int:
        """What the service takes in a body, its title possibly part of it."""
        limits = [int(server.body_maxlen) - text.MAX_TITLE for server in self._service]
        limits += [_NTFY_BYTES for server in self._service if _schemas(server) & _NTFY]
        return max(min([text.MAX_CHARS, *limits]), SHORTEST_BODY)

    @cached_property
    def _service(self) -> apprise.Apprise:
        import apprise

        asset = apprise.AppriseAsset(async_mode=False, app_id="leaderboard-bot")
        service = apprise.Apprise(asset=asset)
        service.add([self._url.reveal()])  # not taken apart: one channel, one address
        for server in service:
            connect = self._timeout if _schemas(server) & _MAIL else min(_CONNECT, self._timeout)
            server.socket_connect_timeout = connect.total_seconds()
            server.socket_read_timeout = (self._timeout + _LISTEN).total_seconds()
        return service


def _schemas(server: NotifyBase) -> set[str]:
    """Return the beginnings of the addresses of a service."""
    named: list[Any] = [server.protocol, server.secure_protocol]
    each = [[one] if isinstance(one, str) else one or () for one in named]
    return {schema for some in each for schema in some}


def _size(server: NotifyBase) -> Callable[[str], int]:
    """Return how the service counts a text."""
    if _schemas(server) & _NTFY:
        return _ntfy_size
    return _utf8_size if _schemas(server) & _BYTES else len


def _utf8_size(written: str) -> int:
    return len(written.encode())


def _ntfy_size(written: str) -> int:
    """Count bytes as ntfy does; Apprise counts them as JSON, and has twice the room for them."""
    return max(_utf8_size(written), len(json.dumps(written)) // 2)


_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)
"""Where what Apprise says goes; its own threads carry the context on."""


# Why there was no connection stands only in its debug records, in the words of the system.
_RESOLVING = re.compile(
    "Failed to resolve|[Nn]ame or service not known|name resolution|nodename nor servname"
)


class _Silence(logging.Filter):
    """Keeps warnings for the send they belong to, and everything from all handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = _heard.get()
        if said is not None and record.levelno >= logging.WARNING:
            said.append(record.getMessage())
        elif said is not None and _RESOLVING.search(record.getMessage()):
            said.append(NOT_RESOLVED)
        return False


_SILENCE = _Silence()


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Collect Apprise's warnings; nothing of it is logged, then or later."""
    import apprise  # noqa: F401 - sets its logger up

    logging.getLogger("apprise").addFilter(_SILENCE)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # its debug records hold paths
    said: list[str] = []
    token = _heard.set(said)
    try:
        yield said
    finally:
        _heard.reset(token)

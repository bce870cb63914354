"""Who may see what: tokens, hosts, and how many wrong tokens an address may try."""

from __future__ import annotations

import base64
import binascii
import hmac
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request

from bot.config import Web
from bot.core.names.hosts import Listen, is_address, is_loopback
from bot.web.refusal import BAD_REQUEST, NOT_FOUND, NOTHING_HERE, TOO_MANY, UNAUTHORIZED, Refused
from bot.web.site import Open, Visitor

MOST_WRONG = 10
"""Wrong tokens that an address may give in a minute."""

MINUTE = 60.0
MOST_ADDRESSES = 1_000
"""Addresses whose wrong tokens are remembered; of more, the oldest are forgotten."""

_ASKS = {"WWW-Authenticate": 'Basic realm="leaderboard-bot", charset="UTF-8"'}


class Gate:
    """Lets visitors in by the configuration of the moment; safe in several threads."""

    def __init__(self, listen: Listen, monotonic: Callable[[], float]) -> None:
        """``listen`` is where the page really listens, whatever the configuration says now."""
        self._listen = listen
        self._monotonic = monotonic
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, request: Request, web: Web, to: Open) -> Visitor:
        """Return who asks, for a path that is open to some.

        Raises:
            Refused: it is not open to them.
        """
        if to is Open.ALWAYS:
            return Visitor(trusted=False)
        given = _given(request)
        if web.token is not None and given is not None:
            self._check(given, web.token.reveal(), _address(request))
            return Visitor(trusted=True)
        if web.token is not None and not (web.public and to is Open.PUBLIC):
            raise Refused(UNAUTHORIZED, "The token of this page is needed.", _ASKS)
        if not self._is_ours(request, web):
            raise Refused(BAD_REQUEST, "This page is not served under that name.")
        return Visitor(trusted=web.token is None)

    def _check(self, given: str, token: str, address: str) -> None:
        """Refuse a wrong token; the right one passes, however many wrong ones there were."""
        if hmac.compare_digest(given.encode(), token.encode()):
            return
        wait = self._count(address)
        if wait:
            headers = {"Retry-After": str(int(wait) + 1)}
            raise Refused(TOO_MANY, "Too many wrong tokens: wait a minute.", headers)
        raise Refused(UNAUTHORIZED, "That token is wrong.", _ASKS)

    def _count(self, address: str) -> float:
        """Count a wrong token; return the seconds to wait where there were too many."""
        now = self._monotonic()
        with self._lock:
            tried = self._wrong.setdefault(address, deque(maxlen=MOST_WRONG))
            self._wrong.move_to_end(address)
            while len(self._wrong) > MOST_ADDRESSES:
                self._wrong.popitem(last=False)
            if len(tried) == MOST_WRONG and now - tried[0] < MINUTE:
                return MINUTE - (now - tried[0])
            tried.append(now)
        return 0.0

    def _is_ours(self, request: Request, web: Web) -> bool:
        """Tell whether the name under which the page was asked for is one of its own.

        A name of a stranger's may lead here, so that a browser takes what we say for theirs.
        """
        host = _host(request.headers.get("host", ""))
        named = {self._listen.host.casefold()}
        if web.public_url:
            named.add((urlsplit(web.public_url).hostname or "").casefold())
        return host is not None and (is_address(host) or is_loopback(host) or host in named)


def _given(request: Request) -> str | None:
    """Return the token that a request carries; "" where what it carries is none."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    match scheme.casefold():
        case "":
            return None
        case "bearer":
            return rest.strip()
        case "basic":
            return _password(rest.strip())
        case _:
            return ""


def _password(written: str) -> str:
    try:
        account = base64.b64decode(written, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return account.partition(":")[2]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _host(header: str) -> str | None:
    """Return the host of a Host header in lower case, without brackets; None for what is none."""
    try:
        found = urlsplit(f"//{header}")
        _ = found.port
    except ValueError:
        return None
    is_host = header and found.netloc == header and "@" not in header
    return found.hostname if is_host else None


def unseen() -> Refused:
    """Return what those are told who may not know whether something is there."""
    return Refused(NOT_FOUND, NOTHING_HERE)

"""One guarded request to the Hub: its origin alone, one deadline, one rate limit for all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event

import httpx
from msgspec import Struct

from bot import __version__
from bot.core.errors import ConfigError, FetchError
from bot.core.process import Clock
from bot.hub.body import MAX_BODY, drain, read_body
from bot.hub.budget import RateBudget, bucket_of, wait_asked
from bot.hub.failures import NO_ACCESS, Refusal, not_reached, refused
from bot.hub.network import Deadline, within
from bot.hub.tokens import Token, Tokens
from bot.hub.transport import DeadlineTransport, StaleError

MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_OK = 200
_NOT_MODIFIED = 304
_TOO_MANY = 429

NOWHERE: re.Pattern[str] = re.compile(r"(?!)")
"""For ``moves_to``: follow no redirect."""

ANYWHERE: re.Pattern[str] = re.compile(r".*", re.DOTALL)
"""For ``moves_to``: follow a redirect to any path of the endpoint's origin."""

_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,256}"')


class Reply(Struct, frozen=True):
    """A good answer; ``body`` is null where nothing was modified. Header names are lower case."""

    headers: dict[str, str]
    body: bytes | None

    @property
    def etag(self) -> str | None:
        """Return the answer's ETag where it can be shown to the Hub again."""
        named = self.headers.get("etag", "")
        return named if _ETAG.fullmatch(named) else None


class _Ask(Struct, frozen=True):
    url: httpx.URL
    headers: Mapping[str, str]
    deadline: Deadline
    moves_to: re.Pattern[str]
    keep_query: bool
    most: int


class Exchange:
    """Asks one endpoint; safe to use from several threads.

    The token goes nowhere but to the endpoint's origin. A request that the Hub refuses because of
    it is asked again without.
    """

    def __init__(
        self,
        endpoint: str,
        tokens: Tokens,
        concurrency: int,
        clock: Callable[[], float],
        transport: httpx.BaseTransport | None = None,
        now: Clock | None = None,
    ) -> None:
        self.endpoint = _endpoint(endpoint)
        self.tokens = tokens
        self._budget = RateBudget(concurrency, clock)
        self._clock = clock
        self._transport = transport or DeadlineTransport(self.endpoint, concurrency)
        self._now = now
        self._closed = Event()

    def close(self) -> None:
        """Close every connection; requests that are under way end with a ``FetchError``."""
        self._closed.set()
        self._transport.close()

    def deadline(self, limit: timedelta) -> Deadline:
        """Return the deadline of a request that starts now."""
        return Deadline(limit, self._clock, self._closed.is_set)

    def at_home(self, url: httpx.URL, path: str) -> httpx.URL:
        """Return the address of ``path`` here where ``url`` names it elsewhere, else ``url``."""
        if _origin(url) == _origin(self.endpoint) or not _path(url).endswith(path):
            return url
        here = httpx.URL(f"{str(self.endpoint).rstrip('/')}{path}")
        return here.copy_with(query=url.query or None)

    def get(
        self,
        url: httpx.URL,
        deadline: Deadline,
        *,
        headers: Mapping[str, str] | None = None,
        moves_to: re.Pattern[str] = NOWHERE,
        keep_query: bool = True,
        most: int = MAX_BODY,
    ) -> Reply:
        """Fetch what is at ``url``, which may have moved to paths like ``moves_to``.

        ``keep_query`` asks the new address what was asked of the old one; without it, the query
        that a redirect names counts. ``most`` is the largest body that is read, in bytes.

        Raises:
            FetchError: there is no good answer in time; ``GatedError`` and
                ``UnknownBenchmarkError`` tell the statuses that mean them.
        """
        ask = _Ask(url, headers or {}, deadline, moves_to, keep_query, most)
        try:
            with within(deadline):
                return self._good(ask, self.tokens.current())
        except httpx.TransportError as error:
            self._refuse_closed()
            raise not_reached(error, deadline) from error

    def _good(self, ask: _Ask, token: Token | None) -> Reply:
        found = self._follow(ask, token)
        if token is not None and isinstance(found, Refusal) and found.doubts_token:
            bare = self._follow(ask, None)
            if not isinstance(bare, Refusal) or bare.status not in NO_ACCESS:
                if not isinstance(bare, Refusal) or bare.is_final:
                    self.tokens.refuse(token)
                found, token = bare, None
        if isinstance(found, Refusal):
            raise refused(found, token, missing=self.tokens.missing(), now=self._now)
        self.tokens.accept(token)
        return found

    def _refuse_closed(self) -> None:
        # A connection that we cut looks like one that ended well, if its length was not told.
        if self._closed.is_set():
            raise FetchError("the bot is stopping") from None

    def _follow(self, ask: _Ask, token: Token | None) -> Reply | Refusal:
        url, headers = ask.url, _headers(ask.headers, token)
        for _ in range(MAX_REDIRECTS + 1):
            found = self._ask(url, headers, ask)
            if not isinstance(found, str):
                return found
            moved = self._moved(url, found, ask.moves_to)
            url = moved.copy_with(query=url.query or None) if ask.keep_query else moved
        raise FetchError("the Hub redirects without end")

    def _ask(self, url: httpx.URL, headers: dict[str, str], ask: _Ask) -> Reply | Refusal | str:
        try:
            return self._once(url, headers, ask, fresh=False)
        except StaleError:
            self._refuse_closed()
            return self._once(url, headers, ask, fresh=True)

    def _once(
        self, url: httpx.URL, headers: dict[str, str], ask: _Ask, *, fresh: bool
    ) -> Reply | Refusal | str:
        self._refuse_strangers(url)
        self._budget.check(bucket_of(url.path))
        left = ask.deadline.left()
        if left <= 0:
            raise httpx.ReadTimeout("")
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), left)
        extensions = {"timeout": timeouts, "fresh": fresh}
        request = httpx.Request("GET", url, headers=headers, extensions=extensions)
        response = self._transport.handle_request(request)
        try:
            found = self._receive(response, request, ask)
        finally:
            response.close()
        self._refuse_closed()
        return found

    def _receive(
        self, response: httpx.Response, request: httpx.Request, ask: _Ask
    ) -> Reply | Refusal | str:
        bucket, status = bucket_of(request.url.path), response.status_code
        # To the end before anything is believed: what comes behind an answer makes it doubtful.
        body = None
        if status == _OK:
            body = read_body(response, ask.deadline, ask.most)
        else:
            drain(response)
        self._budget.note(response.headers, bucket)
        if body is not None:
            return Reply(dict(response.headers), body)
        if status in _REDIRECTS and "location" in response.headers:
            return str(response.headers["location"])
        if status == _NOT_MODIFIED and "if-none-match" in request.headers:
            return Reply(dict(response.headers), None)
        wait = wait_asked(response.headers, self._now)
        if status == _TOO_MANY and wait is not None:
            self._budget.block(wait, bucket)
        return Refusal(status, dict(response.headers))

    def _moved(self, url: httpx.URL, location: str, moves_to: re.Pattern[str]) -> httpx.URL:
        try:
            target = url.join(location)
        except (httpx.InvalidURL, ValueError):
            raise FetchError("the Hub redirects to no valid address") from None
        self._refuse_strangers(target)
        if not moves_to.fullmatch(_path(target).removeprefix(_path(self.endpoint).rstrip("/"))):
            raise FetchError("the Hub redirects to something else than was asked for")
        return target.copy_with(fragment=None)

    def _refuse_strangers(self, url: httpx.URL) -> None:
        if _origin(url) != _origin(self.endpoint) or url.userinfo:
            raise FetchError("the Hub sends the bot to another address: check hub.endpoint")


def _headers(more: Mapping[str, str], token: Token | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": f"leaderboard-bot/{__version__}",
        **more,
    }
    if token is not None:
        headers["Authorization"] = f"Bearer {token.secret.reveal()}"
    return headers


def conditional(etag: str | None) -> dict[str, str]:
    """Return the header that shows a known ETag; none where it cannot be one."""
    return {"If-None-Match": etag} if etag and _ETAG.fullmatch(etag) else {}


def _endpoint(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.rstrip("/"))
        host = url.host  # decoded here, and so checked
    except (httpx.InvalidURL, ValueError):
        raise ConfigError(["hub.endpoint: is no address"]) from None
    if url.scheme not in ("http", "https") or not host:
        raise ConfigError(["hub.endpoint: must start with https:// or http:// and name a host"])
    if url.userinfo or url.query or url.fragment:
        raise ConfigError(
            ["hub.endpoint: must hold no user name, password, query or fragment: see hub.token"]
        )
    return url


def _path(url: httpx.URL) -> str:
    return url.raw_path.partition(b"?")[0].decode("ascii")


def _origin(url: httpx.URL) -> tuple[str, bytes, int]:
    return url.scheme, url.raw_host, url.port or (443 if url.scheme == "https" else 80)

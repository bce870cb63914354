"""One guarded request to the Hub: its origin alone, one deadline, one rate limit for all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event

from msgspec import Struct
from msgspec.structs import replace

from bot.core.errors import ConfigError, FetchError
from bot.core.process import Clock
from bot.core.timing.schedule import Quota
from bot.counts import Traffic
from bot.hub.answers import Reply
from bot.hub.budget import RateBudget, bucket_of, wait_asked
from bot.hub.failures import NO_ACCESS, Refusal, not_reached, refused
from bot.hub.tokens import Token, Tokens
from bot.net.body import MAX_BODY, drain, read_body
from bot.net.client import Answer, Client, Network
from bot.net.connections import Connections
from bot.net.deadline import Deadline
from bot.net.endpoint import URL, Endpoint, joined
from bot.net.errors import AddressError, NetError, SetupError, StaleError

IDLE = timedelta(seconds=60)
"""How long a connection is kept: what is asked twice may meet the moment in which it is closed."""

MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_OK = 200
_NOT_MODIFIED = 304
_TOO_MANY = 429

NOWHERE: re.Pattern[str] = re.compile(r"(?!)")
"""For ``moves_to``: follow no redirect."""

ANYWHERE: re.Pattern[str] = re.compile(r".*", re.DOTALL)
"""For ``moves_to``: follow a redirect to any path of the endpoint's origin."""


class _Ask(Struct, frozen=True, kw_only=True):
    url: URL
    headers: Mapping[str, str]
    deadline: Deadline
    moves_to: re.Pattern[str] = NOWHERE
    keep_query: bool = True
    most: int = MAX_BODY
    method: str = "GET"
    leaves: bool = False


class _Moved(Struct, frozen=True):
    """A redirect: where to, as it is written."""

    headers: dict[str, str]
    location: str


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
        network: Network | None = None,
        now: Clock | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        connections = Connections(max(1, concurrency), IDLE, clock, at_once=max(1, concurrency))
        self.endpoint, self._client = _way(endpoint, connections, network, traffic)
        self.tokens = tokens
        self._budget = RateBudget(concurrency, clock)
        self._clock = clock
        self._now = now
        self._closed = Event()

    def close(self) -> None:
        """Close every connection; requests that are under way end with a ``FetchError``."""
        self._closed.set()
        self._client.close()

    def quota(self) -> Quota | None:
        """Return what is left of the rate limit for leaderboards; None where that is not known."""
        return self._budget.quota()

    def deadline(self, limit: timedelta) -> Deadline:
        """Return the deadline of a request that starts now."""
        return Deadline(limit, self._clock, self._closed.is_set)

    def get(
        self,
        url: URL,
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
        return self._answer(
            _Ask(
                url=url,
                headers=headers or {},
                deadline=deadline,
                moves_to=moves_to,
                keep_query=keep_query,
                most=most,
            )
        )

    def file(self, url: URL, deadline: Deadline, *, most: int, head: bool = False) -> Reply:
        """Ask for a file that the Hub may keep elsewhere, as ``get`` does; ``head`` for its head.

        The headers are the answer's, and those of redirects on the way to it. Where the Hub leads
        away from itself, nothing is asked there.
        """
        return self._answer(
            _Ask(
                url=url,
                headers={"Accept": "*/*"},
                deadline=deadline,
                moves_to=ANYWHERE,
                keep_query=False,
                most=most,
                method="HEAD" if head else "GET",
                leaves=True,
            )
        )

    def _answer(self, ask: _Ask) -> Reply:
        try:
            return self._good(ask, self.tokens.current())
        except NetError as error:
            self._refuse_closed()
            raise not_reached(error, ask.deadline) from error

    def _good(self, ask: _Ask, token: Token | None) -> Reply:
        found = self._follow(ask, token)
        if token is not None and isinstance(found, Refusal) and found.doubts_token:
            bare = self._follow(ask, None)
            if not isinstance(bare, Refusal) or bare.status not in NO_ACCESS:
                if not isinstance(bare, Refusal) or bare.is_final:
                    self.tokens.refuse(token)
                found, token = bare, None
        if isinstance(found, Refusal):
            report = self.tokens.report()
            raise refused(found, token, report.problem if report else None)
        self.tokens.accept(token)
        return found

    def _refuse_closed(self) -> None:
        # A connection that we cut looks like one that ended well, if its length was not told.
        if self._closed.is_set():
            raise FetchError("the bot is stopping") from None

    def _follow(self, ask: _Ask, token: Token | None) -> Reply | Refusal:
        url, headers = ask.url, _headers(ask.headers, token)
        paths: list[str] = []
        passed: dict[str, str] = {}
        for _ in range(MAX_REDIRECTS + 1):
            found = self._ask(url, headers, ask)
            if isinstance(found, Reply):
                said = passed | found.headers if ask.leaves else found.headers
                return replace(found, headers=said, by_way_of=tuple(paths))
            if isinstance(found, Refusal):
                return found
            passed |= found.headers
            moved = self._moved(url, found.location, ask)
            if not self.endpoint.holds(moved):
                return Reply(passed, None, tuple(paths), moved)
            url = moved.copy_with(query=url.query or None) if ask.keep_query else moved
            paths.append(url.path)
        raise FetchError("the Hub redirects without end")

    def _ask(self, url: URL, headers: dict[str, str], ask: _Ask) -> Reply | Refusal | _Moved:
        try:
            return self._once(url, headers, ask, fresh=False)
        except StaleError:
            self._refuse_closed()
            return self._once(url, headers, ask, fresh=True)

    def _once(
        self, url: URL, headers: dict[str, str], ask: _Ask, *, fresh: bool
    ) -> Reply | Refusal | _Moved:
        self._refuse_strangers(url)
        bucket = bucket_of(url.path)
        self._budget.check(bucket)
        with self._client.ask(
            ask.method, url, ask.deadline, headers=headers, fresh=fresh
        ) as answer:
            found = self._receive(answer, bucket, ask)
        self._refuse_closed()
        return found

    def _receive(self, answer: Answer, bucket: str, ask: _Ask) -> Reply | Refusal | _Moved:
        headers, status = dict(answer.headers), answer.status_code
        # To the end before anything is believed: what comes behind an answer makes it doubtful.
        body = None
        if status == _OK and ask.method != "HEAD":
            body = read_body(answer, ask.deadline, ask.most)
        else:
            drain(answer)
        self._budget.note(headers, bucket)
        if status == _OK:
            return Reply(headers, body)
        if status in _REDIRECTS and "location" in answer.extensions:
            return _Moved(headers, str(answer.extensions["location"]))
        if status == _NOT_MODIFIED and "If-None-Match" in ask.headers:
            return Reply(headers, None)
        wait = wait_asked(headers, self._now)
        if status == _TOO_MANY and wait is not None:
            self._budget.block(wait, bucket)
        return Refusal(status, headers, wait)

    def _moved(self, url: URL, location: str, ask: _Ask) -> URL:
        try:
            target = joined(url, location)
        except AddressError:
            raise FetchError("the Hub redirects to no valid address") from None
        if not ask.leaves:
            self._refuse_strangers(target)
        if not ask.moves_to.fullmatch(self.endpoint.path(target)):
            raise FetchError("the Hub redirects to something else than was asked for")
        return target

    def _refuse_strangers(self, url: URL) -> None:
        if not self.endpoint.holds(url):
            raise FetchError("the Hub sends the bot to another address: check hub.endpoint")


def _headers(more: Mapping[str, str], token: Token | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **more}
    if token is not None:
        headers["Authorization"] = f"Bearer {token.secret.reveal()}"
    return headers


def _way(
    address: str, kept: Connections, network: Network | None, traffic: Traffic | None
) -> tuple[Endpoint, Client]:
    try:
        endpoint = Endpoint(address)
        proxies = (endpoint.url.scheme, "all")
        return endpoint, Client(address, kept, proxies=proxies, network=network, traffic=traffic)
    except SetupError as error:
        raise ConfigError([str(error)]) from None
    except AddressError as error:
        raise ConfigError([f"hub.endpoint: {error}"]) from None

"""The Hub's leaderboards over HTTP, as ``jobs.ask.Hub`` wants them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Self
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from bot.core.aggregate import Contents, column_of, is_aggregate
from bot.core.board import BoardKey, ModelFacts
from bot.core.discovery import Benchmark
from bot.core.errors import FetchError, ParseError, UnknownBenchmarkError
from bot.core.process import Clock
from bot.core.secret import Secret
from bot.core.timing.schedule import Quota
from bot.counts import Traffic
from bot.hub import huggingface, tasks
from bot.hub.aggregate.source import Aggregate
from bot.hub.aggregate.storage import Storage
from bot.hub.answers import Fetched, NotModified, Reply, TaskList, TokenReport, conditional
from bot.hub.exchange import Exchange
from bot.hub.parse import parse
from bot.hub.tokens import Tokens, configured, ecosystem
from bot.net.client import Network
from bot.net.endpoint import URL

logger = logging.getLogger("bot.hub")

_BENCHMARK = re.compile(r"(?!\.)[\w.-]{1,200}/(?!\.)[\w.-]{1,200}", re.ASCII)
NO_SUCH_TASK = "the Hub has no leaderboard of this task; validate says which tasks there are"
_NO_SUCH_TASK = (400, 404)

_DATASET = re.compile(r"/api/datasets/[^/]+/[^/]+")
_MODEL = re.compile(r"/api/models/[^/]+/[^/]+")
_LEADERBOARD = re.compile(r"/api/datasets/[^/]+/[^/]+/leaderboard")


class _Repository(Struct):
    id: str


# Made at import: see ``bot.core.alerts.message``.
_repository = msgspec.json.Decoder(_Repository)


class HubClient:
    """Asks one Hub for leaderboards, benchmarks and models; safe to use from several threads.

    ``timeout`` is for a whole request, from the resolution of the name to the body's last byte.
    Without a ``token`` the one that huggingface_hub finds is sent; it goes to the endpoint alone.
    One that the Hub refuses, or that cannot be sent, is said once; all is then asked without it.
    ``concurrency`` bounds the connections; the last so many requests of a rate-limit window are
    left unused. ``clock`` is monotonic, in seconds; ``now`` helps to read a ``Retry-After`` date
    where an answer tells no date of its own. ``network`` replaces the network, ``traffic`` counts
    what comes over it.

    Raises:
        ConfigError: the endpoint, or the environment's proxy, cannot be used.
    """

    def __init__(
        self,
        endpoint: str,
        token: Secret | None,
        timeout: timedelta,
        concurrency: int,
        clock: Callable[[], float],
        network: Network | None = None,
        *,
        now: Clock | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        self._timeout = timeout
        find = configured(token) if token is not None else ecosystem
        tokens = Tokens(find, clock)
        self._exchange = Exchange(endpoint, tokens, concurrency, clock, network, now, traffic)
        storage = Storage(self._exchange.endpoint, clock, network, traffic=traffic)
        self._aggregate = Aggregate(self._exchange, storage, timeout, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; requests that are under way end with a ``FetchError``."""
        self._exchange.close()

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        """Fetch one leaderboard; ``NotModified`` where it is the one that was shown.

        Raises:
            FetchError: or one of its kinds; ``retry_after`` is the wait that the Hub asks for.
        """
        if is_aggregate(board.benchmark):
            got = self._aggregate.board(column_of(board.benchmark), etag, digest)
        else:
            got = self._leaderboard(board, etag, digest)
        if isinstance(got, Fetched) and got.answer.malformed:
            logger.warning("%s: %s", board.name, got.answer.flaw)
        return got

    def _leaderboard(
        self, board: BoardKey, etag: str | None, digest: str | None
    ) -> Fetched | NotModified:
        reply = self._ask(board, etag)
        if reply.body is None:
            return NotModified(etag=reply.etag or etag)
        parsed = parse(reply.body)
        if parsed.digest == digest:
            return NotModified(etag=reply.etag, whole=True)
        return Fetched(answer=parsed.answer(), etag=reply.etag, digest=parsed.digest)

    def _ask(self, board: BoardKey, etag: str | None) -> Reply:
        try:
            return self._exchange.get(
                self._url(board),
                self._exchange.deadline(self._timeout),
                headers=conditional(etag),
                moves_to=_LEADERBOARD,
            )
        except FetchError as error:
            if board.task is None or error.status not in _NO_SUCH_TASK:
                raise
            raise UnknownBenchmarkError(NO_SUCH_TASK, status=error.status) from None

    def tasks(self, benchmark: str, *, etag: str | None = None) -> TaskList | NotModified:
        """Read a benchmark's tasks; ``NotModified`` where the file is the one that was shown.

        Raises:
            FetchError: or one of its kinds; there is no list of tasks that can be used.
        """
        return tasks.read(self._exchange, self._timeout, _checked(benchmark), etag)

    def benchmarks(self) -> tuple[Benchmark, ...]:
        """List the official benchmarks, sorted by id.

        Raises:
            FetchError: there is no good list within the timeout.
        """
        return huggingface.benchmarks(self._exchange, self._timeout)

    def aggregate(self, etag: str | None = None) -> Contents | NotModified:
        """Return what the file over all benchmarks holds; ``NotModified`` where that was shown.

        Raises:
            FetchError: there is no good answer.
        """
        return self._aggregate.contents(etag)

    def aggregate_read(self) -> Contents | None:
        """Return what the file over all benchmarks held when it was last read, if it was."""
        return self._aggregate.last_read()

    def benchmark_id(self, benchmark: str) -> str:
        """Return the id that a benchmark has now: another one where the Hub redirects it.

        Raises:
            FetchError: there is no good answer, or no such benchmark.
        """
        path = f"/api/datasets/{_checked(benchmark)}"
        return self._id(path, _DATASET, self._timeout)

    def model_id(self, model: str, timeout: timedelta) -> str:
        """Return the id that a model has now: another one where the Hub redirects it.

        Raises:
            FetchError: there is no good answer within ``timeout``, or no such model.
        """
        if not _BENCHMARK.fullmatch(model):
            raise UnknownBenchmarkError("the model's name is none that the Hub can know")
        return self._id(f"/api/models/{model}", _MODEL, timeout)

    def model_facts(self, model: str, timeout: timedelta) -> ModelFacts:
        """Look a model up.

        Raises:
            FetchError: there is no good answer within ``timeout``, or no such model.
        """
        return huggingface.model_facts(self._exchange, model, timeout)

    def token(self) -> TokenReport | None:
        """Return what the Hub thinks of the token; None as long as nothing is known."""
        return self._exchange.tokens.report()

    def quota(self) -> Quota | None:
        """Return what is left of the Hub's rate limit; None where that is not known."""
        return self._exchange.quota()

    def _id(self, path: str, moves_to: re.Pattern[str], limit: timedelta) -> str:
        """Return the id that what is at a path says that it has; asked for as little as can be."""
        url = self._exchange.endpoint.at(path, "expand=gated")
        reply = self._exchange.get(url, self._exchange.deadline(limit), moves_to=moves_to)
        try:
            found = _repository.decode(reply.body or b"").id
        except msgspec.MsgspecError:
            found = ""
        if not _BENCHMARK.fullmatch(found):
            raise ParseError("the answer names no repository")
        return found

    def _url(self, board: BoardKey) -> URL:
        asked = [("task_id", board.task)] if board.task is not None else []
        asked += [("base_model", "false")] if board.include_derived else []
        query = urlencode(asked, quote_via=quote, safe="", errors="replace")
        path = f"/api/datasets/{_checked(board.benchmark)}/leaderboard"
        return self._exchange.endpoint.at(path, query)


def _checked(benchmark: str) -> str:
    if not _BENCHMARK.fullmatch(benchmark):
        raise UnknownBenchmarkError("the benchmark's name is none that the Hub can know")
    return benchmark

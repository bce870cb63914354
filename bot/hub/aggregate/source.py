"""Asks for the file over all benchmarks: one look for all of its boards, and reads what is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from bot.core.aggregate import DATASET, Contents
from bot.core.errors import (
    FetchError,
    GatedError,
    NoColumnError,
    ParseError,
    UnknownBenchmarkError,
)
from bot.hub.aggregate.parquet import from_parquet
from bot.hub.aggregate.storage import Storage
from bot.hub.aggregate.table import Table, from_json
from bot.hub.answers import Fetched, NotModified, Reply
from bot.hub.exchange import Exchange
from bot.net.retry_after import http_date

MAX_FILE = 8 * 1024 * 1024
"""The most bytes of the file. It has some hundred kilobytes."""

TOGETHER_S = 60.0
"""How long one look is good for all boards. None uses it twice: what asks again wants to know."""

JSON = "leaderboard.json"
PARQUET = "data/train-00000-of-00001.parquet"
_READERS: dict[str, Callable[[bytes], Table]] = {JSON: from_json, PARQUET: from_parquet}

_STATES = ("x-linked-etag", "x-repo-commit", "etag")
"""Headers that tell one state of the file from another, the surest first."""

_LONGEST_STATE = 200


class _Look(Struct):
    """What the head of the file said: its path, and its state where that can be told.

    ``asked`` are those that have used it; ``error`` is what came of it where nothing good did.
    """

    at: float
    path: str = JSON
    etag: str | None = None
    size: int | None = None
    asked: set[str] = set()
    error: FetchError | None = None


class Aggregate:
    """The file on the Hub, kept as last read; safe to use from several threads.

    ``limit`` is for each request.
    """

    def __init__(
        self, exchange: Exchange, storage: Storage, limit: timedelta, clock: Callable[[], float]
    ) -> None:
        self._exchange = exchange
        self._storage = storage
        self._limit = limit
        self._clock = clock
        self._lock = Lock()
        self._look: _Look | None = None
        self._path = JSON
        self._read: tuple[str | None, Table] | None = None

    def board(self, column: str, etag: str | None, digest: str | None) -> Fetched | NotModified:
        """Return a column as a leaderboard; ``NotModified`` where it is the one that was shown.

        Raises:
            NoColumnError: the file has no such column.
            FetchError: there is no good answer.
        """
        with self._lock:
            look = self._looked(column)
            if etag is not None and etag == look.etag:
                return NotModified(etag=etag)
            etag, table = self._table(look)
        parsed = table.board(column)
        if parsed is None:
            raise NoColumnError(column, etag)
        if parsed.digest == digest:
            return NotModified(etag=etag, whole=True)
        return Fetched(answer=parsed.answer(), etag=etag, digest=parsed.digest)

    def contents(self, etag: str | None) -> Contents | NotModified:
        """Return what the file holds; ``NotModified`` where it is as it was shown.

        Raises:
            FetchError: there is no good answer.
        """
        with self._lock:
            look = self._looked("")
            if etag is not None and etag == look.etag:
                return NotModified(etag=etag)
            return _contents(*self._table(look))

    def last_read(self) -> Contents | None:
        """Return what the file held when it was last read, if it was, without asking for it."""
        read = self._read
        return _contents(*read) if read is not None else None

    def _looked(self, who: str) -> _Look:
        """Return the look that others made just now, or make one."""
        look = self._look
        if look is None or who in look.asked or self._clock() >= look.at + TOGETHER_S:
            look = self._look = self._new_look()
        look.asked.add(who)
        if look.error is not None:
            raise look.error.with_traceback(None)
        return look

    def _new_look(self) -> _Look:
        try:
            return self._head()
        except FetchError as error:
            return _Look(self._clock(), error=error)

    def _head(self) -> _Look:
        """Ask for the head of the file that was there last, else of the other one."""
        for path in sorted(_READERS, key=lambda one: one != self._path):
            try:
                reply = self._ask(path, head=True)
            except UnknownBenchmarkError as error:
                missing = error
                continue
            except GatedError:
                raise FetchError(f"the Hub gives no access to the dataset {DATASET}") from None
            self._path = path
            size = reply.headers.get("x-linked-size", "")
            length = int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None  # noqa: PLR2004
            return _Look(self._clock(), path, _state(path, reply), length)
        raise FetchError(
            f"the Hub has no dataset {DATASET}, or no {JSON} in it", status=missing.status
        )

    def _table(self, look: _Look) -> tuple[str | None, Table]:
        """Return the file in a state at least as new as a look at it, and that state."""
        if self._read is not None and look.etag is not None and self._read[0] == look.etag:
            return self._read
        try:
            self._read = self._fetch(look)
        except FetchError as error:
            look.error = error  # others need not try, too
            raise
        return self._read

    def _fetch(self, look: _Look) -> tuple[str | None, Table]:
        if look.size is not None and look.size > MAX_FILE:
            raise ParseError(f"{look.path} of {DATASET} is larger than {MAX_FILE // 2**20} MB")
        reply = self._ask(look.path)
        body, headers = reply.body, reply.headers
        if reply.elsewhere is not None:
            deadline = self._exchange.deadline(self._limit)
            body, found = self._storage.get(reply.elsewhere, deadline, MAX_FILE)
            headers = found | headers
        assert body is not None, "it was no head that was asked for"
        table = _READERS[look.path](body)
        if table.written_at is None:
            said = headers.get("last-modified", "")
            table = replace(table, written_at=http_date(said))
        return _state(look.path, reply), table

    def _ask(self, path: str, *, head: bool = False) -> Reply:
        url = self._exchange.endpoint.at(f"/datasets/{DATASET}/resolve/main/{quote(path)}")
        deadline = self._exchange.deadline(self._limit)
        return self._exchange.file(url, deadline, most=MAX_FILE, head=head)


def _contents(etag: str | None, table: Table) -> Contents:
    return Contents(
        columns=tuple(sorted(table.columns)),
        etag=etag,
        digest=table.digest,
        written_at=table.written_at,
    )


def _state(path: str, reply: Reply) -> str | None:
    """Return what tells this state of the file from others; None where the Hub does not say."""
    for name in _STATES:
        if (said := reply.headers.get(name, "")) and len(said) <= _LONGEST_STATE:
            return f"{path} {name} {said}"
    return None

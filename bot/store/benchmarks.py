"""What the Hub has: its list of benchmarks, the tasks of each, and the file over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.json import Decoder
from msgspec.structs import replace
from sqlalchemy import Connection, Select, select

from bot.core.aggregate import Source
from bot.core.discovery import Benchmark
from bot.core.tasks import Tasks
from bot.store.database.bulk import execute_each
from bot.store.database.tables import benchmark_tasks, discoveries
from bot.store.database.upsert import missing, upsert

T = TypeVar("T")


class Discovery(Struct, frozen=True, kw_only=True):
    """The official benchmarks as last told, and what ``compare_lists`` leaves for the next list."""

    at: datetime
    benchmarks: tuple[Benchmark, ...]
    missing: dict[str, int] = {}
    doubted: int = 0
    lacking: tuple[str, ...] = ()


# Made at import: see ``bot.core.alerts.message``.
_discovery = Decoder(Discovery)
_tasks = Decoder(Tasks)
_source = Decoder(Source)

# There is one list, and one file.
_LIST, _FILE = 1, 2


class Lists:
    """The last list of official benchmarks, and the last reading of each benchmark's tasks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def benchmarks(self) -> Discovery | None:
        """Return the last list of official benchmarks; None before the first."""
        body = self._connection.execute(_body(_LIST)).scalar()
        return None if body is None else _discovery.decode(body)

    def save_benchmarks(self, previous: Discovery | None, now: Discovery) -> bool:
        """Store a list; False, and nothing is written, where ``previous`` is not the last one."""
        if self._last(_body(_LIST), _discovery) != previous:
            return False
        upsert(self._connection, discoveries, {"id": _LIST, "body": _text(now)})
        return True

    def source(self) -> Source | None:
        """Return what is known of the file over all benchmarks; None before the first look."""
        body = self._connection.execute(_body(_FILE)).scalar()
        return None if body is None else _source.decode(body)

    def save_source(self, previous: Source | None, now: Source) -> bool:
        """Store a look; False, and nothing is written, where ``previous`` is not the last one."""
        if self._last(_body(_FILE), _source) != previous:
            return False
        upsert(self._connection, discoveries, {"id": _FILE, "body": _text(now)})
        return True

    def tasks(self) -> dict[str, Tasks]:
        """Return what is known of the tasks of every benchmark that was asked for them."""
        query = select(benchmark_tasks.c.benchmark, benchmark_tasks.c.body)
        return {name: _tasks.decode(body) for name, body in self._connection.execute(query)}

    def save_tasks(self, benchmark: str, previous: Tasks | None, now: Tasks) -> bool:
        """Store a reading; False, and nothing is written, where ``previous`` is not the last."""
        query = select(benchmark_tasks.c.body).where(benchmark_tasks.c.benchmark == benchmark)
        if self._last(query, _tasks) != previous:
            return False
        self._put(benchmark, now)
        return True

    def add_tasks(self, first: Mapping[str, Tasks]) -> None:
        """Store first readings, by benchmark; where there is one already, that one stays."""
        rows = [{"new_benchmark": name, "new_body": _text(first[name])} for name in sorted(first)]
        dialect = self._connection.dialect.name
        insert = missing(dialect, benchmark_tasks, "benchmark", "body")
        execute_each(self._connection, insert, rows)

    def move_tasks(self, was: str, now: str, at: datetime) -> None:
        """Remember that a benchmark's id leads to another; its tasks are known under that one."""
        here = benchmark_tasks.c.benchmark
        query = select(here, benchmark_tasks.c.body).where(here.in_([was, now])).order_by(here)
        found = self._connection.execute(query.with_for_update())
        known = {name: _tasks.decode(body) for name, body in found}
        if was in known and now not in known and known[was].ids is not None:
            self._put(now, replace(known[was], moved_to=None))
        self._put(was, Tasks(asked_at=at, moved_to=now))

    def _last(self, query: Select[Any], decoder: Decoder[T]) -> T | None:
        """Return what is stored, if anything; nobody else changes it before the unit ends."""
        body = self._connection.execute(query.with_for_update()).scalar()
        return None if body is None else decoder.decode(body)

    def _put(self, benchmark: str, tasks: Tasks) -> None:
        upsert(self._connection, benchmark_tasks, {"benchmark": benchmark, "body": _text(tasks)})


def _body(number: int) -> Select[Any]:
    return select(discoveries.c.body).where(discoveries.c.id == number)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()

"""What the Hub has: its list of benchmarks, and the tasks of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from bot.core.alerts.deliveries import NewDelivery
from bot.core.board import BoardKey
from bot.core.errors import ConflictError
from bot.core.events import Event, Found
from bot.core.incidents import HUB
from bot.core.tasks import Tasks
from bot.ports import Discovery, TaskNews
from bot.store import incidents as health
from bot.store import outbox
from bot.store import targets as polls
from bot.store.tables import benchmark_tasks, discoveries
from bot.store.upsert import upsert

LIST = "list of benchmarks"
"""What of the Hub fails where it cannot say which benchmarks there are."""

# Made at import: see ``bot.core.alerts.message``.
_discovery = msgspec.json.Decoder(Discovery)
_tasks = msgspec.json.Decoder(Tasks)


def discovery(connection: Connection) -> Discovery | None:
    """See ``PollStore.discovery``."""
    return _listed(connection, select(discoveries.c.body))


def commit_discovery(
    connection: Connection,
    previous: Discovery | None,
    now: Discovery,
    found: Sequence[tuple[BoardKey, Event]],
    deliveries: Sequence[NewDelivery],
) -> None:
    """See ``PollStore.commit_discovery``."""
    if _listed(connection, select(discoveries.c.body).with_for_update()) != previous:
        raise ConflictError("The list of benchmarks was changed by another process meanwhile.")
    upsert(connection, discoveries, {"id": 1, "body": _text(now)})
    for key, event in found:
        polls.add_events(connection, key, [Found(row_id=None, event=event)], now.at)
    outbox.add(connection, deliveries, now.at)
    health.end_failures(connection, HUB, LIST, now.at)


def tasks(connection: Connection) -> dict[str, Tasks]:
    """See ``PollStore.tasks``."""
    query = select(benchmark_tasks.c.benchmark, benchmark_tasks.c.body)
    return {name: _tasks.decode(body) for name, body in connection.execute(query)}


def commit_tasks(
    connection: Connection, benchmark: str, previous: Tasks | None, now: Tasks, news: TaskNews
) -> None:
    """See ``PollStore.commit_tasks``."""
    query = select(benchmark_tasks.c.body).where(benchmark_tasks.c.benchmark == benchmark)
    stored = connection.execute(query.with_for_update()).scalar()
    if (None if stored is None else _tasks.decode(stored)) != previous:
        raise ConflictError(f"The tasks of {benchmark} were read by another process meanwhile.")
    upsert(connection, benchmark_tasks, {"benchmark": benchmark, "body": _text(now)})
    if news.named is not None:
        polls.name_task(connection, benchmark, news.named, now.asked_at)
    for key, event in news.found:
        polls.add_events(connection, key, [Found(row_id=None, event=event)], now.asked_at)
    outbox.add(connection, news.deliveries, now.asked_at)


def _listed(connection: Connection, query: Select[str]) -> Discovery | None:
    body = connection.execute(query).scalar()
    return None if body is None else _discovery.decode(body)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()

"""Databases that it would take a year to come by.

python -m benchmarks.synthesis backlog|events FOLDER COUNT
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, select

from benchmarks.sample import TASK, name
from bot.core.alerts.message import CHANGED, BoardChange, BoardInfo, Message, encode
from bot.core.board import BoardKey
from bot.core.delivery import IN_ORDER_ATTEMPTS, State
from bot.core.events import Cause, Event, RankPair, RowName, ScorePair
from bot.core.kinds import Kind
from bot.store import event_json, open_store
from bot.store.database import tables
from bot.store.database.tables import attempts, deliveries, events
from bot.store.keys import make_number_of, name_models

CHUNK = 5000
BOARDS = 50
MODELS = 2500
A_YEAR = timedelta(days=365)
AN_HOUR = timedelta(hours=1)

Row = dict[str, Any]


def stored_events(connection: Connection, count: int, now: datetime) -> None:
    """Store events of a year: an own move, then ten rows that it shifted, and so on."""
    keys = [BoardKey(name(number), TASK) for number in range(BOARDS)]
    boards = [make_number_of(connection, key) for key in keys]
    name_models(connection, [_model(number) for number in range(17 * MODELS)])
    query = select(tables.models.c.name, tables.models.c.id)
    models = {row.name: row.id for row in connection.execute(query)}
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        connection.execute(
            insert(events),
            [
                _event(_happened(number), now - A_YEAR * (1 - number / count))
                | {"board_id": boards[number % BOARDS], "model_id": models[_model(number)]}
                for number in numbers
            ],
        )


def backlog(connection: Connection, count: int, now: datetime) -> None:
    """Store deliveries that failed four times each, all due again."""
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        connection.execute(insert(deliveries), [_delivery(one, now - AN_HOUR) for one in numbers])
        connection.execute(insert(attempts), list(_attempts(numbers, now - AN_HOUR)))


def _event(event: Event, at: datetime) -> Row:
    kind, body = event.kind.value, event_json.of_event(event)
    return {"id": event.id, "at": at, "kind": kind, "body": body}


def _model(number: int) -> str:
    return f"org-{number % 17}/model-{number % MODELS}"


def _happened(number: int) -> Event:
    kind = Kind.RANK_SHIFT if number % 11 else Kind.RANK_CHANGE
    others = tuple(RowName(f"org-{one}/model-{one}") for one in range(number % 5))
    return Event(
        id=f"evt_{number:032}",
        kind=kind,
        contains=(kind,),
        watches=("all",),
        model=_model(number),
        rank=RankPair(number % 40 + 2, number % 40 + 1),
        score=ScorePair(Decimal("71.25"), Decimal("71.5"), Decimal("0.25")),
        gap=Decimal("3.125"),
        cause=Cause(overtook=others, overtaken_by=others),
        url=f"https://huggingface.co/datasets/{name(number % BOARDS)}",
    )


def _delivery(number: int, at: datetime) -> Row:
    board = BoardInfo(benchmark=name(number % BOARDS), task=TASK)
    change = BoardChange(board=board, snapshot_at=at, events=(_happened(number),))
    return {
        "seq": number + 1,
        "id": f"msg_{number:032}",
        "channel": "hook",
        "type": CHANGED,
        "state": State.PENDING.value,
        "created_at": at,
        "next_attempt_at": at,
        "attempts": IN_ORDER_ATTEMPTS,
        "in_doubt": False,
        "body": encode(Message(type=CHANGED, timestamp=at, data=change)),
    }


def _attempts(numbers: range, at: datetime) -> Iterator[Row]:
    for number in numbers:
        for _ in range(IN_ORDER_ATTEMPTS):
            yield {"delivery_seq": number + 1, "at": at, "outcome": "retry", "error": "HTTP 503"}


KINDS: dict[str, Callable[[Connection, int, datetime], None]] = {
    "backlog": backlog,
    "events": stored_events,
}


def main() -> None:
    """Make a database of one kind, or fill the one that is there."""
    kind, folder, count = sys.argv[1:]
    url = f"sqlite:///{Path(folder, 'bot.db')}"
    open_store(url).close()
    with create_engine(url).begin() as connection:
        KINDS[kind](connection, int(count), datetime.now(UTC))  # noqa: TID251 -- begins here


if __name__ == "__main__":
    main()

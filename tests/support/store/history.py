"""Versions of rows, as the store gives them for a history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.core.board import BoardKey, Result
from bot.store.boards.history import HistoryPoint
from tests.support.commands import BENCH

NOON = datetime(2026, 4, 27, 12, tzinfo=UTC)


def version(row_id: str, hour: int, rank: int, score: str, **fields: Any) -> HistoryPoint:
    """Return a row's version that began ``hour`` hours after noon."""
    until, removed = fields.pop("until", None), fields.pop("removed", False)
    result = Result(
        rank=rank, score=Decimal(score), verified=False, **({"model": "acme/x"} | fields)
    )
    return HistoryPoint(
        at=NOON + timedelta(hours=hour),
        until=None if until is None else NOON + timedelta(hours=until),
        board=BoardKey(BENCH),
        row_id=row_id,
        result=result,
        removed=removed,
    )


def grouped(history: list[HistoryPoint]) -> list[list[HistoryPoint]]:
    """Return the versions of each model of each board, by time, as the store does."""
    by_time = sorted(history, key=lambda one: one.at)
    models: dict[tuple[BoardKey, str], list[HistoryPoint]] = {}
    for one in by_time:
        models.setdefault((one.board, one.result.model), []).append(one)
    return list(models.values())

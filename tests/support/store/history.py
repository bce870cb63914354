"""Versions of rows, as the store gives them for a history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.store.boards.history import HistoryPoint
from tests.support.commands import BENCH

NOON = datetime(2026, 4, 27, 12, tzinfo=UTC)


def version(row_id: str, hour: int, rank: int, score: str, **fields: Any) -> HistoryPoint:
    """Return a row's version that began ``hour`` hours after noon."""
    until = fields.pop("until", None)
    shape: dict[str, Any] = {
        "benchmark": BENCH,
        "task": None,
        "include_derived": False,
        "model": "acme/x",
        "notes": None,
        "filename": None,
        "removed": False,
    }
    return HistoryPoint(
        **(shape | fields),
        row_id=row_id,
        at=NOON + timedelta(hours=hour),
        until=None if until is None else NOON + timedelta(hours=until),
        rank=rank,
        score=Decimal(score),
    )


def grouped(history: list[HistoryPoint]) -> list[list[HistoryPoint]]:
    """Return the versions of each model of each board, by time, as the store does."""
    by_time = sorted(history, key=lambda one: one.at)
    models: dict[tuple[str, str | None, bool, str], list[HistoryPoint]] = {}
    for one in by_time:
        key = (one.benchmark, one.task, one.include_derived, one.model)
        models.setdefault(key, []).append(one)
    return list(models.values())

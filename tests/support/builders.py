"""Builders of values with defaults, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from bot.core.board import Answer, Result, Snapshot, Source
from bot.core.diff.compare import Diff, Rules, diff
from bot.core.diff.renames import CurrentIds


def ids(prefix: str = "id") -> Callable[[], str]:
    """Return a source of ids that counts from ``id1``."""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers)}"


def result(model: str, score: str | float, rank: int = 1, **fields: Any) -> Result:
    """Return a row of an answer; ``acme/x`` may be written ``x``."""
    fields.setdefault("verified", False)
    fields.setdefault("filename", ".eval_results/bench.yaml")
    fields.setdefault("source", Source("Model Card", "https://example.org/card"))
    model = model if "/" in model else f"acme/{model}"
    return Result(rank=rank, model=model, score=Decimal(str(score)), **fields)


def answer(
    *rows: Result | tuple[str, str | float],
    malformed: int = 0,
    unread: Sequence[str] = (),
    higher_is_better: bool | None = None,
) -> Answer:
    """Return an answer; ``(model, score)`` pairs get their ranks from their place.

    ``unread`` are models of rows that could not be read, beside ``malformed`` ones without.
    """
    results = [
        row if isinstance(row, Result) else result(row[0], row[1], rank=place)
        for place, row in enumerate(rows, start=1)
    ]
    count = malformed + len(unread)
    return Answer(
        results=tuple(results),
        malformed=count,
        unread=tuple(f"acme/{model}" for model in unread),
        flaw=f"{count} rows are skipped" if count else "",
        higher_is_better=higher_is_better,
    )


class Board:
    """A board that is polled in a test: keeps the snapshot, returns what each poll finds."""

    def __init__(self, *rows: Result | tuple[str, str | float], confirm_removals: int = 2) -> None:
        self.new_id = ids()
        self.confirm_removals = confirm_removals
        self.higher_is_better: bool | None = None
        self.now: datetime | None = None
        self.snapshot: Snapshot | None = None
        if rows:
            self.poll(*rows)

    def poll(
        self,
        *rows: Result | tuple[str, str | float],
        malformed: int = 0,
        unread: Sequence[str] = (),
        higher_is_better: bool | None = None,
        current: CurrentIds | None = None,
    ) -> Diff:
        """Poll once, the Hub answering with these rows, and with ``current`` ids of models."""
        rules = Rules(
            confirm=self.confirm_removals, higher_is_better=self.higher_is_better, now=self.now
        )
        found = diff(
            answer(*rows, malformed=malformed, unread=unread, higher_is_better=higher_is_better),
            self.snapshot,
            rules,
            self.new_id,
            current,
        )
        self.snapshot = found.after
        return found


def told(found: Diff) -> list[tuple[str, str]]:
    """Return (kind, model's short name) of each event, in order."""
    return [(f.event.kind.value, (f.event.model or "").split("/")[-1]) for f in found.found]

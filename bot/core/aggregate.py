"""The file over all benchmarks: what its boards are called, and what is known of it.

It is a dataset on the Hub, written by a job of others. Each of its columns of scores is a board
without tasks, named ``aggregate:COLUMN``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from msgspec import Struct

DATASET = "OpenEvals/leaderboard-data"

PREFIX = "aggregate:"
EVERYTHING = "aggregate"
"""The column of means over whatever a model was measured on: no two of them compare."""

FRESH_FOR = timedelta(hours=1)
"""How long the columns are believed without another look."""

STALLED_AFTER = timedelta(days=30)
"""How long the file may stay as it is before people are told."""

_COLUMN = re.compile(r"[\w.-]{1,100}", re.ASCII)
_PATTERN = re.compile(r"[][\w.*?!-]{1,100}", re.ASCII)


class Contents(Struct, frozen=True, kw_only=True):
    """What the file holds: the names of its ``columns``, without what is no benchmark.

    ``etag`` tells one state of it from another, where the Hub gives what does; ``digest`` is the
    same for the same bytes. ``written_at`` is when it says that it was written, if it does.
    """

    columns: tuple[str, ...]
    etag: str | None
    digest: str
    written_at: datetime | None = None


class Source(Struct, frozen=True, kw_only=True):
    """What is known of the file as last looked at, ``at`` that time.

    ``columns`` are all that were ever seen there: a column that goes is no removal. ``changed_at``
    is when its contents were last seen, or said, to change.
    """

    columns: tuple[str, ...]
    etag: str | None
    digest: str
    changed_at: datetime
    at: datetime

    @property
    def boards(self) -> frozenset[str]:
        """The names of its boards."""
        return frozenset(map(name_of, self.columns))

    def stalled(self, now: datetime) -> bool:
        """Tell whether it has rested for too long."""
        return now - self.changed_at >= STALLED_AFTER


def is_aggregate(benchmark: str) -> bool:
    """Tell whether a benchmark's name, or a glob of such, stands for columns of the file."""
    return benchmark.startswith(PREFIX)


def can_name(pattern: str) -> bool:
    """Tell whether a name or glob behind the prefix can stand for a column."""
    return is_aggregate(pattern) and _PATTERN.fullmatch(column_of(pattern)) is not None


def is_column(name: str) -> bool:
    """Tell whether a column is one of scores that can be a board."""
    return name != EVERYTHING and _COLUMN.fullmatch(name) is not None


def column_of(board: str) -> str:
    """Return the column that a board's name stands for."""
    return board.removeprefix(PREFIX)


def name_of(column: str) -> str:
    """Return the name of a column's board."""
    return f"{PREFIX}{column}"


def seen(known: Source | None, found: Contents, now: datetime) -> Source:
    """Return what is known of the file after it was read.

    What it says of its own date is believed where that may be true: not in the future, and of
    another state than the last one not before that was seen.
    """
    columns = tuple(dict.fromkeys((*(known.columns if known else ()), *found.columns)))
    changed_at = known.changed_at if known else None
    if known is None or known.digest != found.digest:
        said, since = found.written_at, known.at if known else None
        may_be = said is not None and said <= now and (since is None or said >= since)
        changed_at = said if may_be else now
    assert changed_at is not None, "one of the two is known"
    return Source(
        columns=columns, etag=found.etag, digest=found.digest, changed_at=changed_at, at=now
    )

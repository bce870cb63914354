"""What is known of a benchmark's tasks: each is a board of its own.

The Hub's rows do not name a task, so the tasks are read from the benchmark's ``eval.yaml`` and
believed as cautiously as everything else: one that is missing is held for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from bot.core.board import BoardKey
from bot.core.discovery import compare_lists

FRESH_FOR = timedelta(hours=1)
"""How long a reading is believed without another."""

RETRIED_AFTER = timedelta(minutes=5)
"""How long until tasks are read again that the Hub did not give, for no reason of its own."""


class Tasks(Struct, frozen=True, kw_only=True):
    """The tasks of one benchmark as last read.

    ``ids`` are believed, in the order of the last reading, held ones last; null while they were
    never read. ``first`` is the task that the benchmark's bare name means. ``name`` is the
    benchmark's own name, a stranger's text. ``listed`` are the ids of the last reading,
    ``missing``, ``doubted`` and ``lacking`` what ``compare_lists`` leaves for the next one.
    ``asked_at`` is the last attempt to read them, ``failed`` what came of it where it was in vain,
    and ``retry_soon`` whether the next attempt may go better. ``moved_to`` is the benchmark that
    the Hub redirects this one's id to: all else is known of that one then.
    """

    ids: tuple[str, ...] | None = None
    first: str | None = None
    name: str | None = None
    listed: tuple[str, ...] = ()
    missing: dict[str, int] = {}
    doubted: int = 0
    lacking: tuple[str, ...] = ()
    etag: str | None = None
    asked_at: datetime
    failed: str | None = None
    retry_soon: bool = False
    moved_to: str | None = None

    @property
    def count(self) -> int | None:
        """How many tasks there are; None where that is not known."""
        return None if self.ids is None else len(self.ids)


class About(Struct, frozen=True, kw_only=True):
    """What messages say of a board's benchmark: its own name, and how many tasks it has.

    Both are null where that is not known.
    """

    name: str | None = None
    task_count: int | None = None


UNKNOWN = About()
"""Nothing is known of the benchmark."""


class TaskChange(Struct, frozen=True, kw_only=True):
    """What a reading came to; ``named`` is the first task where it was not known before."""

    tasks: Tasks
    named: str | None = None


class Reading(Struct, frozen=True, kw_only=True):
    """What an ``eval.yaml`` said, and when it was asked for."""

    ids: tuple[str, ...]
    name: str | None
    etag: str | None
    at: datetime


def believe(known: Tasks | None, read: Reading, *, confirm: int) -> TaskChange:
    """Return what is believed of a benchmark's tasks after a reading.

    A task has left when ``confirm`` readings in a row lack it. A reading that lacks more than
    half of those known changes nothing until it was seen as often.
    """
    before = known.ids if known else None
    change = compare_lists(
        before,
        read.ids,
        missing=known.missing if known else {},
        doubted=known.doubted if known else 0,
        lacking=known.lacking if known else (),
        confirm_removals=confirm,
    )
    ids = _in_order(change.kept, read.ids, before or ())
    first = known.first if known else None
    now = Tasks(
        ids=ids,
        first=first if first in ids else ids[0],
        name=read.name,
        listed=read.ids,
        missing=dict(change.missing),
        doubted=change.doubted,
        lacking=change.lacking,
        etag=read.etag,
        asked_at=read.at,
    )
    return TaskChange(tasks=now, named=now.first if before is None else None)


def _in_order(kept: Sequence[str], listed: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that are kept: as they are listed, then as they were before."""
    wanted = set(kept)
    return tuple(one for one in dict.fromkeys((*listed, *before)) if one in wanted)


def shown_key(key: BoardKey, count: int | None) -> BoardKey:
    """Return the board as people see it: without its task where the benchmark has no other."""
    return key if count != 1 else BoardKey(key.benchmark, None, key.include_derived)


def are_stale(tasks: Tasks | None, now: datetime) -> bool:
    """Whether tasks are to be read again, or for the first time."""
    if tasks is None or tasks.asked_at > now:  # a clock that was set back
        return True
    return now >= tasks.asked_at + (RETRIED_AFTER if tasks.retry_soon else FRESH_FOR)

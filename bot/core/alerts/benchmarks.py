"""What a watch's ``benchmarks`` stand for: which tasks of which benchmarks.

An entry is ``namespace/name``, a glob over the official benchmarks, or ``official``; behind a
``#`` it names a task, or a glob of tasks. Without one it means the benchmark's first task.
``aggregate:COLUMN``, or a glob of columns, stands for boards of the file over all benchmarks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct

from bot.core.aggregate import is_aggregate
from bot.core.tasks import Tasks

OFFICIAL = "official"
"""In a watch's ``benchmarks``: every official benchmark."""

EVERY_TASK = "*"

MOST_TASKS = 200
"""How many tasks of a benchmark a glob takes at most."""


class Entry(Struct, frozen=True):
    """One entry of a watch's ``benchmarks``; ``task`` is null where it names none."""

    benchmark: str
    task: str | None = None

    @property
    def is_glob(self) -> bool:
        """Whether it stands for several official benchmarks, or columns of the file over all."""
        return self.benchmark == OFFICIAL or has_wildcard(self.benchmark)

    def covers(self, benchmark: str) -> bool:
        """Whether it stands for a benchmark that is listed: an official one, or a column."""
        if is_aggregate(benchmark) is not is_aggregate(self.benchmark):
            return False
        if self.benchmark == OFFICIAL:
            return True
        if self.is_glob:
            return matches(self.benchmark, benchmark)
        return self.benchmark.casefold() == benchmark.casefold()

    def tasks(self, known: Tasks | None) -> tuple[str | None, ...]:
        """Return the tasks of a benchmark that it stands for; null for a board without a task."""
        ids = known.ids if known else None
        if self.task is None:
            return (known.first if known and ids else None,)
        if ids is None:
            return _of_unknown(self.task)
        return matching(self.task, ids)[:MOST_TASKS]


def entry(written: str) -> Entry:
    """Take an entry apart, as it is written in the file."""
    benchmark, hash_, task = written.partition("#")
    return Entry(benchmark, task if hash_ else None)


def has_wildcard(pattern: str) -> bool:
    """Whether a pattern may stand for several names."""
    return any(mark in pattern for mark in "*?[")


def matches(pattern: str, name: str) -> bool:
    """Whether a glob stands for a name; case is ignored and ``*`` crosses ``/``."""
    return fnmatchcase(name.casefold(), pattern.casefold())


def match_any(patterns: Iterable[str], names: Collection[str]) -> bool:
    """Whether any glob stands for any of some names."""
    return any(matches(pattern, name) for pattern in patterns for name in names)


def matching(pattern: str, ids: Collection[str]) -> tuple[str, ...]:
    """Return the tasks that a pattern stands for: an exact id before any glob but ``*``.

    What is no glob stands for itself, whether there is such a task or not.
    """
    if pattern in ids and pattern != EVERY_TASK:
        return (pattern,)
    if has_wildcard(pattern):
        return tuple(one for one in ids if matches(pattern, one))
    same = [one for one in ids if one.casefold() == pattern.casefold()]
    return tuple(same[:1]) or (pattern,)


def _of_unknown(task: str) -> tuple[str | None, ...]:
    """Return what a pattern stands for where the tasks were never read."""
    if task == EVERY_TASK:
        return (None,)
    return () if has_wildcard(task) else (task,)


class Entries:
    """The entries of one watch, ready to be asked of many boards."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self.globs = tuple(one for one in self._entries if one.is_glob)
        self._exact: dict[str, list[Entry]] = {}
        for one in self._entries:
            if not one.is_glob:
                self._exact.setdefault(one.benchmark.casefold(), []).append(one)
        self._followed: tuple[Mapping[str, str], Entries] | None = None

    def following(self, moved: Mapping[str, str]) -> Entries:
        """Return the entries with benchmarks called as they are now.

        ``moved`` leads from former ids, in lower case. A glob that stands for a former id stands
        for that benchmark still.
        """
        if not moved:
            return self
        if self._followed is None or self._followed[0] != moved:
            self._followed = moved, Entries(self._moved(moved))
        return self._followed[1]

    def _moved(self, moved: Mapping[str, str]) -> Iterator[Entry]:
        for one in self._entries:
            if not one.is_glob:
                name = moved.get(one.benchmark.casefold(), one.benchmark)
                yield Entry(name, one.task)
                continue
            yield one
            for was, now in moved.items():
                if one.covers(was) and not one.covers(now):
                    yield Entry(now, one.task)

    @property
    def named(self) -> tuple[str, ...]:
        """The benchmarks that are named exactly, as they are written."""
        return tuple(same[0].benchmark for same in self._exact.values())

    def entries(self, benchmark: str, *, official: bool) -> list[Entry]:
        """Return the entries for a benchmark; globs are for ``official`` ones, and columns."""
        exact = self._exact.get(benchmark.casefold(), [])
        listed = official or is_aggregate(benchmark)
        return [*exact, *(one for one in self.globs if listed and one.covers(benchmark))]

    def tasks(
        self, benchmark: str, known: Tasks | None, *, official: bool
    ) -> dict[str | None, None]:
        """Return the tasks of a benchmark that are looked at, in order, each once."""
        found = self.entries(benchmark, official=official)
        return {task: None for one in found for task in one.tasks(known)}

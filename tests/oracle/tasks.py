"""Random lives of a benchmark's tasks, read by the program and by the rules alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from random import Random

from bot.core.alerts.benchmarks import Entries, entry
from bot.core.alerts.watch import Known, Watch, boards
from bot.core.board import BoardKey
from bot.core.tasks import Reading, Tasks, believe

BENCHMARK = "org/bench"
START = datetime(2026, 4, 1, tzinfo=UTC)
EVERY = timedelta(hours=1)
NAMES = ("text", "table", "chart", "Code", "[odd]", "text-hard", "a?b")
WRITTEN = ("", "#*", "#t*", "#TEXT*", "#text", "#chart", "#gone", "#[odd]", "#a?b", "#x*")

Ids = tuple[str, ...] | None
"""What ``eval.yaml`` said; None where it could not be read."""


def readings(random: Random, number: int) -> Iterator[Ids]:
    """Yield what is read of a benchmark's tasks, time after time."""
    there = random.sample(NAMES, random.randint(1, 5))
    for _ in range(number):
        glitch = random.random()
        seen = random.sample(there, random.randint(1, len(there))) if glitch < 0.3 else there
        yield None if glitch > 0.9 else tuple(seen)
        change = random.random()
        if change < 0.2 and len(there) > 1:
            there = random.sample(there, len(there) - 1)
        elif change < 0.4:
            there = [*there, *(one for one in random.sample(NAMES, 1) if one not in there)]
        elif change < 0.5:
            there = random.sample(there, len(there))
        elif change < 0.55:
            there = random.sample(NAMES, random.randint(1, 4))


@dataclass
class Rules:
    """What the rules say of the tasks that there are; ``known`` are None before a reading."""

    confirm: int
    known: list[str] | None = None
    first: str | None = None
    absent: dict[str, int] = field(default_factory=dict)
    doubted: list[set[str]] = field(default_factory=list)

    def read(self, ids: Ids) -> None:
        """Take one reading: what cannot be read changes nothing."""
        if ids is None:
            return
        if self.known is None:
            self.known, self.first = list(ids), ids[0]
            return
        lacking = {one for one in self.known if one not in ids}
        surely: set[str] = set()
        if 2 * len(lacking) > len(self.known):
            self.doubted.append(lacking)
            if len(self.doubted) < self.confirm:
                return
            surely = set.intersection(*self.doubted)
        self.doubted = []
        self.absent = {one: self.absent.get(one, 0) + 1 for one in lacking}
        left = {one for one, times in self.absent.items() if times >= self.confirm} | surely
        for one in left:
            self.absent.pop(one, None)
        held = [one for one in self.known if one in lacking - left]
        self.known = [*ids, *held]
        if self.first not in self.known:
            self.first = self.known[0]

    def looked_at(self, written: str) -> set[str | None]:
        """Return the tasks that an entry stands for, by what is behind its ``#``."""
        _, hash_, task = written.partition("#")
        if not hash_:
            return {self.first}
        if self.known is not None and task in self.known and task != "*":
            return {task}
        if not any(mark in task for mark in "*?["):
            return {task}
        if self.known is None:
            return {None} if task == "*" else set()
        return {one for one in self.known if fnmatchcase(one.casefold(), task.casefold())}


def _boards(entries: list[str], tasks: Tasks | None) -> set[str | None]:
    """Return the tasks of the boards that the program would poll."""
    unread = tasks or Tasks(asked_at=START, failed="no answer")
    known = Known(official=(BENCHMARK,), tasks={BENCHMARK: unread})
    watch = Watch(name="w", benchmarks=tuple(entries), channels=())
    found = boards([watch], known, EVERY)
    assert set(found) <= {BoardKey(BENCHMARK, key.task) for key in found}
    scope = Entries(map(entry, entries)).tasks(BENCHMARK, unread, official=True)
    assert {key.task for key in found} == set(scope)
    return set(scope)


def disagreements(seed: int, number: int) -> Iterator[str]:
    """Live one life; yield the first reading after which the two differ, if there is one."""
    random = Random(seed)
    rules, tasks = Rules(random.choice((1, 2, 2, 3))), None
    entries = [
        random.choice((BENCHMARK, "official", "org/*")) + behind
        for behind in random.sample(WRITTEN, random.randint(1, 3))
    ]
    earlier: list[Ids] = []
    for step, ids in enumerate(readings(random, number)):
        earlier.append(ids)
        rules.read(ids)
        if ids is not None:
            reading = Reading(ids=ids, name=None, etag=None, at=START + step * EVERY)
            tasks = believe(tasks, reading, confirm=rules.confirm).tasks
        theirs = {one for written in entries for one in rules.looked_at(written)}
        ours = _boards(entries, tasks)
        first = tasks.first if tasks else None
        known = set(tasks.ids or ()) if tasks else None
        if (ours, first, known) != (theirs, rules.first, rules.known and set(rules.known)):
            yield (
                f"tasks {seed}, reading {step}, confirm {rules.confirm}, {entries}\n  {earlier}\n"
                f"  program: {ours}, {known}, first {first}\n"
                f"  oracle:  {theirs}, {rules.known}, first {rules.first}"
            )
            return

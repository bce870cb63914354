"""What no single poll shows: the daemon, a backlog, very large boards, a long history."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from typing import NamedTuple

from benchmarks.hub import ROOT, LocalHub
from benchmarks.measure import (
    MB,
    cpu_of,
    ended,
    environment,
    memory_of,
    run,
    size,
    start,
)
from benchmarks.tools import configure

KEPT = 0.9
"""How much of the polls it must keep: it looks at what is due once a second."""
WAVES = 2
"""Polls of a board until they are spread: at first all are due at once."""
START_SECONDS = 3
"""Until a daemon polls."""
SAMPLE_SECONDS = 0.05
LEAST_SECONDS = 0.001
CONFIRMED = 2
"""Answers in a row after which a board that looks wholly different is believed."""


class Extent(NamedTuple):
    """How much of each: boards, seconds between their polls and of it, deliveries, rows, events."""

    boards: int
    every: int
    seconds: int
    deliveries: int
    share: int
    turned: int
    reversed: int
    events: int


class Found(NamedTuple):
    """One figure, with the most that it may be where there is a target."""

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None


class Extremes:
    """A folder and a Hub, for one question after another."""

    def __init__(self, hub: LocalHub, folder: Path, extent: Extent) -> None:
        self._hub = hub
        self._folder = folder
        self._extent = extent

    def measure(self) -> Iterator[Found]:
        """Answer all of them, and say each answer as it is found."""
        daemons = (self._daemons,) if self._extent.seconds else ()
        for ask in (*daemons, self._backlog, self._turned, self._events):
            for found in ask():
                print(f"{found.what}: {found.value:.4g} {found.unit}", flush=True)
                yield found

    def _daemons(self) -> Iterator[Found]:
        """Watch two daemons side by side: one that polls again and again, one without work."""
        boards, every, seconds = self._extent[:3]
        busy = self._polled(boards, "busy")
        idle = Path(copytree(busy, self._folder / "idle"))
        with (
            self._running(idle, boards, "1h", 0) as resting,
            self._running(busy, boards, f"{every}s", WAVES * every + START_SECONDS) as process,
        ):
            before = self._hub.counts()
            used, rest = cpu_of(process.pid), cpu_of(resting.pid)
            _pause(seconds)
            used, rest = cpu_of(process.pid) - used, cpu_of(resting.pid) - rest
            counted = self._hub.counts() - before
            memory = memory_of(process.pid)
        # Boards that are due together make a count depend on when it begins; intervals do not.
        polled = boards * 1000 * counted["intervals"] / max(counted["interval ms"], 1)
        title = f"daemon, {boards} boards every {every} s"
        yield Found(f"{title}: polls a second", polled, "/s", least=KEPT * boards / every)
        yield Found(f"{title}: CPU a poll", used / max(counted["boards"], 1) * 1000, "ms")
        yield Found(f"{title}: CPU", 100 * used / seconds, "% of a core")
        yield Found(f"{title}: peak memory", memory, "MB", most=110)
        title = f"daemon, {boards} boards, nothing due: CPU"
        yield Found(title, 100 * rest / seconds, "% of a core", most=0.3)

    def _backlog(self) -> Iterator[Found]:
        count, share = self._extent.deliveries, self._extent.share
        place = self._polled(1, "backlog")
        self._synthesize("backlog", place, count)
        seen = self._drained(place)
        first = _between(seen, share) - _between(seen, 1)
        last = _between(seen, count) - _between(seen, count - share)
        title = f"{count:,} deliveries, each tried four times before"
        yield Found(f"{title}: CPU of the first {share:,}", first, "s")
        yield Found(f"{title}: CPU of the last {share:,}", last, "s")
        yield Found(f"{title}: first by last", first / max(last, LEAST_SECONDS), "x", most=1.5)

    def _drained(self, place: Path) -> list[tuple[int, float]]:
        """Let a poll send all that is due; return posts and CPU seconds as they went."""
        self._hub.set(boards=1)
        process = start([*configure(place, self._hub.url, 1), "poll"], place)
        seen = [(0, 0.0)]
        while (used := ended(process, place, os.WNOHANG)) is None:
            seen.append((self._hub.counts()["posts"], cpu_of(process.pid)))
            _pause(SAMPLE_SECONDS)
        return [*seen, (self._hub.counts()["posts"], used.ru_utime + used.ru_stime)]

    def _turned(self) -> Iterator[Found]:
        for rows in sorted({self._extent.turned, self._extent.reversed}):
            place = self._polled(1, f"turned-{rows}", rows)
            command = [*configure(place, self._hub.url, 1), "poll"]
            self._hub.set(boards=1, rows=rows, turned=True)
            costs = [run(command, place, self._hub) for _ in range(CONFIRMED)]
            title = f"all scores of {rows:,} rows turned round"
            yield Found(f"{title}: CPU of the polls", sum(cost.cpu for cost in costs), "s")
            yield Found(f"{title}: peak memory", max(cost.memory for cost in costs), "MB")
            most = 60 if rows == self._extent.reversed else None
            yield Found(f"{title}: deliveries", sum(cost.posts for cost in costs), "", most=most)

    def _events(self) -> Iterator[Found]:
        count = self._extent.events
        place = self._made("events")
        self._synthesize("events", place, count)
        title = f"events --json of {count:,}"
        yield Found(f"{title}: size of the database", size(place), "MB")
        begin = time.monotonic()
        words = [*configure(place, self._hub.url, 1), "events", "--json"]
        process = start(words, place, subprocess.PIPE)
        first, length = _read(process, begin)
        used = ended(process, place)
        assert used is not None
        yield Found(f"{title}: the first one after", first, "s")
        yield Found(f"{title}: CPU", used.ru_utime + used.ru_stime, "s")
        yield Found(f"{title}: peak memory", used.ru_maxrss * 1024 / MB, "MB", most=110)
        yield Found(f"{title}: written", length / MB, "MB")

    def _polled(self, boards: int, name: str, rows: int = 50) -> Path:
        """Return a folder in which so many boards were polled once."""
        place = self._made(name)
        self._hub.set(boards=boards, rows=rows)
        run([*configure(place, self._hub.url, boards), "poll"], place, self._hub)
        return place

    def _made(self, name: str) -> Path:
        place = self._folder / name
        place.mkdir(parents=True)
        return place

    @contextmanager
    def _running(
        self, place: Path, boards: int, every: str, begin: float
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a daemon that began so many seconds ago."""
        process = start([*configure(place, self._hub.url, boards, every), "run"], place)
        try:
            _pause(begin)
            if ended(process, place, os.WNOHANG):
                raise SystemExit("the daemon ended by itself")
            yield process
        finally:
            process.terminate()
            process.wait()

    def _synthesize(self, kind: str, place: Path, count: int) -> None:
        words = ["-m", "benchmarks.synthesis", kind, str(place), str(count)]
        subprocess.run([sys.executable, *words], cwd=ROOT, env=environment(place), check=True)


def _read(process: subprocess.Popen[bytes], begin: float) -> tuple[float, int]:
    """Read all of it; return when the first item came, and how many bytes there were."""
    assert process.stdout is not None
    with process.stdout as output:
        length = len(output.readline()) + len(output.readline())
        first = time.monotonic() - begin
        while data := output.read(1 << 20):
            length += len(data)
    return first, length


def _between(seen: list[tuple[int, float]], posts: int) -> float:
    """Return the CPU seconds at so many posts, between the two samples around it."""
    high = next((one for one in seen if one[0] >= posts), seen[-1])
    low = max((one for one in seen if one[0] < posts), default=(0, 0.0))
    span = high[0] - low[0]
    return low[1] + (high[1] - low[1]) * (posts - low[0]) / span if span else high[1]


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)

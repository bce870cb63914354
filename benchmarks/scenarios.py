"""Polls: every tool at every size and in every case, in turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Any, NamedTuple

from benchmarks.hub import LocalHub
from benchmarks.measure import Cost, middle, run
from benchmarks.tools import OURS, command

FIRST = "first poll"
UNCHANGED = "unchanged, 304"
CHANGED = "5 % changed, with posts"
EQUAL = "unchanged, no ETags"
PROFILES = "profiles alone changed, no ETags"
CASES = (FIRST, UNCHANGED, CHANGED, EQUAL, PROFILES)


class Size(NamedTuple):
    """So many boards of so many rows, for these tools and cases."""

    boards: int
    tools: tuple[str, ...]
    rounds: int
    rows: int = 50
    cases: tuple[str, ...] = CASES
    firsts: int = 1


class Figure(NamedTuple):
    """What a tool took in one case, the medians of its rounds."""

    boards: int
    rows: int
    case: str
    tool: str
    cost: Cost


class Bench:
    """A folder and a Hub, in which tools take turns."""

    def __init__(self, hub: LocalHub, folder: Path, peers: Path) -> None:
        self._hub = hub
        self._folder = folder
        self._peers = peers
        self._costs: dict[tuple[str, str], list[Cost]] = {}

    def measure(self, size: Size) -> Iterator[Figure]:
        """Measure one size: each round changes boards, then asks again for what is the same."""
        self._costs = {}
        self._look_first(size)
        last = size.rounds if CHANGED in size.cases else 0
        for turn in range(1, size.rounds + 1):
            version = min(turn, last)
            self._poll(size, CHANGED, version=version)
            self._poll(size, UNCHANGED, version=version)
        for turn in range(1, size.rounds + 1):
            self._poll(size, PROFILES, version=last, followers=turn, etags=False)
            self._poll(size, EQUAL, version=last, followers=turn, etags=False)
        for (case, tool), costs in self._costs.items():
            yield Figure(size.boards, size.rows, case, tool, middle(costs))

    def _look_first(self, size: Size) -> None:
        for _ in range(size.firsts):
            for tool in size.tools:
                with suppress(FileNotFoundError):
                    rmtree(self._place(tool))
                self._place(tool).mkdir(parents=True)
            self._poll(size, FIRST, version=0)

    def _poll(self, size: Size, case: str, **wanted: Any) -> None:
        """Let every tool poll once; a case that is not asked for is left out."""
        if case not in size.cases:
            return
        print(f"… {case}", flush=True)
        self._hub.set(boards=size.boards, rows=size.rows, **wanted)
        for tool in size.tools:
            folder = self._place(tool)
            words = command(tool, folder, self._hub.url, size.boards, self._peers)
            cost = run(words, folder, self._hub)
            self._costs.setdefault((case, tool), []).append(cost)
        self._check(size, case)

    def _check(self, size: Size, case: str) -> None:
        """Refuse figures of a poll that did not do its work."""
        posts = self._costs[case, OURS][-1].posts
        expected = -(-size.boards // 20) if case == CHANGED else 0
        if posts != expected:
            raise SystemExit(f"{size.boards} boards, {case}: {posts} posts, not {expected}")

    def _place(self, tool: str) -> Path:
        return self._folder / tool.replace(" ", "-")


def scenarios(sizes: Sequence[Size], bench: Bench) -> Iterator[Figure]:
    """Measure sizes one after another, and say what was found as it is."""
    for size in sizes:
        print(f"Measuring {size.boards} boards of {size.rows} rows", flush=True)
        for figure in bench.measure(size):
            cpu = f"{figure.cost.cpu:8.2f} s of CPU, {figure.cost.wall:8.2f} s"
            print(f"{figure.boards:5} x {figure.rows:<4} {figure.case:33} {figure.tool:16} {cpu}")
            yield figure

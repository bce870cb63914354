"""Measures everything and writes the tables into the page.

python -m benchmarks [full|quick|tiny] [--peers FOLDER] [--page FILE] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.extremes import Extent, Extremes
from benchmarks.hub import ROOT, LocalHub
from benchmarks.measure import core
from benchmarks.report import page, placed
from benchmarks.scenarios import EQUAL, FIRST, PROFILES, UNCHANGED, Bench, Size, scenarios
from benchmarks.tools import BARE, OURS, REQUESTS, URLWATCH, WEBCHANGES, installed

LOOPS = (OURS, BARE, REQUESTS)
EVERYBODY = (*LOOPS, URLWATCH, WEBCHANGES)


class Plan(NamedTuple):
    """One run: which sizes, how much of the rest, and what is left out."""

    sizes: tuple[Size, ...]
    extent: Extent
    left_out: str


PLANS = {
    "full": Plan(
        sizes=(
            Size(20, EVERYBODY, rounds=7, firsts=5),
            Size(200, EVERYBODY, rounds=5, firsts=3),
            Size(400, (OURS, BARE), rounds=3, cases=(FIRST, UNCHANGED, EQUAL, PROFILES)),
            Size(2000, (*LOOPS, URLWATCH), rounds=3),
            Size(200, (*LOOPS, URLWATCH), rounds=3, rows=500),
        ),
        extent=Extent(200, 10, 60, 10_000, 1000, 5000, 1000, 500_000),
        left_out="webchanges is left out above 200 boards of 50 rows: a poll takes it minutes.",
    ),
    "quick": Plan(
        sizes=(
            Size(20, (*LOOPS, URLWATCH), rounds=2),
            Size(200, (*LOOPS, URLWATCH), rounds=1),
            Size(400, (OURS, BARE), rounds=1, cases=(FIRST, EQUAL, PROFILES)),
        ),
        extent=Extent(100, 5, 10, 400, 100, 1000, 1000, 25_000),
        left_out="webchanges is left out: it takes longer than all others together.",
    ),
    "tiny": Plan(
        sizes=(Size(5, (OURS, BARE), rounds=1),),
        extent=Extent(5, 1, 0, 20, 5, 10, 10, 100),
        left_out="Only a trial of the harness.",
    ),
}


def facts(name: str, plan: Plan, load: float) -> list[str]:
    """Return on what this was measured, without anything that names the machine."""
    today = datetime.now(UTC).date()  # noqa: TID251 -- a report of now
    cores = len(os.sched_getaffinity(0))
    return [
        f"The {name} run of {today}: Python {platform.python_version()},",
        f"SQLite {sqlite3.sqlite_version}, {cores} cores; the load at its start was {load:.1f}.",
        plan.left_out,
    ]


def measure(name: str, peers: Path, folder: Path) -> str:
    """Measure what a plan asks for, and return the tables."""
    plan = PLANS[name]
    said = facts(name, plan, os.getloadavg()[0])
    there = {OURS, BARE, REQUESTS, *installed(peers)}
    sizes = [one._replace(tools=tuple(t for t in one.tools if t in there)) for one in plan.sizes]
    with LocalHub() as hub:
        os.sched_setaffinity(0, {core()})
        figures = list(scenarios(sizes, Bench(hub, folder, peers)))
        found = list(Extremes(hub, folder, plan.extent).measure())
    return page(figures, found, said)


def options(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", choices=PLANS)
    parser.add_argument("--peers", type=Path, default=ROOT / "build" / "peers")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "performance.md")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="for what tools keep")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    given = options(words)
    begin = time.monotonic()
    for part in ("bot", "migrations", "benchmarks"):  # or the first start would compile them
        compileall.compile_dir(ROOT / part, quiet=1)
    given.folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.folder.resolve()) as made:
        tables = measure(given.plan, given.peers.resolve(), Path(made))
    given.page.write_text(placed(given.page.read_text("utf-8"), given.plan, tables), "utf-8")
    print(f"{given.page} is written, after {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()

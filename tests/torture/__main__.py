"""``make torture``: every attack in full, on SQLite and PostgreSQL; ends with the figures."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.support.process.fork_server import ForkServer
from tests.support.store.postgres import Postgres, server
from tests.torture.attacks import (
    COLLECTING,
    FAULTS,
    first_sight,
    rivals,
    storm,
    sweep,
    trials,
    windows,
)
from tests.torture.tally import Tally

RIVALS = 30
AT_RANDOM = 100
"""Kills at random moments, for each database."""


def attacks(seed: int, postgres: Postgres | None) -> Iterator[tuple[str, Callable[[], Tally]]]:
    """Name every attack on one kind of database, each to be called."""
    with ForkServer() as fork_server:
        new_trial = trials(fork_server, postgres)
        yield "every point of the first poll", partial(first_sight, new_trial)
        for fault in FAULTS:
            besides = {"": "", "hub down": ", the Hub down"}.get(fault, f", the receiver {fault}")
            yield f"every point of a poll{besides}", partial(sweep, new_trial, fault)
        collecting = trials(fork_server, postgres, COLLECTING)
        yield "every point of a poll that collects", partial(sweep, collecting, "")
        yield "every point of a poll that tells what was collected", partial(windows, collecting)
        yield "two polls that tell what was collected", partial(rivals, collecting, RIVALS)
        yield f"random moments, seed {seed}", partial(storm, new_trial, seed, AT_RANDOM)


def attack(name: str, seed: int, postgres: Postgres | None) -> Tally:
    """Go through every attack on one kind of database, telling how each ended."""
    total = Tally()
    for what, run in attacks(seed, postgres):
        tally = run()
        total += tally
        problems = f", {len(tally.problems)} PROBLEMS" if tally.problems else ""
        say(f"{name}, {what}: {tally.kills.total()} kills{problems}")
    return total


def report(tally: Tally, seconds: float) -> None:
    """Say what came of it all."""
    for problem in tally.problems:
        say(f"PROBLEM {problem}")
    for point, kills in sorted(tally.points.items()):
        say(f"  {kills:4} at {point}")
    for how, kills in sorted(tally.kills.items()):
        say(f"  {kills:4} {how}")
    say(
        f"kills survived {tally.kills.total()}, faults injected {tally.faults}, "
        f"changes {tally.changes}, lost {tally.lost}, twice {tally.twice}, "
        f"repeats with the same id {tally.repeats}, problems {len(tally.problems)}, "
        f"{seconds / 60:.0f} min"
    )


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Attack both kinds of database side by side; exit status 1 where anything went wrong."""
    seed = int(sys.argv[1]) if sys.argv[1:] else int(time.time())
    began = time.monotonic()
    with server() as postgres, ThreadPoolExecutor() as pool:
        both = (("SQLite", None), ("PostgreSQL", postgres))
        tallies = [pool.submit(attack, name, seed, where) for name, where in both]
        total = sum((tally.result() for tally in tallies), Tally())
    report(total, time.monotonic() - began)
    sys.exit(bool(total.problems))


if __name__ == "__main__":
    main()

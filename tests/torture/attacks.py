"""Ways to kill the program: at every point in turn, and at random moments."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.support.hub.fake_hub import SampleHub
from tests.support.process.fork_server import ForkServer
from tests.support.store.postgres import Postgres
from tests.torture.tally import Tally
from tests.torture.trial import Trial

FAULTS = ("", "refuses", "cuts", "hub down")
"""What may go wrong besides, for attacks to go through one after the other."""

MOST_POINTS = 999
"""No command comes to that many."""

POLL_SECONDS = 0.6
RUN_SECONDS = 3.0
OWN_INTERPRETER_EVERY = 25
CHANGE_EVERY = 5

NewTrial = Callable[[int], AbstractContextManager[Trial]]
"""Begins a trial with so many boards and an empty database."""


COLLECTING = 'digest = "1s"\nat_once = []\n'
"""Of a channel: everything waits a second for a digest."""


def trials(fork_server: ForkServer, postgres: Postgres | None = None, keys: str = "") -> NewTrial:
    """Return what begins trials on SQLite, or on a PostgreSQL server, with keys of channels."""

    @contextmanager
    def trial(boards: int) -> Iterator[Trial]:
        with (
            TemporaryDirectory() as folder,
            SampleHub() as hub,
            _database(Path(folder), postgres) as url,
            Trial(Path(folder), url, hub, fork_server, boards, keys).running() as made,
        ):
            yield made

    return trial


@contextmanager
def _database(folder: Path, postgres: Postgres | None) -> Iterator[str]:
    if postgres is None:
        yield f"sqlite:///{folder / 'bot.db'}"
        return
    with postgres.database(f"torture_{uuid.uuid4().hex}") as url:
        yield url


def sweep(
    new_trial: NewTrial, fault: str = "", numbers: Iterable[int] = range(1, MOST_POINTS)
) -> Tally:
    """Kill a poll that finds changes at each of these points, until one goes through."""
    with new_trial(1) as trial:
        trial.begin()
        for number in numbers:
            trial.change()
            trial.upset(fault)
            own = number % OWN_INTERPRETER_EVERY == 0
            killed = trial.strike(failpoint=str(number), own_interpreter=own)
            trial.settle()
            if not killed:
                return trial.tally
    raise AssertionError("no run went through")


def first_sight(new_trial: NewTrial, numbers: Iterable[int] = range(1, MOST_POINTS)) -> Tally:
    """Kill the very first poll, which makes the database, at each of these points in turn.

    The baseline that the next one takes is silent, and (now and then) what changes after is told.
    """
    tally = Tally()
    for number in numbers:
        with new_trial(1) as trial:
            killed = trial.strike(failpoint=str(number))
            trial.settle()
            if number % CHANGE_EVERY == 0 or not killed:
                trial.change()
                trial.settle()
        tally += trial.tally
        if not killed:
            return tally
    raise AssertionError("no run went through")


def storm(new_trial: NewTrial, seed: int, kills: int) -> Tally:
    """Kill polls and daemons at random moments, a few times in a row, with random faults."""
    random = Random(seed)
    with new_trial(3) as trial:
        trial.begin()
        while trial.tally.kills.total() < kills:
            trial.change()
            for _ in range(random.randint(1, 3)):
                trial.hub.recover()
                trial.upset(random.choice((*FAULTS, "")))
                command = random.choice(("poll", "poll", "run"))
                seconds = RUN_SECONDS if command == "run" else POLL_SECONDS
                point = str(random.randint(1, 300)) if random.random() < 0.3 else ""
                life = seconds if point else random.uniform(0.02, seconds)
                trial.strike(command, failpoint=point, life=life)
            trial.settle()
    return trial.tally


def windows(new_trial: NewTrial, numbers: Iterable[int] = range(1, MOST_POINTS)) -> Tally:
    """Kill a poll that tells what was collected at each of these points, until one goes through."""
    with new_trial(1) as trial:
        trial.begin()
        for number in numbers:
            trial.change()
            trial.run("poll")
            trial.await_end()
            killed = trial.strike(failpoint=str(number))
            trial.settle()
            if not killed:
                return trial.tally
    raise AssertionError("no run went through")


def rivals(new_trial: NewTrial, rounds: int) -> Tally:
    """Let two polls at once tell what was collected, again and again."""
    with new_trial(1) as trial:
        trial.begin()
        for _ in range(rounds):
            trial.change()
            trial.run("poll")
            trial.await_end()
            trial.run_twice("poll")
            trial.settle()
    return trial.tally

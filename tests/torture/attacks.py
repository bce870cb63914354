"""Ways to kill the program: at every point in turn, and at random moments."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.support.fake_hub import SampleHub
from tests.support.postgres import Postgres
from tests.support.process.fork_server import ForkServer
from tests.torture.scene import Scene, Tally

FAULTS = ("", "refuses", "cuts", "hub down")
"""What may go wrong besides, for attacks to go through one after the other."""

MOST_POINTS = 999
"""No command comes to that many."""

POLL_SECONDS = 0.6
RUN_SECONDS = 3.0
OWN_INTERPRETER_EVERY = 25
CHANGE_EVERY = 5

Stage = Callable[[int], AbstractContextManager[Scene]]
"""Makes a scene with so many boards and an empty database."""


def stage(fork_server: ForkServer, postgres: Postgres | None = None) -> Stage:
    """Return what makes scenes on SQLite, or on a PostgreSQL server."""

    @contextmanager
    def scene(boards: int) -> Iterator[Scene]:
        with (
            TemporaryDirectory() as folder,
            SampleHub() as hub,
            _database(Path(folder), postgres) as url,
            Scene(Path(folder), url, hub, fork_server, boards).running() as made,
        ):
            yield made

    return scene


@contextmanager
def _database(folder: Path, postgres: Postgres | None) -> Iterator[str]:
    if postgres is None:
        yield f"sqlite:///{folder / 'bot.db'}"
        return
    with postgres.database(f"torture_{uuid.uuid4().hex}") as url:
        yield url


def sweep(make: Stage, fault: str = "", numbers: Iterable[int] = range(1, MOST_POINTS)) -> Tally:
    """Kill a poll that finds changes at each of these points, until one goes through."""
    with make(1) as scene:
        scene.run("poll")
        for number in numbers:
            scene.change()
            scene.upset(fault)
            own = number % OWN_INTERPRETER_EVERY == 0
            killed = scene.strike(failpoint=str(number), own_interpreter=own)
            scene.settle()
            if not killed:
                return scene.tally
    raise AssertionError("no run went through")


def first_sight(make: Stage, numbers: Iterable[int] = range(1, MOST_POINTS)) -> Tally:
    """Kill the very first poll, which makes the database, at each of these points in turn.

    The baseline that the next one takes is silent, and (now and then) what changes after is told.
    """
    tally = Tally()
    for number in numbers:
        with make(1) as scene:
            killed = scene.strike(failpoint=str(number))
            scene.settle()
            if number % CHANGE_EVERY == 0 or not killed:
                scene.change()
                scene.settle()
        tally += scene.tally
        if not killed:
            return tally
    raise AssertionError("no run went through")


def storm(make: Stage, seed: int, kills: int) -> Tally:
    """Kill polls and daemons at random moments, a few times in a row, with random faults."""
    random = Random(seed)
    with make(3) as scene:
        scene.run("poll")
        while scene.tally.kills.total() < kills:
            scene.change()
            for _ in range(random.randint(1, 3)):
                scene.hub.recover()
                scene.upset(random.choice((*FAULTS, "")))
                command = random.choice(("poll", "poll", "run"))
                seconds = RUN_SECONDS if command == "run" else POLL_SECONDS
                point = str(random.randint(1, 300)) if random.random() < 0.3 else ""
                life = seconds if point else random.uniform(0.02, seconds)
                scene.strike(command, failpoint=point, life=life)
            scene.settle()
    return scene.tally

"""Fixtures that several parts share."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.store import Store, open_existing, upgrade
from tests.support.commands import Commands
from tests.support.hub.fake_hub import SampleHub
from tests.support.process.fork_server import ForkServer
from tests.support.store.migrated import place
from tests.support.store.postgres import Postgres, empty, server
from tests.support.store.statements import share

# A slow machine fails no test; a change on its way in is not failed by chance.
_SLOW = (HealthCheck.too_slow,)
settings.register_profile("here", deadline=None, suppress_health_check=_SLOW, max_examples=25)
settings.register_profile("long", settings.get_profile("here"), max_examples=200)
settings.register_profile(
    "ci", deadline=None, suppress_health_check=_SLOW, derandomize=True, max_examples=25
)
settings.load_profile(
    "ci" if os.environ.get("CI") == "true" else os.environ.get("EXAMPLES", "here")
)
share()
gc.disable()  # until everything is collected: what tests are made of stays to the end

LONGEST_NAME = 200
LONG = tuple(f"tests/{name}/" for name in ("torture", "project", "store", "web", "cli", "jobs"))
WAITING = ("tests/e2e/", "tests/daemon/")
AMONG = 0.45
"""Among the first of all other modules, so many of them, are those that wait: the long ones."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take long, and spread those that wait among them.

    What begins last keeps but one worker busy; where all of them wait, no core works. The tests of
    a module that works stay together, for what they share.
    """
    waiting = sorted((i for i in items if i.nodeid.startswith(WAITING)), key=lambda i: i.name)
    working = [item for item in items if not item.nodeid.startswith(WAITING)]
    working.sort(key=_place)
    modules = [list(some) for _, some in groupby(working, key=lambda item: item.path)]
    parts = [(place / len(modules), some) for place, some in enumerate(modules)]
    parts += [(AMONG * place / len(waiting), [one]) for place, one in enumerate(waiting)]
    items[:] = chain.from_iterable(some for _, some in sorted(parts, key=itemgetter(0)))


def _place(item: pytest.Item) -> int:
    """Return the place of a test's folder among those that take long; last are all others."""
    found = (place for place, folder in enumerate(LONG) if item.nodeid.startswith(folder))
    return next(found, len(LONG))


def pytest_collection_finish() -> None:
    """Look for garbage from here on, and never again among what is there now."""
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test by the beginning of what is long: names go from process to process."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_NAME:
        return f"{val[:LONGEST_NAME]!a} and {len(val) - LONGEST_NAME} more"
    return None


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return what sets variables, in an environment that names no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.fixture
def hub() -> Iterator[SampleHub]:
    """Run an empty sample Hub on loopback."""
    with SampleHub() as running:
        yield running


@pytest.fixture
def commands(tmp_path: Path, hub: SampleHub) -> Commands:
    """Give the program's commands a folder, a configuration and the sample Hub."""
    return Commands(tmp_path, hub)


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Run a parent to fork commands from."""
    with ForkServer() as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL server."""
    with server() as running:
        yield running


@pytest.fixture(scope="session")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Store the sample weeks, and return the folder of the configuration and the database.

    That takes seconds, so one worker does, and the others copy what it made.
    """
    from tests.support.page import make_weeks  # its libraries take long to load

    made = tmp_path_factory.mktemp("weeks")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make_weeks(made)
    shared = tmp_path_factory.getbasetemp().parent / "weeks"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            shutil.copytree(make_weeks(made), shared)
            return made
    return shutil.copytree(shared, made, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database file to copy."""
    return place(tmp_path_factory.mktemp("migrated") / "leaderboard-bot.db")


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """Make a PostgreSQL database to empty after each test: a new one each would be slow."""
    with postgres.database("migrated") as url:
        upgrade(url)
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of an SQLite database that is set up and empty."""
    return f"sqlite:///{place(tmp_path / 'leaderboard-bot.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database that is not set up, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'leaderboard-bot.db'}"
    else:
        with request.getfixturevalue("postgres").database(f"t{uuid.uuid4().hex}") as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a database that is set up and empty, of each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        url = request.getfixturevalue("migrated_postgres")
        yield url
        empty(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Open a store on a database that is set up and empty, of each kind in turn."""
    opened = open_existing(store_url)
    yield opened
    opened.close()

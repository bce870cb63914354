"""What commands write into pipes whose readers stop, or go away."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import struct
import termios
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from bot.core.board import ModelFacts
from bot.store import open_existing
from tests.support.process.fork_server import Forked, ForkServer
from tests.support.process.installation import TIMEOUT
from tests.support.store.migrated import place
from tests.support.store.stored import START, delivery
from tests.support.store.units import enqueue, remember
from tests.support.waiting import until
from tests.views.test_paging import fill_events, fill_rows, pooled

pytestmark = pytest.mark.xdist_group("pipes")

COMMANDS = [
    ["events", "--json"],
    ["export", "--format", "csv"],
    ["export", "--format", "json"],
    ["history", "acme/bench", "--json"],
    ["deliveries", "--json"],
]


@pytest.fixture(scope="module")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database that holds more than a pipe does."""
    path = place(tmp_path_factory.mktemp("filled") / "leaderboard-bot.db")
    with closing(open_existing(f"sqlite:///{path}")) as store:
        fill_events(store, 3000)
        fill_rows(store, 3000)
        enqueue(store, [delivery(f"d{n}") for n in range(3000)], START)
    return path


@pytest.fixture
def folder(filled_database: Path, tmp_path: Path) -> Path:
    """Give a folder with a configuration and a copy of that database."""
    shutil.copy(filled_database, tmp_path)
    (tmp_path / "config.toml").write_text(
        '[database]\nurl = "sqlite:///leaderboard-bot.db"\n', encoding="utf-8"
    )
    return tmp_path


@contextmanager
def started(
    fork_server: ForkServer, folder: Path, command: list[str]
) -> Iterator[tuple[Forked, BinaryIO]]:
    """Run a command whose output nobody reads yet, and give it with that output."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as output:
        with os.fdopen(write, "wb"):
            process = fork_server.start(command, folder, out=write)
        try:
            yield process, output
        finally:
            process.kill()
            process.communicate()


def filled(output: BinaryIO) -> bool:
    """Tell whether the pipe is so full that the command waits for its reader."""
    size = fcntl.fcntl(output, fcntl.F_GETPIPE_SZ)
    held = fcntl.ioctl(output, termios.FIONREAD, b"\0" * 4)
    return int(struct.unpack("i", held)[0]) > size - 4096


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reader_that_stops_keeps_no_writer_out(
    fork_server: ForkServer, folder: Path, command: list[str]
) -> None:
    """And gets the rest, whole, when it goes on."""
    url = f"sqlite:///{folder / 'leaderboard-bot.db'}"
    with (
        closing(open_existing(url)) as store,
        started(fork_server, folder, command) as (process, output),
    ):
        pooled(store).patience_s = 0
        assert until(lambda: filled(output))
        remember(store, {"acme/a": ModelFacts()}, START)
        out = output.read()
        _, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, err) == (0, "")
    lines = len(out.splitlines()) - 1 if "csv" in command else len(json.loads(out))
    assert lines == 3000


def test_a_reader_that_goes_away_ends_the_command(fork_server: ForkServer, folder: Path) -> None:
    """As it does when only the first lines are asked for."""
    with started(fork_server, folder, COMMANDS[0]) as (process, output):
        assert output.readline() == b"[\n"
        assert json.loads(output.readline().rstrip(b",\n"))["id"] == "e0"
        output.close()
        _, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, err) == (0, "")

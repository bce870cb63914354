"""What commands write into pipes whose readers stop, or go away."""

from __future__ import annotations

import fcntl
import json
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.core.board import ModelFacts
from bot.store import open_existing
from tests.support.process.installation import TIMEOUT, environment
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
def started(folder: Path, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command whose output nobody reads yet."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *command],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def filled(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether the pipe is so full that the command waits for its reader."""
    assert process.stdout is not None
    size = fcntl.fcntl(process.stdout, fcntl.F_GETPIPE_SZ)
    held = fcntl.ioctl(process.stdout, termios.FIONREAD, b"\0" * 4)
    return int(struct.unpack("i", held)[0]) > size - 4096


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reader_that_stops_keeps_no_writer_out(folder: Path, command: list[str]) -> None:
    """And gets the rest, whole, when it goes on."""
    url = f"sqlite:///{folder / 'leaderboard-bot.db'}"
    with closing(open_existing(url)) as store, started(folder, command) as process:
        pooled(store).patience_s = 0
        assert until(lambda: filled(process))
        remember(store, {"acme/a": ModelFacts()}, START)
        out, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, err) == (0, b"")
    lines = len(out.splitlines()) - 1 if "csv" in command else len(json.loads(out))
    assert lines == 3000


def test_a_reader_that_goes_away_ends_the_command(folder: Path) -> None:
    """As it does when only the first lines are asked for."""
    with started(folder, COMMANDS[0]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"[\n"
        assert json.loads(process.stdout.readline().rstrip(b",\n"))["id"] == "e0"
        process.stdout.close()
        assert process.wait(TIMEOUT) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
        process.stdout = None

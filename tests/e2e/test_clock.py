"""A daemon whose clock is set (by libfaketime, where it is installed) goes on telling."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from tests.support.hub.fake_hub import board
from tests.support.process.installation import (
    BENCH,
    TIMEOUT,
    Installation,
    boards_asked,
    environment,
)
from tests.support.waiting import until

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
WATCH = f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"\nevery = "1s"'
ABC = (("acme/a", 80.0), ("acme/b", 70.0))

pytestmark = [
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed"),
    pytest.mark.long,
]


@contextmanager
def daemon(
    installation: Installation, offset: Path, zone: str = "UTC"
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the daemon with a wall clock that follows the offset in a file."""
    faked = environment(
        TZ=zone,
        LD_PRELOAD=str(LIBRARY),
        FAKETIME_TIMESTAMP_FILE=str(offset),
        FAKETIME_CACHE_DURATION="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    with (installation.folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "bot", "--config", str(installation.config), "run"]
        process = subprocess.Popen(command, cwd=installation.folder, env=faked, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def set_clock(offset: Path, seconds: float) -> None:
    new = offset.with_suffix(".new")
    new.write_text(f"{seconds:+.0f}\n")
    new.replace(offset)


def tells_the_next_change(installation: Installation, number: int) -> None:
    """A model takes the lead, which is told; polls go on."""
    installation.hub.set(BENCH, board(("acme/n", 90.0 + number), *ABC))
    assert installation.receiver.wait(number)
    seen = len(installation.hub.requests)
    assert until(lambda: len(installation.hub.requests) > seen + 2)


def clock_is_set(installation: Installation, times: int) -> bool:
    """Tell whether the daemon has noticed so often that its clock was set."""
    return (installation.folder / "log").read_bytes().count(b"the clock was set") >= times


def test_a_daemon_goes_on_when_its_clock_is_set(installation: Installation) -> None:
    """By hours or years: it notices in seconds, polls on, tells each change once, ends in time."""
    offset = installation.folder / "offset"
    set_clock(offset, 0)
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with daemon(installation, offset) as process:
        assert until(lambda: boards_asked(installation) >= 2)
        for number, hours in enumerate((-5, 5, 3 * 365 * 24), 1):
            set_clock(offset, hours * 3600)
            assert until(partial(clock_is_set, installation, number))
            tells_the_next_change(installation, number)
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert len(installation.receiver.requests) == 3


@pytest.mark.parametrize("change", ["2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"])
def test_summer_time_that_begins_or_ends_changes_nothing(
    installation: Installation, change: str
) -> None:
    """Polls go on at their pace through the hour that is missing, or there twice."""
    offset = installation.folder / "offset"
    set_clock(offset, datetime.fromisoformat(change).timestamp() - time.time() - 3)
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with daemon(installation, offset, "Europe/Paris") as process:
        assert until(lambda: boards_asked(installation) >= 5, TIMEOUT)
        installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
        assert installation.receiver.wait(1)
        process.terminate()
        assert process.wait(timeout=10) == 0
    (request,) = installation.receiver.requests
    told = json.loads(request.body)["timestamp"]
    assert change[:13] <= told < change[:14] + "10"

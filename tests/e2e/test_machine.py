"""The whole program where the machine fails it: told in a sentence, and nothing lost after."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import which
from threading import Event

import pytest

from tests.e2e.test_run import ABC, WATCH, end, polls
from tests.support.hub.fake_hub import board
from tests.support.process.fork_server import Forked
from tests.support.process.installation import BENCH, Installation, environment
from tests.support.process.pipes import full_pipe
from tests.support.servers import RawServer
from tests.support.waiting import until

WITHIN = 10
# Modes bind root only without the right to override them.
BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


def bounded(installation: Installation, what: int, soft: int) -> subprocess.CompletedProcess[str]:
    """Poll in a process that one resource is kept from."""
    command, limits = installation.command("poll"), {what: soft}
    return installation.fork_server.run(command, installation.folder, limits=limits)


def unprivileged(installation: Installation) -> subprocess.CompletedProcess[str]:
    """Poll in a process that modes bind."""
    return subprocess.run(
        [*BOUND, sys.executable, "-m", "bot", *installation.command("poll")],
        cwd=installation.folder, env=environment(), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def one_sentence(done: subprocess.CompletedProcess[str], told: str) -> None:
    assert done.returncode == 1, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    origin, *said = done.stderr.splitlines()
    assert origin.startswith("configuration: ")
    assert said[0].startswith("leaderboard-bot: ")


def changed(installation: Installation) -> None:
    """Poll a first time, then let a model take the lead."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    installation.poll()
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))


def told_once(installation: Installation) -> None:
    """The next polls tell the change that was in the way of a fault, and tell it once."""
    assert installation.poll()["events"] == 1
    assert installation.poll()["events"] == 0
    assert [event["model"] for event in installation.events()] == ["acme/n"]
    assert "in order" in installation.run("db", "check").stdout


# --- one poll ----------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [0, 65536])
def test_a_disk_without_room_loses_nothing(installation: Installation, room: int) -> None:
    """Wherever in a poll the room ends."""
    changed(installation)
    one_sentence(bounded(installation, resource.RLIMIT_FSIZE, room), "Check its health and room")
    told_once(installation)


def fill(path: Path) -> None:
    """Write until an error ends it."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def test_a_really_full_disk_loses_nothing(installation: Installation, tmp_path: Path) -> None:
    """A small file system, filled to its last byte, and emptied again."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may mount nothing")
    try:
        installation.database.symlink_to(disk / "bot.db")
        changed(installation)
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space"):
            fill(filler)
        one_sentence(installation.run("poll"), "disk that holds the database is full. Make room")
        filler.unlink()
        told_once(installation)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_process_without_files_left_loses_nothing(installation: Installation) -> None:
    """Each board, or the database, says what is missing."""
    changed(installation)
    failed = bounded(installation, resource.RLIMIT_NOFILE, 5)
    assert "Traceback" not in failed.stderr
    assert failed.returncode == 1
    assert failed.stderr.strip()
    told_once(installation)


OTHER = 20_000 + os.getpid() % 20_000
"""A user of this test process's own: processes are counted by user."""
OTHER_USER = (
    "setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups",
    "--inh-caps=+dac_override,+dac_read_search", "--ambient-caps=+dac_override,+dac_read_search",
) if os.geteuid() == 0 else ()  # fmt: skip
"""Limits of processes do not bind root."""

NO_THREAD = "no thread can be started: raise the limit of processes"


def few_threads(installation: Installation, command: str, most: int) -> subprocess.Popen[str]:
    """Start a command in a process that may have so many threads, of a user that has no other."""
    if OTHER_USER and subprocess.run([*OTHER_USER, "true"], check=False).returncode:
        pytest.skip("this root may become no other user")
    limited = (
        "import resource\nfrom bot.__main__ import main\n"
        f"resource.setrlimit(resource.RLIMIT_NPROC, ({most}, {most}))\n"
        "main()"
    )
    return subprocess.Popen(
        [*OTHER_USER, sys.executable, "-c", limited, command], cwd=installation.folder,
        env=environment(LEADERBOARD_BOT_CONFIG=str(installation.config)),
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["poll", "run"])
def test_a_process_that_may_start_no_thread_says_so(
    installation: Installation, command: str
) -> None:
    """In one sentence with the remedy, and with status 1."""
    changed(installation)
    process = few_threads(installation, command, 1)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert errors.count(NO_THREAD) == 1
    assert "Traceback" not in errors
    told_once(installation)


def test_a_daemon_that_may_start_no_further_thread_says_so_once(installation: Installation) -> None:
    """However long it lasts; it ends in order, and its heart does not beat meanwhile."""
    if not OTHER_USER:
        pytest.skip("this user has other processes, which count")
    changed(installation)
    process = few_threads(installation, "run", 2)  # the second one ticks
    try:
        assert process.stderr is not None
        assert any(NO_THREAD in process.stderr.readline() for _ in range(2))
        Event().wait(2.5)
        process.terminate()
        _, rest = process.communicate(timeout=WITHIN)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, rest
    assert NO_THREAD not in rest
    told_once(installation)


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.mark.skipif(os.geteuid() == 0 and not which("setpriv"), reason="modes bind no root")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_may_not_be_written_is_told(installation: Installation, what: str) -> None:
    """A database, or its folder, that is read-only."""
    changed(installation)
    bits = {"folder": (0o555, 0o600), "file": (0o755, 0o444)}[what]
    with mode(installation.folder, bits[0]), mode(installation.database, bits[1]):
        one_sentence(unprivileged(installation), "this user")
    told_once(installation)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_database_that_stays_locked_is_told(installation: Installation) -> None:
    """After the time for which it is waited."""
    changed(installation)
    with locked(installation.database):
        one_sentence(installation.run("poll"), "locked by another program. Let that end")
    told_once(installation)


def test_a_damaged_database_is_told(installation: Installation) -> None:
    """And a copy that was made before brings everything back."""
    changed(installation)
    copy = installation.folder / "copy.db"
    assert installation.run("db", "backup", str(copy)).returncode == 0
    content = bytearray(installation.database.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    installation.database.write_bytes(content)
    one_sentence(
        installation.run("poll"), "damaged. Restore a copy made by `leaderboard-bot db backup`"
    )
    copy.replace(installation.database)
    told_once(installation)


def test_the_zone_of_the_machine_changes_nothing(installation: Installation) -> None:
    """Times are UTC, also where clocks are set forward or back."""
    changed(installation)
    installation.poll()
    with closing(sqlite3.connect(installation.database)) as raw, raw:
        raw.execute("UPDATE events SET at = '2026-10-25 00:30:00.000000'")
        raw.execute("UPDATE deliveries SET created_at = '2026-03-29 01:30:00.000000'")
    for command in ("events", "deliveries"):
        here = installation.run(command, "--json", TZ="UTC").stdout
        there = installation.run(command, "--json", TZ="Europe/Paris").stdout
        assert here == there
        assert ("00:30:00" in here) or ("01:30:00" in here)


# --- the daemon --------------------------------------------------------------------------------


def stall(_connection: object, _head: bytes, stop: Event) -> None:
    stop.wait(60)


def passing(installation: Installation, process: Forked, what: int, soft: int, told: str) -> None:
    """Keep one resource from a running daemon until it says so, and give it back."""
    before = resource.prlimit(process.pid, what)
    resource.prlimit(process.pid, what, (soft, before[1]))
    assert until(lambda: told in str(process.stderr)), process.stderr
    assert process.poll() is None, process.stderr
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    resource.prlimit(process.pid, what, before)


@pytest.mark.parametrize(
    ("what", "soft", "told"),
    [
        (resource.RLIMIT_FSIZE, 0, "Check its health and room"),
        pytest.param(resource.RLIMIT_NOFILE, 3, "ERROR", marks=pytest.mark.long),
    ],
    ids=["no room", "no files"],
)
def test_the_daemon_outlives_a_machine_in_need(
    installation: Installation, what: int, soft: int, told: str
) -> None:
    """It says what it lacks, goes on, and tells what changed once it has it again."""
    installation.configure(WATCH)
    text = installation.config.read_text()
    installation.config.write_text(text.replace('timeout = "5s"', 'timeout = "1s"'))
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 2)
        # Between two polls; in the middle of one it takes longer, until the claim runs out.
        Event().wait(0.4)
        passing(installation, process, what, soft, told)
        assert installation.receiver.wait(1, seconds=50)
        status, errors = end(process)
    assert status == 0
    assert "Traceback" not in errors
    assert [event["model"] for event in installation.events()] == ["acme/n"]


def stopped(process: Forked, *sent: signal.Signals) -> str:
    """Send signals; the process must end in time, with exit status 0 and without a traceback."""
    began = time.monotonic()
    for number in sent:
        process.send_signal(number)
    _, errors = process.communicate(timeout=3 * WITHIN)
    assert process.returncode == 0, errors
    assert time.monotonic() - began < WITHIN, errors
    assert "Traceback" not in errors
    return errors


TERM = signal.SIGTERM


def hub_stalls(installation: Installation, watched: str) -> None:
    with RawServer(stall) as hub:
        installation.configure(f'name = "w"\nbenchmarks = ["{watched}"]\nevery = "1s"')
        text = installation.config.read_text().replace(installation.hub.url, hub.endpoint)
        installation.config.write_text(text.replace('timeout = "5s"', 'timeout = "30s"'))
        with installation.daemon() as process:
            assert hub.wait_for_heads(1, 30)
            stopped(process, TERM, TERM)


def receiver_stalls(installation: Installation) -> None:
    changed(installation)
    text = installation.config.read_text()
    with RawServer(stall) as raw:
        installation.config.write_text(text.replace(installation.receiver.url, raw.endpoint + "/"))
        with installation.daemon() as process:
            assert raw.wait_for_heads(1, 30)
            stopped(process, TERM)
        (head,) = raw.heads
    installation.config.write_text(text)
    installation.poll()
    (request,) = installation.receiver.requests
    assert f"webhook-id: {request.headers['webhook-id']}".encode() in head.lower()
    assert len(installation.events()) == 1


def test_the_end_comes_in_time_whatever_hangs(installation: Installation, tmp_path: Path) -> None:
    """A stalled Hub (board or list) or receiver; two signals are like one."""
    made = iter(range(9))

    def another() -> Installation:
        folder = tmp_path / f"installation-{next(made)}"
        folder.mkdir()
        return Installation(
            folder, installation.hub, installation.receiver, installation.fork_server
        )

    cases: list[Callable[[], None]] = [
        lambda: hub_stalls(another(), BENCH),
        lambda: hub_stalls(another(), "official"),
        lambda: receiver_stalls(another()),
    ]
    with ThreadPoolExecutor(len(cases)) as pool:
        for ended in [pool.submit(case) for case in cases]:
            ended.result()


def test_the_end_comes_in_time_while_the_database_is_locked(installation: Installation) -> None:
    """Even what is claimed cannot be handed back."""
    changed(installation)
    installation.poll()
    with installation.daemon() as process:
        seen = polls(installation)
        assert until(lambda: polls(installation) > seen)
        with locked(installation.database):
            stopped(process, TERM)


@pytest.mark.parametrize("stream", ["stderr", "stdout"])
def test_a_daemon_that_nobody_listens_to_goes_on(installation: Installation, stream: str) -> None:
    """It polls, its heart beats, and it ends in time, whichever pipe is full."""
    installation.configure(WATCH, channels='[channels.screen]\ntype = "console"\n')
    installation.hub.set(BENCH, board(*ABC))
    with full_pipe() as (_, write):
        process = installation.fork_server.start(
            installation.command("run"),
            installation.folder,
            out=write if stream == "stdout" else None,
            err=write if stream == "stderr" else None,
        )
        try:
            assert until(lambda: polls(installation) >= 1)
            installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
            seen = polls(installation)
            assert until(lambda: polls(installation) > seen + 3)
            assert installation.run("healthcheck").returncode == 0
            process.terminate()
            assert process.wait(WITHIN) == 0
        finally:
            process.kill()
            process.wait()


def test_a_storm_of_reloads_ends_well(installation: Installation) -> None:
    """The daemon goes on, and a change after it is told once."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 1)
        for _ in range(20):
            process.send_signal(signal.SIGHUP)
        installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
        assert installation.receiver.wait(1)
        stopped(process, TERM)
    assert len(installation.events()) == 1

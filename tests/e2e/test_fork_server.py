"""The program as it is really started, beside the forks in which the other tests run it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_run import ABC, WATCH
from tests.support.hub.fake_hub import board
from tests.support.process.fork_server import fresh
from tests.support.process.installation import BENCH, TIMEOUT, Installation, environment
from tests.support.waiting import until

COMMANDS = [
    ["poll", "--dry-run"],
    ["poll"],
    ["show", BENCH],
    ["events"],
    ["deliveries"],
    ["validate"],
    ["test-channel", "hook"],
    ["db", "check"],
]


def words(done: subprocess.CompletedProcess[str]) -> tuple[int, list[str], list[str]]:
    """Return what a command came to and its words, without what depends on the moment."""
    out, err = (re.sub(r"\S*\d\S*", "", text) for text in (done.stdout, done.stderr))
    return done.returncode, re.findall(r"[a-zA-Z]{4,}", out), re.findall(r"[a-zA-Z]{4,}", err)


@pytest.fixture
def twin(tmp_path: Path, installation: Installation) -> Installation:
    """Give a second installation beside the first: the same Hub, a folder of its own."""
    folder = tmp_path / "twin"
    folder.mkdir()
    return Installation(folder, installation.hub, installation.receiver, installation.fork_server)


@pytest.mark.long
def test_commands_do_the_same_in_an_interpreter_of_their_own(
    installation: Installation, twin: Installation
) -> None:
    """Each imports all that it needs, in its own order, and says and does what a fork does."""
    for one in (installation, twin):
        one.configure(WATCH)
        installation.hub.set(BENCH, board(*ABC))
        one.poll()
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    for command in COMMANDS:
        forked = twin.run(*command, COLUMNS="200")
        own = fresh(installation.command(*command), installation.folder, environment(COLUMNS="200"))
        assert words(own) == words(forked), command
    assert [event["model"] for event in installation.events()[:2]] == ["acme/n", "acme/n"]


def handed_on(process: int) -> list[str]:
    """Return what a process has open that was there before it: devices, pipes, local sockets."""
    table = Path(f"/proc/{process}/net/unix").read_text().splitlines()[1:]
    local = {f"socket:[{line.split()[6]}]" for line in table}
    try:
        links = [str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir()]
    except FileNotFoundError:  # it has just closed one
        return []
    found = [link for link in links if link in local or link.startswith(("/dev/", "pipe:"))]
    return sorted(link.partition("[")[0] for link in found)


def alive(installation: Installation) -> bool:
    return installation.run("healthcheck").returncode == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
def test_a_daemon_is_handed_nothing_more_than_in_an_interpreter_of_its_own(
    installation: Installation, twin: Installation
) -> None:
    """A fork inherits no file; both come to life and end in order."""
    installation.hub.set(BENCH, board(*ABC))
    for one in (installation, twin):
        one.configure(WATCH)
    own = [sys.executable, "-m", "bot", *installation.command("run")]
    nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
    with (
        subprocess.Popen(
            own, cwd=installation.folder, env=environment(), stdin=nothing, stdout=pipe, stderr=pipe
        ) as process,
        twin.daemon() as forked,
    ):
        try:
            assert until(lambda: alive(installation) and alive(twin), TIMEOUT)
            standard = ["/dev/null", "pipe:", "pipe:"]
            assert until(lambda: handed_on(process.pid) == standard)
            assert until(lambda: handed_on(forked.pid) == standard), handed_on(forked.pid)
        finally:
            process.terminate()
            forked.terminate()
        assert (process.wait(TIMEOUT), forked.wait(TIMEOUT)) == (0, 0)


def test_what_is_read_before_a_fork_cannot_be_set_for_one(installation: Installation) -> None:
    """Nobody shall believe that it was."""
    with pytest.raises(AssertionError, match="an interpreter of its own"):
        installation.run("poll", PYTHONHASHSEED="1")


def test_a_fork_that_is_killed_says_so(installation: Installation) -> None:
    """Its status is the signal, and what it said until then is there."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: "running" in str(process.stderr))
        process.kill()
        _, said = process.communicate(TIMEOUT)
    assert process.returncode == -signal.SIGKILL
    assert "running" in said

"""The program as it is really started, beside the forks in which the other tests run it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_run import ABC, WATCH
from tests.fake_hub import board
from tests.nursery import fresh
from tests.waiting import until
from tests.world import BENCH, TIMEOUT, World, environment

COMMANDS = [
    ["poll", "--dry-run"],
    ["poll", "--json"],
    ["show", BENCH],
    ["events"],
    ["deliveries"],
    ["validate"],
    ["test-channel", "hook"],
    ["db", "check"],
]


def shape(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    """Return what a command came to, without what depends on the moment."""
    said = [re.sub(r"\S*\d\S*", "0", text).split() for text in (done.stdout, done.stderr)]
    return done.returncode, " ".join(said[0]), " ".join(said[1])


@pytest.fixture
def twin(tmp_path: Path, world: World) -> World:
    """Give a second world beside the first: the same Hub, a folder of its own."""
    folder = tmp_path / "twin"
    folder.mkdir()
    return World(folder, world.hub, world.receiver, world.nursery)


def test_commands_do_the_same_in_an_interpreter_of_their_own(world: World, twin: World) -> None:
    """Each imports all that it needs, in its own order, and says and does what a fork does."""
    for one in (world, twin):
        one.configure(WATCH)
        world.hub.set(BENCH, board(*ABC))
        one.poll()
    world.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    for command in COMMANDS:
        forked = twin.run(*command)
        assert shape(fresh(world.command(*command), world.folder)) == shape(forked), command
    assert [event["model"] for event in world.events()[:2]] == ["acme/n", "acme/n"]


def files(process: int) -> list[str]:
    """Return the files, pipes and sockets that a process has open; none while they change."""
    folder = Path(f"/proc/{process}/fd")
    try:
        return sorted(re.sub(r"\d+|/.*/", "", str(file.readlink())) for file in folder.iterdir())
    except FileNotFoundError:
        return []


def alike(first: int, second: int) -> bool:
    found = files(first)
    return "bot.db" in found and found == files(second)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
def test_a_daemon_has_the_same_files_open_in_an_interpreter_of_its_own(
    world: World, twin: World
) -> None:
    """A fork inherits none; both poll, tell and end in order."""
    world.hub.set(BENCH, board(*ABC))
    for one in (world, twin):
        one.configure(WATCH)
    own = [sys.executable, "-m", "bot", *world.command("run")]
    nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
    with (
        subprocess.Popen(
            own, cwd=world.folder, env=environment(), stdin=nothing, stdout=pipe, stderr=pipe
        ) as process,
        twin.daemon() as forked,
    ):
        try:
            assert until(lambda: alike(process.pid, forked.pid)), files(forked.pid)
        finally:
            process.terminate()
            forked.terminate()
        assert (process.wait(TIMEOUT), forked.wait(TIMEOUT)) == (0, 0)


def test_what_is_read_before_a_fork_cannot_be_set_for_one(world: World) -> None:
    """Nobody shall believe that it was."""
    with pytest.raises(AssertionError, match="an interpreter of its own"):
        world.run("poll", PYTHONHASHSEED="1")


def test_a_fork_that_is_killed_says_so(world: World) -> None:
    """Its status is the signal, and what it said until then is there."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    with world.daemon() as process:
        assert until(lambda: "running" in str(process.stderr))
        process.kill()
        _, said = process.communicate(TIMEOUT)
    assert process.returncode == -signal.SIGKILL
    assert "running" in said

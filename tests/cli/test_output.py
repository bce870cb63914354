"""Standard output that nobody reads, that is full, or that was never there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.hub.fake_hub import SampleHub, entry
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import environment
from tests.support.process.pipes import closed_pipe, full_disk

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
SCREEN = '[channels.screen]\ntype = "console"\n'


def test_reader_that_goes_away_is_no_failure(hub: SampleHub, tmp_path: Path) -> None:
    """``leaderboard-bot … | head`` ends quietly, with status 0."""
    hub.add_benchmark("acme/bench", [entry(f"acme/{n}", n, 1_000 - n) for n in range(1, 900)])
    command = "show acme/bench --live --json"
    done = _shell(Commands(tmp_path, hub), f"{command} | head -c 10; echo; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.splitlines()[1] == "0"
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", ["--help", "poll --help", "db --help"])
def test_help_that_nobody_reads_is_no_failure(
    commands: Commands, fork_server: ForkServer, arguments: str
) -> None:
    """It is the library that writes it, and it ends as quietly."""
    with closed_pipe() as write:
        done = fork_server.run(arguments.split(), commands.folder, out=write)
    assert (done.returncode, done.stderr) == (0, "")


@FULL
@pytest.mark.parametrize("arguments", ["--version", "--help", "db --help", "validate --offline"])
def test_full_disk_is_told_plainly(
    commands: Commands, fork_server: ForkServer, arguments: str
) -> None:
    """``leaderboard-bot … > FILE`` that cannot be written is a failure, in one sentence."""
    with full_disk() as full:
        done = fork_server.run(of(commands, *arguments.split()), commands.folder, out=full)
    assert done.returncode == 1
    assert done.stderr == (
        "leaderboard-bot: standard output cannot be written: No space left on device\n"
    )


def nobody_sees(commands: Commands) -> None:
    """Assert that what the console was to show waits for its next attempt."""
    (delivery,) = commands.json("deliveries")
    assert delivery["state"] == "pending"
    assert delivery["attempts"][0]["error"].startswith("the console cannot be written to: ")


@pytest.fixture
def to_show(commands: Commands) -> Commands:
    """Let there be an alert for the console."""
    commands.configure(channels=SCREEN)
    commands.polled(START)
    commands.hub.set(BENCH, LATER)
    return commands


@pytest.mark.parametrize("nowhere", [pytest.param(full_disk, marks=FULL), closed_pipe])
def test_alert_that_nobody_could_see_is_not_sent(
    to_show: Commands, fork_server: ForkServer, nowhere: Callable[[], AbstractContextManager[int]]
) -> None:
    """A console's delivery waits for its next attempt, and the poll says that it failed."""
    with nowhere() as out:
        done = fork_server.run(of(to_show, "poll"), to_show.folder, out=out)
    assert done.returncode == 1
    nobody_sees(to_show)


def test_closed_output_is_told_plainly(to_show: Commands) -> None:
    """``leaderboard-bot … >&-`` does its work, says that nobody was told, and tells it later."""
    done = _shell(to_show, "poll >&-; echo $?")
    assert done.stdout == "1\n"
    assert done.stderr.endswith(
        "leaderboard-bot: standard output cannot be written: it is closed\n"
    )
    assert to_show.json("show", BENCH)["board"]["rows"] == len(LATER)
    nobody_sees(to_show)


def test_closed_standard_error_is_no_failure(commands: Commands) -> None:
    """``leaderboard-bot … 2>&-`` does its work; what it says goes nowhere."""
    commands.hub.add_benchmark(BENCH, START)
    done = _shell(commands, "poll acme/nope 2>&-; echo $?")
    assert (done.stdout, done.stderr) == ("2\n", "")


@FULL
def test_notes_that_cannot_be_written_change_nothing(
    commands: Commands, fork_server: ForkServer
) -> None:
    """A full disk under ``2> FILE`` is no failure of the command."""
    with full_disk() as full:
        validate = of(commands, "validate", "--offline")
        done = fork_server.run(validate, commands.folder, err=full)
    assert "official" in done.stdout
    assert done.returncode == 0


def of(commands: Commands, *arguments: str) -> list[str]:
    """Return a command's arguments, with those that name the configuration."""
    return ["--config", str(commands.config), *arguments]


def _shell(commands: Commands, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell that begins with a command's arguments."""
    script = f'"{sys.executable}" -m bot --config "{commands.config}" {line}'
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment(), check=False
    )

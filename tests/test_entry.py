"""The entry point: what a signal does while the program is loaded."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.process.installation import environment

ALONE = ("unshare", "--pid", "--fork", "--kill-child")
"""Makes what follows process 1 of its own namespace, as a container without an init does."""


def told_while_loading(
    module: str, sent: signal.Signals, command: str, folder: Path, under: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command that sends itself a signal when it comes to import a module."""
    probe = (
        "import os, sys\n"
        "from bot.__main__ import main\n"
        "class Teller:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), {int(sent)})\n"
        "sys.meta_path.insert(0, Teller())\n"
        f"sys.argv = ['leaderboard-bot', *{command.split()!r}]\n"
        "main()"
    )
    return subprocess.run(
        [*under, sys.executable, "-c", probe],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("module", ["bot.cli", "typer", "logging", "bot.log", "bot.config"])
def test_interrupted_while_it_is_loaded_it_ends_in_silence(module: str, tmp_path: Path) -> None:
    """Ctrl+C in the first tenth of a second, too, gives status 130 and no traceback."""
    done = told_while_loading(module, signal.SIGINT, "events", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_name_that_reads_run_makes_no_daemon(tmp_path: Path) -> None:
    """Only the command counts: neither an option's value nor an argument."""
    for command in ("--config run events", "history run"):
        done = told_while_loading("bot.cli", signal.SIGINT, command, tmp_path)
        assert done.returncode == 130


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_daemon_told_to_end_while_it_is_loaded_ends_in_order(
    sent: signal.Signals, tmp_path: Path
) -> None:
    """``run`` has exit status 0, from its first import on."""
    done = told_while_loading("bot.cli", sent, "--log-level info run", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_process_1_is_told_to_end_while_it_is_loaded(tmp_path: Path) -> None:
    """Process 1 gets only the signals that it asked for, so it asks before all else."""
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may make no namespace")
    done = told_while_loading("bot.cli", signal.SIGTERM, "run", tmp_path, ALONE)
    assert (done.returncode, done.stderr) == (0, "")

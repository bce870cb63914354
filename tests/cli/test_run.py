"""``run``, before anything runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.support.commands import Commands
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import environment


def test_told_to_end_while_it_starts_it_ends_in_order(
    commands: Commands, fork_server: ForkServer
) -> None:
    """A signal that comes while the configuration is read is heeded once it was."""
    text = commands.config.read_bytes()
    pipe = commands.folder / "pipe.toml"
    os.mkfifo(pipe)
    daemon = fork_server.start(["--config", str(pipe), "run"], commands.folder)
    with pipe.open("wb") as config:  # open once the daemon reads
        daemon.send_signal(signal.SIGTERM)
        config.write(text)
    assert daemon.wait(60) == 0


def test_told_to_end_while_it_is_loaded_it_ends_in_order(commands: Commands) -> None:
    """Its libraries take most of the time that a start takes."""
    probe = (
        "import os, signal, sys, bot.cli\n"
        "class Teller:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'bot.daemon.serve': os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Teller())\n"
        f"bot.cli.app(['--config', {str(commands.config)!r}, 'run'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env=environment(),
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    told = f"configuration: {commands.config}; database: sqlite:///{commands.database}"
    assert f" INFO {told}\n" in done.stderr

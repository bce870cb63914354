"""Starts the program again and again without waiting for its imports: a parent that forks.

A forked child is a process of its own and dies a real death. The parent has no threads and opens
nothing: what a child does is what the command does in a fresh interpreter.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.world import ROOT, environment

LIMIT = 30.0
"""Seconds after which a run hangs."""

HUNG = "hung"
_PAUSE = 0.005

_LIBRARIES = (
    "alembic.command",
    "httpx",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "standardwebhooks",
)


class Nursery:
    """Runs commands in forks of a parent that has imported the program already."""

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.nursery"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate()

    def run(
        self, folder: Path, arguments: Sequence[str], failpoint: str = "", life: float = LIMIT
    ) -> int | str:
        """Run a command; return its exit status (negative: the signal it died of) or ``HUNG``.

        ``failpoint`` arms the failpoints; SIGKILL ends the process after ``life`` seconds. What
        it writes is in ``folder/log``.
        """
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        extra = {"LEADERBOARD_BOT_FAILPOINT": failpoint} if failpoint else {}
        order = {
            "arguments": [*arguments],
            "environment": environment(**extra),
            "folder": str(folder),
            "life": life,
        }
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        status, late = json.loads(self._parent.stdout.readline())
        return HUNG if late and life == LIMIT else int(status)


def fresh(folder: Path, arguments: Sequence[str], failpoint: str = "") -> int | str:
    """Run a command as ``Nursery.run`` does, in an interpreter of its own."""
    extra = {"LEADERBOARD_BOT_FAILPOINT": failpoint} if failpoint else {}
    with (folder / "log").open("wb") as log:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=folder,
            env=environment(**extra),
            stdout=log,
            stderr=log,
            timeout=LIMIT,
            check=False,
        )
    return done.returncode


def main() -> None:
    """Import the program, then fork for every order on standard input."""
    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _LIBRARIES:
        importlib.import_module(name)
    assert threading.active_count() == 1
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _be(order)
        print(json.dumps(_status(child, order["life"])), flush=True)  # noqa: T201


def _be(order: dict[str, object]) -> None:
    """Become the program; never returns."""
    os.chdir(str(order["folder"]))
    log = os.open("log", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    for standard, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(file, standard)
    faulthandler.enable()  # a crash in a library shows where
    given = order["environment"]
    assert isinstance(given, dict)
    os.environ.clear()
    os.environ.update(given)
    arguments = order["arguments"]
    assert isinstance(arguments, list)
    sys.argv = ["leaderboard-bot", *arguments]
    status = 70
    try:
        from bot import failpoint

        importlib.reload(failpoint)  # it asks for its variable when it is imported
        from bot.cli import main as program

        program()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _status(child: int, life: float) -> tuple[int, bool]:
    """Wait for a child, kill it when its time is over; return how it ended, and whether late."""
    deadline = time.monotonic() + life
    pause = threading.Event()
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status), False
        pause.wait(_PAUSE)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), True


if __name__ == "__main__":
    main()

"""Run as a program: imports ours, then forks for every order on its socket.

What a fork inherits is what imports leave behind: no thread, no descriptor, no logging. What reads
the environment when it is imported is left to the fork: huggingface_hub is not imported here. The
seed of hashes is the same in all forks of a parent.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import os
import pkgutil
import socket
import sys
import threading
import time
from typing import Any

LIBRARIES = (
    "alembic.command",
    "apprise",
    "filelock",
    "httpcore2",
    "httpx",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "standardwebhooks",
    "tqdm",
    "yaml",
)
"""What commands import while they run, as far as it looks at nothing meanwhile."""

MOST = 65_536


def main() -> None:
    """Fork for orders until there are no more; in each fork, run the command."""
    _import_the_program()
    with socket.socket(fileno=0) as orders:
        while (order := _order(orders)) is not None:
            if os.fork() == 0:
                break
            for descriptor in order["descriptors"]:
                os.close(descriptor)
            orders.send(b".")
            _reap()
    if order is not None:
        assert os.open(os.devnull, os.O_RDONLY) == 0  # the lowest, where the socket was
        _stay_as_child(order["descriptors"][0])
        _be(order)


def _import_the_program() -> None:
    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)
    assert "huggingface_hub" not in sys.modules
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()  # or every fork's first collection would copy all of it


def _order(orders: socket.socket) -> dict[str, Any] | None:
    """Return the next order, with the descriptors that came with it; None at the end."""
    text, descriptors, _, _ = socket.recv_fds(orders, MOST, 3)
    if not text:
        return None
    while not text.endswith(b"\n"):
        text += orders.recv(MOST)
    return {**json.loads(text), "descriptors": descriptors}


def _stay_as_child(told: int) -> None:
    """Fork once more, and return in the child: the other tells its number, and its end."""
    child = os.fork()
    if child:
        os.write(told, b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
        os._exit(0)


def _reap() -> None:
    """Let go of those that wait no more."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _be(order: dict[str, Any]) -> None:
    """Become the program; never returns."""
    for standard, descriptor in enumerate(order["descriptors"]):
        if standard:
            os.dup2(descriptor, standard)
        os.close(descriptor)
    faulthandler.enable()  # a crash in a library shows where
    os.chdir(order["folder"])
    if order["umask"] >= 0:
        os.umask(order["umask"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv = ["leaderboard-bot", *order["arguments"]]

    from bot.__main__ import main as program
    from tests.support.process import failpoints

    failpoints.arm(os.environ)
    program()


if __name__ == "__main__":
    main()

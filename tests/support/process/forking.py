"""Run as a program: imports ours, then forks for every order on its socket.

What a fork inherits is what imports leave behind, the commands once they are put together, the
services that Apprise found, and the statements that a poll came to: no thread, no descriptor, no
logging. huggingface_hub reads the environment when it is imported: a fork that has another one
imports it anew. The seed of hashes is the same in all forks of a parent.
"""

from __future__ import annotations

import atexit
import faulthandler
import gc
import importlib
import json
import logging
import os
import pkgutil
import resource
import select
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

LIBRARIES = (
    "alembic.command",
    "apprise",
    "bot.__main__",
    "filelock",
    "httpcore2",
    "httpx",
    "huggingface_hub.hf_api",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "standardwebhooks",
    "tests.support.process.failpoints",
    "tqdm",
    "yaml",
)
"""What commands import while they run."""

READ = ("HF_", "HUGGING", "XDG_", "HOME")
"""Variables that huggingface_hub has read by then."""

MOST = 65_536


class Child(NamedTuple):
    """A fork that runs, and where its end is told."""

    pid: int
    told: int


def main() -> None:
    """Fork for orders until there are no more; in each fork, run the command."""
    _import_the_program()
    _warm_up()
    gc.collect()
    gc.freeze()  # or every fork's first collection would copy all of it
    children: dict[int, Child] = {}
    with socket.socket(fileno=0) as orders:
        while (order := _next(orders, children)) is not None:
            told, *said = order["descriptors"]
            pid = os.fork()
            if pid == 0:
                break
            for descriptor in said:
                os.close(descriptor)
            children[os.pidfd_open(pid)] = Child(pid, told)
            os.write(told, b"%d\n" % pid)
            orders.send(b".")
    if order is not None:
        assert os.open(os.devnull, os.O_RDONLY) == 0  # the lowest, where the socket was
        for ended, child in children.items():
            os.close(ended)
            os.close(child.told)
        _be(order)


def _import_the_program() -> None:
    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)


def _warm_up() -> None:
    """Do what each fork would do anew, and come to the same: it takes longer than a poll."""
    import apprise

    from bot import cli
    from tests.support.collecting import life
    from tests.support.store.migrated import place
    from tests.support.store.statements import share

    made = vars(cli)["get_command"] = cache(vars(cli)["get_command"])
    _parameters(made(cli.app))
    apprise.Apprise().add("json://localhost")  # looks for its services, which takes longest
    share()
    with tempfile.TemporaryDirectory() as folder:
        path = place(Path(folder) / "leaderboard-bot.db")
        with life(f"sqlite:///{path}", Path(folder)) as one:
            one.poll(("lead", 90), ("x", 95))
            one.poll()
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join()  # it has done its part, and is about to end
    assert threading.active_count() == 1


def _parameters(command: Any) -> None:
    """Make what reads the options of a command and of its subcommands."""
    for parameter in command.params:
        parameter.get_runtime_param()
    for below in getattr(command, "commands", {}).values():
        _parameters(below)


def _next(orders: socket.socket, children: dict[int, Child]) -> dict[str, Any] | None:
    """Return the next order; until it comes, tell the end of each child."""
    while True:
        ready, _, _ = select.select([orders.fileno(), *children], [], [])
        for ended in children.keys() & ready:
            child = children.pop(ended)
            os.close(ended)
            _, status = os.waitpid(child.pid, 0)
            with suppress(BrokenPipeError):  # nobody waits for it any more
                os.write(child.told, b"%d\n" % os.waitstatus_to_exitcode(status))
            os.close(child.told)
        if orders.fileno() in ready:
            return _order(orders)


def _order(orders: socket.socket) -> dict[str, Any] | None:
    """Return the next order, with the descriptors that came with it; None at the end."""
    text, descriptors, _, _ = socket.recv_fds(orders, MOST, 3)
    if not text:
        return None
    while not text.endswith(b"\n"):
        text += orders.recv(MOST)
    return {**json.loads(text), "descriptors": descriptors}


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
    if _read(os.environ) != _read(order["environment"]):
        _forget("huggingface_hub")
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    tempfile.tempdir = None
    sys.argv = ["leaderboard-bot", *order["arguments"]]

    from bot.__main__ import main as program
    from tests.support.process import failpoints

    failpoints.arm(os.environ)
    for what, soft in order["limits"].items():
        resource.setrlimit(int(what), (soft, resource.getrlimit(int(what))[1]))
    try:
        program()
    except SystemExit as ended:
        _end(ended.code)
        raise


def _end(status: object) -> None:
    """End as the interpreter would, but for what it does to the memory of an ended process.

    To free every object copies all of the parent. What cannot be written is left to it.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    if isinstance(status, int | None):
        os._exit(status or 0)


def _read(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(READ)}


def _forget(library: str) -> None:
    """Let it be as if a library had never been imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        del sys.modules[name]
    logging.getLogger(library).handlers.clear()


if __name__ == "__main__":
    main()

"""Runs the program again and again without waiting for its imports: in forks of one parent.

A fork is a process of its own, with its own end. The parent (``forking`` beside this) says what a
fork inherits that a fresh interpreter would not have.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from os import fdopen, kill, pipe
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self

from tests.support.process.installation import ROOT, TIMEOUT, environment

EARLY = ("PYTHON", "LD_", "LANG", "LC_", "TQDM_")
"""Variables that the interpreter, or a library in the parent, has read before a fork."""


class ForkServer:
    """Forks commands from a parent that has imported the program; use as a context manager."""

    def __enter__(self) -> Self:
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "tests.support.process.forking"],
                cwd=ROOT,
                env=environment(),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the tests, which end what they started
            )
        self._lock = threading.Lock()
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        self._parent.wait()

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        environ: Mapping[str, str] | None = None,
        umask: int = -1,
        *,
        out: int | None = None,
        err: int | None = None,
        limits: Mapping[int, int] = MappingProxyType({}),
    ) -> Forked:
        """Start a command in a folder; ``environ`` is all of its environment.

        What it writes goes to the descriptors ``out`` and ``err`` where these are given. ``limits``
        are soft limits by resource, as ``resource.setrlimit`` knows them.
        """
        here = environment()
        given = here if environ is None else {**environ}
        early = [name for name in {*given, *here} if name.startswith(EARLY)]
        differs = [name for name in early if given.get(name) != here.get(name)]
        assert not differs, f"{differs} needs an interpreter of its own"
        order = {
            "arguments": [*arguments],
            "folder": str(folder),
            "umask": umask,
            "limits": {**limits},
        }
        return self._ordered(json.dumps({**order, "environment": given}), out, err)

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        environ: Mapping[str, str] | None = None,
        umask: int = -1,
        *,
        out: int | None = None,
        err: int | None = None,
        limits: Mapping[int, int] = MappingProxyType({}),
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        forked = self.start(arguments, folder, environ, umask, out=out, err=err, limits=limits)
        try:
            said = forked.communicate(timeout=TIMEOUT)
        finally:
            forked.kill()
        return subprocess.CompletedProcess([*arguments], forked.wait(), *said)

    def _ordered(self, order: str, out: int | None, err: int | None) -> Forked:
        pipes = [pipe() for _ in ("its end", "standard output", "standard error")]
        with ExitStack() as theirs:
            told, *kept = [theirs.enter_context(fdopen(write, "wb")).fileno() for _, write in pipes]
            given = [told, *(k if o is None else o for k, o in zip(kept, (out, err), strict=True))]
            with self._lock:
                socket.send_fds(self._orders, [order.encode() + b"\n"], given)
                assert self._orders.recv(1) == b"."
        return Forked(*(fdopen(read, errors="surrogateescape") for read, _ in pipes))


class Forked:
    """A command that runs in a fork: as ``subprocess.Popen``, but what it says is always read."""

    def __init__(self, told: IO[str], out: IO[str], err: IO[str]) -> None:
        self.pid = int(told.readline())
        self.returncode: int | None = None
        self.stdout, self.stderr = Said(out), Said(err)
        self._ended = threading.Event()
        threading.Thread(target=partial(self._await, told), daemon=True).start()

    def poll(self) -> int | None:
        """Return the exit status (negative: the signal it died of), None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status once there is one."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("a fork", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end, and return all that was said."""
        self.wait(timeout)
        return self.stdout.whole(), self.stderr.whole()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _await(self, told: IO[str]) -> None:
        with told:
            self.returncode = int(told.readline())
        self._ended.set()


class Said:
    """What a running command says, as it says it."""

    def __init__(self, stream: IO[str]) -> None:
        self._text = ""
        self._reader = threading.Thread(target=partial(self._read, stream), daemon=True)
        self._reader.start()

    def __str__(self) -> str:
        return self._text

    def whole(self) -> str:
        """Return all of it, once nobody can say more."""
        self._reader.join()
        return str(self)

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._text += line


def fresh(
    arguments: Sequence[str],
    folder: Path,
    environ: Mapping[str, str] | None = None,
    program: str = "bot",
) -> subprocess.CompletedProcess[str]:
    """Run a command as ``ForkServer.run`` does, in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=folder,
        env=environment() if environ is None else environ,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )

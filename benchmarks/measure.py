"""Runs a command and says what it cost."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.hub import ROOT, LocalHub

MB = 1e6
KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH")


class Cost(NamedTuple):
    """What one run of a command took; CPU is user and system of the whole process."""

    cpu: float
    wall: float
    memory: float
    connections: float
    requests: float
    posts: float
    state: float


def core() -> int:
    """Return the number of the core that clients run on: the last, as the server has the first."""
    return max(os.sched_getaffinity(0))


def environment(folder: Path) -> dict[str, str]:
    """Return what every command is given: nothing of this user's own but where programs are."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"HOME": str(folder), "NO_PROXY": "127.0.0.1", "PYTHONHASHSEED": "0"}


def start(
    command: Sequence[str], folder: Path, output: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a command on the clients' core; what it says goes to a file beside its folder."""
    with Path(f"{folder}.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log if output is None else output,
            stderr=log,
        )


def run(command: Sequence[str], folder: Path, hub: LocalHub) -> Cost:
    """Run a command to its end; one that fails ends the benchmark."""
    before = hub.counts()
    begin = time.monotonic()
    process = start(command, folder)
    used = ended(process, folder)
    assert used is not None
    wall = time.monotonic() - begin
    counted = hub.counts() - before
    return Cost(
        cpu=used.ru_utime + used.ru_stime,
        wall=wall,
        memory=used.ru_maxrss * 1024 / MB,
        connections=counted["connections"],
        requests=counted["requests"],
        posts=counted["posts"],
        state=size(folder),
    )


def ended(
    process: subprocess.Popen[bytes], folder: Path, options: int = 0
) -> resource.struct_rusage | None:
    """Wait for a command, and return what it used; None while it runs, with ``os.WNOHANG``.

    One that failed ends the benchmark with its last words.
    """
    pid, status, used = os.wait4(process.pid, options)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = Path(f"{folder}.log").read_text(errors="replace")
        sys.exit(f"{process.args!r} ended with {process.returncode}:\n{said[-2000:]}")
    return used


def size(folder: Path) -> float:
    """Return the MB that a folder holds."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / MB


def middle(costs: Iterable[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*(median(figures) for figures in zip(*costs, strict=True)))


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a living process has used: its clock, by Linux's numbering."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_of(pid: int) -> float:
    """Return the MB that a living process held at its most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = [line for line in lines if line.startswith("VmHWM")]
    return int(peak.split()[1]) * 1024 / MB

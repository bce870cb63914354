"""What a sample Hub holds, and how it fails: the state that tests and the demo set."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import structs

from bot.demo.benchmark import Rows, SampleBenchmark, Tasks, copied
from bot.demo.server import Reply

Json = dict[str, Any]


class Gate(NamedTuple):
    """Who may read a benchmark's files, and its board too unless ``files_only``."""

    token: str
    files_only: bool


class Contents:
    """The Hub's benchmarks, models, gates, renamings and failures; every method is thread-safe."""

    def __init__(self) -> None:
        self.derived: dict[str, Rows] = {}
        self.models: dict[str, Json] = {}
        self._lock = threading.RLock()
        self._benchmarks: dict[str, SampleBenchmark] = {}
        self._official: set[str] = set()
        self._failures: dict[str, Reply] = {}
        self._gates: dict[str, Gate] = {}
        self._moves: dict[str, str] = {}

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The official benchmarks, sorted."""
        with self._lock:
            return tuple(sorted(self._official))

    def set(self, benchmark: str, rows: Rows | Tasks, *, task: str | None = None) -> None:
        """Replace all its boards by one of these rows, or by one a task.

        With ``task`` only that board is replaced; a task that was not there becomes the last one.
        """
        if isinstance(rows, Mapping):
            self.set_tasks(benchmark, rows)
        elif task is None:
            self._put(benchmark, SampleBenchmark(boards={None: copied(rows)}))
        else:
            with self._lock:
                now = self._benchmarks.get(benchmark) or _of_tasks(benchmark, {})
                boards = {**now.boards, task: copied(rows)}
                boards.pop(None, None)
                self._put(benchmark, structs.replace(now, boards=boards))

    def set_tasks(self, benchmark: str, tasks: Tasks, *, name: str | None = None) -> None:
        """Replace all its boards by one a task, and its ``eval.yaml`` by one that names them.

        ``name`` is the benchmark's own, by default the second part of its id.
        """
        self._put(benchmark, _of_tasks(benchmark, tasks, name))

    def set_eval_file(self, benchmark: str, text: str | bytes | None) -> None:
        """Answer this text as its ``eval.yaml``, until its boards are replaced; None ends that.

        Its boards stay as they are: one of plain rows then names tasks in its file, answers at
        the bare address, and knows no ``task_id``. ``evaluation_file`` writes such a text.
        """
        raw = text.encode() if isinstance(text, str) else text
        with self._lock:
            now = self._benchmarks[benchmark]
            self._benchmarks[benchmark] = structs.replace(now, raw=raw)

    def add_benchmark(
        self, benchmark: str, rows: Rows | Tasks = (), *, name: str | None = None
    ) -> None:
        """Make it an official benchmark with these rows, or with these tasks."""
        with self._lock:
            if isinstance(rows, Mapping):
                self.set_tasks(benchmark, rows, name=name)
            else:
                self.set(benchmark, rows)
            self._official.add(benchmark)

    def remove_benchmark(self, benchmark: str, *, delete: bool = True) -> None:
        """Take it off the official list; its leaderboard is gone too unless ``delete`` is False."""
        with self._lock:
            self._official.discard(benchmark)
            if delete:
                self._benchmarks.pop(benchmark, None)

    def rename(self, old: str, new: str) -> None:
        """Move a benchmark or model to another id; the old one then redirects there."""
        with self._lock:
            if old in self._official:
                self._official.remove(old)
                self._official.add(new)
            for known in (self._benchmarks, self._gates, self.derived, self.models):
                _rekey(known, old, new)
            self._moves.pop(new, None)
            self._moves[old] = new

    def redirect(self, old: str, new: str) -> None:
        """Let an id that is nothing else lead to a benchmark or model."""
        with self._lock:
            self._moves[old] = new

    def gate(self, benchmark: str, token: str, *, files_only: bool = False) -> None:
        """Ask for ``token`` from now on: 401 without any, 403 with another one.

        ``files_only`` leaves the leaderboard open, as the real Hub does.
        """
        with self._lock:
            self._gates[benchmark] = Gate(token, files_only)

    def fail(
        self,
        benchmark: str,
        status: int,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b'{"error":"Sample failure"}',
    ) -> None:
        """Give this answer instead, until ``recover``.

        ``benchmark`` may also be a board or a file (as named above), a model's id, ``LISTING`` or
        ``EVERYTHING``. Redirects and malformed bodies with status 200 are answers like others.
        """
        with self._lock:
            self._failures[benchmark] = Reply(status, body, dict(headers or {}))

    def recover(self, benchmark: str | None = None) -> None:
        """End the failure of ``benchmark`` (as named in ``fail``), or all of them."""
        with self._lock:
            if benchmark is None:
                self._failures.clear()
            else:
                self._failures.pop(benchmark, None)

    def _put(self, benchmark: str, state: SampleBenchmark) -> None:
        with self._lock:
            self._benchmarks[benchmark] = state
            self._moves.pop(benchmark, None)


def _of_tasks(benchmark: str, tasks: Tasks, name: str | None = None) -> SampleBenchmark:
    boards: dict[str | None, Rows] = {task: copied(rows) for task, rows in tasks.items()}
    return SampleBenchmark(boards=boards, name=name or benchmark.partition("/")[2])


def _rekey(known: dict[str, Any], old: str, new: str) -> None:
    for name in [name for name in known if name == old or name.startswith(f"{old}#")]:
        known[new + name.removeprefix(old)] = known.pop(name)

"""Keyed work in threads: one of a key at a time, so many at once, none waited for in vain."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import NamedTuple

from bot.core.errors import BotError

log = logging.getLogger(__name__)

NO_THREAD = (
    "no thread can be started: raise the limit of processes (ulimit -u, TasksMax of systemd, or "
    "the container's pids limit)"
)
SAID_AGAIN = 3600.0
"""Seconds after which a want of threads that lasts is said again."""


class _Work(NamedTuple):
    thread: threading.Thread
    started: float


def is_want_of_threads(error: BaseException) -> bool:
    """Tell whether the system has refused a thread."""
    return isinstance(error, RuntimeError) and "start new thread" in str(error)


_said: list[float] = []
"""When a want of threads was said last."""


def _started(thread: threading.Thread) -> bool:
    try:
        thread.start()
    except RuntimeError as error:
        if not is_want_of_threads(error):
            raise
        now = time.monotonic()
        if not _said or now - _said[-1] > SAID_AGAIN:
            _said[:] = [now]
            log.error(NO_THREAD)  # noqa: TRY400 - people need the sentence, not the stack
        return False
    return True


class Pool:
    """Runs callables in daemon threads, at most ``size`` at once and one for each key.

    A piece of work that takes longer than ``limit`` is given up: its place and its key are free
    again, although its thread may still hang. A pool would lose a worker with each of them, and
    would wait for them at exit. What a callable raises is logged, errors for people by ``report``,
    which is told when the work began, by the monotonic clock.
    """

    def __init__(
        self,
        name: str,
        size: int,
        limit: timedelta,
        report: Callable[[BotError, float], object] = lambda error, _: log.error("%s", error),
    ) -> None:
        self._report = report
        self._name = name
        self._size = size
        self._limit = limit.total_seconds()
        self._work: dict[Hashable, _Work] = {}
        self._lock = threading.Lock()

    def start(self, key: Hashable, run: Callable[[], object]) -> bool:
        """Start ``run``, unless its key is at work or no place is free; say whether it did.

        Where the system has no thread left, that is said once, and neither place nor key is taken.
        """
        with self._lock:
            self._give_up_hung()
            if key in self._work or len(self._work) >= self._size:
                return False
            name = f"{self._name} {key}"
            thread = threading.Thread(target=self._run, args=(key, run), name=name, daemon=True)
            if not _started(thread):  # it cannot end before the lock is free
                return False
            self._work[key] = _Work(thread, time.monotonic())
            return True

    def join(self, limit: timedelta) -> None:
        """Wait for the work under way, at most ``limit``."""
        deadline = time.monotonic() + limit.total_seconds()
        with self._lock:
            threads = [work.thread for work in self._work.values()]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, key: Hashable, run: Callable[[], object]) -> None:
        began = time.monotonic()
        try:
            run()
        except BotError as error:
            self._report(error, began)
        except Exception:
            log.exception("unexpected error")
        finally:
            with self._lock:
                work = self._work.get(key)
                if work is not None and work.thread is threading.current_thread():
                    del self._work[key]

    def _give_up_hung(self) -> None:
        late = time.monotonic() - self._limit
        for key in [key for key, work in self._work.items() if work.started < late]:
            log.error("%s %s hangs; it is given up", self._name, key)
            del self._work[key]

"""The moment by which a request is over, and calls that nothing else can interrupt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from datetime import timedelta
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class Deadline:
    """The moment, by a monotonic ``clock``, at which everything must be done.

    It is over at once when ``cancelled`` says so.
    """

    __slots__ = ("_cancelled", "_clock", "_end", "limit")

    def __init__(
        self,
        limit: timedelta,
        clock: Callable[[], float],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.limit = limit
        self._clock = clock
        self._cancelled = cancelled
        self._end = clock() + limit.total_seconds()

    def left(self) -> float:
        """Return the seconds that are left; not above 0 once it is over."""
        return 0.0 if self._cancelled() else self._end - self._clock()

    def within(self, error: Callable[[str], Exception]) -> float:
        """Return the seconds that are left; raise ``error`` where there are none."""
        left = self.left()
        if left <= 0:
            raise error("the time limit for the whole request is over")
        return left

    def shorten(self, limit: timedelta) -> None:
        """Let everything be done within ``limit`` from now, if not before."""
        self._end = min(self._end, self._clock() + limit.total_seconds())


def bounded(limit: timedelta, call: Callable[[], T]) -> T:
    """Return what ``call`` returns, or raise what it raises.

    A call that takes longer goes on in its own thread, which ends with the process at the
    latest; its result is lost.

    Raises:
        TimeoutError: the call did not end within ``limit``.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    if not wait([future], limit.total_seconds()).done:
        raise TimeoutError(f"no answer within {limit.total_seconds():g} s")
    return future.result()

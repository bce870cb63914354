"""Keyed work in threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.daemon.pool import NO_THREAD, Pool, _said

MINUTE = timedelta(minutes=1)
HANG = timedelta(milliseconds=50)
SOON = 10
TOO_LARGE = 1 << 46
"""Bytes of a stack that no system has."""


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Let no thread start, as on a machine that has no memory for one."""
    before = threading.stack_size(TOO_LARGE)
    try:
        yield
    finally:
        threading.stack_size(before)


def test_work_that_could_not_start_holds_neither_place_nor_key() -> None:
    """Once the system has threads again, the next tick starts it."""
    pool, done = Pool("poll", 1, MINUTE), threading.Event()
    with no_thread_left():
        assert not pool.start("board", done.set)
    assert pool.start("board", done.set)
    assert done.wait(MINUTE.total_seconds())


def test_a_want_of_threads_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """However often work cannot start, and in whichever pool."""
    _said.clear()
    with no_thread_left():
        for name in ("poll", "deliver", "daemon"):
            assert not Pool(name, 1, MINUTE).start("board", bool)
    assert [record.getMessage() for record in caplog.records] == [NO_THREAD]


def test_a_key_is_free_as_soon_as_its_work_has_ended() -> None:
    """However it ended."""
    pool = Pool("poll", 1, MINUTE)
    for run in (lambda: None, lambda: 1 / 0):
        assert pool.start("board", run)
        pool.join(MINUTE)
    assert pool.start("board", lambda: None)


def test_work_that_hangs_is_given_up_and_its_key_is_free_again() -> None:
    """Neither its place nor its board waits for it; before its limit both do."""
    pool, patient = Pool("poll", 1, HANG), Pool("poll", 1, MINUTE)
    stuck, done = threading.Event(), threading.Event()
    assert pool.start("board", stuck.wait)
    assert patient.start("board", stuck.wait)
    deadline = threading.Event()
    assert not deadline.wait(2 * HANG.total_seconds())
    assert not patient.start("board", done.set)
    assert pool.start("board", done.set)
    assert done.wait(SOON)
    stuck.set()

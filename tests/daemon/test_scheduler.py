"""The daemon's ticks, by themselves."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from bot.app import now
from bot.daemon.scheduler import Daemon
from tests.store.test_faults import Failing

YEARS = timedelta(days=3 * 365)


def test_a_clock_that_jumps_makes_each_tick_due_once() -> None:
    """What was missed is not listed second by second: the daemon goes on at once."""
    program = Failing(ValueError())
    with Daemon(program, program.wake) as daemon:
        jobs = daemon._ticks.get_jobs()
        assert len(jobs) == 8
        then = now() + YEARS
        assert [len(job._get_run_times(then)) for job in jobs] == [1] * 8
        program.broken = False


def test_the_heart_does_not_beat_where_no_thread_can_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is polled then, so ``healthcheck`` is to fail."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    beats: list[str] = []
    program = Failing(ValueError())
    program.broken = False
    with Daemon(program, lambda: beats.append("beat")) as daemon:
        (beat,) = filter(_beats, daemon._ticks.get_jobs())
        beat.func()
        daemon._chores.join(YEARS)
        assert beats == ["beat", "beat"]
        monkeypatch.setattr(threading.Thread, "start", refuse)
        beat.func()
        monkeypatch.undo()
        daemon._chores.join(YEARS)
        assert beats == ["beat", "beat"]


def _beats(job: Any) -> bool:
    return bool(job.func.args[0] == "beat")

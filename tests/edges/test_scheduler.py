"""The daemon's ticks, by themselves."""

from __future__ import annotations

from datetime import timedelta

from bot.app import now
from bot.scheduler import Daemon
from tests.edges.test_store_faults import Failing

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

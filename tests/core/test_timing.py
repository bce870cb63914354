"""When things are due: polls, retries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.delivery import IN_ORDER_ATTEMPTS, MAX_ATTEMPTS, PROBE_INTERVAL, next_attempt
from bot.core.timing.schedule import MARGIN, next_poll

NOW = datetime(2026, 4, 27, 10, tzinfo=UTC)
EVERY = timedelta(minutes=15)


@given(st.text(), st.floats(0, 1, exclude_max=True), st.integers(0, 10**6))
def test_the_next_poll_is_within_the_interval(name: str, rand: float, seconds: int) -> None:
    """A change is never seen later than its interval, and no board is polled without pause."""
    now = NOW + timedelta(seconds=seconds)
    wait = next_poll(name, now, EVERY, rand) - now
    assert EVERY * 0.04 < wait <= EVERY


def test_boards_spread_over_the_interval() -> None:
    """Different names have different phases."""
    due = {next_poll(f"org/{n}", NOW, EVERY, 0.0) for n in range(20)}
    assert max(due) - min(due) > EVERY / 2


@given(st.text(), st.lists(st.integers(0, 40), min_size=3, max_size=9))
def test_polls_do_not_drift(name: str, delays: list[int]) -> None:
    """However late polls are carried out, they stay near the board's own phase."""
    due = next_poll(name, NOW, EVERY, 0.0)
    phase = due + EVERY * MARGIN
    for delay in delays * 9:
        due = next_poll(name, due + timedelta(seconds=delay), EVERY, 0.0)
        assert (phase - due) % EVERY <= EVERY * MARGIN * 2


def test_a_server_that_asks_for_more_time_gets_it() -> None:
    """And one that asks for less changes nothing."""
    assert next_poll("x", NOW, EVERY, 0.0, timedelta(hours=1)) == NOW + timedelta(hours=1)
    assert next_poll("x", NOW, EVERY, 0.0, timedelta(0)) == next_poll("x", NOW, EVERY, 0.0)


SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WAITS = (
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""What users are promised after each attempt."""


def test_others_pass_after_four_attempts_and_a_broken_channel_is_tried_hourly() -> None:
    """As the documentation promises."""
    assert (IN_ORDER_ATTEMPTS, PROBE_INTERVAL) == (4, HOUR)


@pytest.mark.parametrize(("attempts", "wait"), list(enumerate(WAITS, start=1)))
def test_retries_follow_the_schedule(attempts: int, wait: timedelta) -> None:
    """Up to ten per cent later, never earlier."""
    assert next_attempt(attempts, NOW, 0.0) == NOW + wait
    latest = next_attempt(attempts, NOW, 0.999)
    assert latest is not None
    assert NOW + wait < latest < NOW + wait * 1.1


def test_the_tenth_attempt_is_the_last() -> None:
    """Nothing follows it, whatever the server asks."""
    assert MAX_ATTEMPTS == 10
    assert next_attempt(10, NOW, 0.0, timedelta(seconds=1)) is None


def test_retry_after_only_lengthens_the_wait() -> None:
    """A short one changes nothing, a long one is capped at a day."""
    assert next_attempt(2, NOW, 0.0, timedelta(seconds=1)) == NOW + timedelta(minutes=5)
    assert next_attempt(1, NOW, 0.0, timedelta(hours=3)) == NOW + timedelta(hours=3)
    assert next_attempt(1, NOW, 0.0, timedelta(days=9)) == NOW + timedelta(hours=24)

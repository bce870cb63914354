"""How long a server asks to wait, as it writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.net.retry_after import asked_wait, http_date

NOW = datetime(2026, 10, 21, 7, tzinfo=UTC)
DATE = "Wed, 21 Oct 2026 07:28:00"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 1.5 ", 1.5),
        (30, 30),
        ("0", 0),
        ("-1", None),
        ("soon", None),
        (None, None),
        ("inf", None),
        ("nan", None),
        (f"{DATE} GMT", 28 * 60),
        ("Wed, 21 Oct 2020 07:28:00 GMT", 0),
    ],
)
def test_a_wait_is_a_number_of_seconds_or_lasts_until_a_date(
    value: object, seconds: float | None
) -> None:
    """One that is over asks for none; what is neither says nothing."""
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert asked_wait(value, NOW) == expected


def test_a_date_is_not_read_where_nobody_knows_since_when() -> None:
    """The clocks of two machines differ."""
    assert asked_wait(f"{DATE} GMT") is None


@pytest.mark.parametrize(("zone", "hour"), [("GMT", 7), ("+0100", 6), ("-0000", 7), ("", 7)])
def test_a_date_names_a_moment_in_its_zone(zone: str, hour: int) -> None:
    """Without one, or in none that is known, it is UTC."""
    assert http_date(f"{DATE} {zone}") == NOW.replace(hour=hour, minute=28)

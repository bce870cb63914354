"""Crontab's five fields: which times they name, also when clocks turn."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from bot.core.timing.cron import CronError, cron

PARIS = ZoneInfo("Europe/Paris")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def times(line: str, start: str, zone: tzinfo, count: int) -> list[str]:
    """Return the first times of a line after a start in UTC, as local minutes."""
    found, at = [], datetime.fromisoformat(start).replace(tzinfo=UTC)
    for _ in range(count):
        at = cron(line).after(at, zone)
        found.append(at.astimezone(zone).isoformat(timespec="minutes"))
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 9 * * 0", ["2026-10-04", "2026-10-11"]),
        ("0 9 * * 7", ["2026-10-04", "2026-10-11"]),
        ("0 9 * * sun", ["2026-10-04", "2026-10-11"]),
        ("0 9 * * FRI-MON", ["2026-10-02", "2026-10-03", "2026-10-04", "2026-10-05", "2026-10-09"]),
        ("0 9 * * SUN-TUE", ["2026-10-04", "2026-10-05", "2026-10-06", "2026-10-11"]),
        ("0 9 * * 5-7", ["2026-10-02", "2026-10-03", "2026-10-04", "2026-10-09"]),
        ("0 9 * * 7-1", ["2026-10-04", "2026-10-05", "2026-10-11"]),
        ("0 9 30-2 * *", ["2026-10-01", "2026-10-02", "2026-10-30", "2026-10-31", "2026-11-01"]),
        ("0 9 1 NOV-JAN *", ["2026-11-01", "2026-12-01", "2027-01-01", "2027-11-01"]),
        ("0 9 29 2 *", ["2028-02-29", "2032-02-29"]),
    ],
)
def test_weekdays_are_numbers_or_names_and_ranges_may_wrap(line: str, expected: list[str]) -> None:
    """Sunday is 0 and 7, Monday is 1: not as APScheduler counts."""
    found = times(line, "2026-10-01T00:00", UTC, len(expected))
    assert [one.partition("T")[0] for one in found] == expected


def test_a_range_that_wraps_may_have_steps() -> None:
    """Every other hour from ten at night to two."""
    found = times("0 22-2/2 * * *", "2026-10-01T12:00", UTC, 4)
    assert [one[11:16] for one in found] == ["22:00", "00:00", "02:00", "22:00"]


@pytest.mark.parametrize(
    ("zone", "line", "start", "expected"),
    [
        (
            PARIS,
            "30 2 * * *",
            "2026-10-24T12:00",
            ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"],
        ),
        (PARIS, "30 2 * * *", "2026-10-25T01:10", ["2026-10-26T02:30+01:00"]),
        (
            NEW_YORK,
            "30 1 * * *",
            "2026-10-31T12:00",
            ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
        ),
        (
            LORD_HOWE,
            "45 1 * * *",
            "2026-04-03T20:00",
            ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
        (
            PARIS,
            "*/30 * * * *",
            "2026-10-24T23:40",
            ["2026-10-25T02:00+02:00", "2026-10-25T02:30+02:00", "2026-10-25T03:00+01:00"],
        ),
    ],
)
def test_a_local_minute_comes_once_where_clocks_are_turned_back(
    zone: tzinfo, line: str, start: str, expected: list[str]
) -> None:
    """The first of the two counts, whatever the zone turns by."""
    assert times(line, start, zone, len(expected)) == expected


@pytest.mark.parametrize(
    ("line", "moment", "expected"),
    [
        ("0 9 * * *", "2026-07-02T06:59", "2026-07-01T09:00+02:00"),
        ("0 9 * * *", "2026-07-02T07:00", "2026-07-02T09:00+02:00"),
        ("0 9 * * MON", "2026-07-02T07:00", "2026-06-29T09:00+02:00"),
        ("30 2 * * *", "2026-10-25T01:45", "2026-10-25T02:30+02:00"),
        ("30 2 * * *", "2026-03-29T02:00", "2026-03-29T03:00+02:00"),
    ],
)
def test_the_last_time_of_a_line_is_known(line: str, moment: str, expected: str) -> None:
    """Where clocks are turned, too."""
    at = datetime.fromisoformat(f"{moment}+00:00")
    assert cron(line).before(at, PARIS).astimezone(PARIS).isoformat("T", "minutes") == expected


@pytest.mark.parametrize(
    ("zone", "line", "start", "expected"),
    [
        (
            PARIS,
            "30 2 * * *",
            "2026-03-28T12:00",
            ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"],
        ),
        (
            NEW_YORK,
            "15 2 * * *",
            "2026-03-07T12:00",
            ["2026-03-08T03:00-04:00", "2026-03-09T02:15-04:00"],
        ),
        (
            LORD_HOWE,
            "15 2 * * *",
            "2026-10-03T00:00",
            ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
        ),
        (
            PARIS,
            "0 3 * * *",
            "2026-03-28T12:00",
            ["2026-03-29T03:00+02:00", "2026-03-30T03:00+02:00"],
        ),
    ],
)
def test_a_minute_that_the_day_lacks_is_the_first_one_after(
    zone: tzinfo, line: str, start: str, expected: list[str]
) -> None:
    """No digest is left out because clocks were turned forward."""
    assert times(line, start, zone, len(expected)) == expected


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("0 9 * *", "it has 5 fields"),
        ("0 0 9 * * *", "it has 5 fields"),
        ("@daily", "it has 5 fields"),
        ("0 9 1 * MON", "do not go together"),
        ("0 9 */2 * 1-5", "do not go together"),
        ("60 9 * * *", "60 is no minute"),
        ("70-3 9 * * *", "70 is no minute"),
        ("0 24 * * *", "24 is no hour"),
        ("0 9 L * *", "L is no day of the month"),
        ("0 9 * MAI *", "MAI is no month"),
        ("0 9 * * 8", "8 is no weekday"),
        ("0 9 * * MOO-TUE", "MOO is no weekday"),
        ("0 9 * * 5L", "5L is no weekday"),
        ("0 9 * * MON#1", "MON#1 is no weekday"),
        ("*/0 9 * * *", "*/0 is no minute"),
        ("5-1/0 9 * * *", "5-1/0 is no minute"),
    ],
)
def test_what_is_no_line_of_crontab_is_told_with_its_field(line: str, problem: str) -> None:
    """What only some crons know is none, either."""
    with pytest.raises(CronError) as caught:
        cron(line)
    assert problem in str(caught.value)


def test_a_day_that_never_comes_is_refused() -> None:
    """The thirty-first of February."""
    with pytest.raises(CronError):
        cron("0 9 31 2 *")

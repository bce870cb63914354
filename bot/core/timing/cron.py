"""Crontab's five fields, and the times that they name in a time zone, also when clocks turn."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim, CronSimError
from msgspec import Struct

FIELDS = ("minute", "hour", "day of the month", "month", "weekday")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_NAMES = {"month": dict(zip(MONTHS, range(1, 13), strict=True))}
_NAMES["weekday"] = {name: day for day, name in enumerate(WEEKDAYS)}
_RANGES = (range(60), range(24), range(1, 32), range(1, 13), range(7))
_TERM = re.compile(r"(?:\*|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)(?:/([0-9]{1,2}))?")
_SHORT = {
    "@HOURLY": "0 * * * *",
    "@DAILY": "0 9 * * *",
    "@MIDNIGHT": "0 0 * * *",
    "@WEEKLY": "0 9 * * MON",
    "@MONTHLY": "0 9 1 * *",
}
"""What is short for a line elsewhere, and the line that people would rather have."""

_BOUNDS = {
    "minute": "minutes are 0 to 59",
    "hour": "hours are 0 to 23",
    "day of the month": "days of the month are 1 to 31",
    "month": "months are 1 to 12, or JAN to DEC",
    "weekday": "weekdays are 0 to 7, or SUN to SAT",
}


class CronError(ValueError):
    """A line that names no times; ``advice`` says what to write, where that is known."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem)
        self.advice = advice


class Cron(Struct, frozen=True):
    """A line of five fields that ``cron`` has read; ``fields`` are what the library reads."""

    text: str
    fields: str

    def after(self, at: datetime, zone: tzinfo) -> datetime:
        """Return the first time after ``at``, in UTC.

        A local minute comes once a day: the first of two, where clocks are turned back. One that
        the day lacks is the first minute after.
        """
        return next(found for found in self._times(at, zone) if found > at)

    def before(self, at: datetime, zone: tzinfo) -> datetime:
        """Return the last time that is not after ``at``, in UTC."""
        back = self._times(at + timedelta(minutes=1), zone, reverse=True)
        return next(found for found in back if found <= at)

    def _times(self, at: datetime, zone: tzinfo, *, reverse: bool = False) -> Iterator[datetime]:
        """Yield the times from about ``at`` on: the library only walks a calendar without zones."""
        local = at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
        for minute in CronSim(self.fields, local, reverse=reverse):
            yield in_zone(minute, zone)


def cron(text: str) -> Cron:
    """Return the line that a text is; weekdays are 0 to 7 or names, ranges may wrap.

    Raises:
        CronError: it is none, or none that ever comes.
    """
    written = text.upper().split()
    if len(written) != len(FIELDS):
        raise CronError(
            f"it has {len(FIELDS)} fields ({', '.join(FIELDS)})",
            _SHORT.get(text.strip().upper(), ""),
        )
    if written[2] != "*" and written[4] != "*":
        raise CronError(
            "a day of the month and a weekday do not go together", "write * for one of them"
        )
    fields = " ".join(_field(name, one) for name, one in zip(FIELDS, written, strict=True))
    try:
        next(CronSim(fields, datetime(2024, 1, 1)))  # noqa: DTZ001 - a calendar without zones
    except CronSimError as error:
        raise _flaw(str(error), written) from error
    except StopIteration:
        raise CronError("that day never comes") from None
    return Cron(text=" ".join(text.split()), fields=fields)


def _flaw(said: str, written: list[str]) -> CronError:
    """Return what is wrong, where the library says ``Bad day-of-week``."""
    name = said.removeprefix("Bad ").replace("day-of-week", "weekday").replace("-", " ")
    name = name.replace("day of month", "day of the month")
    at = FIELDS.index(name) if name in FIELDS else 0
    return _no(FIELDS[at], written[at])


def _no(field: str, written: str) -> CronError:
    return CronError(f"{written} is no {field}", _BOUNDS[field])


def in_zone(minute: datetime, zone: tzinfo) -> datetime:
    """Return a local minute in UTC: the first of two, or the first one after where it lacks."""
    found = minute.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == minute:
        return found
    earlier = minute.replace(tzinfo=zone, fold=1).astimezone(UTC)
    minutes = range(int((found - earlier) / timedelta(minutes=1)))
    turned = found.astimezone(zone).utcoffset()
    first = bisect_left(
        minutes, True, key=lambda n: _offset(earlier + timedelta(minutes=n), zone) == turned
    )
    return earlier + timedelta(minutes=first)


def _offset(at: datetime, zone: tzinfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def _field(name: str, written: str) -> str:
    """Return one field as the library reads it: it knows no range that wraps."""
    return ",".join(_term(name, one) for one in written.split(","))


def _term(name: str, written: str) -> str:
    """Return a value, or a range, that wraps in the file, as numbers one after another."""
    match = _TERM.fullmatch(written)
    if match is None:
        raise _no(name, written)
    if match[2] is None:
        return written
    first, last = _number(name, match[1]), _number(name, match[2])
    if first <= last:
        return written
    span = _RANGES[FIELDS.index(name)]
    step = int(match[3] or 1)
    if step == 0:
        raise _no(name, written)
    return ",".join(map(str, [*range(first, span.stop), *range(span.start, last + 1)][::step]))


def _number(name: str, written: str) -> int:
    number = _NAMES.get(name, {}).get(written, int(written) if written.isdecimal() else -1)
    is_sunday = name == "weekday" and number == len(WEEKDAYS)
    if number not in _RANGES[FIELDS.index(name)] and not is_sunday:
        raise _no(name, written)
    return number

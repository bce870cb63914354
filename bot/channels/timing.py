"""When a channel is told, as the configuration writes it: lines of cron, spans, hours, kinds."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from bot.core.kinds import Kind
from bot.core.names.suggest import choose
from bot.core.timing.cron import Cron, CronError, cron
from bot.core.timing.window import QuietHours
from bot.fields import DURATION_SCHEMA, STRING, Listed, Parsed, duration, text, wrong

_WORDS = {
    "hourly": "1h",
    "daily": "0 9 * * *",
    "weekdays": "0 9 * * MON-FRI",
    "weekly": "0 9 * * MON",
    "monthly": "0 9 1 * *",
    "1d": "0 9 * * *",
    "24h": "0 9 * * *",
    "7d": "0 9 * * MON",
}
"""What people write for a time without saying when."""

_SPAN = re.compile(r"[0-9][0-9.,]*\s*[a-z]*", re.IGNORECASE)
_HOURS = re.compile(r"([0-9]{1,2}:[0-9]{2})\s*[-–]\s*([0-9]{1,2}:[0-9]{2})")  # noqa: RUF001
_OTHER_HOURS = re.compile(
    r"([0-9]{1,2})(?::([0-9]{2}))? ?([ap]m)? ?(?:-|–|to|until) ?"  # noqa: RUF001
    r"([0-9]{1,2})(?::([0-9]{2}))? ?([ap]m)?"
)
_HALF_DAY = range(1, 13)
_OF_DAY = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_CRON = {**STRING, "pattern": r"^(\S+( \S+){4}|env:.+|file:.+)$"}


def _digest(value: Any) -> Cron | timedelta:
    """Return the line of cron, or the span, after which a digest is sent."""
    allowed = 'must be a cron line such as "0 9 * * MON-FRI", or a duration such as "1h"'
    if isinstance(value, str) and _SPAN.fullmatch(value.strip()):
        return duration(value)
    if isinstance(value, str) and (" " in value.strip() or "@" in value):
        return _cron(value)
    if isinstance(value, str) and value.strip().casefold() in _WORDS:
        raise wrong(allowed, f'write "{_WORDS[value.strip().casefold()]}"')
    if isinstance(value, str) and (of_day := _OF_DAY.fullmatch(value.strip())):
        raise wrong(allowed, f'write "{int(of_day[2])} {int(of_day[1])} * * *"')
    raise wrong(allowed, f'write "{value}m" for minutes' if type(value) is int else "")


def _cron(value: Any) -> Cron:
    """Return a line of cron."""
    allowed = 'must be a cron line such as "0 9 * * MON"'
    if not isinstance(value, str) or (" " not in value.strip() and "@" not in value):
        word = _WORDS.get(str(value).strip().casefold(), "")
        raise wrong(allowed, f'write "{word}"' if " " in word else "")
    try:
        return cron(text(value))
    except CronError as error:
        raise wrong(f"{allowed}: {error}", error.advice and _write(error.advice)) from None


def _write(advice: str) -> str:
    return f'write "{advice}"' if advice[0] in "0123456789" else advice


def _quiet_hours(value: Any) -> QuietHours:
    """Return a part of the day such as ``22:00-07:00``."""
    allowed = 'must be hours such as "22:00-07:00"'
    match = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        meant = _meant_hours(value)
        raise wrong(allowed, f'write "{meant}"' if meant else "")
    hours = QuietHours(_time(match[1], allowed), _time(match[2], allowed))
    if hours.start == hours.end:
        raise wrong(f"{allowed}, whose end is not their start", "leave it out for none")
    return hours


def _meant_hours(value: Any) -> str | None:
    """Return the hours that are meant by a list of one, a table, or other words for them."""
    if isinstance(value, dict):
        value = [f"{value.get('start')}-{value.get('end')}"]
    if isinstance(value, list):
        value = "-".join(map(str, value))
    match = _OTHER_HOURS.fullmatch(str(value).strip().casefold())
    ends = (_of_day(*match.group(1, 2, 3)), _of_day(*match.group(4, 5, 6))) if match else ("", "")
    return "-".join(ends) if all(ends) and ends[0] != ends[1] else None


def _of_day(hour: str, minute: str | None, half: str | None) -> str:
    """Return a time of day, such as 10 pm, on a clock of 24 hours; "" where there is no such."""
    number = int(hour) % 12 + 12 * (half == "pm") if half else int(hour)
    time_of_day = f"{number:02}:{minute or '00'}"
    fits = _OF_DAY.fullmatch(time_of_day) and (not half or int(hour) in _HALF_DAY)
    return time_of_day if fits else ""


def _time(written: str, allowed: str) -> time:
    try:
        return time.fromisoformat(written.zfill(len("00:00")))
    except ValueError:
        bounds = "a day has the hours 00:00 to 23:59"
        advice = 'write "00:00" for midnight' if written.startswith("24:") else bounds
        raise wrong(allowed, advice) from None


def _kind(value: Any) -> Kind:
    if not isinstance(value, str) or value not in list(Kind):
        raise wrong("is no kind of event", choose(value, list(Kind)))
    return Kind[value.upper()]


def _distinct(value: Any) -> Any:
    if not isinstance(value, list):
        item = f'["{value}"]' if value in list(Kind) else "[ ]"
        raise wrong("must be a list of kinds", f"write it in brackets: {item}")
    return value


_KIND = {"anyOf": [{"enum": [*Kind]}, {"type": "string", "pattern": "^(env|file):."}]}

CronLine = Annotated[Cron, Parsed(_cron, _CRON)]
Digest = Annotated[Cron | timedelta, Parsed(_digest, {"anyOf": [_CRON, DURATION_SCHEMA]})]
QuietTime = Annotated[
    QuietHours,
    Parsed(_quiet_hours, {**STRING, "pattern": r"^([0-9]{1,2}:[0-9]{2}\s*-|env:|file:)"}),
]
Kinds = Annotated[
    frozenset[Annotated[Kind, Parsed(_kind, _KIND)]], BeforeValidator(_distinct), Listed
]

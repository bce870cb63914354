"""Time zones, as the configuration names them."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from bot.core.names.suggest import is_like, nearest
from bot.fields import Parsed, text, wrong

_OFFSET = re.compile(r"([a-z]{1,5} ?)?[+-][0-9]{1,2}(:?[0-9]{2})?", re.IGNORECASE)
_SHORT = re.compile(r"[A-Z]{2,5}")


def _zone(value: Any) -> tzinfo:
    """Return the time zone of a name such as ``Europe/Paris``, as this machine has it."""
    name = text(value)
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # one that is not found is a KeyError
        raise wrong('must be a time zone such as "Europe/Paris"', _advice(name)) from None


def _advice(name: str) -> str:
    known = available_timezones()
    if not known:
        return "this machine knows none: install the package tzdata"
    near = nearest(name, (one for one in known if "/" in one)) or ""  # CEST is not EST
    if is_like(name, near) or is_like(_place(name), _place(near)):
        return f'did you mean "{near}"?'
    if _OFFSET.fullmatch(name):
        return "name a place: an offset does not know when clocks turn"
    return "name a place: an abbreviation may mean several zones" if _SHORT.fullmatch(name) else ""


def _place(zone: str) -> str:
    """Return what stands behind the region: people may know that alone."""
    return zone.rpartition("/")[2].replace("_", " ")


Zone = Annotated[tzinfo, Parsed(_zone)]

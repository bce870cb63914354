"""Time zones, as the configuration names them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from bot.core.names.suggest import is_like, nearest
from bot.fields import Parsed, text, wrong


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
    meant = is_like(name, near) or is_like(_place(name), _place(near))
    return f'did you mean "{near}"?' if meant else ""


def _place(zone: str) -> str:
    """Return what stands behind the region: people may know that alone."""
    return zone.rpartition("/")[2].replace("_", " ")


Zone = Annotated[tzinfo, Parsed(_zone)]

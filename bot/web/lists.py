"""Lists that are read a part at a time: ``?limit=`` and ``?cursor=``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar
from urllib.parse import urlencode

from markupsafe import Markup
from msgspec import Struct

from bot.web.refusal import BAD_REQUEST, Refused
from bot.web.site import Asked

PARAMETERS = ("limit", "cursor")
LIMIT = 100
"""How many items there are where it is not said."""

MOST = 1_000

T = TypeVar("T")


class Part(Struct, Generic[T], frozen=True):
    """A part of a list, and the cursor of the part that follows; null where none does."""

    items: Sequence[T]
    next: str | None


def limit(asked: Asked) -> int:
    """Return how many items are wanted.

    Raises:
        Refused: it is no number from 1 to ``MOST``.
    """
    return asked.whole("limit", LIMIT, MOST)


def after(asked: Asked, name: str) -> int | None:
    """Return the number that the cursor of a list stands for; None where none was given.

    Raises:
        Refused: it is no cursor, or of another list.
    """
    written = asked.parameter("cursor")
    if written is None:
        return None
    list_, _, number = written.partition("-")
    is_number = number.isascii() and number.isdecimal() and len(number) < len(str(2**63))
    if list_ != name or not is_number:
        raise Refused(BAD_REQUEST, f"cursor: is none of this list; take {name}'s own `next`")
    return int(number)


def cursor(name: str, number: int) -> str:
    """Return the cursor of a list that stands for a number."""
    return f"{name}-{number}"


def some(asked: Asked, name: str, every: Sequence[T]) -> Part[T]:
    """Return the part of a list that is asked for, of one that is there as a whole."""
    begin, wanted = after(asked, name) or 0, limit(asked)
    end = begin + wanted
    return Part(every[begin:end], following(name, end, more=end < len(every)))


def onward(asked: Asked, cursor: str | None) -> Markup | None:
    """Return the address of the part that follows, with all else that was asked for."""
    return None if cursor is None else another(asked, cursor=cursor)


def as_data(asked: Asked, form: str) -> Markup:
    """Return the address of the same as data."""
    return another(asked, format=form)


def another(asked: Asked, *without: str, **given: str) -> Markup:
    """Return the address of the same page with other parameters, and ``without`` some."""
    left = {*without, *given}
    kept = [one for one in asked.request.query_params.multi_items() if one[0] not in left]
    return Markup.escape(f"?{urlencode([*kept, *given.items()], errors='replace')}")


def following(name: str, number: int, *, more: bool) -> str | None:
    """Return the cursor of the part that begins with a number; None where there are no more."""
    return cursor(name, number) if more else None

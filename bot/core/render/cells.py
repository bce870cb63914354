"""Tables as CSV, in pieces as the records come; strangers' texts are inert in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

AT_ONCE = 2000
"""How many records are written together."""

T = TypeVar("T")

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def batched(items: Iterable[T]) -> Iterator[list[T]]:
    """Return some items at a time."""
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some


def cell(value: object) -> object:
    """Return a value as CSV holds it.

    A stranger's text neither controls a terminal nor is a formula to a spreadsheet.
    """
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}".replace(".000000Z", "Z")
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    text = _CONTROLS.sub(" ", value)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text


def csv_rows(fields: Sequence[str], pages: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Return the pieces of a CSV document: a line of names, then one a record or structure."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(fields)
    for page in pages:
        for one in page:
            get = one.get if isinstance(one, dict) else partial(getattr, one)
            writer.writerow([cell(get(name)) for name in fields])
        yield written.getvalue().encode()
        written.seek(0)
        written.truncate()
    yield written.getvalue().encode()

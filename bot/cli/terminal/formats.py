"""History as data for other programs: CSV and Parquet, in pieces as the records come."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, TypeVar

AT_ONCE = 2000
"""How many records are written together."""

T = TypeVar("T")
Record = dict[str, object]

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


def parquet(fields: Sequence[str], pages: Iterable[list[Record]]) -> Iterator[bytes]:
    """Return the pieces of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pa.timestamp("us", tz="UTC")
    types = {
        "at": moment,
        "until": moment,
        "include_derived": pa.bool_(),
        "rank": pa.int64(),
        "score": pa.float64(),
        "removed": pa.bool_(),
        "verified": pa.bool_(),
        "pull_request": pa.int64(),
    }
    schema = pa.schema([(name, types.get(name, pa.string())) for name in fields])
    sink = _Written()
    with pq.ParquetWriter(sink, schema) as writer:
        for page in pages:
            writer.write_table(pa.Table.from_pylist(list(map(_plain, page)), schema))
            yield sink.take()
    yield sink.take()


class _Written(io.RawIOBase):
    """Takes what is written until it is taken from here."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _plain(row: Record) -> Record:
    return {key: float(v) if isinstance(v, Decimal) else v for key, v in row.items()}

"""``export``: history as data."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bot.cli.session import Session
from bot.cli.terminal.options import Since, start_of
from bot.cli.terminal.output import count, json_list, say, write_bytes
from bot.cli.terminal.usage import Section
from bot.core.errors import BotError

if TYPE_CHECKING:
    from bot.store.views import HistoryPoint

SECTION, PLACE = Section.LOOK, 5

FIELDS = (
    "at", "until", "benchmark", "task", "include_derived", "row_id", "model", "variant", "rank",
    "score", "notes", "filename", "removed", "verified", "source_name", "source_url",
    "pull_request",
)  # fmt: skip


AT_ONCE = 2000
"""How many records are written together."""

T = TypeVar("T")

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Format(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


def export(
    context: typer.Context,
    format_: Annotated[Format, typer.Option("--format", help="What to write.")],
    since: Since = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="A file instead of standard output."),
    ] = None,
) -> None:
    """Write all history as data.

    One record for each change of a row: how it stood, from when until when.
    """
    from bot.app import now
    from bot.cli.stored import opened

    if format_ is Format.PARQUET and output is None and sys.stdout.isatty():
        raise typer.BadParameter("is no text for a terminal; add --output PATH", param_hint=format_)
    session: Session = context.obj
    with opened(session.settings()) as store:
        groups = store.history_groups(since=start_of(since, now()))
        rows = _Counted(_rows(group) for group in groups)
        if output is None:
            _print(_encoded(rows, format_))
        else:
            _save(output, _encoded(rows, format_))
            say(f"{count(rows.number, 'row')} written to {output}")


Record = dict[str, object]


class _Counted:
    """Pages of records, and how many records they had."""

    def __init__(self, pages: Iterable[list[Record]]) -> None:
        self._pages = pages
        self.number = 0

    def __iter__(self) -> Iterator[list[Record]]:
        for page in self._pages:
            self.number += len(page)
            yield page


def _rows(group: Sequence[HistoryPoint]) -> list[Record]:
    from bot.cli.timelines import named

    return [_row(point, variant) for point, variant in zip(group, named(group), strict=True)]


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


def _row(point: HistoryPoint, variant: str | None) -> dict[str, object]:
    source = point.source
    apart = {
        "variant": variant,
        "source_name": source.name if source else None,
        "source_url": source.url if source else None,
    }
    return {name: apart[name] if name in apart else getattr(point, name) for name in FIELDS}


def _encoded(rows: Iterable[list[Record]], format_: Format) -> Iterator[bytes]:
    """Return what is to be written, as the records come."""
    together = batched(chain.from_iterable(rows))
    if format_ is Format.JSON:
        return json_list(together)
    if format_ is Format.PARQUET:
        return _parquet(together)
    return csv_rows(FIELDS, together)


def batched(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Return some items at a time."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some


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


def _parquet(pages: Iterable[list[Record]]) -> Iterator[bytes]:
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
    schema = pa.schema([(name, types.get(name, pa.string())) for name in FIELDS])
    sink = _Written()
    with pq.ParquetWriter(sink, schema) as writer:
        for page in pages:
            writer.write_table(pa.Table.from_pylist(list(map(_plain, page)), schema))
            yield sink.take()
    yield sink.take()


def _plain(row: Record) -> Record:
    return {key: float(v) if isinstance(v, Decimal) else v for key, v in row.items()}


def _print(data: Iterable[bytes]) -> None:
    for some in data:
        if not write_bytes(some):
            return


def _save(path: Path, data: Iterable[bytes]) -> None:
    """Write a file whole or not at all."""
    plain = path.is_file() or not path.exists()
    partial_ = path.with_name(f"{path.name}.partial") if plain else path
    try:
        with partial_.open("wb") as file:
            file.writelines(data)
        if plain:
            partial_.replace(path)
    except OSError as error:
        raise BotError(f"{path} cannot be written: {error.strerror}. Name another file.") from None
    finally:
        if plain:
            partial_.unlink(missing_ok=True)

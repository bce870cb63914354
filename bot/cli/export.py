"""``export``: history as data."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Since, start_of
from bot.cli.output import count, harmless_json, say, write_bytes
from bot.cli.session import Session
from bot.core.errors import BotError

if TYPE_CHECKING:
    from bot.store.views import HistoryPoint

FIELDS = (
    "at", "until", "benchmark", "task", "include_derived", "row_id", "model", "variant", "rank",
    "score", "notes", "filename", "removed", "verified", "source_name", "source_url",
    "pull_request",
)  # fmt: skip


_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Format(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel="Look at what is known")(export)


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
    from bot.cli.timelines import named

    if format_ is Format.PARQUET and output is None and sys.stdout.isatty():
        raise typer.BadParameter("is no text for a terminal; add --output PATH", param_hint=format_)
    session: Session = context.obj
    with opened(session.settings()) as store:
        found = store.history(since=start_of(since, now()))
    rows = [_row(one, variant) for one, variant in zip(found, named(found), strict=True)]
    data = _encoded(rows, format_)
    if output is None:
        write_bytes(data)
    else:
        _save(output, data)
        say(f"{count(len(rows), 'row')} written to {output}")


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


def _encoded(rows: Sequence[dict[str, object]], format_: Format) -> bytes:
    if format_ is Format.JSON:
        from bot.core.message import encode

        return harmless_json(encode(rows)) + b"\n"
    if format_ is Format.PARQUET:
        return _parquet(rows)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows([[cell(row[name]) for name in FIELDS] for row in rows])
    return lines.getvalue().encode()


def _parquet(rows: Sequence[dict[str, object]]) -> bytes:
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
    plain = [{k: float(v) if isinstance(v, Decimal) else v for k, v in row.items()} for row in rows]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(plain, schema), sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise BotError(f"{path} cannot be written: {error.strerror}. Name another file.") from None

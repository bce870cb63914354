"""``export``: history as data."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.terminal.options import Since, start_of
from bot.cli.terminal.output import json_list, say, write_pages
from bot.cli.terminal.parquet import Record, parquet
from bot.cli.terminal.usage import Context, Section
from bot.core.errors import UnwritableError
from bot.core.render.cells import batched, csv_rows
from bot.core.render.numbers import plural

SECTION, PLACE = Section.LOOK, 6


class Format(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


def export(
    context: Context,
    format_: Annotated[
        Format, typer.Option("--format", case_sensitive=False, help="What to write.")
    ],
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
    from bot.views.history import records
    from bot.views.stored import opened

    if format_ is Format.PARQUET and output is None and sys.stdout.isatty():
        raise typer.BadParameter("is no text for a terminal; add --output PATH", param_hint=format_)
    with opened(context.obj.settings()) as store:
        rows = _Counted(records(store, start_of(since, now())))
        if output is None:
            write_pages(_encoded(rows, format_))
        else:
            _save(output, _encoded(rows, format_))
            say(f"{plural(rows.number, 'row')} written to {output}")


class _Counted:
    """Pages of records, and how many records they had."""

    def __init__(self, pages: Iterable[list[Record]]) -> None:
        self._pages = pages
        self.number = 0

    def __iter__(self) -> Iterator[list[Record]]:
        for page in self._pages:
            self.number += len(page)
            yield page


def _encoded(rows: Iterable[list[Record]], format_: Format) -> Iterator[bytes]:
    """Return what is to be written, as the records come."""
    from bot.views.history import FIELDS

    together = batched(chain.from_iterable(rows))
    if format_ is Format.JSON:
        return json_list(together)
    if format_ is Format.PARQUET:
        return parquet(FIELDS, together)
    return csv_rows(FIELDS, together)


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
        raise UnwritableError(path, error) from None
    finally:
        if plain:
            partial_.unlink(missing_ok=True)

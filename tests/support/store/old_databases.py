"""Databases as earlier versions of the program left them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, LargeBinary, MetaData, insert, select

from bot.store.database.engine import migrating_engine
from bot.store.database.migrate import REVISIONS, Scripts, shipped, upgrade

DATA = Path(__file__).parents[2] / "data" / "stored"

OLD = ("0001", "0003")
"""The revisions of which there is data: a program of that time polled and delivered it."""


def scripts_until(revision: str, folder: Path) -> Scripts:
    """Return the migrations up to a revision, in a folder of their own."""
    known = REVISIONS[: REVISIONS.index(revision) + 1]
    copy = folder / f"until-{revision}"
    shutil.copytree(shipped().folder, copy)
    for script in (copy / "versions").glob("*.py"):
        if not script.name.startswith(known):
            script.unlink()
    return Scripts(copy, known)


def make(url: str, revision: str, folder: Path) -> None:
    """Make a database as the program of a revision left it."""
    upgrade(url, scripts_until(revision, folder))
    stored = json.loads((DATA / f"{revision}.json").read_text(encoding="utf-8"))
    engine = migrating_engine(url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name not in stored:
                continue
            names, rows = stored[table.name]["columns"], stored[table.name]["rows"]
            columns = [table.c[name] for name in names]
            values = [
                {
                    column.name: _value(column, value)
                    for column, value in zip(columns, row, strict=True)
                }
                for row in rows
            ]
            connection.execute(insert(table), values)
            if connection.dialect.name == "postgresql":
                _count_on(connection, table)
    engine.dispose()


def content(url: str) -> dict[str, list[str]]:
    """Return all that a database holds, by table."""
    engine = migrating_engine(url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(column.type, LargeBinary):
        return value.encode()
    return bool(value) if isinstance(column.type, Boolean) else value


def _count_on(connection: Any, table: Any) -> None:
    """Let the numbers that the database gives go on after those that were given."""
    for column in table.primary_key:
        if "nextval" in str(getattr(column.server_default, "arg", "")):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"
                f" (SELECT max({column.name}) FROM {table.name}))"
            )

"""Runs the migrations: on the program's own connection, or for developers on ``-x url=…``."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, NullPool, TypeDecorator, create_engine

from bot.store.database.tables import metadata


def _plain(kind: str, item: object, _context: Any) -> str | Literal[False]:
    """Write our own types down as what they are stored as: revisions import nothing of ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=_plain,
        # One transaction from the first statement to the last: all of it or nothing.
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def _connect_and_migrate() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("Say which database: alembic -x url=sqlite:///some.db …")
    with create_engine(url, poolclass=NullPool).begin() as connection:
        _migrate(connection)


given = context.config.attributes.get("connection")
if given is None:
    _connect_and_migrate()
else:
    _migrate(given)

"""What tables are made of: indexes, and types that give back what was put in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ERROR_LENGTH = 1000
"""Errors come from strangers: what is stored of one is at most this long."""

# NUL and lone surrogates can be put into a string but into no database.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps it as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would silently be taken for local ones."""
        if value is None:
            return None
        assert value.tzinfo is not None, "times are aware"
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the time back in UTC, whatever the session's zone."""
        if value is None:
            return None
        stored: datetime = value
        sqlite = dialect.name == "sqlite"
        return stored.replace(tzinfo=UTC) if sqlite else stored.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal as its digits: neither database may round it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write the digits out."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read the digits back."""
        return None if value is None else Decimal(value)


class Reason(TypeDecorator[str]):
    """An error's text, cut to length and without what no database can hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Replace what cannot be stored."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value[:ERROR_LENGTH])


# SQLite numbers rows by itself only in a column of exactly this type.
Serial = BigInteger().with_variant(Integer, "sqlite")
"""The type of the numbers that rows get by themselves."""


def partial(name: str, *columns: str, where: str) -> Index:
    """Return an index of the rows that meet a condition: small, whatever else is stored."""
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)

"""What keeps a role from using a database on PostgreSQL, with the statement that mends it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

from bot.core.errors import StoreError
from bot.store.database.failures import READ_ONLY
from bot.store.database.tables import metadata

_PLACE = text("""
SELECT current_setting('server_encoding') AS encoding, current_setting('search_path') AS path,
    current_schema() AS schema, current_user AS role, pg_is_in_recovery() AS standby,
    has_schema_privilege(current_schema(), 'CREATE') AS creates,
    ARRAY(SELECT nspname::text FROM pg_namespace) AS schemas
""")

# The sequences are those that number the rows of our tables; a schema's name comes out quoted.
_TABLES = text("""
WITH ours AS (
    SELECT * FROM pg_class
    WHERE relname = ANY (:names) AND relkind = 'r' AND pg_table_is_visible(oid)
), numbers AS (
    SELECT s.oid FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
    JOIN ours ON ours.oid = d.refobjid WHERE s.relkind = 'S'
)
SELECT count(*) AS there, min(relnamespace::regnamespace::text) AS schema,
    min(pg_get_userbyid(relowner)) AS owner, bool_and(pg_has_role(relowner, 'USAGE')) AS owns,
    bool_and(has_table_privilege(oid, 'SELECT')) AS reads,
    bool_and(has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE')
        AND has_table_privilege(oid, 'DELETE'))
    AND (SELECT coalesce(bool_and(has_sequence_privilege(oid, 'USAGE')), true) FROM numbers)
    AS writes
FROM ours
""")


def refuse_unreadable(connection: Connection) -> None:
    """Refuse a database that cannot hold our tables, or in which this role may not look at them.

    Raises:
        StoreError: the sentence has the statement that mends it.
    """
    place, tables = connection.execute(_PLACE).one(), _tables(connection)
    if place.encoding != "UTF8":
        raise StoreError(
            f"The database is encoded in {place.encoding}, which cannot hold every name. Make "
            "another for database.url: CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C' TEMPLATE "
            "template0;"
        )
    if place.schema is None:
        raise StoreError(_no_schema(connection, place))
    if tables.there and not tables.reads:
        raise StoreError(_grant(connection, place, tables, "read", "SELECT"))


def refuse_unwritable(connection: Connection, *, is_current: bool) -> None:
    """Refuse a database in which this role may not write, or not make what is missing.

    Raises:
        StoreError: the sentence has the statement that mends it.
    """
    place, tables = connection.execute(_PLACE).one(), _tables(connection)
    quote = connection.dialect.identifier_preparer.quote
    if place.standby:
        raise StoreError(READ_ONLY)
    if not is_current and not place.creates:
        schema, role = quote(place.schema), quote(place.role)
        raise StoreError(
            f"PostgreSQL does not let the user {role} make tables in the schema {schema}. Let its "
            f"owner run: GRANT CREATE ON SCHEMA {schema} TO {role};"
        )
    if not is_current and tables.there and not tables.owns:
        raise StoreError(
            "Only who owns the tables may bring them up to date. Let the user "
            f"{quote(tables.owner)} run `leaderboard-bot db upgrade`, or write that one into "
            "database.url."
        )
    if tables.there and not tables.writes:
        rights = "SELECT, INSERT, UPDATE, DELETE"
        numbers = f" GRANT USAGE ON ALL SEQUENCES IN SCHEMA {tables.schema} TO {quote(place.role)};"
        raise StoreError(_grant(connection, place, tables, "change", rights) + numbers)


def _tables(connection: Connection) -> Row[Any]:
    names = [*metadata.tables, "alembic_version"]
    return connection.execute(_TABLES, {"names": names}).one()


def _grant(
    connection: Connection, place: Row[Any], tables: Row[Any], what: str, rights: str
) -> str:
    role = connection.dialect.identifier_preparer.quote(place.role)
    return (
        f"PostgreSQL does not let the user {role} {what} the tables in the schema "
        f"{tables.schema}. Let their owner run: GRANT {rights} ON ALL TABLES IN SCHEMA "
        f"{tables.schema} TO {role};"
    )


def _no_schema(connection: Connection, place: Row[Any]) -> str:
    """Say why no schema of the search path can be used: it is not there, or not this role's."""
    quote = connection.dialect.identifier_preparer.quote
    role = quote(place.role)
    wanted = [part.strip().strip('"') for part in place.path.split(",")]
    named = [place.role if part == "$user" else part for part in wanted if part]
    there = [one for one in named if one in place.schemas]
    if there:
        return (
            f"PostgreSQL shows the user {role} nothing in the schema {quote(there[0])}. Let its "
            f"owner run: GRANT USAGE, CREATE ON SCHEMA {quote(there[0])} TO {role};"
        )
    return (
        "The database has no schema of those in the search path. Make one: CREATE SCHEMA "
        f"{quote(named[-1] if named else place.role)} AUTHORIZATION {role};"
    )

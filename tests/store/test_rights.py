"""A PostgreSQL, or a file, that cannot be used: one sentence, with the statement that mends it."""

from __future__ import annotations

import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from psycopg import sql

from bot.core.errors import StoreError
from bot.store import open_existing, open_store, refusal, upgrade
from bot.store.database.migrate import state
from tests.support.store.pooler import PROGRAM, pooler
from tests.support.store.postgres import Postgres
from tests.support.store.stored import watch

GUEST = "the Guest"
"""A role that is nobody's friend, with a name that must be quoted."""


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))


@pytest.fixture
def owned(postgres: Postgres) -> Iterator[str]:
    """Give the address of an empty database that the guest may connect to."""
    run(postgres.url("postgres"), f'CREATE ROLE "{GUEST}" LOGIN')
    with postgres.database("rights") as url:
        yield url
    run(postgres.url("postgres"), f'DROP ROLE "{GUEST}"')


@pytest.fixture
def guest(postgres: Postgres, owned: str) -> str:
    """Give the guest's address of the database."""
    assert owned
    return postgres.url("rights", GUEST.replace(" ", "%20"))


def test_each_right_that_is_missing_is_asked_for_in_turn(owned: str, guest: str) -> None:
    """Whoever runs the statements of the sentences, one after the other, has a bot that works."""
    asked = []
    for _ in range(5):
        said = refusal(guest)
        if said is None:
            break
        statements = re.findall(r"(?:GRANT|CREATE) [^;]*;", said)
        asked += statements
        run(owned, *statements)
        if len(asked) == 1:
            upgrade(owned)  # as the owner: the guest has no right to the tables
    assert asked == [
        f'GRANT CREATE ON SCHEMA public TO "{GUEST}";',
        f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{GUEST}";',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{GUEST}";',
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{GUEST}";',
    ]
    with closing(open_store(guest)) as store:
        watch(store)


def test_who_may_only_read_may_look(owned: str, guest: str) -> None:
    """Reports need no right to write."""
    upgrade(owned)
    run(owned, f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{GUEST}"')
    open_existing(guest).close()
    with pytest.raises(StoreError, match=r"does not let the user .* change the tables"):
        open_store(guest)


def test_who_does_not_own_the_tables_brings_none_up_to_date(owned: str, guest: str) -> None:
    """Their owner is named."""
    upgrade(owned)
    run(
        owned,
        "UPDATE alembic_version SET version_num = '0001'",
        f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{GUEST}"',
        f'GRANT CREATE ON SCHEMA public TO "{GUEST}"',
    )
    assert "Let the user postgres run `leaderboard-bot db upgrade`" in str(refusal(guest))


@pytest.mark.parametrize(
    ("set_up", "told"),
    [
        ((), f'CREATE SCHEMA alerts AUTHORIZATION "{GUEST}";'),
        (("CREATE SCHEMA alerts",), f'GRANT USAGE, CREATE ON SCHEMA alerts TO "{GUEST}";'),
    ],
)
def test_a_schema_that_is_missing_or_closed_is_named(
    owned: str, guest: str, set_up: tuple[str, ...], told: str
) -> None:
    """Afterwards the tables are made in it."""
    run(owned, f'ALTER ROLE "{GUEST}" SET search_path = alerts', *set_up)
    said = refusal(guest)
    assert said is not None
    assert told in said
    run(owned, told)
    upgrade(guest)
    assert state(guest) == "current"


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_name_is_refused(
    postgres: Postgres, encoding: str
) -> None:
    """The statement makes one that can."""
    made = f"CREATE DATABASE narrow ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
    run(postgres.url("postgres"), made)
    try:
        with pytest.raises(StoreError, match=f"encoded in {encoding}") as caught:
            open_store(postgres.url("narrow"))
    finally:
        run(postgres.url("postgres"), "DROP DATABASE narrow")
    (better,) = re.findall("CREATE DATABASE .*;", str(caught.value))
    run(postgres.url("postgres"), better.replace("…", "wide"))
    try:
        assert refusal(postgres.url("wide")) is None
    finally:
        run(postgres.url("postgres"), "DROP DATABASE wide")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("REVOKE CONNECT ON DATABASE rights FROM PUBLIC", "GRANT CONNECT ON DATABASE … TO …;"),
        (f'ALTER ROLE "{GUEST}" NOLOGIN', "ALTER ROLE … LOGIN;"),
    ],
)
def test_who_may_not_connect_is_told_what_is_missing(
    owned: str, guest: str, statement: str, told: str
) -> None:
    """The server says it before there is a session."""
    run(owned, statement)
    assert told in str(refusal(guest))


@contextmanager
def without_tls() -> Iterator[int]:
    """Listen as a server does that says no to TLS, and give its port."""

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(8)
            connection.sendall(b"N")
            connection.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=answer, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def test_a_server_without_tls_is_said_to_be_one() -> None:
    """The key that asked for it is named."""
    with without_tls() as port:
        said = refusal(f"postgresql://bot@127.0.0.1:{port}/alerts?sslmode=require")
    assert said is not None
    assert "speaks no TLS, which sslmode in database.url asks for" in said


def test_a_name_that_cannot_be_resolved_is_said_to_be_one() -> None:
    """It is no server that is down."""
    said = refusal("postgresql://bot@nowhere.invalid/alerts")
    assert said is not None
    assert "cannot be resolved. Check its spelling" in said


@pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")
def test_a_setting_that_a_pooler_refuses_is_named(postgres: Postgres) -> None:
    """It works once that is left out."""
    with postgres.database("pooled"), pooler(postgres) as address:
        said = refusal(f"{address}pooled?options=-c%20search_path%3Dpublic")
        assert said is not None
        assert "Take `options` out of database.url" in said
        assert refusal(f"{address}pooled") is None
        assert "no such database" in str(refusal(f"{address}nowhere"))


# --- files -------------------------------------------------------------------------------------


@contextmanager
def nobody() -> Iterator[None]:
    """Be another user than root for a while."""
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("made", ["file", "folder"])
def test_a_file_of_another_user_is_said_to_be_that(made: str) -> None:
    """Before a poll as by it, with whom the file belongs to, and nothing is made."""
    with tempfile.TemporaryDirectory(prefix="leaderboard-bot-tests-") as name:
        folder = Path(name)
        folder.chmod(0o777 if made == "file" else 0o755)
        url = f"sqlite:///{folder / 'bot.db'}"
        if made == "file":
            upgrade(url)
        there = sorted(folder.iterdir())
        with nobody():
            said = refusal(url)
            with pytest.raises(StoreError) as caught:
                open_store(url)
        assert said == str(caught.value)
        assert "is the user root's, and nobody may not write there" in said
        assert sorted(folder.iterdir()) == there
    assert "chown nobody" in said

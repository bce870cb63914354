"""What strangers see of a public page that has more than official benchmarks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.event import listen, remove
from starlette.testclient import TestClient

from bot.app import now
from bot.store import Store
from tests.support.commands import LATER, START, Commands
from tests.support.hub.fake_hub import SampleHub, board
from tests.support.page import BEARER, PUBLIC, client

OFFICIAL, OTHER = "acme/official", "acme/secret"
HTTP_OK, UNAUTHORIZED, NOT_FOUND = 200, 401, 404
HIDDEN = ("secret", "hush", "our-watch", "our-channel")
"""Parts of every name that strangers may not see."""


def watch(commands: Commands) -> None:
    """Watch an official board and another."""
    commands.configure(
        f'name = "our-watch"\nbenchmarks = ["official", "{OTHER}"]',
        channels='[channels.our-channel]\ntype = "console"\n',
    )


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Store an official board and another, to copy: polls take most of a test."""
    with SampleHub() as hub:
        commands = Commands(tmp_path_factory.mktemp("strangers"), hub)
        watch(commands)
        hub.set(OTHER, board(("hush/model", 9.0), ("qwen/alpha", 8.0)))
        commands.polled(START, LATER, benchmark=OFFICIAL)
        hub.set(OTHER, board(("hush/other", 9.5), ("hush/model", 9.0), ("qwen/alpha", 8.0)))
        commands.run("poll", status=None)
    return commands.folder


@pytest.fixture
def opened(commands: Commands, stored: Path) -> Iterator[Store]:
    """Open a database that has an official board and another."""
    shutil.copytree(stored, commands.folder, dirs_exist_ok=True)
    with commands.store() as store:
        yield store


@pytest.fixture
def stranger(commands: Commands, opened: Store) -> TestClient:
    """Show them to whoever comes."""
    return client(commands.folder, opened, PUBLIC, now=now())


OPEN = [
    "/",
    f"/boards/{OFFICIAL}",
    f"/race/{OFFICIAL}",
    "/models/qwen/alpha",
    "/events",
    "/events?model=qwen/*",
    f"/embed/boards/{OFFICIAL}",
    f"/feeds/boards/{OFFICIAL}",
    "/feeds/models/qwen/alpha",
    f"/badge.svg?benchmark={OFFICIAL}&model=qwen/alpha",
]


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_names_nothing_that_is_not(stranger: TestClient, path: str) -> None:
    """No board that is not official, nobody who stands on it alone, no watch and no channel."""
    for form in ("", "json", "csv"):
        asked = f"{path}{'&' if '?' in path else '?'}format={form}" if form else path
        found = stranger.get(asked)
        assert form or found.status_code == HTTP_OK, found.text
        assert [name for name in HIDDEN if name in found.text] == []


HIDDEN_PATHS = pytest.mark.parametrize(
    "path",
    [
        f"/boards/{OTHER}",
        f"/boards/{OTHER}?at=2999-01-01",
        f"/race/{OTHER}",
        "/models/hush/model",
        f"/events?benchmark={OTHER}",
        "/events?benchmark=acme/sec*",
        "/events?model=hush/model",
        "/events?model=hush/*",
        f"/embed/boards/{OTHER}",
        f"/feeds/boards/{OTHER}",
        "/feeds/models/hush/model",
        f"/badge.svg?benchmark={OTHER}&model=hush/model",
        f"/badge.json?benchmark={OTHER}&model=hush/model",
    ],
)


@HIDDEN_PATHS
def test_what_is_not_open_is_as_if_it_were_not_there(stranger: TestClient, path: str) -> None:
    """The answer is that to a name that nobody has; with the token it is there."""
    found, unknown = stranger.get(path), stranger.get(_of_nobody(path))
    assert found.status_code == unknown.status_code
    assert found.status_code in (400, NOT_FOUND)
    told = found.text.replace("hush", "nobody").replace(OTHER, "acme/nobody")
    assert told.replace("sec*", "nob*") == unknown.text
    if "2999" not in path:
        assert stranger.get(path, headers={"authorization": BEARER}).status_code == HTTP_OK


@HIDDEN_PATHS
def test_what_is_not_open_is_looked_up_as_if_it_were_not_there(
    stranger: TestClient, opened: Store, path: str
) -> None:
    """The same statements are asked of the database, so that the time does not tell it either."""
    asked = _asked(opened, stranger, path)
    assert asked == _asked(opened, stranger, _of_nobody(path))
    assert asked or "2999" in path


def _asked(opened: Store, stranger: TestClient, path: str) -> list[str]:
    """Ask for a path; return the statements that this takes."""
    asked: list[str] = []
    engine = opened._database.engine
    listen(engine, "before_cursor_execute", keep := lambda *what: asked.append(what[2]))
    stranger.get(path)
    remove(engine, "before_cursor_execute", keep)
    return asked


def _of_nobody(path: str) -> str:
    """Return a path with names that nobody has."""
    other = path.replace(OTHER, "acme/nobody").replace("acme/sec*", "acme/nob*")
    return other.replace("hush/", "nobody/")


@pytest.mark.parametrize(
    "path", ["/deliveries", "/watches", "/status", "/metrics", "/feeds/watches/our-watch"]
)
def test_what_is_closed_needs_the_token(stranger: TestClient, path: str) -> None:
    """Also where the page is public."""
    assert stranger.get(path).status_code == UNAUTHORIZED
    assert stranger.get(path, headers={"authorization": BEARER}).status_code == HTTP_OK


def test_event_of_a_board_that_is_not_open_is_not_there(
    stranger: TestClient, opened: Store
) -> None:
    """Its address is guessed by nobody, and says nothing to who has it."""
    trusted = {"authorization": BEARER}
    listed = stranger.get(f"/events?format=json&benchmark={OTHER}", headers=trusted).json()
    address = f"/events/{listed['items'][0]['id']}"
    assert stranger.get(address, headers=trusted).status_code == HTTP_OK
    found = stranger.get(address)
    assert (found.status_code, "hush" in found.text) == (NOT_FOUND, False)
    assert _asked(opened, stranger, address) == _asked(opened, stranger, "/events/nobody")


def test_public_page_knows_what_is_official_though_exact_ids_are_watched(
    commands: Commands,
) -> None:
    """Else nothing would be open: the list is asked for as where a watch has a glob."""
    page = '[web]\npublic = true\ntoken = "sixteen-letters."\n'
    commands.configure(f'name = "one"\nbenchmarks = ["{OFFICIAL}"]', extra=page)
    commands.polled(START, benchmark=OFFICIAL)
    with commands.store() as store, store.read() as db:
        found = db.lists.benchmarks()
    assert found is not None
    assert [one.id for one in found.benchmarks] == [OFFICIAL]


def test_why_a_poll_failed_is_told_to_those_with_the_token_alone(
    commands: Commands, opened: Store, stranger: TestClient
) -> None:
    """Anybody may see that it did."""
    watch(commands)
    commands.hub.fail(OFFICIAL, 502)
    commands.run("poll", OFFICIAL, status=1)
    (seen,) = stranger.get("/?format=json").json()["items"]
    assert (seen["failing"], seen["error"]) == (True, None)
    assert "502" not in stranger.get("/").text
    known = stranger.get("/?format=json", headers={"Authorization": BEARER}).json()["items"]
    assert "502" in next(one["error"] for one in known if one["failing"])

"""Whether the daemon lives, and whether its database answers."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from bot.app import now
from bot.config import load
from bot.store import open_existing
from bot.web.site import Site
from tests.support.page import visitor

HTTP_OK, UNAVAILABLE = 200, 503


def answers(url: str, folder: Path, *, lives: bool = True, broken: bool = False) -> list[int]:
    """Return what health and readiness are of a daemon on a database."""
    file = folder / "config.toml"
    file.write_text('[web]\ntoken = "sixteen-letters."\n', encoding="utf-8")
    with closing(open_existing(url)) as store:
        if broken:
            with (folder / "leaderboard-bot.db").open("r+b") as database:
                database.write(b"no database any more" * 500)
        client = visitor(Site(store, load(file, {}), now, lives=lambda: lives))
        found = [client.get(path, headers={"Host": "any"}) for path in ("/healthz", "/readyz")]
    assert all(len(one.text) < 40 for one in found)
    return [one.status_code for one in found]


def test_a_daemon_that_lives_is_ready_whatever_the_hub_does(
    sqlite_url: str, tmp_path: Path
) -> None:
    """There is none here, and nobody asks it."""
    assert answers(sqlite_url, tmp_path) == [HTTP_OK, HTTP_OK]


def test_a_daemon_whose_heart_does_not_beat_is_to_be_started_anew(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Its database answers all the same."""
    assert answers(sqlite_url, tmp_path, lives=False) == [UNAVAILABLE, HTTP_OK]


def test_a_daemon_whose_database_is_broken_lives_and_is_not_ready(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Starting it anew would mend nothing."""
    assert answers(sqlite_url, tmp_path, broken=True) == [HTTP_OK, UNAVAILABLE]

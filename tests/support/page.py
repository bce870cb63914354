"""The page, asked for in this process: of the sample weeks, by visitors of any kind."""

from __future__ import annotations

import base64
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from starlette.testclient import TestClient

from bot.config import load
from bot.core.board import BoardKey
from bot.core.names.hosts import Listen
from bot.demo.driven import Driven
from bot.demo.replay import Stage, play
from bot.demo.weeks import frames, models, story
from bot.store import Store
from bot.views.boards import stored_board
from bot.web.access import Gate
from bot.web.app import make_app
from bot.web.site import Site
from tests.support.hub.fake_hub import SampleHub

TOKEN = "sixteen-letters."
CLOSED = f'token = "{TOKEN}"\n'
PUBLIC = f"{CLOSED}public = true\n"
BEARER = f"Bearer {TOKEN}"
AT_HOME = "127.0.0.1:8080"


class Visit(Struct, frozen=True):
    """What was answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def data(self) -> Any:
        """The answer as JSON."""
        return msgspec.json.decode(self.text)


def basic(password: str, name: str = "anybody") -> str:
    """Return what a browser sends that was told a password."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


def client(folder: Path, store: Store, web: str = "", now: datetime | None = None) -> TestClient:
    """Return a visitor of the page that the configuration in a folder has; at the weeks' end."""
    path = folder / "page.toml"
    text = (folder / "config.toml").read_text("utf-8")
    path.write_text(f"{text}\n[web]\n{web}", "utf-8")
    settings = load(path, {})
    assert settings.web is not None
    at = now or story().frame[-1].at
    return visitor(Site(store, settings, lambda: at))


def visitor(site: Site) -> TestClient:
    """Return a visitor of a site."""
    ticks = iter(range(10_000))
    gate = Gate(Listen("127.0.0.1", 8080), lambda: float(next(ticks)))
    return TestClient(make_app(site, gate), f"http://{AT_HOME}", follow_redirects=False)


def visit(folder: Path, store: Store, path: str, web: str = "", **headers: str) -> Visit:
    """Ask for a path; ``headers`` with ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = client(folder, store, web).get(path, headers=named)
    return Visit(found.status_code, dict(found.headers), found.text)


class Seen(Struct, frozen=True):
    """A board as it was shown once: the rows' ranks, models, variants and scores."""

    at: datetime
    board: BoardKey
    rows: tuple[tuple[int, str, str | None, Decimal], ...]


def make_weeks(folder: Path) -> Path:
    """Store the sample weeks in a folder, as the program polled them.

    ``seen.json`` there has two boards as they were shown after each poll that lacked no row.
    """
    told, seen = story(), []
    with SampleHub(drift=True) as hub:
        hub.models |= models(told)
        stage = Stage(endpoint=hub.url, directory=folder, say=lambda _: None, head=lambda _: None)
        play(hub, next(frames(told)))
        with Driven(stage).opened() as program:
            for frame in frames(told):
                play(hub, frame)
                program.poll(frame.at)
                seen += _seen(program, frame.at)
            program.end()
    (folder / "seen.json").write_bytes(msgspec.json.encode(seen))
    return folder


def _seen(program: Driven, at: datetime) -> list[Seen]:
    assert program.jobs is not None, "it is open"
    store, settings, found = program.jobs.store, program.jobs.settings, []
    for name in ("SWE-bench/SWE-bench_Verified", "cais/hle"):
        shown = stored_board(store, settings, name, derived=False)
        key, board = shown.key, shown.board
        rows = tuple((one.rank, one.model, one.variant, one.value) for one in board.rows)
        if not any(one.missing for one in board.rows):
            found.append(Seen(at, key, rows))
    return found

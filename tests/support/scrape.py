"""A page whose metrics have all that they can have, and what a scrape of it returns."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from bot.config import load
from bot.core.alerts.mute import Mute
from bot.core.board import BoardKey
from bot.core.delivery import RetryLater
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.core.timing.schedule import Quota
from bot.core.timing.window import Hold, Window
from bot.counts import Counts
from bot.store import Store
from bot.store.processes import Work
from bot.web.site import Site
from tests.support.page import visitor
from tests.support.store.stored import (
    START,
    at,
    attempt,
    commit,
    delivery,
    event,
    row,
    snapshot,
    watch,
)
from tests.support.store.units import enqueue

CONFIG = """
[channels.hook]
type = "slack"
webhook_url = "https://hooks.slack.com/services/T0/B0/x"
[web]
"""
BOARDS = (BoardKey("acme/bench"), BoardKey("acme/tasks", "one", include_derived=True))
NOW = at(30)


class Scrape(Struct, frozen=True):
    """What a scrape returned: metrics by the names of their families."""

    text: str
    content_type: str

    @property
    def metrics(self) -> dict[str, Metric]:
        """The metrics, as the library that wrote them reads them."""
        return {one.name: one for one in text_string_to_metric_families(self.text)}

    def value(self, name: str, **labels: str) -> float:
        """Return the one sample of a name that has these labels."""
        samples = [sample for metric in self.metrics.values() for sample in metric.samples]
        (found,) = [one for one in samples if (one.name, one.labels) == (name, labels)]
        return found.value


def scraped(client: TestClient) -> Scrape:
    """Return what a page's metrics are."""
    found = client.get("/metrics")
    assert found.status_code == 200, found.text
    return Scrape(found.text, found.headers["content-type"])


def site(store: Store, folder: Path, counts: Counts | None = None) -> Site:
    """Return the page of a configuration with Slack on a store."""
    (folder / "scraped.toml").write_text(CONFIG, encoding="utf-8")
    return Site(store, load(folder / "scraped.toml", {}), lambda: NOW, counts)


def filled(store: Store, folder: Path) -> TestClient:
    """Return a visitor of a page about a store in which a little of everything has happened."""
    watch(store, *BOARDS)
    for board in BOARDS:
        commit(store, snapshot(row("a", 80, 1)), at(1), key=board)
    found = [Found(row_id="a", event=event("new"))]
    commit(store, snapshot(row("a", 81, 1)), at(5), found)
    enqueue(store, [delivery(name) for name in ("sent", "retried", "waits")], at(6))
    assert attempt(store, at(7)) == "sent"
    assert attempt(store, at(8), RetryLater("slow down"), timedelta(minutes=27)) == "retried"
    window = Window(channel="hook", why=Hold.DIGEST, opened_at=at(9), closes_at=at(60))
    quota = Quota(remaining=321, resets_in=timedelta(minutes=5), limit=500)
    mute = Mute(id="", model="acme/*", created_at=START, expires_at=at(90))
    with store.write() as db:
        db.windows.open(window)
        db.outbox.add([replace(delivery("collected"), window=window)], at(9))
        db.mutes.add(mute)
        db.processes.see("me", Work.DAEMON, at(29), quota)
    return visitor(site(store, folder, counts()))


def counts() -> Counts:
    """Return the counts of a process that has polled a little."""
    made = Counts()
    for outcome, seconds in (("changed", 0.2), ("unchanged", 0.07), ("failed", 31.0)):
        made.polled(outcome)
        made.took(seconds, late=outcome == "failed")
    made.found([Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.RANK_CHANGE])
    made.hub.connected()
    made.hub.came(1234)
    return made

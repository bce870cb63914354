"""What a process counts of its polls, for whoever watches over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import open_hub
from bot.config import load
from bot.core.board import BoardKey
from bot.core.errors import FetchError, QuotaError
from bot.counts import BOUNDS, Counts, Traffic
from bot.hub.answers import Fetched, NotModified
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, process
from tests.support.hub.fake_hub import SampleHub

NAMES = ("acme/a", "acme/b", "acme/c", "acme/d")
CONFIG = f"""
hub.concurrency = 1
poll.every = "1h"
channels.screen = {{ type = "console" }}
[[watch]]
name = "all"
benchmarks = [{", ".join(f'"{name}"' for name in NAMES)}]
"""


class Hub(FakeHub):
    """A Hub that raises for some boards what is set for them."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = dict.fromkeys(NAMES, answer(("x", 80), ("y", 70)))
        self.raises: dict[str, FetchError] = {}

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        if (error := self.raises.get(board.benchmark)) is not None:
            raise error
        return super().leaderboard(board, etag=etag, digest=digest)


class Counting:
    """The jobs of a process on a Hub, and what they have counted."""

    def __init__(self, store: Store, folder: Path) -> None:
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        self.settings = load(folder / "config.toml", {})
        self.store, self.hub, self.clock, self.counts = store, Hub(), FakeClock(), Counts()
        self.jobs = self.reloaded()

    def reloaded(self) -> Jobs:
        """Return the jobs of a configuration that has just been read."""
        own = process(self.clock)
        return Jobs(self.settings, self.store, self.hub, {}, own, self.counts)

    def round(self, after: timedelta) -> None:
        """Poll all boards, a time after the last round."""
        self.clock.advance(after)
        self.jobs.round()


@pytest.fixture
def counting(sqlite_url: str, tmp_path: Path) -> Iterator[Counting]:
    """Return jobs that have polled each board once."""
    with closing(open_existing(sqlite_url)) as store:
        found = Counting(store, tmp_path)
        found.jobs.round()
        yield found


def test_each_poll_is_counted_once_by_its_outcome(counting: Counting) -> None:
    """The first sight of a board is a change; what waits behind a deferred poll is deferred."""
    assert counting.counts.now().polls == {"changed": 4}
    counting.hub.answers["acme/a"] = answer(("z", 90), ("x", 80), ("y", 70))
    counting.hub.raises["acme/b"] = FetchError("no answer")
    counting.round(timedelta(minutes=10))
    expected = {"changed": 5, "failed": 1, "unchanged": 2}
    assert counting.counts.now().polls == expected
    counting.hub.raises = dict.fromkeys(NAMES, QuotaError(timedelta(minutes=1)))
    counting.round(timedelta(minutes=10))
    assert counting.counts.now().polls == expected | {"deferred": 4}


def test_events_are_counted_by_kind_once_they_are_stored(counting: Counting) -> None:
    """As many of each kind as the store has; a baseline has none."""
    assert counting.counts.now().events == {}
    counting.hub.answers["acme/a"] = answer(("z", 90), ("x", 80), ("y", 70))
    counting.hub.answers["acme/b"] = answer(("x", 81), ("y", 70))
    counting.round(timedelta(minutes=10))
    found = counting.counts.now().events
    with counting.store.read() as db:
        last = db.events.last()
    assert found["new_leader"] == 1
    assert found["score_change"] == 1
    assert sum(found.values()) == last


def test_a_poll_is_late_that_has_been_due_for_a_whole_interval(counting: Counting) -> None:
    """As the report of health counts it."""
    counting.round(timedelta(minutes=59))
    assert counting.counts.now().late == 0
    counting.round(timedelta(hours=3))
    assert counting.counts.now().late == len(NAMES)


def test_a_deferred_poll_took_no_time_and_is_not_late(counting: Counting) -> None:
    """It was not made."""
    before = counting.counts.now()
    counting.hub.raises = dict.fromkeys(NAMES, QuotaError(timedelta(minutes=1)))
    counting.round(timedelta(hours=9))
    after = counting.counts.now()
    assert (after.buckets, after.late) == (before.buckets, 0)


def test_a_reload_takes_nothing_back(counting: Counting) -> None:
    """Jobs of another configuration go on where those before stopped."""
    counting.jobs.release()
    counting.jobs = counting.reloaded()
    counting.round(timedelta(minutes=10))
    assert counting.counts.now().polls == {"changed": 4, "unchanged": 4}


def test_a_poll_is_in_the_bucket_of_what_it_took() -> None:
    """The bound itself belongs to it; nothing takes longer than the last."""
    counts = Counts()
    for seconds in (0.0, 0.05, 0.06, 60.0, 4000.0):
        counts.took(seconds, late=False)
    found = counts.now()
    assert dict(zip(BOUNDS, found.buckets, strict=True)) == {
        **dict.fromkeys(BOUNDS, 0), 0.05: 2, 0.1: 1, 60.0: 1, float("inf"): 1
    }  # fmt: skip
    assert found.seconds == pytest.approx(4060.11)


def test_what_the_hub_sends_is_counted(hub: SampleHub, tmp_path: Path) -> None:
    """Every byte of heads and bodies, and each connection once, however often it is used."""
    file, traffic = tmp_path / "config.toml", Traffic()
    file.write_text(f'hub.endpoint = "{hub.url}"\nhub.token = "x"\n', encoding="utf-8")
    with open_hub(load(file, {}), traffic) as client:
        assert (traffic.connections, traffic.received) == (0, 0)
        client.benchmarks()
        once = traffic.received
        client.benchmarks()
    assert traffic.connections == 1
    assert once > 100
    assert traffic.received == pytest.approx(2 * once, rel=0.05)

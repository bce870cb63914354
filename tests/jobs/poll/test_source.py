"""Boards of the file over all benchmarks, from the sample Hub to whoever is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from bot.config import load
from bot.core.aggregate import DATASET, STALLED_AFTER
from bot.core.alerts.message import FAILING, RECOVERED, BoardChange, Health
from bot.core.board import BoardKey
from bot.core.kinds import Kind
from bot.core.render.words.notice import notice
from bot.demo.aggregate import Scores
from bot.hub.client import HubClient
from bot.jobs.round import Jobs, Summary
from bot.store import Store, open_existing
from tests.support.fakes import FakeClock, RecordingChannel, process
from tests.support.hub.fake_hub import SampleHub

CONFIG = """
[hub]
endpoint = "{url}"
[[watch]]
name = "all"
benchmarks = ["aggregate:*"]
[channels.ops]
type = "console"
[health]
notify = ["ops"]
"""

SCORES: Scores = {
    "org/a": {"gpqa": 80.0, "hle": 9.0},
    "org/b": {"gpqa": 70.0},
    "org/c": {"gpqa": 60.0},
}


class Bot:
    """The jobs of a configuration that watches all columns, on a sample Hub."""

    def __init__(self, hub: SampleHub, store: Store, folder: Path) -> None:
        self.hub, self.store = hub, store
        self.clock, self.ops = FakeClock(), RecordingChannel("ops")
        (folder / "config.toml").write_text(CONFIG.format(url=hub.url), encoding="utf-8")
        settings = load(folder / "config.toml", {})
        monotonic = lambda: self.clock().timestamp()  # noqa: E731 - a clock like the other
        client = HubClient(hub.url, None, timedelta(seconds=20), 4, monotonic)
        self.jobs = Jobs(settings, store, client, {"ops": self.ops}, process(self.clock))

    def round(self, later: timedelta = timedelta(minutes=15)) -> Summary:
        """Poll everything, and let that time pass."""
        summary = self.jobs.round()
        self.clock.advance(later)
        return summary

    def told(self) -> list[tuple[str, BoardChange | Health]]:
        """Return what was told since the last time."""
        found = [one.message for one in self.ops.accepted]
        self.ops.accepted.clear()
        data = [(one.type, one.data) for one in found]
        return [(type_, one) for type_, one in data if isinstance(one, BoardChange | Health)]

    def looks(self) -> list[str]:
        """Return what was asked of the file so far."""
        return [one.method for one in self.hub.requests if DATASET in one.path]


@pytest.fixture
def bot(sqlite_url: str, tmp_path: Path) -> Iterator[Bot]:
    with SampleHub() as hub, closing(open_existing(sqlite_url)) as store:
        hub.aggregate.set(SCORES)
        yield Bot(hub, store, tmp_path)


def boards(bot: Bot) -> list[str]:
    return [key.name for key in bot.jobs.watchlist.boards()]


def test_a_change_in_a_column_is_told_as_of_any_board(bot: Bot) -> None:
    """The first sight of each is a baseline; the other column has not changed."""
    assert bot.round().changed == 2
    assert bot.told() == []

    bot.hub.aggregate.set({**SCORES, "org/d": {"gpqa": 90.0}})
    summary = bot.round()

    assert (summary.changed, summary.unchanged, summary.failed) == (1, 1, 0)
    ((_, change),) = bot.told()
    assert isinstance(change, BoardChange)
    assert change.board.key == BoardKey("aggregate:gpqa")
    assert change.board.url == f"{bot.hub.url}/datasets/{DATASET}"
    (event,) = change.events
    assert (event.kind, event.model, event.rank.after) == (Kind.NEW_LEADER, "org/d", 1)


def test_a_round_looks_once_and_reads_what_is_new_once(bot: Bot) -> None:
    """However many columns are watched; without a change the head is all."""
    bot.round()
    assert bot.looks() == ["HEAD", "GET"]
    for _ in range(3):
        bot.round()
    assert bot.looks() == ["HEAD", "GET", "HEAD", "HEAD", "HEAD"]


def test_a_column_that_appears_is_a_baseline(bot: Bot) -> None:
    """Its board is polled as soon as the column is known, and nothing is told."""
    bot.round()
    bot.hub.aggregate.set({**SCORES, "org/c": {"gpqa": 60.0, "swePro": 50.0}})
    bot.round()

    bot.round()

    assert boards(bot) == ["aggregate:gpqa", "aggregate:hle", "aggregate:swePro"]
    assert bot.told() == []


def test_a_column_that_goes_removes_nothing_and_fails_nothing(bot: Bot) -> None:
    """Once back it is compared with what was there."""
    bot.round()
    bot.hub.aggregate.set({model: {"gpqa": of["gpqa"]} for model, of in SCORES.items()})
    for _ in range(3):
        assert bot.round().failed == 0
    assert bot.told() == []

    bot.hub.aggregate.set({**SCORES, "org/b": {"gpqa": 70.0, "hle": 10.0}})
    bot.round()

    ((_, change),) = bot.told()
    assert isinstance(change, BoardChange)
    assert [(one.kind, one.model) for one in change.events] == [(Kind.NEW_LEADER, "org/b")]


def test_a_row_that_goes_is_held_as_on_any_board(bot: Bot) -> None:
    """It is removed at the second poll, although the file did not change between."""
    bot.round()
    bot.hub.aggregate.set({name: of for name, of in SCORES.items() if name != "org/c"})

    bot.round()
    assert bot.told() == []
    bot.round()

    ((_, change),) = bot.told()
    assert isinstance(change, BoardChange)
    assert [(one.kind, one.model) for one in change.events] == [(Kind.REMOVED, "org/c")]


def test_a_file_that_rests_for_long_is_told_once_and_once_when_it_moves(bot: Bot) -> None:
    """To people who are told of failures, with its boards."""
    bot.round(later=STALLED_AFTER - timedelta(hours=1))
    bot.round(later=timedelta(hours=2))
    assert bot.told() == []

    bot.round(later=timedelta(hours=2))
    ((failing, stalled),) = bot.told()
    assert isinstance(stalled, Health)
    assert (failing, stalled.subject) == (FAILING, "source")
    assert [one.benchmark for one in stalled.boards] == ["aggregate:gpqa", "aggregate:hle"]
    assert notice(failing, stalled, bot.hub.url, UTC).summary == (
        "The dataset OpenEvals/leaderboard-data has stalled: aggregate:gpqa, aggregate:hle. "
        f"{str(stalled.error).capitalize()}."
    )
    bot.round(later=timedelta(days=3))
    assert bot.told() == []

    bot.hub.aggregate.set({**SCORES, "org/c": {"gpqa": 61.0}})
    bot.round()
    (recovered,) = [one for type_, one in bot.told() if type_ == RECOVERED]
    assert isinstance(recovered, Health)
    words = notice(RECOVERED, recovered, bot.hub.url, UTC).summary
    assert words.startswith("The dataset OpenEvals/leaderboard-data moves again")
    bot.round()
    assert bot.told() == []


def test_a_dataset_that_is_gone_fails_its_boards(bot: Bot) -> None:
    """And nothing stored changes."""
    bot.round()
    bot.hub.aggregate.put(None)

    summary = bot.round()

    assert [name for name, _ in summary.errors] == ["aggregate:gpqa", "aggregate:hle"]
    assert {text for _, text in summary.errors} == {
        f"the Hub has no dataset {DATASET}, or no leaderboard.json in it"
    }
    assert boards(bot) == ["aggregate:gpqa", "aggregate:hle"]


def test_a_file_that_cannot_be_read_is_asked_for_now_and_then(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at every look of a daemon; and it is said once."""
    bot.hub.aggregate.put(None)

    for _ in range(10):
        bot.jobs.look()
        bot.clock.advance(timedelta(minutes=1))

    assert bot.looks() == ["HEAD", "HEAD"] * 2  # of each file that it might be
    said = [one for one in caplog.records if "cannot be read" in one.getMessage()]
    assert [one.levelname for one in said if one.levelname == "WARNING"] == ["WARNING"]

"""``digest``: what a time came to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.commands import BENCH, OTHER, Commands
from tests.support.hub.fake_hub import SampleHub, board

CHANNELS = '[channels.all]\ntype = "console"\n[channels.entries]\ntype = "console"\n'
WATCHES = (
    f'name = "all"\nbenchmarks = ["{BENCH}", "{OTHER}"]\nnotify = ["all"]',
    f'name = "entries"\nbenchmarks = ["{BENCH}"]\nevents = ["new_entry"]\nnotify = ["entries"]',
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Give a database in which a row rose twice, one came, and one went up and down again."""
    with SampleHub() as hub:
        commands = Commands(tmp_path_factory.mktemp("told"), hub)
        commands.configure(*WATCHES, channels=CHANNELS)
        hub.add_benchmark(OTHER, board(("acme/z", 10), ("acme/w", 5)))
        for score, others in ((50, ()), (55, ()), (60, (("acme/n", 20),))):
            commands.polled(board(("acme/x", score), *others, ("acme/y", 10)))
        for score in (12, 10):
            commands.polled(board(("acme/z", score), ("acme/w", 5)), benchmark=OTHER)
        yield commands


def test_each_row_is_told_once_from_where_it_stood(told: Commands) -> None:
    """What went up and down again is nothing, and its board is not named."""
    shown = told.run("digest").stdout
    assert "x now scores 60 (+10)" in shown
    assert "n enters at #2" in shown
    assert OTHER not in shown
    assert shown.count("x now scores") == 1


def test_a_channel_is_told_what_its_watches_want(told: Commands) -> None:
    """As a digest of it would have it."""
    shown = told.run("digest", "--channel", "entries").stdout
    assert "n enters" in shown
    assert "acme/x now" not in shown


def test_markdown_is_for_a_page_of_ones_own(told: Commands) -> None:
    """Models are links, and what strangers wrote is disarmed."""
    assert "](" in told.run("digest", "--markdown").stdout


def test_nothing_is_sent(told: Commands) -> None:
    """The database stays as it is."""
    before = told.database.read_bytes()
    told.run("digest", "--since", "1d")
    assert told.database.read_bytes() == before


def test_a_quiet_time_is_said_to_be_one(commands: Commands) -> None:
    """Not with an empty report."""
    commands.polled(board(("acme/x", 50)))
    done = commands.run("digest")
    assert (done.stdout, "nothing has happened in this time" in done.stderr) == ("", True)


def test_an_unknown_channel_is_told_with_the_nearest(told: Commands) -> None:
    """It is wrong usage."""
    assert "did you mean entries?" in told.run("digest", "--channel", "entriez", status=2).stderr

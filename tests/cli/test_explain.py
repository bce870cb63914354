"""``explain``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.commands import BENCH, Commands
from tests.support.hub.fake_hub import SampleHub, board

WATCHES = (
    f'name = "all"\nbenchmarks = ["{BENCH}"]\nnotify = ["screen"]',
    f'name = "far"\nbenchmarks = ["{BENCH}"]\nmin_score_change = 5\nnotify = ["screen"]',
    f'name = "entries"\nbenchmarks = ["{BENCH}"]\nevents = ["new_entry"]\nnotify = ["quiet"]',
    f'name = "nobody"\nbenchmarks = ["{BENCH}"]\nnotify = []',
)
CHANNELS = "".join(f'[channels.{name}]\ntype = "console"\n' for name in ("screen", "quiet"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Give a database in which one row's score has changed twice, to look at only."""
    with SampleHub() as hub:
        commands = Commands(tmp_path_factory.mktemp("told"), hub)
        commands.configure(*WATCHES, channels=CHANNELS)
        states = [board(("acme/x", score), ("acme/y", 10)) for score in (50, 53, 56)]
        commands.polled(*states)
        yield commands


def test_each_watch_says_why_and_what_was_sent(told: Commands) -> None:
    """By the id of an event; a watch that tells nobody has no channel."""
    event = told.json("events")[-1]
    found = told.json("explain", event["id"])
    assert found["event"] == event
    told_of = {(one["watch"], one["channel"]): one for one in found["watches"]}
    (sent,) = [one for one in told.json("deliveries") if event["id"] in one["events"]]
    delivery = {"id": sent["id"], "channel": "screen", "state": "sent"}
    wanted = {"wanted": True, "reasons": ["wanted"], "delivery": delivery}
    assert told_of["all", "screen"] == {"watch": "all", "channel": "screen", **wanted}
    assert told_of["entries", "quiet"]["reasons"] == ["other_kind"]
    assert told_of["entries", "quiet"]["delivery"] is None
    assert told_of["nobody", None]["reasons"] == []


def test_a_threshold_is_compared_with_what_the_channel_had_heard(told: Commands) -> None:
    """Three and three would be six, but the channel heard of the first three."""
    event = told.json("events")[-1]
    watches = told.json("explain", event["id"])["watches"]
    (far,) = [one for one in watches if one["watch"] == "far"]
    assert far["reasons"] == ["small_score"]
    assert far["wanted"] is False


def test_a_model_on_a_board_is_its_last_event(told: Commands) -> None:
    """The row's, in words, with what they rest on."""
    last = told.json("events")[-1]["id"]
    assert told.json("explain", "acme/x", BENCH)["event"]["id"] == last
    done = told.run("explain", "acme/x", BENCH)
    assert "it is wanted" in done.stdout
    assert "the watch's events name none" in done.stdout
    assert "with the configuration of today" in done.stderr


def test_a_row_of_which_nothing_happened_is_no_mistake(told: Commands) -> None:
    """It stands as at the baseline."""
    assert told.json("explain", "acme/y", BENCH) == {"event": None, "watches": []}
    assert "nothing has happened" in told.run("explain", "acme/y", BENCH).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "no such event"),
        (["acme/z", BENCH], "no model that was seen on this board; did you mean"),
        (["acme/x", "acme/bnech"], "did you mean acme/bench?"),
    ],
)
def test_unknown_names_are_told(told: Commands, arguments: list[str], said: str) -> None:
    """With the nearest that there is, and status 2."""
    assert said in told.run("explain", *arguments, status=2).stderr

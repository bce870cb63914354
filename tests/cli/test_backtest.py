"""``backtest``: it counts what was sent, and what another configuration would have sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.commands import BENCH, Commands
from tests.support.hub.fake_hub import SampleHub, board

CHANNELS = "".join(f'[channels.{name}]\ntype = "console"\n' for name in ("all", "few"))
WATCHES = (
    f'name = "all"\nbenchmarks = ["{BENCH}"]\nnotify = ["all"]',
    f'name = "far"\nbenchmarks = ["{BENCH}"]\nmin_score_change = 5\nnotify = ["few"]',
)
SCORES = (50, 53, 56, 57, 62, 40)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Give a database in which one row's score has changed five times, once muted."""
    with SampleHub() as hub:
        commands = Commands(tmp_path_factory.mktemp("told"), hub)
        commands.configure(*WATCHES, channels=CHANNELS)
        states = [board(("acme/x", score), ("acme/y", 10)) for score in SCORES]
        commands.polled(*states[:-1])
        commands.run("mute", "add", "--model", "acme/x", "--channel", "few")
        commands.polled(states[-1])
        yield commands


def channels(found: dict[str, object]) -> dict[str, tuple[int, int]]:
    """Return the messages and events of each channel."""
    listed: list[dict[str, object]] = found["channels"]  # type: ignore[assignment]
    return {one["channel"]: (one["messages"], one["events"]) for one in listed}  # type: ignore[misc]


def test_the_configuration_in_use_comes_to_what_was_sent(told: Commands) -> None:
    """Thresholds add up as they did, and the mute held back what it held back then."""
    found = told.json("backtest")
    sent = [one["channel"] for one in told.json("deliveries", "--state", "sent")]
    assert channels(found) == {name: (sent.count(name),) * 2 for name in ("all", "few")}
    assert sent.count("few") == 2
    few = next(one for one in found["channels"] if one["channel"] == "few")
    assert {one["reason"]: one["events"] for one in few["held"]} == {"small_score": 2, "muted": 1}
    assert [one["events"] for one in few["per_day"]] == [2]
    (watch,) = few["watches"]
    assert (watch["watch"], watch["kinds"]) == ("far", {"score_change": 2})
    assert [one["score"]["after"] for one in watch["examples"]] == [56, 62]


def test_another_configuration_stands_beside_it(told: Commands) -> None:
    """With its own channels and watches; nothing is sent, and the database stays as it is."""
    before = told.database.read_bytes()
    other = told.folder / "other.toml"
    text = told.config.read_text().replace("min_score_change = 5", "min_score_change = 3")
    other.write_text(text)
    found = told.json("backtest", "--since", "7d", "--with", str(other))
    assert channels(found["now"])["few"] == (2, 2)
    assert channels(found["with"])["few"] == (3, 3)
    assert told.database.read_bytes() == before
    shown = told.run("backtest", "--with", str(other)).stdout
    assert "now: few: 2 messages, 2 events" in shown
    assert "with other.toml: few: 3 messages, 3 events" in shown
    assert "the score changed less than min_score_change" in shown


def test_a_wrong_configuration_beside_it_is_told_with_its_place(told: Commands) -> None:
    """As everywhere, with status 2."""
    other = told.folder / "wrong.toml"
    other.write_text("[poll]\ninterval = 3\n")
    said = told.run("backtest", "--with", str(other), status=2).stderr
    assert "wrong.toml:2:1: poll.interval: unknown key" in said

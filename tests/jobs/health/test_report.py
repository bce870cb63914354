"""The sign of life: sent at set times, once, and true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.config import load
from bot.core.alerts.message import REPORT, Message, Report
from bot.core.errors import FetchError
from bot.core.render import text
from bot.core.render.page import page
from bot.jobs.round import Jobs
from tests.support.collecting import TEAM, Life, life
from tests.support.fakes import process
from tests.support.messages import HUB, sample_message

Open = Callable[..., Life]
DAILY = '[health]\nnotify = ["team"]\nreport = "0 9 * * *"\n'


@pytest.fixture
def opened(sqlite_url: str, tmp_path: Path) -> Iterator[Open]:
    """Return what opens a program with some channels."""
    with ExitStack() as stack:
        yield lambda channels: stack.enter_context(life(sqlite_url, tmp_path, channels))


def reports(messages: list[Message]) -> list[Report]:
    """Return what reports among some messages say."""
    return [one.data for one in messages if isinstance(one.data, Report)]


def test_a_report_comes_at_its_time_and_counts_what_was_done(opened: Open) -> None:
    """Good polls, late ones, events, alerts and what fails, since the last."""
    team = opened(f"{TEAM}{DAILY}after_failures = 1\n")
    team.at("2026-04-27T10:05")
    team.poll(("lead", 90), ("x", 61), ("y", 50))
    team.at("2026-04-28T08:59")
    assert reports(team.poll()) == []
    team.at("2026-04-28T09:00")
    team.hub.answers["acme/b"] = FetchError("down")
    (told,) = reports(team.poll())
    assert (told.boards, told.polls, told.late) == (2, 5, 2)
    assert (told.events, told.alerts) == (1, 1)
    assert [board.benchmark for board in told.failing] == ["acme/b"]
    team.at("2026-04-29T09:00")
    (following,) = reports(team.poll())
    assert following.since == told.until
    assert (following.polls, following.events, following.alerts) == (1, 0, 0)


def test_a_report_is_sent_once_by_several_and_after_a_restart(opened: Open) -> None:
    """One that was missed is sent at the start."""
    team = opened(TEAM + DAILY)
    settings = load(team.folder / "config.toml", {})
    other = Jobs(settings, team.store, team.hub, {"team": team.team}, process(team.clock, "other"))
    team.at("2026-04-28T12:00")
    assert len(reports(team.poll())) == 1
    assert not other.reporter.tell()
    team.start(TEAM + DAILY)
    assert reports(team.poll()) == []


def test_a_report_is_not_sent_again_when_the_clock_is_set_back_a_little(opened: Open) -> None:
    """Set back by much, the next one comes at its time then."""
    team = opened(TEAM + DAILY)
    team.at("2026-04-28T09:10")
    assert len(reports(team.poll())) == 1
    team.at("2026-04-28T08:55")
    assert not team.jobs.reporter.tell()
    team.at("2026-04-28T09:05")
    assert not team.jobs.reporter.tell()
    team.at("2025-04-28T08:55")
    assert not team.jobs.reporter.tell()
    team.at("2025-04-28T09:00")
    assert team.jobs.reporter.tell()


def test_a_report_passes_quiet_hours_and_digests_in_the_channel_s_zone(opened: Open) -> None:
    """Nine in Paris is seven in UTC."""
    own = 'quiet_hours = "06:00-12:00"\ndigest = "1h"\ntimezone = "Europe/Paris"\n'
    team = opened(TEAM + own + DAILY)
    team.at("2026-04-28T07:00")
    assert [message.type for message in team.poll()] == [REPORT]


def test_another_line_gives_another_time_and_none_sends_nothing(opened: Open) -> None:
    """The time of the line before does not count any more."""
    team = opened(TEAM + DAILY)
    team.start(f"{TEAM}{DAILY}".replace("0 9", "0 18"))
    assert not team.jobs.reporter.tell()
    team.at("2026-04-27T17:59")
    assert not team.jobs.reporter.tell()
    team.at("2026-04-27T18:00")
    assert team.jobs.reporter.tell()
    team.start(TEAM)
    team.at("2026-05-27T18:00")
    assert not team.jobs.reporter.tell()


def test_a_report_says_in_words_what_it_counts() -> None:
    """Short, and what fails by name."""
    told = text.render(page(sample_message(REPORT), {}, HUB))
    assert told.title == "Still watching: 12 boards"
    for said in ("8,064 polls, 2 late.", "31 events found, 17 alerts sent.", "1 board fails:"):
        assert said in told.body

"""When a channel is told: at once, with a digest, or at the end of its quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, Crossing
from bot.core.events import Event, OutOfTop, RowName
from bot.core.kinds import Kind
from bot.core.timing.cron import cron
from bot.core.timing.window import Hold, QuietHours, Timing, sort_out
from tests.support.messages import changed, event

PARIS = ZoneInfo("Europe/Paris")
NIGHT = QuietHours(time(22), time(7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-07-01T19:59", None),
        ("2026-07-01T20:00", "2026-07-02T05:00"),
        ("2026-07-02T00:30", "2026-07-02T05:00"),
        ("2026-07-02T04:59", "2026-07-02T05:00"),
        ("2026-07-02T05:00", None),
        ("2026-10-24T21:00", "2026-10-25T06:00"),
        ("2026-03-28T21:00", "2026-03-29T05:00"),
    ],
)
def test_quiet_hours_are_those_of_the_zone_also_when_clocks_turn(
    moment: str, until: str | None
) -> None:
    """From the first minute on, and before the last."""
    assert NIGHT.until(at(moment), PARIS) == (at(until) if until else None)


def test_quiet_hours_are_over_at_the_first_of_two_ends() -> None:
    """Clocks go back from three to two: half past two comes twice."""
    early = QuietHours(time(22), time(2, 30))
    assert early.until(at("2026-10-25T00:29"), PARIS) == at("2026-10-25T00:30")
    assert early.until(at("2026-10-25T01:10"), PARIS) is None


def test_hours_of_one_day_do_not_wrap() -> None:
    """A lunch."""
    lunch = QuietHours(time(12), time(13))
    assert lunch.until(at("2026-07-01T12:30"), UTC) == at("2026-07-01T13:00")
    assert lunch.until(at("2026-07-01T11:59"), UTC) is None
    assert lunch.until(at("2026-07-01T13:00"), UTC) is None


def test_rule_9_a_window_closes_a_span_after_it_opened_or_by_its_line() -> None:
    """A line is read in the channel's zone."""
    opened = at("2026-07-01T12:34")
    hourly = Timing(digest=timedelta(hours=1))
    daily = Timing(digest=cron("0 9 * * *"), zone=PARIS)
    assert hourly.closes(Hold.DIGEST, opened) == at("2026-07-01T13:34")
    assert daily.closes(Hold.DIGEST, opened) == at("2026-07-02T07:00")
    assert Timing().closes(Hold.DIGEST, opened) is None


def test_a_window_begins_where_the_one_before_has_ended() -> None:
    """By its line, or as quiet hours begin; a span is counted from the first that is held."""
    opened = at("2026-07-01T22:34")

    def begins(timing: Timing, why: Hold) -> datetime:
        window = timing.window("c", why, opened)
        assert window
        return timing.begins(window)

    assert begins(Timing(digest=timedelta(hours=1)), Hold.DIGEST) == opened
    daily = Timing(digest=cron("0 9 * * *"), zone=PARIS)
    assert begins(daily, Hold.DIGEST) == at("2026-07-01T07:00")
    night = Timing(quiet_hours=NIGHT, zone=PARIS)
    assert begins(night, Hold.CATCH_UP) == at("2026-07-01T20:00")


def holds(
    timing: Timing, *events: Event, lost: bool = False
) -> list[tuple[Hold | None, list[str]]]:
    """Return what is held for what, by the ids of events."""
    told = changed(*events).data
    assert isinstance(told, BoardChange)
    late = replace(told, snapshot_at=at("2026-07-01T23:00"))
    parts = sort_out(late, timing, lambda _event: lost)
    return [(why, [one.id for one in part.events]) for why, part in parts]


LED = replace(event(Kind.NEW_LEADER), id="led")
MOVED = replace(event(Kind.SCORE_CHANGE), id="moved")
CAME = replace(event(Kind.NEW_ENTRY), id="came", contains=(Kind.NEW_ENTRY, Kind.VERIFIED))


def test_rule_9_some_kinds_do_not_wait_for_a_digest() -> None:
    """Those that an event contains, too; with an empty list all wait."""
    daily = Timing(digest=timedelta(days=1))
    assert holds(daily, LED, MOVED) == [(None, ["led"]), (Hold.DIGEST, ["moved"])]
    verified = replace_timing(daily, {Kind.VERIFIED})
    assert holds(verified, CAME, MOVED) == [(None, ["came"]), (Hold.DIGEST, ["moved"])]
    assert holds(replace_timing(daily, set()), LED, MOVED) == [(Hold.DIGEST, ["led", "moved"])]


def test_who_crossed_a_top_is_said_once() -> None:
    """Where a line tells of the row, else with what is told last."""
    out = OutOfTop(9, (RowName("a/out"),))
    led = replace(LED, model="a/led", out_of_top=out)
    came = replace(CAME, model="a/came")
    names = ("a/led", "a/came", "a/else"), ("a/out", "a/away")
    crossed = (Crossing(9, *(tuple(map(RowName, some)) for some in names)),)
    told = changed(led, came).data
    assert isinstance(told, BoardChange)
    parts = sort_out(
        replace(told, crossed=crossed), Timing(digest=timedelta(days=1)), lambda _: False
    )
    assert [part.crossed for _, part in parts] == [
        (Crossing(9, (RowName("a/led"),), (RowName("a/out"),)),),
        (Crossing(9, (RowName("a/came"), RowName("a/else")), (RowName("a/away"),)),),
    ]


def replace_timing(timing: Timing, kinds: set[Kind]) -> Timing:
    return replace(timing, at_once=frozenset(kinds))


def test_rule_9_the_lead_lost_by_a_watched_model_does_not_wait() -> None:
    """Unless nothing is told at once."""
    entries = Timing(digest=timedelta(days=1), at_once=frozenset({Kind.NEW_ENTRY}))
    assert holds(entries, LED, lost=True) == [(None, ["led"])]
    assert holds(entries, LED, lost=False) == [(Hold.DIGEST, ["led"])]
    assert holds(replace_timing(entries, set()), LED, lost=True) == [(Hold.DIGEST, ["led"])]


def test_rule_8_quiet_hours_hold_what_would_be_told_at_once() -> None:
    """What waits for the digest goes on waiting for that."""
    quiet = Timing(quiet_hours=NIGHT)
    assert holds(quiet, LED, MOVED) == [(Hold.CATCH_UP, ["led", "moved"])]
    both = Timing(quiet_hours=NIGHT, digest=timedelta(days=1))
    assert holds(both, LED, MOVED) == [(Hold.CATCH_UP, ["led"]), (Hold.DIGEST, ["moved"])]


def test_a_channel_that_collects_nothing_is_told_at_once() -> None:
    """As one change, whatever it contains."""
    assert holds(Timing(), LED, MOVED) == [(None, ["led", "moved"])]

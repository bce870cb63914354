"""What channels collect: digests and quiet hours, from what is found to what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.core.alerts.message import DIGEST, FAILING, Digest, encode, events_of
from bot.core.alerts.mute import Mute
from bot.core.alerts.parts import MAX_BODY
from bot.core.delivery import Delivered, RetryLater
from bot.core.errors import FetchError
from bot.core.events import Leader
from bot.core.timing.window import Hold
from tests.support.collecting import TEAM, Life, life, said

Open = Callable[..., Life]
HOURLY = f'{TEAM}digest = "1h"\n'
DAILY = f'{TEAM}digest = "0 9 * * *"\n'
NIGHT = f'{TEAM}quiet_hours = "22:00-07:00"\n'
BASE = (("lead", 90), ("y", 50))


@pytest.fixture
def opened(sqlite_url: str, tmp_path: Path) -> Iterator[Open]:
    """Return what opens a program with some channels."""
    with ExitStack() as stack:
        yield lambda *given: stack.enter_context(life(sqlite_url, tmp_path, *given))


def test_rule_9_one_message_tells_what_a_window_collected_over_all_boards(opened: Open) -> None:
    """It closes a span after the first of it was found, and says what was passed over."""
    team = opened(HOURLY)
    assert team.poll(*BASE, ("x", 61)) == []
    team.at("2026-04-27T10:30")
    assert team.poll(("other", 11), board="acme/b") == []
    assert team.states() == ["held", "held"]
    team.at("2026-04-27T10:59")
    assert team.poll() == []
    team.at("2026-04-27T11:00")
    assert said(team.poll()) == ["digest: score_change x 60>61, score_change other 10>11"]
    assert team.states() == ["merged", "merged", "sent"]
    team.at("2026-04-27T14:00")
    assert team.poll() == []


def test_rule_9_what_was_taken_back_within_a_window_is_not_told(opened: Open) -> None:
    """A digest that has nothing left to tell is not sent; nothing waits any more."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    team.poll(*BASE, ("x", 60))
    team.at("2026-04-27T12:00")
    assert team.poll() == []
    assert team.states() == ["merged", "merged"]


def test_rule_9_steps_of_a_row_are_one(opened: Open) -> None:
    """Before of the first, after of the last."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    team.poll(*BASE, ("x", 63))
    team.at("2026-04-27T12:00")
    assert said(team.poll()) == ["digest: score_change x 60>63"]


def test_rule_9_a_new_leader_does_not_wait(opened: Open) -> None:
    """What came with it does."""
    team = opened(HOURLY)
    told = team.poll(("lead", 90), ("x", 95), ("y", 51))
    assert said(told) == ["changed: new_leader x 60>95"]
    team.at("2026-04-27T12:00")
    assert said(team.poll()) == ["digest: score_change y 50>51"]


def test_rule_9_with_nothing_at_once_all_waits(opened: Open) -> None:
    """An empty list."""
    team = opened(f"{HOURLY}at_once = []\n")
    assert team.poll(("lead", 90), ("x", 95), ("y", 51)) == []
    team.at("2026-04-27T12:00")
    assert said(team.poll()) == ["digest: new_leader x 60>95, score_change y 50>51"]


def test_rule_9_what_was_told_at_once_and_holds_no_longer_is_told(opened: Open) -> None:
    """From what was told at once, whatever was held before that."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    team.at("2026-04-27T10:10")
    assert said(team.poll(*BASE, ("x", 95))) == ["changed: new_leader x 61>95"]
    team.at("2026-04-27T10:20")
    assert said(team.poll(*BASE, ("x", 60))) == ["changed: new_leader lead 90>90"]
    team.at("2026-04-27T12:00")
    assert said(team.poll()) == ["digest: rank_change x 95>60"]


def test_rule_9_where_a_row_stood_before_it_was_told_at_once_is_not_told(opened: Open) -> None:
    """Whoever knows that it leads with 95 need not hear that it had 61."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    team.poll(*BASE, ("x", 95))
    team.at("2026-04-27T12:00")
    assert team.poll() == []


def test_rule_9_news_of_the_closing_poll_opens_the_next_window(opened: Open) -> None:
    """It is not told an hour early."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    team.at("2026-04-27T11:05")
    assert said(team.poll(*BASE, ("x", 62))) == ["digest: score_change x 60>61"]
    team.at("2026-04-27T12:04")
    assert team.poll() == []
    team.at("2026-04-27T12:05")
    assert said(team.poll()) == ["digest: score_change x 61>62"]


def test_rule_9_a_window_by_a_line_closes_at_its_time_in_the_channel_s_zone(opened: Open) -> None:
    """One that closed while nothing ran is sent at the start."""
    team = opened(f'{DAILY}timezone = "Europe/Paris"\n')
    team.poll(*BASE, ("x", 61))
    team.at("2026-04-28T06:59")
    assert team.poll() == []
    team.at("2026-04-29T05:00")
    assert said(team.poll()) == ["digest: score_change x 60>61"]


def test_rule_8_quiet_hours_hold_everything_and_end_with_one_message(opened: Open) -> None:
    """A new leader, too."""
    team = opened(NIGHT)
    team.at("2026-04-27T22:00")
    assert team.poll(("lead", 90), ("x", 95), ("y", 51)) == []
    team.at("2026-04-28T06:59")
    assert team.poll(("other", 11), board="acme/b") == []
    team.at("2026-04-28T07:00")
    assert said(team.poll()) == [
        "digest: new_leader x 60>95, score_change y 50>51, score_change other 10>11"
    ]
    assert said(team.poll(("lead", 90), ("x", 96), ("y", 51))) == ["changed: score_change x 95>96"]


def test_rule_9_a_digest_that_is_due_in_quiet_hours_joins_the_catch_up(opened: Open) -> None:
    """One message for both."""
    team = opened(f'{NIGHT}digest = "3h"\n')
    team.at("2026-04-27T21:00")
    team.poll(*BASE, ("x", 61))
    team.at("2026-04-27T23:00")
    assert team.poll(("lead", 90), ("x", 95), ("y", 50)) == []
    team.at("2026-04-28T00:30")
    assert team.poll() == []
    team.at("2026-04-28T07:00")
    assert said(team.poll()) == ["digest: new_leader x 60>95"]


def test_rule_9_a_digest_that_is_not_due_yet_outlasts_the_quiet_hours(opened: Open) -> None:
    """The catch-up tells what did not wait for it."""
    team = opened(f'{NIGHT}digest = "0 9 * * *"\n')
    team.at("2026-04-27T23:00")
    team.poll(("lead", 90), ("x", 95), ("y", 51))
    team.at("2026-04-28T07:00")
    assert said(team.poll()) == ["digest: new_leader x 60>95"]
    team.at("2026-04-28T09:00")
    assert said(team.poll()) == ["digest: score_change y 50>51"]


def test_a_digest_tells_how_the_board_stands_when_it_is_made(opened: Open) -> None:
    """Places, distances and who leads; whom others' removal lifts into the watch's top."""
    watch = '[[watch]]\nname = "all"\nbenchmarks = ["acme/a", "acme/b"]\ntop = 2\n'
    team = opened(HOURLY, watch)
    team.poll(("lead", 90), ("z", 70), ("x", 60), ("y", 50))
    team.at("2026-04-27T10:10")
    assert said(team.poll(("top", 99), ("lead", 90), ("z", 70), ("x", 60), ("y", 50)))
    for minute in (20, 30):
        team.at(f"2026-04-27T10:{minute}")
        team.poll(("top", 99), ("z", 70), ("x", 60), ("y", 50))
    team.at("2026-04-27T12:00")
    (told,) = team.poll()
    assert isinstance(told.data, Digest)
    (board,) = told.data.boards
    new, gone = board.events
    assert (new.model, new.rank.after, new.gap) == ("acme/z", 2, Decimal(29))
    assert gone.model == "acme/lead"
    assert board.leader == Leader("acme/top", None, Decimal(99))
    assert board.told_leader_at == datetime(2026, 4, 27, 10, 10, tzinfo=UTC)


def test_rule_7_what_the_configuration_holds_no_longer_is_sent(opened: Open) -> None:
    """Each delivery as it is, in its order."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    team.poll(*BASE, ("x", 62))
    team.start(TEAM)
    assert said(team.poll()) == ["changed: score_change x 60>61", "changed: score_change x 61>62"]


def test_rule_7_another_line_gives_what_is_held_another_time(opened: Open) -> None:
    """From when it opened."""
    team = opened(DAILY)
    team.poll(*BASE, ("x", 61))
    team.start(HOURLY)
    team.at("2026-04-27T10:59")
    assert team.poll() == []
    team.at("2026-04-27T11:00")
    assert said(team.poll()) == ["digest: score_change x 60>61"]


def test_rule_7_without_a_digest_quiet_hours_go_on_holding(opened: Open) -> None:
    """What was held for the digest waits for their end."""
    team = opened(f'{NIGHT}digest = "12h"\n')
    team.at("2026-04-27T21:00")
    team.poll(*BASE, ("x", 61))
    team.at("2026-04-27T23:00")
    team.start(NIGHT)
    assert team.poll() == []
    team.at("2026-04-28T07:00")
    assert said(team.poll()) == ["digest: score_change x 60>61"]


def test_rule_7_what_is_held_for_a_channel_that_is_gone_waits(opened: Open) -> None:
    """It is told when the channel is back."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    team.start('[channels.another]\ntype = "console"\n')
    team.at("2026-04-28T10:00")
    assert team.poll() == []
    with team.store.read() as db:
        assert db.deliveries.waiting() == {"team": 1}
    team.start(HOURLY)
    assert said(team.poll()) == ["digest: score_change x 60>61"]


def test_a_clock_that_is_set_back_does_not_keep_a_window_open(opened: Open) -> None:
    """It opens when the clock says now."""
    team = opened(HOURLY)
    team.at("2027-01-01T00:00")
    team.poll(*BASE, ("x", 61))
    team.at("2026-04-27T12:00")
    assert team.poll() == []
    team.at("2026-04-27T13:00")
    assert said(team.poll()) == ["digest: score_change x 60>61"]


def test_rule_3_the_memory_is_what_the_digest_said(opened: Open) -> None:
    """What takes it back within a day is told, though the watch would not want it."""
    watch = '[[watch]]\nname = "all"\nbenchmarks = ["acme/a", "acme/b"]\nmin_score_change = 3\n'
    team = opened(HOURLY)
    team.start(HOURLY, watch)
    team.poll(*BASE, ("x", 63))
    team.poll(*BASE, ("x", 66))
    team.at("2026-04-27T12:00")
    assert said(team.poll()) == ["digest: score_change x 60>66"]
    team.poll(*BASE, ("x", 65))
    team.at("2026-04-27T14:00")
    assert team.poll() == []
    team.poll(*BASE, ("x", 60))
    team.at("2026-04-27T16:00")
    assert said(team.poll()) == ["digest: score_change x 66>60"]


def test_rule_6_a_mute_acts_on_what_is_held_and_its_end_sends_nothing_old(opened: Open) -> None:
    """The digest says how many events it held back."""
    team = opened(HOURLY)
    team.poll(("lead", 90), ("x", 61), ("y", 51))
    team.at("2026-04-27T10:10")
    with team.store.write() as db:
        mute = db.mutes.add(muting(team))
        assert db.mutes.end(mute.id, team.clock() + timedelta(minutes=5))
    team.at("2026-04-27T11:00")
    (told,) = team.poll()
    assert said([told]) == ["digest: score_change y 50>51"]
    assert isinstance(told.data, Digest)
    assert told.data.muted == 1
    with team.store.read() as db:
        assert [one.held for one in db.mutes.since(team.clock.now.replace(hour=0))] == [1]


def muting(team: Life) -> Mute:
    """Return a mute of a model that begins now."""
    expires_at = team.clock() + timedelta(days=7)
    return Mute(id="", model="acme/x", created_at=team.clock(), expires_at=expires_at)


def test_rule_6_what_was_muted_is_said_by_the_next_message_that_is_sent(opened: Open) -> None:
    """Not by what is only held."""
    team = opened(HOURLY)
    with team.store.write() as db:
        db.mutes.add(muting(team))
    team.poll(("lead", 90), ("x", 61), ("y", 51))
    team.at("2026-04-27T11:00")
    (told,) = team.poll()
    assert isinstance(told.data, Digest)
    assert told.data.muted == 1


def test_rule_8_an_attempted_delivery_waits_for_the_end_of_quiet_hours_alone(opened: Open) -> None:
    """It keeps its id and its body."""
    team = opened(NIGHT)
    team.at("2026-04-27T21:59")
    team.team.outcome = RetryLater("busy")
    (tried,) = said(team.poll(*BASE, ("x", 61)))
    team.team.outcome = Delivered()
    team.at("2026-04-27T23:00")
    assert team.poll(*BASE, ("x", 62)) == []
    team.at("2026-04-28T07:00")
    assert said(team.poll()) == [tried, "digest: score_change x 61>62"]


def test_rule_8_what_was_never_attempted_joins_the_catch_up(opened: Open) -> None:
    """It was found before the quiet hours began, behind something that failed."""
    team = opened(NIGHT)
    team.at("2026-04-27T21:58")
    team.team.outcome = RetryLater("busy")
    team.poll(*BASE, ("x", 61))
    team.poll(*BASE, ("x", 62))
    team.team.outcome = Delivered()
    team.at("2026-04-27T22:00")
    assert team.poll() == []
    assert team.states() == ["pending", "held"]
    team.at("2026-04-28T07:00")
    assert said(team.poll()) == [
        "changed: score_change x 60>61", "digest: score_change x 61>62"
    ]  # fmt: skip


def test_rule_8_notices_of_health_and_tests_are_sent_in_quiet_hours(opened: Open) -> None:
    """Also past an alert that was attempted before."""
    team = opened(f'{NIGHT}[health]\nnotify = ["team"]\nafter_failures = 1\n')
    team.at("2026-04-27T21:59")
    team.team.outcome = RetryLater("busy")
    team.poll(*BASE, ("x", 61))
    team.team.outcome = Delivered()
    team.at("2026-04-27T23:00")
    team.hub.answers["acme/b"] = FetchError("down")
    (told,) = team.poll()
    assert told.type == FAILING


def test_what_is_retried_by_hand_in_quiet_hours_waits_for_their_end(opened: Open) -> None:
    """It was attempted: it is not merged."""
    team = opened(NIGHT)
    (first,) = said(team.poll(*BASE, ("x", 61)))
    team.at("2026-04-27T23:00")
    with team.store.write() as db:
        (view,) = db.deliveries.page((), 0, db.deliveries.last()).found
        db.deliveries.retry([view.id], team.clock())
    assert team.poll() == []
    team.at("2026-04-28T07:00")
    assert said(team.poll()) == [first]


def test_a_held_delivery_is_sent_at_once_when_people_ask_for_it(opened: Open) -> None:
    """The digest does not tell it again."""
    team = opened(HOURLY)
    team.poll(*BASE, ("x", 61))
    with team.store.write() as db:
        (view,) = db.deliveries.page((), 0, db.deliveries.last()).found
        assert view.held_for is Hold.DIGEST
        db.deliveries.retry([view.id], team.clock())
    assert said(team.poll()) == ["changed: score_change x 60>61"]
    team.at("2026-04-27T12:00")
    assert team.poll() == []


def test_rule_9_a_webhook_s_digest_is_cut_at_the_limit_of_bodies(opened: Open) -> None:
    """Boards stay whole where they can; what is held names the first part."""
    hook = '[channels.team]\ntype = "webhook"\nurl = "https://example.org/x"\ndigest = "1h"\n'
    team = opened(hook)
    rows = [(f"m{number}", 50 - number / 10) for number in range(60)]
    team.poll(("lead", 90), ("x", 60), *rows)
    team.poll(("other", 11), board="acme/b")
    team.at("2026-04-27T11:00")
    told = team.poll()
    assert len(told) > 1
    assert all(len(encode(message)) < MAX_BODY for message in told)
    entered = [event.model for message in told for event in events_of(message)]
    assert len(entered) == len(set(entered)) == 62
    with team.store.read() as db:
        views = db.deliveries.page((), 0, db.deliveries.last()).found
    first = next(view.id for view in views if view.type == DIGEST)
    assert {view.merged_into for view in views if view.state == "merged"} == {first}

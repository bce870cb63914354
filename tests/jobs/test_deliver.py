"""Passes over the outbox of several channels, on a real database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy.event import listen

from bot.config import Settings, load
from bot.core.alerts.deliveries import NewDelivery
from bot.core.alerts.message import encode
from bot.core.board import ModelFacts
from bot.core.delivery import PROBE_INTERVAL, Rejected, RetryLater, Scope
from bot.daemon.agenda import Agenda
from bot.jobs.deliver import Deliverer, Passed
from bot.jobs.round import Jobs
from bot.log import FIELDS
from bot.store import Store, open_existing
from tests.support.fakes import FakeClock, FakeHub, RecordingChannel, process
from tests.support.messages import SWE, changed
from tests.support.store import reads, units
from tests.support.waiting import until

CONFIG = """
[[watch]]
name = "all"
benchmarks = ["acme/bench"]

[health]
notify = ["other"]

[channels.other]
type = "webhook"
url = "https://example.org/other"
"""


class Channel(RecordingChannel):
    """Does something before it answers."""

    def __init__(self, name: str, first: Callable[[], object] = lambda: None) -> None:
        super().__init__(name)
        self.before_answer = first


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Store]:
    """Open a database that is set up and empty."""
    with closing(open_existing(sqlite_url)) as store:
        yield store


def enqueue(store: Store, clock: FakeClock, *channels: str) -> None:
    """Store a delivery a channel."""
    body = encode(changed())
    made = [
        NewDelivery(id=f"msg_{name}", channel=name, type="leaderboard.changed", body=body)
        for name in channels
    ]
    units.enqueue(store, made, clock())


def configured(folder: Path) -> Settings:
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    return load(folder / "config.toml", {})


def by_name(*channels: Channel) -> dict[str, Channel]:
    return {channel.name: channel for channel in channels}


def test_an_attempt_is_logged_with_what_it_was_about(
    opened: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Board, events, channel, delivery and duration, in the line and as its fields."""
    caplog.set_level(logging.INFO, "bot.jobs.deliver")
    good, bad = Channel("good"), Channel("bad")
    bad.outcome = RetryLater("the receiver answered 503")
    enqueue(opened, FakeClock(), "bad", "good")
    deliverer = Deliverer(opened, by_name(good, bad), lambda _: {}, process(FakeClock()))
    deliverer.deliver()
    lines = {vars(one)["channel"]: one for one in caplog.records}
    about = f"{SWE.name}, 0 events ("
    assert lines["good"].getMessage().startswith(f"good: sent msg_good: {about}")
    told = lines["bad"].getMessage()
    assert told.startswith(f"bad: msg_bad not delivered: {about}")
    assert told.endswith(" s): the receiver answered 503")
    fields = {name: vars(lines["bad"])[name] for name in FIELDS}
    assert 0 <= fields.pop("duration") < 60
    assert fields == {"board": SWE.name, "events": 0, "channel": "bad", "delivery": "msg_bad"}


def test_what_passes_did_adds_up() -> None:
    """Each count on its own."""
    one, other = Passed(sent=1, failed=2, unsuccessful=3), Passed(sent=10, failed=20)
    assert one + other == Passed(sent=11, failed=22, unsuccessful=3)
    assert one + one == Passed(sent=2, failed=4, unsuccessful=6)


def test_one_channel_can_be_told_alone(opened: Store) -> None:
    """Each delivery that is due is attempted once; what waits on others goes on waiting."""
    clock, hook, other = FakeClock(), Channel("hook"), Channel("other")
    hook.outcome = RetryLater("503", timedelta(0))
    enqueue(opened, clock, "hook", "other")
    deliverer = Deliverer(opened, by_name(hook, other), lambda _: {}, process(clock))
    assert deliverer.drain("hook") == Passed(unsuccessful=1)
    assert (len(hook.accepted), other.accepted) == (1, [])


def test_a_broken_channel_is_tried_again_an_hour_later(opened: Store) -> None:
    """However many attempts it took; not before."""
    clock, hook = FakeClock(), Channel("hook")
    hook.outcome = Rejected("invalid_auth", Scope.CHANNEL)
    enqueue(opened, clock, "hook")
    deliverer = Deliverer(opened, by_name(hook), lambda _: {}, process(clock))
    assert deliverer.deliver() == Passed(unsuccessful=1)
    clock.advance(PROBE_INTERVAL - timedelta(seconds=1))
    assert deliverer.deliver() == Passed()
    clock.advance(timedelta(seconds=1))
    assert deliverer.deliver() == Passed(unsuccessful=1)


def test_facts_on_models_are_for_people_alone(opened: Store) -> None:
    """Programs are asked nothing for; facts that cannot be had stop no alert."""
    clock, team, hook = FakeClock(), Channel("team"), Channel("hook")
    team.for_people = True
    facts = {"acme/a": ModelFacts(license="mit")}
    enqueue(opened, clock, "team", "hook")
    Deliverer(opened, by_name(team, hook), lambda _: facts, process(clock)).deliver()
    assert [one.facts for one in (*team.accepted, *hook.accepted)] == [facts, {}]

    def away(_: object) -> dict[str, ModelFacts]:
        raise OSError

    units.retry(opened, ["msg_team"], clock())
    Deliverer(opened, by_name(team), away, process(clock)).deliver()
    assert team.accepted[1].facts == {}


def test_a_channel_that_breaks_down_may_have_sent(opened: Store) -> None:
    """Its delivery is tried again, in doubt; the log says where it broke."""
    clock, hook = FakeClock(), Channel("hook", lambda: 1 / 0)
    enqueue(opened, clock, "hook")
    deliverer = Deliverer(opened, by_name(hook), lambda _: {}, process(clock))
    assert deliverer.deliver() == Passed(unsuccessful=1)
    ((tried,),) = (one.attempts for one in reads.deliveries(opened))
    assert (tried.outcome, tried.error) == ("in_doubt", "unexpected ZeroDivisionError")


def test_what_another_process_took_over_is_said(
    opened: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be sent twice, under one id."""
    clock, heir = FakeClock(), Channel("hook")
    enqueue(opened, clock, "hook")

    def send() -> None:
        clock.advance(timedelta(minutes=5))
        Deliverer(opened, by_name(heir), lambda _: {}, process(clock, owner="heir")).deliver()

    Deliverer(opened, by_name(Channel("hook", send)), lambda _: {}, process(clock)).deliver()
    assert len(heir.accepted) == 1
    assert "msg_hook: another process took the delivery over" in caplog.text


def test_what_this_version_cannot_read_is_given_up(opened: Store) -> None:
    """It stays visible; the channel goes on."""
    clock, hook = FakeClock(), Channel("hook")
    odd = NewDelivery(id="msg_odd", channel="hook", type="leaderboard.changed", body=b"{}")
    units.enqueue(opened, [odd], clock())
    enqueue(opened, clock, "hook")
    deliverer = Deliverer(opened, by_name(hook), lambda _: {}, process(clock))
    assert deliverer.deliver() == Passed(sent=1, failed=1, unsuccessful=1)
    assert [one.state for one in reads.deliveries(opened)] == ["failed", "sent"]


def test_channels_that_hang_hold_up_no_other(opened: Store) -> None:
    """However many there are and wherever they stand: they end once all others were told."""
    told = threading.Semaphore(0)
    all_told = threading.Event()
    hang = [Channel(f"a{n}", lambda: all_told.wait(20)) for n in range(30)]
    good = [Channel(f"b{n}", told.release) for n in range(20)]
    clock = FakeClock()
    enqueue(opened, clock, *(channel.name for channel in (*hang, *good)))
    deliverer = Deliverer(opened, by_name(*hang, *good), lambda _: {}, process(clock))
    round_ = threading.Thread(target=deliverer.deliver)
    round_.start()
    waited = [told.acquire(timeout=15) for _ in good]
    all_told.set()
    round_.join()
    assert all(waited)


def test_a_poll_attempts_each_delivery_once_however_slow_a_channel_is(
    opened: Store, tmp_path: Path
) -> None:
    """Also where it tells of another's end: what failed is due again by then."""
    clock = FakeClock()
    gone, other, quick = Channel("gone"), Channel("other"), Channel("quick")
    gone.outcome, quick.outcome = Rejected("410", Scope.ENDPOINT), RetryLater("503")

    def once_the_others_are_settled() -> None:
        assert until(lambda: sum(bool(one.attempts) for one in reads.deliveries(opened)) == 2)
        clock.advance(timedelta(seconds=20))

    slow = Channel("slow", once_the_others_are_settled)
    channels = by_name(gone, quick, slow, other)
    jobs = Jobs(configured(tmp_path), opened, FakeHub(), channels, process(clock))
    enqueue(opened, clock, "gone", "quick", "slow")
    summary = jobs.round()
    assert [len(one.accepted) for one in (gone, quick, slow)] == [1, 1, 1]
    assert [told.message.type for told in other.accepted] == ["health.failing"]
    assert summary.pending == 1


def test_idle_channels_cost_one_query_however_many_there_are(opened: Store, tmp_path: Path) -> None:
    """A daemon asks every second."""
    channels = by_name(*(Channel(f"c{n}") for n in range(500)))
    jobs = Jobs(configured(tmp_path), opened, FakeHub(), channels, process(FakeClock()))
    enqueue(opened, FakeClock(), "unknown")
    asked: list[str] = []
    listen(opened._database.engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
    assert Agenda(jobs).look().channels == ()
    assert len([one for one in asked if "deliveries" in one and "channels" in one]) == 1


class Passing(FakeClock):
    """A clock on which time passes whenever anybody looks."""

    def __init__(self, step: timedelta) -> None:
        super().__init__()
        self.step = step

    def __call__(self) -> datetime:
        self.advance(self.step)
        return self.now


@pytest.mark.parametrize("step", [0.07, 0.1, 0.13, 0.2, 0.3, 0.5])
def test_a_pace_that_ends_while_it_is_looked_at_leaves_nothing_behind(
    opened: Store, step: float
) -> None:
    """Whoever is patient sends all that is due, wherever the second falls in which it may."""
    clock, hook = Passing(timedelta(seconds=step)), Channel("hook")
    hook.pace = timedelta(seconds=1)
    body = encode(changed())
    some = [
        NewDelivery(id=f"msg_{n}", channel="hook", type="leaderboard.changed", body=body)
        for n in range(4)
    ]
    units.enqueue(opened, some, clock())
    patient = structs.replace(process(clock), wait=clock.advance)
    passed = Deliverer(opened, by_name(hook), lambda _: {}, patient).deliver()
    assert passed.sent == 4


def test_a_claim_is_renewed_while_its_send_lasts(opened: Store) -> None:
    """So that it can end soon after its process; but a send that hangs has it for a minute only."""
    clock = FakeClock()
    enqueue(opened, clock, "slow")
    other = Deliverer(opened, by_name(Channel("slow")), lambda _: {}, process(clock, owner="other"))
    seen: list[list[str]] = []

    def send() -> None:
        for _ in range(5):
            clock.advance(timedelta(seconds=20))
            with opened.read() as db:
                seen.append(other.due(db))
            deliverer.renew()

    deliverer = Deliverer(opened, by_name(Channel("slow", send)), lambda _: {}, process(clock))
    deliverer.deliver()
    assert seen == [[], [], [], ["slow"], ["slow"]]


def test_a_claim_ends_soon_after_its_process(opened: Store) -> None:
    """Another takes the delivery over within half a minute, and knows that it may have arrived."""
    clock = FakeClock()
    enqueue(opened, clock, "hook")
    dying = Deliverer(opened, by_name(Channel("hook")), lambda _: {}, process(clock))
    dying._claim("hook", clock(), clock(), set())
    clock.advance(timedelta(seconds=28))
    heir = Channel("hook")
    Deliverer(opened, by_name(heir), lambda _: {}, process(clock, owner="heir")).deliver()
    (taken,) = heir.accepted
    assert taken.in_doubt

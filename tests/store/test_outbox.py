"""The outbox: what is due, in which order, at which pace, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from bot.core.alerts.message import TEST
from bot.core.board import ModelFacts
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.store import Settlement, Store
from bot.store.database.tables import channels, deliveries
from bot.store.outbox.attempts import attempts_after
from bot.store.outbox.outbox import _MOST_PASSED
from tests.support.store import reads
from tests.support.store.stored import PACE, START, at, attempt, delivery, take
from tests.support.store.units import (
    due_channels,
    enqueue,
    incidents,
    known_facts,
    paced_until,
    release,
    remember,
    retry,
    retry_failed,
    settle,
    wake,
)

LATER = RetryLater("503")
BROKEN = Rejected("channel_not_found", Scope.CHANNEL)
GONE = Rejected("HTTP 410", Scope.ENDPOINT)
WAIT = timedelta(minutes=10)


def states(store: Store) -> dict[str, str]:
    return {d.id: d.state for d in reads.deliveries(store)}


def fail(store: Store, times: int, minutes: float = 0) -> None:
    """Fail the first due delivery some times, an attempt a minute."""
    for number in range(times):
        assert attempt(store, at(minutes + number), LATER, timedelta(seconds=30))


# --- claims ------------------------------------------------------------------------------------


def test_a_claim_hands_over_what_was_stored(store: Store) -> None:
    """The bytes are those that were enqueued."""
    enqueue(store, [delivery("one")], START)
    claimed = take(store, START)
    assert claimed is not None
    assert (claimed.id, claimed.body, claimed.created_at) == ("one", b'{"id": "one"}', START)
    assert (claimed.attempt, claimed.in_doubt) == (1, False)


def test_a_delivery_keeps_the_order_of_its_events(store: Store) -> None:
    """As its body has them."""
    enqueue(store, [delivery("one", "hook", "c", "a", "b"), delivery("two", "hook", "a")], START)
    assert [one.events for one in reads.deliveries(store)] == [("c", "a", "b"), ("a",)]


def test_deliveries_of_a_channel_go_in_their_order(store: Store) -> None:
    """What was found first is told first."""
    enqueue(store, [delivery(name) for name in ("c", "a", "b")], START)
    assert [attempt(store, at(minute)) for minute in range(4)] == ["c", "a", "b", None]


def test_a_channel_has_one_claim_at_a_time(store: Store) -> None:
    """Whoever claims, order and pace hold."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    assert take(store, START, owner="a")
    assert take(store, START + PACE, owner="b") is None


def test_channels_do_not_wait_for_each_other(store: Store) -> None:
    """A claim holds back its own channel alone; one for which nothing waits brings none."""
    enqueue(store, [delivery("one", "x"), delivery("two", "x"), delivery("three", "y")], START)
    found = [take(store, START, channel) for channel in ("x", "x", "y", "none")]
    assert [claimed and claimed.id for claimed in found] == ["one", None, "three", None]
    with store._database.engine.connect() as connection:
        assert set(connection.execute(select(channels.c.name)).scalars()) == {"x", "y"}


def test_each_channel_has_a_pace_of_its_own(store: Store) -> None:
    """Also those that were told before."""
    names = [("one", "x"), ("two", "y"), ("three", "x"), ("four", "y")]
    enqueue(store, [delivery(*name) for name in names], START)
    assert [attempt(store, START, channel=name) for name in ("x", "y")] == ["one", "two"]
    assert [attempt(store, at(1), channel=name) for name in ("x", "y")] == ["three", "four"]


def test_the_pace_keeps_sends_apart(store: Store) -> None:
    """And the time when it no longer does is known."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    assert attempt(store, START) == "one"
    soon = START + PACE / 2
    assert take(store, soon) is None
    assert paced_until(store, "hook", due_by=START, now=soon) == START + PACE
    assert attempt(store, START + PACE) == "two"
    assert paced_until(store, "hook", due_by=START, now=START + PACE) is None


def test_what_is_not_due_is_not_paced(store: Store) -> None:
    """A retry, or a claim of another, is not waited for."""
    enqueue(store, [delivery("one")], START)
    take(store, START)
    assert paced_until(store, "hook", due_by=START, now=START) is None
    enqueue(store, [delivery("two", "x")], START)
    attempt(store, START, LATER, WAIT, "x")
    assert paced_until(store, "x", due_by=START, now=START) is None


def test_what_was_tried_in_a_pass_is_not_tried_again(store: Store) -> None:
    """``excluding`` names it, even where it is due again."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, LATER, timedelta(0))
    assert take(store, at(1), excluding={"one"}) is None
    assert take(store, at(1))


def test_what_becomes_due_during_a_pass_waits_for_the_next(store: Store) -> None:
    """``due_by`` is the pass's start, ``now`` goes on."""
    enqueue(store, [delivery("one")], at(1))
    assert take(store, at(2), due_by=START) is None


def test_a_claim_that_ran_out_leaves_a_doubt(store: Store) -> None:
    """The process may have crashed after sending; no attempt is counted for it."""
    enqueue(store, [delivery("one")], START)
    take(store, START, owner="crashed")
    again = take(store, at(1), owner="other")
    assert again is not None
    assert (again.attempt, again.in_doubt) == (1, True)


def test_a_claim_that_is_given_up_is_free_at_once(store: Store) -> None:
    """What may be on its way is in doubt; no attempt is counted."""
    enqueue(store, [delivery("one")], START)
    take(store, START, owner="ending")
    release(store, "ending")
    again = take(store, START + PACE, owner="other")
    assert again is not None
    assert (again.attempt, again.in_doubt) == (1, True)


def test_a_claim_knows_when_earlier_attempts_may_have_arrived(store: Store) -> None:
    """Those that ended in doubt, one whose claim ran out, and one that was given up."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, InDoubt("reset"), PACE)
    attempt(store, at(1), LATER, PACE)
    attempt(store, at(2), InDoubt("timeout"), PACE)
    due = at(2) + PACE
    crashed = take(store, at(3), owner="crashed")
    assert crashed is not None
    assert crashed.doubts == (START, at(2), due)
    again = take(store, at(5), owner="other")
    assert again is not None
    assert (again.doubts[:2], again.in_doubt) == ((START, at(2)), True)
    assert at(3) < again.doubts[2] < at(5)


def test_the_doubts_of_one_delivery_are_no_matter_of_another_s(store: Store) -> None:
    """Each knows of its own attempts."""
    enqueue(store, [delivery("x", "x"), delivery("y", "y")], START)
    attempt(store, START, InDoubt("reset"), WAIT, "x")
    attempt(store, at(1), InDoubt("reset"), WAIT, "y")
    claimed = take(store, at(11), "y")
    assert claimed is not None
    assert claimed.doubts == (at(1), at(11))


def test_without_doubt_a_claim_knows_of_no_time(store: Store) -> None:
    """Nothing of it may have arrived."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, LATER, PACE)
    again = take(store, at(1))
    assert again is not None
    assert again.doubts == ()


def test_others_claims_are_not_given_up(store: Store) -> None:
    """Each process has its own name."""
    enqueue(store, [delivery("one")], START)
    take(store, START, owner="other")
    release(store, "ending")
    assert take(store, START + PACE, owner="third") is None


def test_a_channel_is_due_where_something_may_be_claimed_for_it(store: Store) -> None:
    """Not where nothing waits, or a retry, a claim or an earlier delivery holds all back."""
    names = ("idle", "claimed", "waits", "due", "passed")
    enqueue(store, [delivery(name, name) for name in names[1:]], START)
    enqueue(store, [delivery(f"{name} 2", name) for name in ("waits", "passed")], START)
    for minute in range(4):
        attempt(store, at(minute), LATER, timedelta(seconds=30), "passed")
    attempt(store, at(4), LATER, WAIT, "waits")
    take(store, at(4), "claimed")
    assert due_channels(store, at(4)) == ("due", "passed")
    assert due_channels(store, at(4) + WAIT) == ("claimed", "due", "passed", "waits")


def test_a_paused_channel_is_due_with_its_probe(store: Store) -> None:
    """Whatever else of it waits."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    attempt(store, START, BROKEN, WAIT)
    assert due_channels(store, at(9)) == ()
    assert due_channels(store, at(10)) == ("hook",)
    attempt(store, at(10))
    assert due_channels(store, at(10)) == ("hook",)


def test_a_channel_is_due_after_the_clock_was_set_back(store: Store) -> None:
    """Both what was never tried then and what has been passed."""
    enqueue(store, [delivery("one")], START)
    assert due_channels(store, at(-60)) == ("hook",)
    fail(store, 4)
    assert due_channels(store, at(-60)) == ("hook",)
    assert attempt(store, at(-60)) == "one"


# --- outcomes ----------------------------------------------------------------------------------


def test_a_delivered_one_is_sent(store: Store) -> None:
    """It is listed with its attempt and never claimed again."""
    enqueue(store, [delivery("one")], START)
    attempt(store, at(1))
    (view,) = reads.deliveries(store)
    assert (view.state, view.next_attempt_at) == ("sent", None)
    assert [(a.at, a.outcome, a.error) for a in view.attempts] == [(at(1), "delivered", None)]
    assert take(store, at(9)) is None


@pytest.mark.parametrize(
    ("outcome", "name", "in_doubt"),
    [(LATER, "retry", False), (InDoubt("timeout"), "in_doubt", True)],
)
def test_a_retry_comes_at_its_time(
    store: Store, outcome: Outcome, name: str, in_doubt: bool
) -> None:
    """It counts as the next attempt, and knows whether the last one may have arrived."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, outcome, WAIT)
    assert take(store, START + WAIT - PACE) is None
    (view,) = reads.deliveries(store)
    assert (view.state, view.next_attempt_at) == ("pending", START + WAIT)
    assert view.attempts[0].outcome == name
    again = take(store, START + WAIT)
    assert again is not None
    assert (again.attempt, again.in_doubt) == (2, in_doubt)


def test_a_doubt_stays_until_it_is_delivered(store: Store) -> None:
    """A later refusal says nothing of the first attempt."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, InDoubt("reset"), PACE)
    attempt(store, at(1), LATER, PACE)
    again = take(store, at(2))
    assert again is not None
    assert again.in_doubt


def test_a_claim_that_ran_out_stays_in_doubt_after_a_refusal(store: Store) -> None:
    """What the next process hears says nothing of what the first one sent."""
    enqueue(store, [delivery("one")], START)
    take(store, START, owner="crashed")
    attempt(store, at(1), LATER, WAIT)
    again = take(store, at(11))
    assert again is not None
    assert again.in_doubt


def test_what_arrived_is_sent_again_by_hand_without_a_doubt(store: Store) -> None:
    """Whoever asks for it knows that it arrived, and wants it once more."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, InDoubt("reset"), WAIT)
    attempt(store, at(10))
    assert retry(store, ["one"], at(11)) == ()
    again = take(store, at(11))
    assert again is not None
    assert (again.attempt, again.in_doubt) == (1, False)


def test_the_outcome_of_a_delivery_that_is_gone_is_lost(store: Store) -> None:
    """It may have been pruned meanwhile."""
    enqueue(store, [delivery("one")], START)
    claimed = take(store, START)
    assert claimed is not None
    gone = replace(claimed, id="gone")
    assert not settle(store, gone, "me", Settlement(outcome=Delivered(), at=at(1)))
    assert states(store) == {"one": "pending"}


def test_failures_are_counted_for_the_channel_and_what_is_given_up_is_kept(store: Store) -> None:
    """With what was said last; neither tests nor notices of health are missed."""
    enqueue(store, [delivery("one"), replace(delivery("test"), type=TEST)], START)
    attempt(store, START, LATER, WAIT)
    assert [(one.subject, one.error) for one in incidents(store)] == [("channel", "503")]
    attempt(store, at(10), Rejected("no_text"))
    attempt(store, at(11), Rejected("no_text"))
    assert states(store) == {"one": "failed", "test": "failed"}
    found = {(one.subject, one.name, one.failures, one.error) for one in incidents(store)}
    assert found == {("channel", "hook", 3, "no_text"), ("delivery", "one", 2, "no_text")}


@pytest.mark.parametrize("outcome", [Rejected("invalid_blocks"), LATER, InDoubt("timeout")])
def test_what_has_no_next_attempt_has_failed(store: Store, outcome: Outcome) -> None:
    """It stays visible, and later deliveries go on."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    attempt(store, START, outcome)
    assert states(store) == {"one": "failed", "two": "pending"}
    assert attempt(store, at(1)) == "two"


def test_an_outcome_of_a_lost_claim_is_recorded_only(store: Store) -> None:
    """The process that took over decides."""
    enqueue(store, [delivery("one")], START)
    slow = take(store, START, owner="slow")
    take(store, at(1), owner="quick")
    assert slow is not None
    assert not settle(store, slow, "slow", Settlement(outcome=Delivered(), at=at(2)))
    (view,) = reads.deliveries(store)
    assert (view.state, [a.outcome for a in view.attempts]) == ("pending", ["delivered"])


def test_an_error_is_stored_whatever_is_in_it(store: Store) -> None:
    """Errors hold words of strangers: what no database can hold is replaced."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, RetryLater("bad \x00 \ud800 " + "x" * 5000), WAIT)
    error = reads.deliveries(store)[0].attempts[0].error
    assert error is not None
    assert error.startswith("bad \ufffd \ufffd x")
    assert len(error) == 1000


@pytest.mark.parametrize(
    ("outcome", "after"),
    [(LATER, 3), (InDoubt("reset"), 3), (Rejected("no"), 3), (GONE, 3), (BROKEN, 2)],
)
def test_every_attempt_counts_but_those_at_a_broken_channel(outcome: Outcome, after: int) -> None:
    """These are at least the first."""
    assert attempts_after(2, outcome) == after
    assert attempts_after(0, outcome) == 1


# --- order -------------------------------------------------------------------------------------


def test_a_failing_delivery_holds_back_later_ones_for_four_attempts(store: Store) -> None:
    """After the fourth they pass it."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    for number in range(3):
        assert attempt(store, at(number * 20), LATER, WAIT) == "one"
        assert take(store, at(number * 20 + 1)) is None
    assert attempt(store, at(60), LATER, WAIT) == "one"
    assert attempt(store, at(61), LATER, WAIT) == "two"


def test_a_passed_delivery_comes_again_when_it_is_due(store: Store) -> None:
    """It has its turn before later ones, but not before one that holds back."""
    enqueue(store, [delivery("one"), delivery("two"), delivery("three")], START)
    fail(store, 4)
    assert attempt(store, at(3.1)) == "two"
    assert attempt(store, at(10)) == "one"
    assert attempt(store, at(11)) == "three"


def test_a_passed_delivery_is_due_at_the_very_instant_of_its_retry(store: Store) -> None:
    """Not an instant before it."""
    enqueue(store, [delivery("one")], START)
    fail(store, 4)
    due = at(3.5)
    assert take(store, due - timedelta(milliseconds=1)) is None
    assert due_channels(store, due) == ("hook",)
    claimed = take(store, due)
    assert claimed is not None
    assert claimed.attempt == 5


@pytest.mark.parametrize("hours", [0, -5])
def test_of_very_many_that_were_passed_those_that_waited_longest_come_first(
    store: Store, hours: int
) -> None:
    """Also where the clock was set back since."""
    with store.write() as db:
        for number in range(_MOST_PASSED + 1):
            db.outbox.add([delivery(f"{number:03}")], START - timedelta(seconds=number))
    with store._database.engine.begin() as connection:
        connection.execute(update(deliveries).values(attempts=4))
    assert attempt(store, START + timedelta(hours=hours)) == "001"


# --- paused channels ---------------------------------------------------------------------------


def test_a_broken_destination_pauses_its_channel(store: Store) -> None:
    """Its deliveries are held, one of them probes; other channels go on."""
    enqueue(store, [delivery("one"), delivery("two"), delivery("x", "other")], START)
    attempt(store, START, BROKEN, WAIT)
    assert states(store) == {"one": "held", "two": "held", "x": "pending"}
    assert [d.next_attempt_at for d in reads.deliveries(store, ["held"])] == [START + WAIT, None]
    assert sum(reads.pending(store).values()) == 3
    assert take(store, at(9)) is None
    assert attempt(store, at(9), channel="other") == "x"


def test_a_new_delivery_of_a_paused_channel_is_held(store: Store) -> None:
    """It does not knock at a door that is known to be shut."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, BROKEN, WAIT)
    enqueue(store, [delivery("new")], at(1))
    assert states(store)["new"] == "held"
    assert take(store, at(1)) is None


def test_a_probe_that_passes_resumes_the_channel(store: Store) -> None:
    """All that was held is due at once, in its order."""
    enqueue(store, [delivery("one"), delivery("two"), delivery("three")], START)
    attempt(store, START, BROKEN, WAIT)
    assert attempt(store, at(10)) == "one"
    assert states(store) == {"one": "sent", "two": "pending", "three": "pending"}
    assert [attempt(store, at(11)), attempt(store, at(12))] == ["two", "three"]


def test_a_channel_that_works_again_keeps_nothing_of_its_pause(store: Store) -> None:
    """Neither what was said nor which delivery found out."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, BROKEN, WAIT)
    attempt(store, at(10))
    columns = (channels.c.paused_at, channels.c.paused_error, channels.c.probe)
    with store._database.engine.connect() as connection:
        assert connection.execute(select(*columns)).all() == [(None, None, None)]


@pytest.mark.parametrize("outcome", [BROKEN, LATER, InDoubt("timeout")])
def test_a_probe_that_fails_leaves_the_channel_paused(store: Store, outcome: Outcome) -> None:
    """It probes again at its next time."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    attempt(store, START, BROKEN, WAIT)
    assert attempt(store, at(10), outcome, WAIT) == "one"
    assert states(store) == {"one": "held", "two": "held"}
    assert take(store, at(19)) is None
    assert attempt(store, at(20)) == "one"


def test_probes_use_up_no_attempts(store: Store) -> None:
    """However long a token was broken: one failure after that is not the delivery's last."""
    enqueue(store, [delivery("one")], START)
    for hour in range(12):
        assert attempt(store, at(60 * hour), BROKEN, timedelta(hours=1)) == "one"
    probe = take(store, at(60 * 12))
    assert probe is not None
    assert probe.attempt == 2
    (shown,) = reads.deliveries(store)
    assert len(shown.attempts) == 12


def test_a_probe_that_is_given_up_leaves_its_part_to_the_next(store: Store) -> None:
    """An hour later the next delivery tries."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    attempt(store, START, BROKEN, WAIT)
    attempt(store, at(10), LATER)
    assert states(store) == {"one": "failed", "two": "held"}
    assert take(store, at(69)) is None
    (two,) = reads.deliveries(store, ["held"])
    assert two.next_attempt_at == at(70)
    assert attempt(store, at(70)) == "two"
    assert states(store) == {"one": "failed", "two": "sent"}


def test_the_probe_of_one_channel_is_no_matter_of_another_s(store: Store) -> None:
    """Both rest, and each is known by its name."""
    for name in ("x", "hook"):
        enqueue(store, [delivery(f"{name} 1", name), delivery(f"{name} 2", name)], START)
        attempt(store, START, BROKEN, WAIT, name)
    attempt(store, at(10), LATER)
    held = {one.id: one.next_attempt_at for one in reads.deliveries(store, ["held"])}
    assert held == {"x 1": at(10), "x 2": None, "hook 2": at(70)}
    assert due_channels(store, at(10)) == ("x",)
    with store.read() as db:
        resting = db.channels.paused()
    assert [(one.channel, one.since, one.error) for one in resting] == [
        ("hook", START, "channel_not_found"),
        ("x", START, "channel_not_found"),
    ]


def test_a_resting_channel_is_due_with_its_probe_whatever_else_waits_longer(store: Store) -> None:
    """A delivery that others have passed may have a later time."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    for number in range(4):
        attempt(store, at(number * 20), LATER, WAIT if number < 3 else timedelta(hours=5))
    assert attempt(store, at(61), BROKEN, WAIT) == "two"
    assert due_channels(store, at(61) + WAIT) == ("hook",)
    assert attempt(store, at(61) + WAIT) == "two"


def test_a_refused_probe_lets_the_next_try_at_once(store: Store) -> None:
    """That one message is wrong says nothing of the channel."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    attempt(store, START, BROKEN, WAIT)
    attempt(store, at(10), Rejected("invalid_blocks"))
    assert attempt(store, at(10) + PACE, Rejected("invalid_blocks")) == "two"
    enqueue(store, [delivery("three")], at(11))
    assert states(store)["three"] == "held"
    assert attempt(store, at(11)) == "three"


def test_a_receiver_that_is_gone_ends_the_delivery_and_pauses_its_channel(store: Store) -> None:
    """The next one asks again an hour later; it may be the one that is taken."""
    enqueue(store, [delivery("one"), delivery("two"), delivery("three")], START)
    attempt(store, START, GONE)
    assert states(store) == {"one": "failed", "two": "held", "three": "held"}
    assert take(store, at(59)) is None
    assert attempt(store, at(60), GONE) == "two"
    assert states(store) == {"one": "failed", "two": "failed", "three": "held"}
    assert attempt(store, at(120)) == "three"
    assert states(store)["three"] == "sent"


def test_a_gone_receiver_is_left_alone_for_an_hour_by_what_comes_later(store: Store) -> None:
    """Also where nothing waited when it said so."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, GONE)
    enqueue(store, [delivery("two")], at(10))
    assert states(store) == {"one": "failed", "two": "held"}
    assert take(store, at(59)) is None
    assert attempt(store, at(60), GONE) == "two"
    enqueue(store, [delivery("three")], at(61))
    assert take(store, at(119)) is None
    assert attempt(store, at(120)) == "three"


def test_what_a_gone_receiver_refused_is_sent_again_by_hand(store: Store) -> None:
    """That resumes the channel, and order holds."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    attempt(store, START, GONE)
    assert retry_failed(store, at(1)) == 1
    assert [attempt(store, at(2)), attempt(store, at(3))] == ["one", "two"]


def test_a_paused_channel_can_be_woken_before_its_time(store: Store) -> None:
    """Its probe is due then; all else is held as before, and other channels sleep on."""
    enqueue(store, [delivery("one"), delivery("two"), delivery("x", "other")], START)
    attempt(store, START, BROKEN, WAIT)
    attempt(store, START, BROKEN, WAIT, channel="other")
    wake(store, ["hook"], at(1), gone=False)
    assert take(store, at(1), "other") is None
    assert attempt(store, at(1), BROKEN, WAIT) == "one"
    assert take(store, at(2)) is None
    assert states(store)["two"] == "held"


def test_a_gone_receiver_is_woken_only_where_that_is_meant(store: Store) -> None:
    """Asking it costs another delivery."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, GONE)
    enqueue(store, [delivery("two")], at(1))
    wake(store, ["hook"], at(2), gone=False)
    assert take(store, at(2)) is None
    wake(store, ["hook"], at(3), gone=True)
    assert attempt(store, at(3)) == "two"


def test_waking_what_is_not_paused_changes_nothing(store: Store) -> None:
    """Retries keep their times."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, LATER, WAIT)
    wake(store, ["hook", "unknown"], at(1), gone=True)
    assert take(store, at(9)) is None


def test_waking_a_channel_for_which_nothing_waits_changes_nothing(store: Store) -> None:
    """What comes next goes on waiting for its hour."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, GONE)
    wake(store, ["hook"], at(1), gone=True)
    enqueue(store, [delivery("two")], at(2))
    assert take(store, at(59)) is None
    assert attempt(store, at(60)) == "two"


# --- facts -------------------------------------------------------------------------------------


def test_facts_are_remembered_by_model(store: Store) -> None:
    """The last word counts; also that nothing is known is known."""
    facts = ModelFacts(parameters=235_000_000_000, created_at=START, license="mit")
    remember(store, {"a/b": ModelFacts(), "c/d": facts}, START)
    remember(store, {"a/b": facts}, at(1))
    assert known_facts(store, ["a/b", "c/d", "e/f"]) == {"a/b": facts, "c/d": facts}
    assert known_facts(store, []) == {}

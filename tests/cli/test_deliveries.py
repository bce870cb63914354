"""``deliveries``, ``deliveries retry`` and ``test-channel``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.app import now as clock
from bot.core.alerts.deliveries import NewDelivery
from bot.core.alerts.message import TEST, encode
from bot.core.alerts.sample import sample
from tests.support.commands import BENCH, LATER, QUIET_CHANNEL, START, Commands
from tests.support.process.installation import SECRET, Receiver
from tests.support.store.units import claim_due, enqueue


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver of webhooks."""
    with Receiver() as running:
        yield running


def hook(receiver: Receiver) -> str:
    """Return the tables of a webhook channel and of a console."""
    return (
        f'[channels.hook]\ntype = "webhook"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\n'
        'allow_private = true\n[channels.screen]\ntype = "console"\n'
    )


def sample_delivery(id_: str, channel: str, now: datetime) -> NewDelivery:
    """Return a delivery of the sample alert."""
    body = encode(sample(now, "https://huggingface.co"))
    return NewDelivery(id=id_, channel=channel, type=TEST, body=body)


def test_deliveries_tell_each_attempt(commands: Commands, receiver: Receiver) -> None:
    """A delivery has its channel, state, events, and the outcome of each attempt."""
    receiver.status = 500
    commands.configure(channels=hook(receiver))
    commands.polled(START, LATER)
    failed, sent = sorted(commands.json("deliveries"), key=lambda one: str(one["channel"]))
    assert list(failed) == [
        "id", "channel", "type", "board", "state", "created_at", "next_attempt_at", "events",
        "attempts",
    ]  # fmt: skip
    assert failed["board"] == {"benchmark": BENCH, "task": None, "include_derived": False}
    assert (failed["state"], sent["state"]) == ("pending", "sent")
    assert failed["next_attempt_at"] > failed["attempts"][0]["at"]
    assert failed["attempts"][0]["outcome"] in ("retry", "in_doubt")
    assert "500" in failed["attempts"][0]["error"]
    assert sent["next_attempt_at"] is None
    assert sent["attempts"][0]["outcome"] == "delivered"
    assert set(sent["events"]) <= {event["id"] for event in commands.json("events")}


def test_states_choose_deliveries(commands: Commands, receiver: Receiver) -> None:
    """``--state`` takes one or several states."""
    commands.configure(channels=hook(receiver) + QUIET_CHANNEL)
    commands.polled(START, LATER)

    def channels(states: str) -> list[str]:
        return sorted(one["channel"] for one in commands.json("deliveries", "--state", states))

    assert channels("pending") == ["gone"]
    assert channels("sent") == ["hook", "screen"]
    assert channels("sent,pending") == ["gone", "hook", "screen"]
    assert channels("failed,held") == []


@pytest.mark.parametrize("columns", [80, 60])
def test_table_names_ids_and_boards(commands: Commands, receiver: Receiver, columns: int) -> None:
    """People copy ids, so they are never broken; the newest are shown when there are many."""
    commands.configure(channels=hook(receiver))
    commands.polled(START, LATER)
    first, last = commands.json("deliveries")
    shown = commands.run("deliveries", columns=columns).stdout
    assert f"\n{first['id'][:12]}   " in shown
    assert " acme/bench " in shown
    assert max(map(len, shown.splitlines())) <= columns
    done = commands.run("deliveries", "--limit", "1")
    assert first["id"][:12] not in done.stdout
    assert last["id"][:12] in done.stdout
    assert "--limit shows more" in done.stderr


def test_retry_makes_a_delivery_due(commands: Commands, receiver: Receiver) -> None:
    """What was given up, or sent, is sent again by the next poll, with the same id."""
    receiver.status = 410
    commands.configure(channels=hook(receiver))
    commands.polled(START, LATER)
    (one,) = [one for one in commands.json("deliveries") if one["channel"] == "hook"]
    receiver.status = 200
    assert commands.run("deliveries", "retry", one["id"]).stdout == "1 delivery due again.\n"
    assert commands.json("poll")["deliveries"] == {"sent": 1, "pending": 0, "failed": 0}
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert ids == [one["id"], one["id"]]


def test_retry_takes_the_beginning_of_an_id(commands: Commands, receiver: Receiver) -> None:
    """What the table shows of an id is enough while it is one delivery's, and nothing shorter."""
    commands.configure(channels=hook(receiver))
    commands.polled(START, LATER)
    first, second = commands.json("deliveries")
    done = commands.run("deliveries", "retry", first["id"][:12], first["id"])
    assert done.stdout == "1 delivery due again.\n"
    assert [one["id"] for one in commands.json("deliveries", "--state", "pending")] == [first["id"]]
    assert "no such delivery" in commands.run("deliveries", "retry", "msg_", status=2).stderr
    alike = first["id"][:20] + second["id"][20:]
    with commands.store() as store, store._database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE deliveries SET id = ? WHERE id = ?", (alike, second["id"])
        )
    told = commands.run("deliveries", "retry", alike[:12], status=2).stderr
    assert told == f"leaderboard-bot: {alike[:12]}: 2 deliveries begin so; write more of the id\n"


@pytest.mark.parametrize("arguments", [[], ["all"], ["msg_1", "--failed"]])
def test_retry_says_how_to_send_all_that_failed(commands: Commands, arguments: list[str]) -> None:
    """Nothing, "all", and both at once are no choice."""
    told = commands.run("deliveries", "retry", *arguments, status=2).stderr
    assert "name deliveries, or give --failed" in told


def test_retry_of_an_unknown_id_does_nothing(commands: Commands, receiver: Receiver) -> None:
    """One unknown id, and none of the others is made due."""
    commands.configure(channels=hook(receiver))
    commands.polled(START, LATER)
    known = commands.json("deliveries")[0]["id"]
    done = commands.run("deliveries", "retry", known, "msg_nothing", status=2)
    assert (
        done.stderr == "leaderboard-bot: msg_nothing: no such delivery; `deliveries` lists them\n"
    )
    assert commands.json("deliveries", "--state", "pending") == []


def test_retry_of_failed_ones_counts_them(commands: Commands) -> None:
    """``--failed`` takes all that were given up; where there are none, it says 0."""
    commands.polled(START)
    assert commands.run("deliveries", "retry", "--failed").stdout == "0 deliveries due again.\n"


def test_test_alert_arrives_signed(commands: Commands, receiver: Receiver) -> None:
    """A test alert goes through the outbox: signed, typed as a test, and listed."""
    commands.configure(channels=hook(receiver))
    shown = commands.run("test-channel", "hook").stdout
    (body,) = receiver.bodies
    assert body["type"] == "leaderboard.test"
    (listed,) = commands.json("deliveries")
    assert (listed["type"], listed["state"]) == ("leaderboard.test", "sent")
    assert shown == f"hook: sent ({receiver.requests[0].headers['webhook-id']}).\n"


def test_test_alert_of_a_console_is_printed(commands: Commands) -> None:
    """A console shows the sample, which says that it is one."""
    commands.configure(channels='[channels.screen]\ntype = "console"\n')
    shown = commands.run("test-channel", "screen").stdout
    assert "This is a test of leaderboard-bot" in shown
    assert "screen: sent (msg_" in shown


def test_unreachable_channel_has_status_1(commands: Commands) -> None:
    """What came of the attempt is told, again also when an earlier test still waits."""
    commands.configure(channels=QUIET_CHANNEL)
    for _ in range(2):
        done = commands.run("test-channel", "gone", status=1)
        assert done.stderr.startswith("leaderboard-bot: gone: not delivered: cannot connect")
        assert done.stdout == ""


def test_mended_channel_gets_what_waited_and_the_test(
    commands: Commands, receiver: Receiver
) -> None:
    """A test brings out what waited ahead of it, whatever its next attempt was to be."""
    receiver.status = 500
    commands.configure(channels=hook(receiver))
    commands.polled(START, LATER)
    receiver.status = 200
    assert "hook: sent" in commands.run("test-channel", "hook").stdout
    types = [body["type"] for body in receiver.bodies]
    assert types[-2:] == ["leaderboard.changed", "leaderboard.test"]


def test_test_alert_is_tried_once(commands: Commands, receiver: Receiver) -> None:
    """One that failed is done with: it neither comes later nor holds up what is real."""
    commands.configure(channels=hook(receiver))
    commands.polled(START)
    receiver.status = 500
    assert "HTTP 500" in commands.run("test-channel", "hook", status=1).stderr
    (listed,) = commands.json("deliveries")
    assert (listed["state"], listed["next_attempt_at"]) == ("failed", None)
    receiver.status = 200
    commands.polled(LATER)
    assert [body["type"] for body in receiver.bodies] == ["leaderboard.test", "leaderboard.changed"]
    assert "given up" not in commands.run("poll").stderr


def test_test_alert_tries_a_channel_that_is_gone(commands: Commands, receiver: Receiver) -> None:
    """People who ask do not wait for the hour that a receiver's 410 costs."""
    commands.configure(channels=hook(receiver))
    receiver.status = 410
    commands.polled(START, LATER)
    receiver.status = 200
    assert "hook: sent" in commands.run("test-channel", "hook").stdout


def test_test_alert_waits_for_who_is_sending(commands: Commands) -> None:
    """A channel that the daemon is sending to is busy, not broken: the test goes after it."""
    commands.configure(channels='[channels.screen]\ntype = "console"\n')
    commands.run("db", "upgrade")
    with commands.store() as store:
        now = clock()
        enqueue(store, [sample_delivery("msg_other", "screen", now)], now)
        until = now + timedelta(seconds=2)
        assert claim_due(store, "screen", timedelta(0), "another", due_by=now, now=now, until=until)
    assert "screen: sent (msg_" in commands.run("test-channel", "screen").stdout


def test_a_test_looks_at_its_own_delivery_and_at_no_other(commands: Commands) -> None:
    """However many are stored: here, others could not even be read."""
    commands.configure(channels='[channels.screen]\ntype = "console"\n')
    commands.run("db", "upgrade")
    with commands.store() as store:
        now = clock()
        enqueue(store, [sample_delivery(f"msg_{n}", "gone", now) for n in range(9)], now)
        with store._database.write() as connection:
            connection.exec_driver_sql("UPDATE deliveries SET body = 'not JSON'")
    assert "screen: sent (msg_" in commands.run("test-channel", "screen").stdout


def test_unknown_channel_has_status_2(commands: Commands) -> None:
    """The nearest channel is told, and nothing is stored."""
    commands.configure(channels='[channels.screen]\ntype = "console"\n')
    assert "did you mean screen?" in commands.run("test-channel", "screeen", status=2).stderr
    assert not commands.database.exists()

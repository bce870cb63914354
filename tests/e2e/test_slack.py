"""Slack and receivers on their bad days, from the outside: the real command, a strict Slack."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.support.hub.fake_hub import Json, board
from tests.support.process.installation import BENCH, Installation
from tests.support.slack import fake_slack
from tests.support.slack.fake_slack import CHANNEL, TOKEN, FakeSlack

ABC = (("acme/a", 80.0), ("acme/b", 70.0), ("acme/c", 60.0))
N = ("acme/n", 90.0)
TOP = ("acme/o", 95.0)
WATCH = f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"\nevery = "1s"\nnotify = '
HEALTH = '[health]\nnotify = ["hook"]\nafter_failures = 1'


@pytest.fixture
def strict() -> Iterator[FakeSlack]:
    """Run a strict Slack."""
    with FakeSlack() as running:
        yield running


@pytest.fixture
def slacked(installation: Installation, strict: FakeSlack) -> Installation:
    """Give an installation at rest that alerts in Slack and tells of its health by webhook."""
    installation.hub.set(BENCH, board(*ABC))
    configure(installation, strict)
    installation.poll()
    return installation


def configure(
    installation: Installation, strict: FakeSlack, token: str = TOKEN, channel: str = CHANNEL
) -> None:
    """Write the configuration: ``research`` in Slack for alerts, ``hook`` for health."""
    research = f'[channels.research]\ntype = "slack"\ntoken = "{token}"\nchannel = "{channel}"\n'
    installation.configure(
        f'{WATCH}["research"]', extra=f'{research}api_url = "{strict.api_url}"\n{HEALTH}'
    )


def ends(installation: Installation, *models: tuple[str, float], status: int = 0) -> Json:
    """Poll a board with these models on top, and return what became of deliveries."""
    installation.hub.set(BENCH, board(*models, *ABC))
    counts: Json = installation.poll(status=status)["deliveries"]
    return counts


def alerts(installation: Installation, channel: str = "research") -> list[Json]:
    """Return a channel's deliveries, in their order."""
    return [one for one in installation.json("deliveries") if one["channel"] == channel]


def states(installation: Installation, channel: str = "research") -> list[str]:
    """Return the states of a channel's deliveries, in their order."""
    return [one["state"] for one in alerts(installation, channel)]


def health(installation: Installation) -> list[tuple[str, str]]:
    """Return the notices that the webhook got: type and subject."""
    return [(body["type"], body["data"]["subject"]) for body in installation.receiver.bodies]


def an_hour_passes(installation: Installation) -> None:
    """Make all that happened an hour older, as deliveries and their channels remember it."""
    with sqlite3.connect(installation.database) as database:
        for column in ("next_attempt_at", "ended_at"):
            earlier = f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-1 hour')"
            database.execute(f"UPDATE deliveries SET {column} = {earlier}")


def told_once(installation: Installation, strict: FakeSlack) -> bool:
    """Tell whether each delivery was sent to Slack and is there exactly once, in order."""
    made = alerts(installation)
    sent = all(one["state"] == "sent" for one in made)
    return sent and [post.delivery for post in strict.posts] == [one["id"] for one in made]


def test_an_alert_is_posted_once_and_as_a_text_where_blocks_are_refused(
    slacked: Installation, strict: FakeSlack
) -> None:
    """With a sentence and its delivery's id; a poll later there is nothing to add."""
    assert ends(slacked, N)["sent"] == 1
    strict.faults.append(fake_slack.refuses("invalid_blocks"))
    assert ends(slacked, TOP, N)["sent"] == 1
    assert ends(slacked, TOP, N)["sent"] == 0
    first, second = strict.posts
    assert first.text.startswith(f"{BENCH}: acme/n takes the lead")
    assert "acme/n takes the lead from acme/a (80) with 90" in first.read
    assert second.blocks is None
    assert "acme/o takes the lead" in second.text
    assert (strict.refusals, strict.calls) == ([], ["chat.postMessage"] * 3)
    assert told_once(slacked, strict)


def test_slack_s_wait_is_kept_and_the_alert_is_there_once(
    slacked: Installation, strict: FakeSlack
) -> None:
    """An hour was asked for; until then nothing is sent, and what comes later waits behind."""
    strict.faults.append(fake_slack.busy(3_600))
    assert ends(slacked, N, status=1)["pending"] == 1
    delivery = alerts(slacked)[0]
    tried, due = (
        datetime.fromisoformat(moment)
        for moment in (delivery["attempts"][0]["at"], delivery["next_attempt_at"])
    )
    assert timedelta(hours=1) <= due - tried < timedelta(hours=1, minutes=1)
    assert ends(slacked, TOP, N)["pending"] == 2
    assert strict.calls == ["chat.postMessage"]
    an_hour_passes(slacked)
    assert ends(slacked, TOP, N)["pending"] == 0
    assert told_once(slacked, strict)


def test_a_post_in_doubt_is_looked_up_before_it_is_repeated(
    slacked: Installation, strict: FakeSlack
) -> None:
    """A page instead of an answer, a cut before the post, a cut after it: there it is, once."""
    strict.faults.extend([fake_slack.page(), fake_slack.lost_before, fake_slack.lost_after])
    for posted in (0, 0, 1):
        assert ends(slacked, N, status=1)["pending"] == 1
        assert len(strict.posts) == posted
        an_hour_passes(slacked)
    assert ends(slacked, N)["pending"] == 0
    (delivery,) = alerts(slacked)
    outcomes = [attempt["outcome"] for attempt in delivery["attempts"]]
    assert outcomes == ["in_doubt"] * 3 + ["delivered"]
    assert strict.calls[-1] == "conversations.history"
    assert told_once(slacked, strict)


def test_a_shut_channel_is_paused_told_of_once_and_loses_nothing(
    slacked: Installation, strict: FakeSlack
) -> None:
    """One delivery a poll asks whether the door is open; then all goes, in order."""
    strict.rooms[CHANNEL] = "not_in_channel"
    assert ends(slacked, N, status=1)["pending"] == 1
    assert ends(slacked, TOP, N, status=1)["pending"] == 2
    assert states(slacked) == ["held", "held"]
    assert strict.calls == ["chat.postMessage"] * 2
    assert health(slacked) == [("health.failing", "channel")]
    strict.rooms[CHANNEL] = ""
    assert ends(slacked, TOP, N)["pending"] == 0
    assert told_once(slacked, strict)
    assert health(slacked) == [("health.failing", "channel"), ("health.recovered", "channel")]


def test_a_rotated_token_and_a_test_end_the_pause(slacked: Installation, strict: FakeSlack) -> None:
    """What was held goes first; no token is in the database."""
    strict.token = "xoxb-rotated"
    ends(slacked, N, status=1)
    configure(slacked, strict, token="xoxb-rotated")
    done = slacked.run("test-channel", "research")
    assert done.returncode == 0, done.stdout + done.stderr
    assert told_once(slacked, strict)
    assert b"xoxb" not in slacked.database.read_bytes()


def test_a_reload_with_the_right_channel_ends_the_pause(
    slacked: Installation, strict: FakeSlack
) -> None:
    """SIGHUP is enough, no restart is needed."""
    configure(slacked, strict, channel="C0000000000")
    slacked.hub.set(BENCH, board(N, *ABC))
    with slacked.daemon() as process:
        assert slacked.receiver.wait(1)
        assert health(slacked) == [("health.failing", "channel")]
        configure(slacked, strict)
        process.send_signal(signal.SIGHUP)
        assert slacked.receiver.wait(2)
        process.terminate()
        assert process.wait(10) == 0
    assert health(slacked)[1:] == [("health.recovered", "channel")]
    assert told_once(slacked, strict)


def test_a_gone_receiver_is_told_of_and_left_alone(
    installation: Installation, strict: FakeSlack
) -> None:
    """What it refused is failed, what comes later is held; by hand all of it goes, in order."""
    installation.hub.set(BENCH, board(*ABC))
    research = f'[channels.research]\ntype = "slack"\ntoken = "{TOKEN}"\nchannel = "{CHANNEL}"\n'
    told = HEALTH.replace("hook", "research")
    installation.configure(
        f'{WATCH}["hook"]', extra=f'{research}api_url = "{strict.api_url}"\n{told}'
    )
    installation.poll()
    installation.receiver.status = 410
    assert ends(installation, N, status=1)["failed"] == 1
    ends(installation, TOP, N)
    assert states(installation, "hook") == ["failed", "held"]
    assert len(installation.receiver.requests) == 1
    assert any("hook" in post.text for post in strict.posts)
    notices = len(strict.posts)
    installation.receiver.status = 200
    assert installation.run("deliveries", "retry", "--failed").returncode == 0
    assert ends(installation, TOP, N)["pending"] == 0
    assert [event["model"] for event in installation.events()] == ["acme/n", "acme/n", "acme/o"]
    assert len(strict.posts) == notices + 1

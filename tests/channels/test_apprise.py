"""Apprise's services, played by its JSON service and a server on loopback."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.apprise.channel import AppriseChannel
from bot.core.delivery import Delivered, InDoubt, Rejected, RetryLater, Scope
from bot.core.secret import Secret
from tests.support.messages import HUB, changed, delivery, event
from tests.support.receiver import Answer, Receiver

# Apprise imports it where it is still there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def channel(url: str, **fields: Any) -> AppriseChannel:
    """Return a channel for an Apprise address."""
    return AppriseChannel("other", url=Secret(url), endpoint=HUB, **fields)


def at(receiver: Receiver, path: str = "/") -> str:
    """Return the Apprise address of a receiver."""
    return f"json://us3r:s3cr3tpass@127.0.0.1:{receiver.port}{path}"


def test_title_and_text_are_sent() -> None:
    """The service gets the same words as a console."""
    with Receiver() as receiver:
        assert channel(at(receiver)).send(delivery()) == Delivered()
    sent = json.loads(receiver.received[0].body)
    assert sent["title"] == "SWE-bench/SWE-bench_Verified"
    assert sent["message"].startswith("★ deepseek-ai/DeepSeek-V4-Pro takes the lead ")


def test_strangers_mention_nobody_and_escape_nothing() -> None:
    """What services read as mentions or markup is replaced, what Apprise could unescape stays."""
    message = changed(event("new_entry", "a/@everyone", notes=r"<@U1> \n <!channel>"))
    with Receiver() as receiver:
        channel(at(receiver)).send(delivery(message))
    told = json.loads(receiver.received[0].body)["message"]
    assert "@" not in told
    assert "<" not in told
    assert r"\n" in told


def test_a_refusal_is_tried_again_with_its_reason_and_without_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Apprise logs why; nothing of it reaches our log."""
    caplog.set_level(1)
    with Receiver(Answer(401)) as receiver:
        outcome = channel(at(receiver, "/s3cr3tpath")).send(delivery())
    assert isinstance(outcome, RetryLater)
    assert "401" in outcome.error
    for hidden in ("s3cr3tpass", "s3cr3tpath", str(receiver.port)):
        assert hidden not in outcome.error + caplog.text


def test_a_service_that_hangs_leaves_doubt() -> None:
    """The whole send has one limit."""
    with Receiver(Answer(then="hang")) as receiver:
        sender = channel(at(receiver), timeout=timedelta(seconds=1))
        assert isinstance(sender.send(delivery()), InDoubt)


def test_a_service_that_takes_longer_than_apprise_would_wait_has_the_message() -> None:
    """Its own limit is 4 s; what was posted would be called failed, and be posted again."""
    with Receiver() as receiver:
        receiver.respond = lambda _: Answer(200 if not receiver.closing.wait(4.5) else 500)
        assert channel(at(receiver)).send(delivery()) == Delivered()


def test_slow_is_in_doubt_whatever_limit_the_address_asks_for() -> None:
    """A service may have taken what it has not answered."""
    with Receiver(Answer(then="hang")) as receiver:
        sender = channel(at(receiver, "/?rto=0.5&cto=0.5"), timeout=timedelta(seconds=1))
        assert isinstance(sender.send(delivery()), InDoubt)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nosuchservice://s3cr3t", "nosuchservice:// begins no address that Apprise knows"),
        (
            "discrd://s3cr3t",
            "discrd:// begins no address that Apprise knows; did you mean discord?",
        ),
        ("s3cr3t", "is no address that Apprise knows"),
        ("discord://", "is no address of Discord; its form is discord://{webhook_id}/{webhook_to"),
        ("mqtt://s3cr3t/topic", "MQTT Notification needs the package paho-mqtt >= "),
        ("windows://", "Windows Notification cannot be used on this machine: "),
    ],
)
def test_an_address_that_apprise_does_not_take_stops_the_channel(
    url: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when checked, with the reason; the address itself is not told."""
    caplog.set_level(logging.DEBUG)
    problem = channel(url).check()
    assert problem
    assert problem.startswith(told)
    assert channel(url).send(delivery()) == Rejected(f"the url {problem}", Scope.CHANNEL)
    assert "s3cr3t" not in problem + caplog.text


def test_a_good_address_is_checked_without_sending() -> None:
    """A check posts nothing."""
    with Receiver() as receiver:
        assert channel(at(receiver)).check() is None
    assert receiver.received == []


def test_one_channel_sends_to_one_address() -> None:
    """What was told where another failed would be told again with every attempt."""
    with Receiver() as receiver:
        sender = channel(f"{at(receiver)}, {at(receiver)}")
        assert len(sender._service) == 1


def test_a_service_with_little_room_gets_fewer_events() -> None:
    """Discord takes 2,000 characters; the rest is counted instead of cut by the service."""
    sender = channel("discord://123456789012345678/abcdefghijklmnopqrstuvwxyz")
    assert sender._room == 2_000 - 300

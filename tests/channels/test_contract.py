"""What every channel keeps: outcomes by a table, no secret told, the same id on a retry."""

from __future__ import annotations

import io
import json
import logging
import socket
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import Struct

from bot.channels.apprise.channel import AppriseChannel
from bot.channels.base import Channel
from bot.channels.console import ConsoleChannel
from bot.channels.registry import KINDS
from bot.channels.slack.channel import SlackChannel
from bot.channels.webhook.channel import WebhookChannel
from bot.core.alerts.message import DIGEST, FAILING, RECOVERED, REPORT, TEST
from bot.core.delivery import Delivered, InDoubt, Rejected, RetryLater
from bot.core.kinds import Kind
from bot.core.secret import Secret
from bot.net.excerpt import UNQUOTED, KnownSecrets
from tests.support.messages import HUB, SAMPLE_FACTS, changed, delivery, event, sample_message
from tests.support.receiver import Answer, Received, Receiver

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOW = datetime(2026, 4, 27, 10, 0, tzinfo=UTC)
SECRETS = ("s3cr3tpath", "s3cr3tpass", "xoxb-s3cr3ttoken", "whsec_czNjcjN0czNjcjN0czNjcjN0czNj")
LIMIT = timedelta(seconds=10)
IMPATIENT = timedelta(seconds=1)


def slack_api(base: str, limit: timedelta = LIMIT, known: KnownSecrets | None = None) -> Channel:
    return SlackChannel(
        "c",
        endpoint=HUB,
        token=Secret(SECRETS[2]),
        channel="C0123456789",
        api_url=f"{base}/api/",
        timeout=limit,
        known=known,
    )


def slack_hook(base: str, limit: timedelta = LIMIT, known: KnownSecrets | None = None) -> Channel:
    url = Secret(f"{base}/services/s3cr3tpath")
    return SlackChannel("c", endpoint=HUB, webhook_url=url, timeout=limit, known=known)


def webhook(base: str, limit: timedelta = LIMIT, known: KnownSecrets | None = None) -> Channel:
    url = base.replace("//", "//us3r:s3cr3tpass@") + "/s3cr3tpath"
    return WebhookChannel(
        "c",
        url=Secret(url),
        secrets=(Secret(SECRETS[3]),),
        allow_private=True,
        clock=lambda: NOW,
        timeout=limit,
        known=known,
    )


def apprise(base: str, limit: timedelta = LIMIT, known: KnownSecrets | None = None) -> Channel:
    url = base.replace("http://", "json://us3r:s3cr3tpass@") + "/s3cr3tpath"
    return AppriseChannel("c", url=Secret(url), endpoint=HUB, timeout=limit, known=known)


def console(base: str, limit: timedelta = LIMIT, known: KnownSecrets | None = None) -> Channel:
    return ConsoleChannel("c", endpoint=HUB, stream=io.StringIO())


class Rig(Struct, frozen=True):
    """How to make a channel that sends to a server, and what its success looks like."""

    make: Callable[..., Channel]
    success: Answer
    secrets: tuple[str, ...] = ()
    id_of: Callable[[Received], str] | None = None


def _metadata(got: Received) -> str:
    return str(json.loads(got.body)["metadata"]["event_payload"]["delivery_id"])


RIGS = {
    "slack_api": Rig(slack_api, Answer(200, b'{"ok": true}'), SECRETS[2:3], _metadata),
    "slack_hook": Rig(slack_hook, Answer(200, b"ok"), SECRETS[:1]),
    "webhook": Rig(
        webhook,
        Answer(204, b""),
        (*SECRETS[:2], SECRETS[3]),
        lambda got: got.headers["webhook-id"],
    ),
    "apprise": Rig(apprise, Answer(200, b"ok"), SECRETS[:2]),
}
NETWORKED = pytest.mark.parametrize("rig", RIGS.values(), ids=RIGS)
OFFLINE = {
    "console": Rig(console, Answer()),
}
EVERY = pytest.mark.parametrize("rig", [*RIGS.values(), *OFFLINE.values()], ids=[*RIGS, *OFFLINE])


def test_every_kind_of_channel_is_looked_at() -> None:
    """A new one has its line above, in one of the two tables."""
    assert {name.partition("_")[0] for name in (*RIGS, *OFFLINE)} == KINDS.keys()


BUSY = Answer(429, b"slow down", {"Retry-After": "60"})


@EVERY
@pytest.mark.parametrize("kind", [*Kind, "alert", DIGEST, TEST, FAILING, RECOVERED, REPORT])
def test_every_kind_of_message_is_delivered(rig: Rig, kind: str) -> None:
    """No channel stumbles over a message that another takes."""
    with Receiver(rig.success) as receiver:
        channel = rig.make(receiver.url)
        assert channel.send(delivery(sample_message(kind), facts=SAMPLE_FACTS)) == Delivered()


@EVERY
def test_strangers_texts_are_delivered(rig: Rig) -> None:
    """Controls, markup, right-to-left marks and great lengths are no reason to fail."""
    hostile = "\x1b[31m<!channel> @everyone \u202e\u0000 \n" + "😀" * 5_000
    message = changed(event("new_entry", hostile, variant=hostile, notes=hostile))
    with Receiver(rig.success) as receiver:
        assert rig.make(receiver.url).send(delivery(message)) == Delivered()


TABLE = {
    #             busy (429)   error (500)  hang up   silence   nobody listens
    "slack_api": (RetryLater, InDoubt, InDoubt, InDoubt, RetryLater),
    "slack_hook": (RetryLater, InDoubt, InDoubt, InDoubt, RetryLater),
    "webhook": (RetryLater, RetryLater, InDoubt, InDoubt, RetryLater),
    "apprise": (RetryLater, RetryLater, RetryLater, InDoubt, RetryLater),
}


@pytest.mark.parametrize("name", TABLE)
def test_failures_become_outcomes_by_the_table(name: str) -> None:
    """In doubt is only what may have arrived; a channel never raises."""
    hang_up, hang = Answer(then="hang up first"), Answer(then="hang")
    answers = ((BUSY, LIMIT), (Answer(500), LIMIT), (hang_up, LIMIT), (hang, IMPATIENT))
    kinds = []
    for answer, limit in answers:
        with Receiver(answer) as receiver:
            kinds.append(type(RIGS[name].make(receiver.url, limit).send(delivery())))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
        kinds.append(type(RIGS[name].make(base).send(delivery())))
    assert tuple(kinds) == TABLE[name]


def _echo(got: Received) -> Answer:
    """Answer with all that was sent, as many servers do when they fail."""
    told = f"{got.path} {got.headers}"
    return Answer(400, told.encode(), {"Location": got.path, "X-Echo": got.path})


@EVERY
@pytest.mark.parametrize(
    "respond",
    [
        _echo,
        lambda _: Answer(500, b"<html>"),
        lambda _: Answer(then="hang up first"),
        lambda got: Answer(302, headers={"Location": f"{got.path}/there"}),
    ],
    ids=["echo", "page", "hang up", "redirect"],
)
def test_no_secret_is_told(
    rig: Rig, respond: Callable[[Received], Answer], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in an outcome, a log at its most talkative, a repr, or a check."""
    caplog.set_level(1)
    with Receiver(respond=respond) as receiver:
        channel = rig.make(receiver.url)
        outcome = channel.send(delivery())
        told = [repr(outcome), repr(channel), str(vars(channel)), str(channel.check())]
    for text in (*told, caplog.text):
        for secret in SECRETS:
            assert secret not in text


UNSEEN = ("\u200b", "\xad", "\u200d", "\x1b[31m", "\x00")


@NETWORKED
@pytest.mark.parametrize(
    "written",
    [
        *(between.join for between in UNSEEN),
        lambda secret: " " * 3_970 + secret,
        lambda secret: " " * 65_500 + secret,
        lambda secret: "x" * 190 + " " + secret,
        lambda secret: secret[:-2],
        lambda secret: json.dumps("\u200b".join(secret)),
    ],
    ids=[*map(repr, UNSEEN), "blanks", "many blanks", "at the cut", "broken off", "escaped"],
)
def test_an_echo_is_cleaned_then_masked_then_cut(rig: Rig, written: Callable[[str], str]) -> None:
    """What people would read as a secret, or as most of one, is not in the outcome."""
    for secret in rig.secrets:
        with Receiver(Answer(500, written(secret).encode())) as receiver:
            outcome = rig.make(receiver.url).send(delivery())
        assert isinstance(outcome, RetryLater | InDoubt)
        told = "".join(char for char in outcome.error if char.isascii() and char != " ")
        assert secret.removeprefix("whsec_")[:6] not in told


@NETWORKED
def test_an_earlier_secret_is_known_after_a_rotation(rig: Rig) -> None:
    """A reload brings another; a receiver may still tell of the old one."""
    known = KnownSecrets(NOW)
    known.learn(["https://hooks.example.org/s3cr3tOld0123", "whsec_b2xkb2xkb2xkb2xkb2xkb2xk"])
    with Receiver(Answer(500, b"old: s3cr3tOld0123 b2xkb2xkb2xkb2xkb2xkb2xk")) as receiver:
        outcome = rig.make(receiver.url, known=known).send(delivery())
        told = repr(outcome) + str(rig.make(receiver.url, known=known).check())
    assert "old: [hidden] [hidden]" in told or rig.make is apprise  # which quotes nothing
    assert "s3cr3tOld" not in told


@NETWORKED
def test_what_was_tried_before_this_start_is_not_quoted(rig: Rig) -> None:
    """Its answer may hold a secret that this process never had."""
    with Receiver(Answer(500, b"old: s3cr3tOld0123")) as receiver:
        channel = rig.make(receiver.url, known=KnownSecrets(NOW + timedelta(seconds=1)))
        outcome = channel.send(delivery(attempt=2))
    assert isinstance(outcome, RetryLater | InDoubt)
    assert outcome.error.endswith(UNQUOTED)


@NETWORKED
def test_no_secret_is_told_where_nobody_listens(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """Errors of the network name the host at most."""
    caplog.set_level(logging.DEBUG)
    channel = rig.make("http://nowhere.invalid")
    told = [repr(channel.send(delivery())), str(channel.check()), caplog.text]
    assert not any(secret in text for text in told for secret in SECRETS)


@NETWORKED
def test_a_name_that_cannot_be_resolved_is_said_to_be_that(rig: Rig) -> None:
    """Not a code of the system's, and not that a connection failed."""
    outcome = rig.make("http://nowhere.invalid").send(delivery())
    assert outcome == RetryLater("cannot connect: its name cannot be resolved")


@NETWORKED
def test_a_retry_is_the_same_message(rig: Rig) -> None:
    """A receiver that got both can tell by the id, or by the bytes."""
    with Receiver(Answer(500), rig.success) as receiver:
        channel = rig.make(receiver.url)
        channel.send(delivery(id="msg_same"))
        assert channel.send(delivery(id="msg_same", attempt=2)) == Delivered()
    first, second = receiver.received
    assert first.body == second.body
    if rig.id_of is not None:
        assert rig.id_of(first) == rig.id_of(second) == "msg_same"


@NETWORKED
def test_a_check_sends_no_message(rig: Rig) -> None:
    """People are not bothered by a validation."""
    with Receiver(rig.success) as receiver:
        assert rig.make(receiver.url).check() is None
    assert not any("chat.postMessage" in got.path for got in receiver.received)
    assert not any(b"GLM-5" in got.body for got in receiver.received)


@EVERY
def test_a_channel_has_a_name_and_a_pace(rig: Rig) -> None:
    """Slack takes about a message a second."""
    channel = rig.make("http://127.0.0.1:9")
    assert channel.name == "c"
    assert timedelta(0) <= channel.pace <= timedelta(seconds=2)
    assert channel.for_people is (rig.make is not webhook)


def test_an_outcome_s_error_is_one_short_line() -> None:
    """It is shown in tables and notices."""
    for rig in RIGS.values():
        with Receiver(Answer(400, b"line\nline\r\n\x1b[2J" + b"x" * 5_000)) as receiver:
            outcome = rig.make(receiver.url).send(delivery())
        assert isinstance(outcome, RetryLater | Rejected | InDoubt)
        assert len(outcome.error) < 400
        assert outcome.error.isprintable()


def test_a_traceback_is_never_part_of_a_send() -> None:
    """Whatever a library raises ends in the channel."""
    broken = WebhookChannel("c", url=Secret("http://[::1"), clock=lambda: NOW)
    try:
        outcome = broken.send(delivery())
    except Exception:  # noqa: BLE001
        pytest.fail(traceback.format_exc())
    assert isinstance(outcome, Rejected)

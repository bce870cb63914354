"""Signed webhooks, sent to real servers on loopback."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.channels.webhook.channel import WebhookChannel
from bot.core.alerts.message import encode
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.core.secret import Secret
from bot.net.client import USER_AGENT
from bot.net.retry_after import asked_wait
from tests.support.messages import delivery, sample_message
from tests.support.receiver import Answer, Received, Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 4, 27, 10, 0, tzinfo=UTC)
TLS = Path(__file__).parents[1] / "data" / "tls"


def channel(url: str, **fields: Any) -> WebhookChannel:
    """Return a channel that may send to loopback."""
    fields.setdefault("secrets", (Secret(SECRET),))
    fields.setdefault("allow_private", True)
    fields.setdefault("clock", lambda: NOW)
    return WebhookChannel("hook", url=Secret(url), **fields)


def outcome_of(answer: Answer, **fields: Any) -> Outcome:
    """Return what an answer makes of a send."""
    with Receiver(answer) as receiver:
        return channel(f"{receiver.url}/hook", **fields).send(delivery())


def test_the_signature_is_the_specification_s() -> None:
    """The test vector of Standard Webhooks: id, timestamp and body give the known signature."""
    at = datetime.fromtimestamp(1614265330, UTC)
    message = delivery(id="msg_p5jXN8AQM9LWM0D4loKWxJek", body=b'{"test": 2432232314}')
    with Receiver() as receiver:
        assert channel(receiver.url, clock=lambda: at).send(message) == Delivered()
    (got,) = receiver.received
    assert got.headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert got.headers["webhook-timestamp"] == "1614265330"
    assert got.headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_standard_s_own_library_verifies_what_is_sent() -> None:
    """A receiver with either secret accepts the message while a secret rotates."""
    from standardwebhooks import Webhook

    other = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
    with Receiver() as receiver:
        sender = channel(
            receiver.url,
            secrets=(Secret(SECRET), Secret(other)),
            clock=lambda: datetime.now(timezone(timedelta(hours=5))),  # noqa: TID251
        )
        assert sender.send(delivery()) == Delivered()
    (got,) = receiver.received
    for secret in (SECRET, other):
        assert Webhook(secret).verify(got.body, got.headers)["type"] == "leaderboard.changed"


def test_the_stored_bytes_are_sent_as_they_are() -> None:
    """Nothing is encoded anew; type and sender are told in the headers."""
    body = encode(sample_message("alert")).replace(b",", b" , ")
    with Receiver() as receiver:
        channel(f"{receiver.url}/a%20b?c=d").send(delivery(body=body))
    (got,) = receiver.received
    assert got.body == body
    assert got.path == "/a%20b?c=d"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == USER_AGENT
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_without_a_secret_nothing_is_signed() -> None:
    """The id and the time are sent all the same."""
    with Receiver() as receiver:
        channel(receiver.url, secrets=()).send(delivery())
    (got,) = receiver.received
    assert "webhook-signature" not in got.headers
    assert got.headers["webhook-id"] == delivery().id


def test_credentials_in_the_address_become_basic_authentication() -> None:
    """Nothing of them is in the path or the host."""
    with Receiver() as receiver:
        channel(f"http://us%20er:pa%3Ass@127.0.0.1:{receiver.port}/").send(delivery())
    (got,) = receiver.received
    assert got.headers["authorization"] == "Basic dXMgZXI6cGE6c3M="
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_secret_that_cannot_sign_is_the_channel_s_fault() -> None:
    """The remedy is in the configuration, and the secret is not told."""
    outcome = channel("http://127.0.0.1:9/", secrets=(Secret("whsec_a"),)).send(delivery())
    assert isinstance(outcome, Rejected)
    assert outcome.scope is Scope.CHANNEL


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(status: int) -> None:
    """Whatever the body says."""
    assert outcome_of(Answer(status, b"" if status == 204 else b"error")) == Delivered()


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 408, 418, 500, 502, 504])
def test_other_answers_are_tried_again(status: int) -> None:
    """The receiver answered that it did not take the message."""
    body = b"" if status == 304 else b"no"
    outcome = outcome_of(Answer(status, body))
    assert isinstance(outcome, RetryLater)
    assert outcome.error.startswith(f"HTTP {status}")


def test_410_ends_the_channel() -> None:
    """The receiver says that it will never take a message again, this one included."""
    assert outcome_of(Answer(410, b"gone")) == Rejected("HTTP 410: gone", Scope.ENDPOINT)


@pytest.mark.parametrize("status", [301, 400, 408, 425, 429, 500, 503])
@pytest.mark.parametrize("value", ["120", "Mon, 27 Apr 2026 10:02:00 GMT"])
def test_retry_after_is_honoured(status: int, value: str) -> None:
    """As seconds or as a date, on every answer after which there is another attempt."""
    outcome = outcome_of(Answer(status, b"busy", {"Retry-After": value}))
    assert isinstance(outcome, RetryLater)
    assert outcome.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    "value", ["", "soon", "-5", "0", "nan", "1e99", "Mon, 27 Apr 2020 10:02:00 GMT"]
)
def test_a_retry_after_that_asks_nothing_is_no_wait(value: str) -> None:
    """Neither nonsense nor the past."""
    assert not asked_wait(value, NOW)


def test_parts_of_the_address_that_are_words_hide_no_other_words() -> None:
    """A path such as /hook is masked where it stands alone."""
    body = b"the header webhook-id is missing; see /hook"
    with Receiver(Answer(400, body)) as receiver:
        outcome = channel(f"{receiver.url}/hook").send(delivery())
    told = "HTTP 400: the header webhook-id is missing; see /[hidden]"
    assert outcome == RetryLater(told)


def test_a_redirect_is_not_followed() -> None:
    """The body goes to the configured address alone."""
    with Receiver() as other, Receiver(Answer(307, headers={"Location": f"{other.url}/"})) as first:
        outcome = channel(first.url).send(delivery())
    assert outcome == RetryLater("HTTP 307 (redirects are not followed): ok")
    assert other.received == []


def test_an_answer_that_breaks_off_leaves_doubt() -> None:
    """The request was read; nobody knows what became of it."""
    assert isinstance(outcome_of(Answer(then="hang up first")), InDoubt)


def test_silence_leaves_doubt_when_the_time_is_over() -> None:
    """The request was sent, the answer did not come in time."""
    outcome = outcome_of(Answer(then="hang"), timeout=timedelta(seconds=1))
    assert isinstance(outcome, InDoubt)


def test_a_slow_drip_gains_no_time() -> None:
    """The limit is for the whole request; a status that came counts."""
    outcome = outcome_of(Answer(500, then="drip"), timeout=timedelta(seconds=1))
    assert isinstance(outcome, RetryLater)
    assert outcome.error.startswith("HTTP 500: ...")


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    """A status is enough; at most 64 kB of the body are read."""
    outcome = outcome_of(Answer(500, b"x" * 10_000_000))
    assert isinstance(outcome, RetryLater)
    assert len(outcome.error) < 300


def test_nothing_listens_nothing_was_sent() -> None:
    """A refused connection leaves no doubt."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        outcome = channel(f"http://127.0.0.1:{port}/").send(delivery())
    assert isinstance(outcome, RetryLater)
    assert outcome.error.startswith("cannot connect: ")


def test_a_name_that_does_not_resolve_leaves_no_doubt() -> None:
    """Nothing was sent."""

    def nowhere(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    outcome = channel("https://hook.example/", resolve=nowhere).send(delivery())
    assert outcome == RetryLater("cannot connect: its name cannot be resolved")


@pytest.mark.parametrize("found", [(), ("",)])
@pytest.mark.parametrize("allow_private", [True, False])
def test_a_name_without_an_address_leaves_no_doubt(
    found: Sequence[str], *, allow_private: bool
) -> None:
    """Nothing was sent, and no remedy is named that would not help."""
    sender = channel(
        "https://hook.example/", resolve=lambda host, port: found, allow_private=allow_private
    )
    told = "cannot connect: the host's name has no address"
    assert sender.send(delivery()) == RetryLater(told)
    assert sender.check() == told


def test_a_name_server_that_hangs_does_not_hold_the_send() -> None:
    """Looking a name up is within the limit for the whole request."""
    with Receiver() as receiver:

        def slow(host: str, port: int) -> Sequence[str]:
            receiver.closing.wait(30)
            return ()

        sender = channel("https://hook.example/", resolve=slow, timeout=timedelta(seconds=1))
        assert isinstance(sender.send(delivery()), RetryLater)


# --- addresses that are refused --------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
    ],
)
def test_no_spelling_of_loopback_is_connected_to(host: str) -> None:
    """The address is checked as it will be connected to; the remedy is named, the URL is not."""
    with Receiver() as receiver:
        sender = channel(f"http://{host}:{receiver.port}/secret-path", allow_private=False)
        outcome = sender.send(delivery())
        assert isinstance(outcome, RetryLater)
        assert sender.check() == outcome.error
    assert receiver.received == []
    assert "allow_private = true" in outcome.error
    assert "secret-path" not in outcome.error
    assert f":{receiver.port}" not in outcome.error


def test_a_name_that_turns_private_gains_nothing() -> None:
    """The name is resolved once a connection, and what was checked is what is connected to."""
    answers = [("127.0.0.1",), ("8.8.8.8",)]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with Receiver() as receiver:
        url = f"http://hook.example:{receiver.port}/"
        outcome = channel(url, resolve=rebinding, allow_private=False).send(delivery())
    assert asked == ["hook.example"]
    assert isinstance(outcome, RetryLater)
    assert receiver.received == []


def test_the_checked_address_is_the_one_connected_to() -> None:
    """Where a host has several, the next is tried; the host's name is still asked for."""
    with Receiver() as receiver:
        url = f"http://hook.example:{receiver.port}/"
        sender = channel(url, resolve=lambda host, port: ("127.0.0.2", "127.0.0.1"))
        assert sender.send(delivery()) == Delivered()
        assert sender.check() is None
    (got,) = receiver.received
    assert got.headers["host"] == f"hook.example:{receiver.port}"


@pytest.mark.parametrize(("host", "delivered"), [("hook.example", True), ("other.example", False)])
def test_tls_is_verified_against_the_host_s_name(host: str, *, delivered: bool) -> None:
    """Connecting to an address does not make any certificate good."""
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(TLS / "hook.example.pem")
    trusted = ssl.create_default_context(cafile=TLS / "hook.example.pem")
    with Receiver(tls=served) as receiver:
        sender = channel(
            f"https://{host}:{receiver.port}/hook",
            resolve=lambda host, port: ("127.0.0.1",),
            tls=trusted,
        )
        outcome = sender.send(delivery())
    if delivered:
        assert outcome == Delivered()
    else:
        assert isinstance(outcome, RetryLater)
        assert "certificate" in outcome.error
        assert "other.example" in outcome.error  # a host is no secret, and people look for it
        assert receiver.received == []


def test_the_environment_s_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect where the guard does not see it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Receiver() as receiver:
        assert channel(receiver.url).send(delivery()) == Delivered()


def test_certificates_that_cannot_be_read_leave_no_doubt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing was sent; an address without TLS needs none."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    assert channel("https://127.0.0.1:9/hook").send(delivery()) == RetryLater(
        "cannot connect: the certificates that SSL_CERT_FILE names cannot be read"
    )
    assert outcome_of(Answer(200)) == Delivered()


def test_an_answer_that_quotes_the_request_gives_nothing_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Many servers name the path they do not know."""
    caplog.set_level(logging.DEBUG)

    def respond(got: Received) -> Answer:
        return Answer(404, f"Cannot POST {got.path}".encode(), {"Location": got.path})

    with Receiver(respond=respond) as receiver:
        outcome = channel(f"{receiver.url}/hooks/s3cr3t-token?key=hunter2").send(delivery())
    assert outcome == RetryLater("HTTP 404: Cannot POST /[hidden]/[hidden]?key=[hidden]")
    for hidden in ("s3cr3t-token", "hunter2", SECRET):
        assert hidden not in caplog.text

"""Slack by bot token and by incoming webhook, played by a server on loopback."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from threading import Event, Thread, current_thread
from typing import Any
from urllib.parse import parse_qsl

import pytest

from bot.channels.sending import broken
from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.exchange import MAX_ANSWER
from bot.channels.slack.outcomes import Reply, judged
from bot.channels.slack.transports import HISTORY_PAGES, TOO_BUSY
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.core.secret import Secret
from bot.net.errors import AddressError, AnswerError, NotSentError, SetupError, StaleError
from bot.net.excerpt import Excerpts
from tests.support.messages import HUB, NOW, delivery
from tests.support.receiver import Answer, Received, Receiver
from tests.support.servers import RawServer, answer
from tests.support.slack.fake_slack import FakeSlack

TOKEN = "xoxb-1234567890-s3cr3t"
CHANNEL = "C0123456789"
HOOK = "/services/T0000/B0000/s3cr3thook"
MINUTE = timedelta(minutes=1)


def api(url: str, **fields: Any) -> SlackChannel:
    """Return a channel with a bot token."""
    return SlackChannel(
        "research",
        endpoint=HUB,
        token=Secret(TOKEN),
        channel=fields.pop("channel", CHANNEL),
        api_url=f"{url}/api/",
        **fields,
    )


def hook(url: str, **fields: Any) -> SlackChannel:
    """Return a channel with an incoming webhook."""
    return SlackChannel("simple", endpoint=HUB, webhook_url=Secret(url + HOOK), **fields)


def said(status: int = 200, *, headers: dict[str, str] | None = None, **data: Any) -> Answer:
    """Return an answer of the Web API."""
    body = json.dumps(data or {"ok": True}).encode()
    return Answer(status, body, {"Content-Type": "application/json", **(headers or {})})


def error(code: str) -> Answer:
    """Return the Web API's refusal: HTTP 200 with ``ok: false``."""
    return said(ok=False, error=code)


def of_api(answer: Answer, **fields: Any) -> Outcome:
    """Return what an answer of the Web API makes of a send."""
    with Receiver(answer) as receiver:
        return api(receiver.url, clock=lambda: NOW).send(delivery(**fields))


def of_hook(answer: Answer, **fields: Any) -> Outcome:
    """Return what an answer of an incoming webhook makes of a send."""
    with Receiver(answer) as receiver:
        return hook(receiver.url, clock=lambda: NOW).send(delivery(**fields))


def posted(got: Received) -> dict[str, Any]:
    """Return the JSON of a request."""
    sent = json.loads(got.body)
    assert isinstance(sent, dict)
    return sent


# --- what is sent ----------------------------------------------------------------------------


def test_a_bot_token_posts_with_the_delivery_s_id_as_metadata() -> None:
    """Blocks, a sentence, no unfurling, no markup; the token is in the header alone."""
    with Receiver(said()) as receiver:
        assert api(receiver.url).send(delivery(id="msg_1")) == Delivered()
    (got,) = receiver.received
    sent = posted(got)
    assert got.path == "/api/chat.postMessage"
    assert got.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN.encode() not in got.body
    assert sent["channel"] == CHANNEL
    assert sent["metadata"] == {
        "event_type": "leaderboard_changed",
        "event_payload": {"delivery_id": "msg_1"},
    }
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["mrkdwn"]) == (False, False, False)
    assert sent["text"].startswith("SWE-bench/SWE-bench_Verified: ")
    assert sent["blocks"][0]["type"] == "rich_text"


def test_an_incoming_webhook_posts_the_same_message() -> None:
    """It needs neither channel nor token."""
    with Receiver() as receiver:
        assert hook(receiver.url).send(delivery()) == Delivered()
    (got,) = receiver.received
    sent = posted(got)
    assert got.path == HOOK
    assert "authorization" not in got.headers
    assert set(sent) == {"text", "blocks", "unfurl_links", "unfurl_media", "mrkdwn"}


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"])
def test_refused_blocks_are_sent_once_more_as_plain_text(code: str) -> None:
    """People get the words at least."""
    with Receiver(error(code), said()) as receiver:
        assert api(receiver.url).send(delivery()) == Delivered()
    with Receiver(Answer(400, code.encode()), Answer()) as receiver_of_hook:
        assert hook(receiver_of_hook.url).send(delivery()) == Delivered()
    for first, second in (receiver.received, receiver_of_hook.received):
        assert "blocks" in posted(first)
        assert "blocks" not in posted(second)
        assert "GLM-5" in posted(second)["text"]


def test_plain_text_that_is_refused_too_is_not_sent_a_third_time() -> None:
    """The message is wrong, and stays visible as failed."""
    with Receiver(error("invalid_blocks"), error("invalid_blocks")) as receiver:
        outcome = api(receiver.url).send(delivery())
    assert outcome == Rejected("invalid_blocks")
    assert len(receiver.received) == 2


# --- the Web API's answers -------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["ratelimited", "rate_limited", "service_unavailable", "message_limit_exceeded"]
)
def test_a_busy_slack_is_tried_again(code: str) -> None:
    """Nothing was posted."""
    assert of_api(error(code)) == RetryLater(code)


def test_http_429_waits_as_long_as_slack_asks() -> None:
    """By header, for both ways."""
    header = {"Retry-After": "30"}
    answer = said(429, headers=header, ok=False, error="ratelimited")
    expected = RetryLater("HTTP 429: ratelimited", timedelta(seconds=30))
    assert of_api(answer) == expected
    assert of_hook(Answer(429, b"ratelimited", header)) == expected


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "request_timeout"])
def test_an_error_inside_slack_leaves_doubt(code: str) -> None:
    """The message may have been posted."""
    assert of_api(error(code)) == InDoubt(code)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("of", [of_api, of_hook])
def test_5xx_leaves_doubt(status: int, of: Callable[[Answer], Outcome]) -> None:
    """Whoever answered, Slack may have taken the message."""
    outcome = of(Answer(status, b"<html>bad gateway</html>", {"Content-Type": "text/html"}))
    assert outcome == InDoubt(f"HTTP {status}: a page instead of an answer")


@pytest.mark.parametrize("body", [b"<html>log in first</html>", b"", b"[]", b"null", b'"x"'])
def test_a_success_that_is_not_slack_s_leaves_doubt(body: bytes) -> None:
    """A proxy answered, and nobody knows whether it passed the message on."""
    assert isinstance(of_api(Answer(200, body, {"Content-Type": "text/html"})), InDoubt)


@pytest.mark.parametrize(
    ("status", "body"), [(200, b'{"ok": false}'), (200, b'{"id": 7}'), (503, b'{"message": "no"}')]
)
def test_an_answer_without_a_code_is_no_success(status: int, body: bytes) -> None:
    """Only ``ok: true`` says that Slack has the message."""
    assert isinstance(of_api(Answer(status, body)), InDoubt)


@pytest.mark.parametrize(
    "code",
    [
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "no_permission",
        "restricted_action",
        "restricted_action_read_only_channel",
        "team_not_found",
        "access_denied",
        "messages_tab_disabled",
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "missing_scope",
        "not_allowed_token_type",
    ],
)
def test_a_broken_destination_or_credential_stops_the_channel(code: str) -> None:
    """The error names the code and what to do."""
    outcome = of_api(error(code))
    assert isinstance(outcome, Rejected)
    assert outcome.scope is Scope.CHANNEL
    assert outcome.error.startswith(f"{code}: ")


@pytest.mark.parametrize(
    "code",
    [
        "msg_too_long",
        "no_text",
        "invalid_metadata_format",
        "metadata_too_large",
        "invalid_arguments",
    ],
)
def test_a_wrong_message_is_refused_alone(code: str) -> None:
    """Later messages may pass."""
    assert of_api(error(code)) == Rejected(code, Scope.MESSAGE)


@pytest.mark.parametrize(("attempt", "given_up"), [(1, False), (3, False), (4, True), (9, True)])
def test_an_unknown_error_is_tried_a_few_times(attempt: int, *, given_up: bool) -> None:
    """Then it counts as a wrong message."""
    outcome = of_api(error("new_kind_of_error"), attempt=attempt)
    assert isinstance(outcome, Rejected if given_up else RetryLater)
    if isinstance(outcome, Rejected):
        assert outcome.scope is Scope.MESSAGE


def test_a_page_with_4xx_is_tried_again() -> None:
    """A proxy in between refuses, not Slack."""
    outcome = of_api(Answer(403, b"<html>no</html>"), attempt=9)
    assert outcome == RetryLater("HTTP 403: a page instead of an answer")


# --- an incoming webhook's answers -----------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "no_service"),
        (404, "no_service_id"),
        (404, "no_active_hooks"),
        (403, "invalid_token"),
        (404, "no_team"),
        (403, "team_disabled"),
        (404, "channel_not_found"),
        (410, "channel_is_archived"),
        (403, "action_prohibited"),
        (403, "posting_to_general_channel_denied"),
    ],
)
def test_a_webhook_that_is_gone_stops_the_channel(status: int, code: str) -> None:
    """It will not come back by itself."""
    outcome = of_hook(Answer(status, code.encode()))
    assert isinstance(outcome, Rejected)
    assert outcome.scope is Scope.CHANNEL


def test_a_rollup_error_is_tried_again() -> None:
    """Slack says that nothing was posted, in spite of the 500."""
    assert of_hook(Answer(500, b"rollup_error")) == RetryLater("HTTP 500: rollup_error")


def test_a_wrong_payload_is_refused_alone() -> None:
    """Later messages may pass."""
    assert of_hook(Answer(400, b"invalid_payload")) == Rejected("HTTP 400: invalid_payload")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"ok"),
        (200, b"ok\n"),
        (200, b'{"ok": true}'),
        (200, b'{"success": true}'),
        (200, b'{"result": "success", "msg": ""}'),
        (200, b'{"id": 7}'),
        (201, b'{"ok": true}'),
        (200, b""),
        (202, b""),
        (204, b""),
        (200, b"[]"),
        (200, b"Message sent"),
    ],
)
def test_a_2xx_that_says_nothing_else_is_delivered(status: int, body: bytes) -> None:
    """Mattermost, Rocket.Chat, Zulip and workflow triggers have words of their own, or none."""
    assert of_hook(Answer(status, body)) == Delivered()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"ok": false, "error": "channel_not_found"}', Rejected),
        (b'{"ok": false, "error": "internal_error"}', InDoubt),
        (b'{"ok": false, "error": "odd_error"}', RetryLater),
        (b'{"ok": false}', RetryLater),
        (b'{"success": false, "error": "no such channel"}', RetryLater),
        (b'{"result": "error", "msg": "Stream does not exist"}', RetryLater),
        (b"<html>log in first</html>", InDoubt),
        (b"no_service", Rejected),
    ],
)
def test_a_2xx_that_says_otherwise_is_not(body: bytes, expected: type) -> None:
    """A page is what stands between us and the receiver."""
    assert isinstance(of_hook(Answer(200, body)), expected)


def test_a_refusal_in_json_is_told_in_its_words() -> None:
    """Not as a whole document."""
    refused = of_hook(Answer(400, b'{"success": false, "error": "no such channel"}'))
    assert refused == RetryLater("HTTP 400: no such channel")


IN_A_MINUTE = "Mon, 27 Apr 2026 10:01:00 GMT"


@pytest.mark.parametrize("of", [of_api, of_hook])
@pytest.mark.parametrize(
    ("header", "body", "attempt", "seconds"),
    [
        ("30", b"", 1, 30),
        ("0.5", b"", 1, 0.5),
        (IN_A_MINUTE, b"", 1, 60),
        ("Mon, 27 Apr 2020 10:01:00 GMT", b"", 1, 0),
        ("0", b"", 3, 0),
        (None, b'{"ok": false, "error": "ratelimited", "retry_after": 7}', 1, 7),
        ("soon", b'{"message": "slow down", "retry_after": 7.5}', 1, 7.5),
        ("30", b'{"retry_after": 7}', 1, 30),
        (None, b"ratelimited", 1, 60),
        (None, b'{"retry_after": "soon"}', 1, 60),
        ("soon", b"", 1, 60),
        ("-5", b"", 2, 120),
        (None, b"", 4, 480),
        ("nan", b"", 1, 60),
    ],
)
def test_a_busy_slack_is_left_alone_as_long_as_it_asks(
    of: Callable[..., Outcome], header: str | None, body: bytes, attempt: int, seconds: float
) -> None:
    """In every form; what cannot be read is a minute, doubling."""
    answer = Answer(429, body, {} if header is None else {"Retry-After": header})
    outcome = of(answer, attempt=attempt)
    assert isinstance(outcome, RetryLater)
    assert outcome.retry_after == timedelta(seconds=seconds)


# --- no answer -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [api, hook])
def test_an_answer_that_breaks_off_or_hangs_leaves_doubt(
    way: Callable[..., SlackChannel],
) -> None:
    """slack_sdk does not try again by itself: the message may have been posted."""
    with Receiver(Answer(then="hang up first")) as receiver:
        assert isinstance(way(receiver.url).send(delivery()), InDoubt)
    assert len(receiver.received) == 1
    with Receiver(Answer(then="hang")) as receiver:
        sender = way(receiver.url, timeout=timedelta(seconds=1))
        assert isinstance(sender.send(delivery()), InDoubt)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("way", [api, hook])
def test_a_slow_drip_gains_no_time(way: Callable[..., SlackChannel]) -> None:
    """The limit is for the whole send."""
    with Receiver(Answer(then="drip")) as receiver:
        sender = way(receiver.url, timeout=timedelta(seconds=1))
        assert isinstance(sender.send(delivery()), InDoubt)


@pytest.mark.parametrize("way", [api, hook])
@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "nowhere.invalid"])
def test_where_nothing_was_sent_there_is_no_doubt(
    way: Callable[..., SlackChannel], host: str
) -> None:
    """Nobody listens, or the name does not resolve."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        sender = way("http://" + host.format(port=unused.getsockname()[1]))
        outcome = sender.send(delivery())
        assert sender.check() is not None
    assert isinstance(outcome, RetryLater)
    assert outcome.error.startswith("cannot connect: ")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (NotSentError("bad certificate"), RetryLater),
        (SetupError("a proxy"), RetryLater),
        (AnswerError("reset"), InDoubt),
        (StaleError("reset"), InDoubt),
        (ValueError("anything else"), InDoubt),
        (AddressError("control characters in s3cr3t"), Rejected),
    ],
)
def test_an_error_of_the_network_tells_whether_anything_was_sent(
    raised: Exception, expected: type
) -> None:
    """Before the request there is no doubt; during and after it there is."""
    quoted = Excerpts([]).of
    outcome = broken(raised, quoted, quoted)
    assert isinstance(outcome, expected)
    assert "s3cr3t" not in outcome.error


@contextmanager
def dead(address: str, port: int) -> Iterator[None]:
    """Have an address take no connection: its queue is full, as behind a broken route."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.socket())
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(3):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield


@pytest.mark.parametrize("way", [api, hook])
def test_an_address_that_takes_no_connection_leaves_time_for_the_next(
    way: Callable[..., SlackChannel],
) -> None:
    """A name may have a broken IPv6 and a good IPv4 one; one message is sent, once."""
    with Receiver(said()) as receiver, dead("127.0.0.2", receiver.port):
        sender = way(
            f"http://slack.example:{receiver.port}",
            resolve=lambda host, port: ("127.0.0.2", "127.0.0.1"),
            timeout=timedelta(seconds=4),
        )
        assert sender.send(delivery()) == Delivered()
        assert sender.check() is None
    posts = [got for got in receiver.received if b"GLM-5" in got.body]
    assert len(posts) == 1
    assert posts[0].headers["host"] == f"slack.example:{receiver.port}"


@pytest.mark.parametrize("way", [api, hook])
def test_nothing_is_sent_after_the_time_limit(way: Callable[..., SlackChannel]) -> None:
    """A name server that answers too late finds nobody who would still post; no doubt is left."""
    late = Event()
    asking: list[Thread] = []

    def resolve(host: str, port: int) -> tuple[str, ...]:
        asking.append(current_thread())
        late.wait(30)
        return ("127.0.0.1",)

    with Receiver(said()) as receiver:
        sender = way(
            f"http://slack.example:{receiver.port}", resolve=resolve, timeout=timedelta(seconds=1)
        )
        outcome = sender.send(delivery())
        late.set()
        asking[0].join(30)
        assert not asking[0].is_alive()
    assert isinstance(outcome, RetryLater)
    assert receiver.received == []


@pytest.mark.parametrize("way", [api, hook])
def test_a_proxy_of_the_environment_is_used(
    way: Callable[..., SlackChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As slack_sdk does; the account in its address goes to it alone."""
    with Receiver(said()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://us%20er:word@127.0.0.1:{proxy.port}")
        sender = way("http://slack.example:8080")
        assert sender.send(delivery()) == Delivered()
    (got,) = proxy.received
    assert got.path.startswith("http://slack.example:8080/")
    assert got.headers["host"] == "slack.example:8080"
    assert got.headers["proxy-authorization"] == "Basic dXMgZXI6d29yZA=="


def test_no_address_that_takes_a_connection_leaves_no_doubt() -> None:
    """Nothing was sent, and the limit holds."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with dead("127.0.0.2", port), dead("127.0.0.3", port):
            sender = api(
                f"http://slack.example:{port}",
                resolve=lambda host, port: ("127.0.0.2", "127.0.0.3"),
                timeout=timedelta(seconds=1),
            )
            outcome = sender.send(delivery())
    assert isinstance(outcome, RetryLater)
    assert outcome.error.startswith("cannot connect")


@pytest.mark.parametrize("way", [api, hook])
def test_several_posts_go_over_one_connection(way: Callable[..., SlackChannel]) -> None:
    """A burst of alerts needs one handshake."""

    def script(connection: socket.socket, head: bytes, _: Event) -> None:
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        while length:
            length -= len(connection.recv(length))
        connection.sendall(answer(b'{"ok": true}'))

    with RawServer(script) as server:
        sender = way(server.endpoint)
        for _ in range(3):
            assert sender.send(delivery()) == Delivered()
    assert (len(server.heads), server.connections) == (3, 1)


def test_an_answer_that_sends_elsewhere_is_no_receipt() -> None:
    """Not even with the word of one in it."""
    assert isinstance(of_hook(Answer(300, b"ok")), RetryLater)


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [api, hook])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_takes_nothing_along(
    way: Callable[..., SlackChannel], status: int
) -> None:
    """Neither the token nor the message goes to an address that nobody configured."""
    with FakeSlack() as other:
        moved = Answer(status, b"<html>moved</html>", {"Location": f"{other.api_url}auth.test"})
        with Receiver(moved) as receiver:
            outcome = way(receiver.url).send(delivery())
            assert way(receiver.url).check() is None or way is api
    assert outcome == RetryLater(
        f"HTTP {status}: a page instead of an answer (redirects are not followed)"
    )
    assert other.calls == []


def test_a_redirect_of_the_history_is_not_followed_either() -> None:
    """The token is in every request's header."""
    with FakeSlack() as other:
        moved = Answer(302, b"", {"Location": f"{other.api_url}conversations.history"})
        with history(moved) as receiver:
            api(receiver.url).send(delivery(in_doubt=True))
    assert other.calls == []


@pytest.mark.parametrize("of", [of_api, of_hook])
def test_an_endless_answer_is_not_read_to_its_end(of: Callable[[Answer], Outcome]) -> None:
    """What is too long for Slack is not Slack's; the memory stays ours."""
    assert isinstance(of(Answer(200, b"<" * (MAX_ANSWER + 1_000_000))), InDoubt)


# --- in doubt --------------------------------------------------------------------------------


def history(*pages: Answer) -> Receiver:
    """Return a Slack whose channel's history has these pages."""
    left = list(pages)

    def respond(got: Received) -> Answer:
        return left.pop(0) if got.path.endswith("conversations.history") else said()

    return Receiver(respond=respond)


def message(delivery_id: str) -> dict[str, Any]:
    """Return a message of the history as Slack gives it back."""
    return {"text": "…", "metadata": {"event_payload": {"delivery_id": delivery_id}}}


def form(got: Received) -> dict[str, str]:
    """Return what a method was asked with."""
    if got.headers["content-type"].startswith("application/json"):
        return {name: str(value) for name, value in json.loads(got.body).items()}
    return dict(parse_qsl(got.body.decode()))


def paths(receiver: Receiver) -> list[str]:
    """Return the methods that were called."""
    return [got.path.rsplit("/", 1)[-1] for got in receiver.received]


def test_a_message_that_did_arrive_is_not_posted_again() -> None:
    """It is found by its metadata, on whatever page, among messages of others."""
    first = said(
        ok=True, messages=[{"text": "hi"}, message("other")], response_metadata={"next_cursor": "2"}
    )
    second = said(ok=True, messages=[{"metadata": None}, message("msg_1")])
    with history(first, second) as receiver:
        sender = api(receiver.url)
        assert sender.send(delivery(id="msg_1", in_doubt=True, attempt=2)) == Delivered()
    assert paths(receiver) == ["conversations.history", "conversations.history"]
    asked = receiver.received[0].body.decode()
    assert "include_all_metadata=1" in asked or '"include_all_metadata": true' in asked
    assert str(int((NOW - timedelta(minutes=5)).timestamp())) in asked


@pytest.mark.parametrize(
    "found",
    [
        said(ok=True, messages=[message("other")]),
        said(ok=True),
        error("missing_scope"),
        error("channel_not_found"),
        Answer(200, b"[1]"),
    ],
)
def test_a_message_that_is_not_found_is_posted(found: Answer) -> None:
    """A second message is better than none."""
    with history(found) as receiver:
        assert api(receiver.url).send(delivery(in_doubt=True)) == Delivered()
    assert paths(receiver) == ["conversations.history", "chat.postMessage"]


@pytest.mark.parametrize(
    ("found", "wait"),
    [
        (said(429, headers={"Retry-After": "30"}, ok=False, error="ratelimited"), 30),
        (said(429, ok=False, error="ratelimited"), 240),
        (error("internal_error"), None),
        (Answer(500, b"<html>"), None),
        (Answer(200, b"<html>"), None),
        (Answer(then="hang up first"), None),
    ],
)
def test_a_look_that_fails_for_now_is_taken_again_before_a_second_post(
    found: Answer, wait: int | None
) -> None:
    """Three attempts wait for the history; the fourth posts all the same."""
    asked = timedelta(seconds=wait) if wait else None
    with history(found, found) as receiver:
        outcome = api(receiver.url).send(delivery(in_doubt=True, attempt=3))
        assert outcome == InDoubt("cannot look now whether an earlier attempt arrived", asked)
        assert paths(receiver) == ["conversations.history"]
        assert api(receiver.url).send(delivery(in_doubt=True, attempt=4)) == Delivered()
    assert paths(receiver)[1:] == ["conversations.history", "chat.postMessage"]


def test_what_is_looked_at_is_the_time_around_the_attempts_in_doubt() -> None:
    """With both bounds, so that either order of pages gives the same; the last attempt first."""
    doubts = (NOW, NOW + timedelta(seconds=5), NOW + timedelta(hours=2))
    with history(said(), said()) as receiver:
        api(receiver.url).send(delivery(in_doubt=True, attempt=4, doubts=doubts))
    asked = [form(got) for got in receiver.received[:2]]
    bounds = [(float(one["oldest"]), float(one["latest"])) for one in asked]
    start, first, last = (moment.timestamp() for moment in doubts)
    assert bounds == [(last - 390, last + 360), (start - 390, first + 360)]
    assert paths(receiver)[2:] == ["chat.postMessage"]


def test_pages_without_end_leave_the_doubt() -> None:
    """No second message is posted for that, until attempts have waited for long."""
    endless = said(ok=True, messages=[message("other")], response_metadata={"next_cursor": "2"})
    with history(*[endless] * 100) as receiver:
        sent = delivery(in_doubt=True, attempt=3, doubts=(NOW,))
        assert api(receiver.url).send(sent) == InDoubt(TOO_BUSY)
    assert paths(receiver) == ["conversations.history"] * HISTORY_PAGES


def test_pages_that_cannot_be_asked_for_leave_the_doubt() -> None:
    """There are more, and no word of how to get them."""
    with history(said(ok=True, messages=[message("other")], has_more=True)) as receiver:
        sent = delivery(in_doubt=True, attempt=2, doubts=(NOW,))
        assert api(receiver.url).send(sent) == InDoubt(TOO_BUSY)
    assert paths(receiver) == ["conversations.history"]


def test_without_doubt_nothing_is_looked_up() -> None:
    """The history is read only where a second post may be one too many."""
    with history() as receiver:
        api(receiver.url).send(delivery(attempt=3))
    assert paths(receiver) == ["chat.postMessage"]


def test_a_webhook_in_doubt_posts_again() -> None:
    """It cannot be asked."""
    with Receiver() as receiver:
        assert hook(receiver.url).send(delivery(in_doubt=True)) == Delivered()
    assert len(receiver.received) == 1


# --- checks ----------------------------------------------------------------------------------


def checked(**answers: Answer) -> str | None:
    """Return what a check says where Slack's methods answer so."""

    def respond(got: Received) -> Answer:
        return answers[got.path.rsplit(".", 1)[-1]]

    with Receiver(respond=respond) as receiver:
        found = api(receiver.url).check()
    assert "chat.postMessage" not in paths(receiver)
    return found


GOOD = said(headers={"X-OAuth-Scopes": "chat:write, channels:history"})


def test_a_token_and_a_channel_that_work_are_fine() -> None:
    """The channel is looked up where the scopes allow it."""
    there = said(ok=True, channel={"id": CHANNEL, "is_archived": False})
    assert checked(test=GOOD, info=there) is None
    assert checked(test=GOOD, info=error("missing_scope")) is None


def test_a_check_names_what_is_wrong() -> None:
    """A dead token, a missing scope, an unknown or archived channel."""
    told = (
        checked(test=error("invalid_auth")),
        checked(test=said(headers={"X-OAuth-Scopes": "users:read"})),
        checked(test=GOOD, info=error("channel_not_found")),
        checked(test=GOOD, info=said(ok=True, channel={"is_archived": True})),
    )
    codes = [problem.split(":")[0] if problem else None for problem in told]
    assert codes == ["invalid_auth", "missing_scope", "channel_not_found", "is_archived"]


def test_a_webhook_is_checked_by_connecting_alone() -> None:
    """Nothing is posted for a check."""
    with Receiver() as receiver:
        assert hook(receiver.url).check() is None
    assert receiver.received == []


def test_a_channel_needs_a_way() -> None:
    """The configuration makes sure; the class says so too."""
    with pytest.raises(ValueError, match="needs token and channel"):
        SlackChannel("x", endpoint=HUB, token=Secret("t"))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, "a proxy's page", MINUTE, odd=True),
        Reply(200, "a proxy's page", MINUTE, odd=True),
        Reply(400, "unheard_of", MINUTE),
        Reply(500, "internal_error", MINUTE),
    ],
)
def test_a_wait_that_is_asked_for_holds_for_every_later_attempt(reply: Reply) -> None:
    """Whatever the answer is: where it is tried again, ``Retry-After`` counts."""
    outcome = judged(reply, 1)
    assert isinstance(outcome, RetryLater | InDoubt)
    assert outcome.retry_after == MINUTE

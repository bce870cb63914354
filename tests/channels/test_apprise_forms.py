"""What Apprise's services are sent, in the form that each of them reads, on loopback."""

# ruff: noqa: RUF001 - look-alikes are what is looked at

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any

import pytest
from apprise import Apprise

from bot.channels.apprise.channel import AppriseChannel, _size
from bot.core.alerts.message import BoardInfo, Message
from bot.core.board import Source
from bot.core.delivery import Delivered
from bot.core.render import forms
from bot.core.secret import Secret
from tests.support.messages import HUB, changed, delivery, event
from tests.support.receiver import Answer, Receiver

# Apprise imports it where it is still there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

BOARD = f"{HUB}/datasets/SWE-bench/SWE-bench_Verified"
NOTES = (
    "[x](https://evil.example) ![i](https://evil.example/p.png) *b* _i_ `c` ~s~ ||p||"
    " @everyone #general <b>h</b> <@U1> www.evil.example"
)
URLS = {
    "json": "json://127.0.0.1:{port}/",
    "mattermost": "mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4",
    "rocketchat": "rocket://web/hook@127.0.0.1:{port}/#alerts?mode=webhook",
    "ntfy": "ntfy://127.0.0.1:{port}/topic",
    "discord": "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz",
    "telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "zulip": "zulip://bot@org/a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3/alerts",
    "teams": "workflows://prod.example:443/643462b9b0084a3b8e36aa6ee3f2d5a2/abcdefghijklmnop/",
}


def hostile(**fields: Any) -> Message:
    """Return an alert in which strangers wrote all the markup that they know."""
    fields.setdefault("notes", NOTES)
    fields.setdefault("source", Source("Paper [y]", "https://arxiv.org/abs/1_2_3"))
    newcomer = event(
        "new_entry", "a/@here_x", rank=(None, 5), score=(None, 77.7), gap=Decimal("2.9"), **fields
    )
    return changed(newcomer)


def channel(url: str) -> AppriseChannel:
    return AppriseChannel("other", url=Secret(url), endpoint=HUB)


def service_of(sender: AppriseChannel) -> Any:
    """Return Apprise's own object for the address."""
    assert sender.check() is None
    (service,) = sender._service
    return service


def sent(name: str, message: Message | None = None) -> dict[str, Any]:
    """Return the JSON that a service is sent, its own host being a receiver on loopback."""
    answer = Answer(200, b'{"ok": true, "result": {}}')
    with Receiver(answer) as receiver:
        sender = channel(URLS[name].format(port=receiver.port))
        service = service_of(sender)
        if name in ("discord", "telegram"):
            service.notify_url = f"{receiver.url}/"
        assert sender.send(delivery(message or hostile())) == Delivered()
    (got,) = receiver.received
    found = json.loads(got.body)
    assert isinstance(found, dict)
    return found


INERT = (
    "  note: “［x］(https∶//evil.example) !［i］(https∶//evil.example/p.png) ∗b∗ ＿i＿ ˋcˋ ∼s∼"
    " ∣∣p∣∣ ＠everyone ＃general ‹b›h‹/b› ‹＠U1› www․evil.example”"
    " · source: Paper ［y］ (arxiv.org)"
)
LINES = [
    "+ a/＠here_x enters at #5 with 77.7, 2.9 behind the leader",
    INERT,
    "39 rows · watch coding · 27 Apr 2026, 10:00 UTC",
]


def test_services_that_show_text_get_text_with_the_link_whole() -> None:
    """Mattermost and Discord read Markdown all the same; what strangers wrote is none."""
    told = "\n".join([*LINES, BOARD])
    title = "SWE-bench/SWE-bench_Verified"
    assert (sent("json")["title"], sent("json")["message"]) == (title, told)
    assert (sent("ntfy")["title"], sent("ntfy")["message"]) == (title, told)
    assert sent("mattermost")["text"] == f"{title}\r\n{told}"
    assert sent("discord")["content"] == f"{title}\r\n{told}"


LINK = f"[huggingface.co/datasets/SWE-bench/SWE-bench_Verified]({BOARD})"


def test_services_that_read_markdown_get_markdown_with_the_link_whole() -> None:
    """Nothing is escaped with backslashes, which some dialects would show."""
    told = "  \n".join([*LINES, LINK])
    assert sent("rocketchat")["text"] == f"# SWE-bench/SWE-bench_Verified\n{told}"


def test_teams_gets_markdown_in_a_card() -> None:
    """The payload is the plugin's own."""
    sender = channel(URLS["teams"])
    service = service_of(sender)
    told = sender._render(delivery(hostile()), service, forms.MARKDOWN)
    card = json.dumps(service.gen_payload(told.body, told.title), ensure_ascii=False)
    assert LINK in card
    assert "＠everyone" in card
    assert "](https://evil" not in card


def test_telegram_gets_html_with_links() -> None:
    """Strangers' signs are written as such, their addresses lead nowhere, sources do."""
    text = sent("telegram")["text"].replace("\r\n", "\n")
    assert text.startswith(
        f"<b>SWE-bench/SWE-bench_Verified</b>\n"
        f'+ <a href="{HUB}/a/%40here_x"><b>a/＠here_x</b></a> enters at #5 with <b>77.7</b>'
    )
    assert "&lt;b&gt;h&lt;/b&gt; &lt;＠U1&gt;" in text
    assert '<a href="https://arxiv.org/abs/1_2_3">Paper [y]</a> (arxiv.org)' in text
    assert text.endswith(f'<a href="{BOARD}">{BOARD.removeprefix("https://")}</a>')
    assert "https://evil" not in text


def test_a_format_that_the_address_asks_for_is_made() -> None:
    """Here Discord's embeds, which are Markdown."""
    with Receiver() as receiver:
        sender = channel(f"{URLS['discord']}?format=markdown")
        service = service_of(sender)
        service.notify_url = f"{receiver.url}/"
        assert sender.send(delivery(hostile())) == Delivered()
    (embed,) = json.loads(receiver.received[0].body)["embeds"]
    assert embed["title"] == "SWE-bench/SWE-bench_Verified"
    assert embed["description"] == "  \n".join([*LINES, LINK])


class Smtp(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as a mail needs."""

    mails: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 loopback\r\n")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")


@contextmanager
def mail_server() -> Iterator[tuple[int, list[bytes]]]:
    mails: list[bytes] = []
    handler = type("Handler", (Smtp,), {"mails": mails})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1], mails
        finally:
            server.shutdown()
            thread.join()


def test_mail_is_html_with_a_plain_subject_and_the_same_as_text() -> None:
    """A subject is no HTML, and says what happened: it stands in a list of mails."""
    message = hostile(variant="R&D")
    with mail_server() as (port, mails):
        url = f"mailto://127.0.0.1:{port}?from=bot@example.org&to=me@example.org&mode=insecure"
        assert channel(url).send(delivery(message)) == Delivered()
    mail = message_from_bytes(mails[0], policy=policy.default)
    subject = "SWE-bench/SWE-bench_Verified: a/@here_x (R&D) enters at #5 with "
    assert mail["subject"].startswith(subject)
    parts = {part.get_content_type(): part for part in mail.walk()}
    html = parts["text/html"].get_content()
    assert f'<a href="{HUB}/a/%40here_x"><b>a/＠here_x</b></a> (R&amp;D) enters' in html
    assert "&lt;b&gt;h&lt;/b&gt;" in html
    assert f'<a href="{BOARD}"><b>SWE-bench/SWE-bench_Verified</b></a><br>' in html
    assert "enters at #5 with" in parts["text/plain"].get_content()


def test_room_is_counted_in_bytes_where_the_service_does() -> None:
    """Ntfy makes a file of what is longer than 4 kB: the rest is counted instead."""
    events = [
        event("new_entry", f"a/m{number}", rank=(None, number), score=(None, 9), notes="模" * 200)
        for number in range(1, 13)
    ]
    told = sent("ntfy", changed(*events))
    assert 2_000 < len(told["message"].encode()) < 4_096
    assert "more, all new\n" in told["message"]
    assert told["message"].endswith(BOARD)


@pytest.mark.parametrize(
    ("url", "size"),
    [
        (f"dingtalk://{'a' * 64}", 3),
        (f"feishu://{'a' * 36}", 3),
        ("ircs://bot:pass@127.0.0.1/%23alerts", 3),
        (f"lark://{'a' * 36}", 3),
        (f"prowl://{'a' * 40}", 3),
        ("wechat://corporation:key@1000002/user", 3),
        ("wecombot://12345678-1234-1234-1234-123456789012", 3),
        (f"discord://{'1' * 18}/{'a' * 60}", 1),
    ],
)
def test_a_text_is_as_long_as_the_service_counts_it(url: str, size: int) -> None:
    """Some have room for so many bytes, most for so many characters."""
    service = Apprise.instantiate(url)
    assert service is not None
    assert _size(service)("模") == size


def test_a_title_fits_the_place_that_the_service_has() -> None:
    """Zulip takes topics of 60 characters."""
    sender = channel(URLS["zulip"])
    service = service_of(sender)
    board = BoardInfo(benchmark=f"acme/{'x' * 100}")
    long = delivery(changed(event("new_entry"), board=board))
    assert len(sender._render(long, service, forms.TEXT).title) == 60

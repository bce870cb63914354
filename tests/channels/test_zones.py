"""Times as people read them: in the time zone that their channel names."""

from __future__ import annotations

import io
import json
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.channels.base import ChannelForPeople, Context
from bot.channels.registry import KINDS
from bot.channels.sending import kept_connections
from bot.core.alerts.message import FAILING
from bot.core.delivery import Delivered
from bot.core.secret import Secret
from bot.net.excerpt import KnownSecrets
from tests.support.messages import HUB, NOW, delivery, sample_message
from tests.support.receiver import Answer, Receiver

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SINCE = "3 failures since 27 Apr 2026, 11:15 CEST."
"""As ``sample_message(FAILING)`` has it at 09:15 UTC."""


def keys(kind: str, receiver: Receiver) -> dict[str, Any]:
    """Return the keys of a channel that sends to a server."""
    return {
        "console": {},
        "slack": {"webhook_url": Secret(f"{receiver.url}/services/T0/B0/s3cr3t")},
        "apprise": {"url": Secret(f"json://127.0.0.1:{receiver.port}/")},
    }[kind]


@pytest.mark.parametrize(
    "kind", [name for name, kind in KINDS.items() if issubclass(kind, ChannelForPeople)]
)
def test_every_channel_for_people_tells_times_of_its_zone(kind: str) -> None:
    """Without one, UTC."""
    printed = io.StringIO()
    context = Context(
        endpoint=HUB,
        console=printed,
        clock=lambda: NOW,
        known=KnownSecrets(NOW),
        connections=kept_connections(time.monotonic),
    )
    with Receiver(Answer(200, b"ok")) as receiver:
        table = KINDS[kind].model_construct(
            **{"type": kind, **keys(kind, receiver), "timezone": ZoneInfo("Europe/Paris")}
        )
        sent = table.open("c", context).send(delivery(sample_message(FAILING)))
        bodies = [json.loads(received.body) for received in receiver.received]
    assert sent == Delivered()
    told = printed.getvalue() + "".join(
        str(body.get("text")) + str(body.get("message")) for body in bodies
    )
    assert SINCE in told


def test_a_kind_for_people_has_utc_unless_it_is_told_otherwise() -> None:
    """So has one for programs, whose times are in UTC anyway."""
    assert KINDS["console"](type="console").zone.utcoffset(NOW) == NOW.utcoffset()
    assert KINDS["webhook"].model_construct(type="webhook").zone.utcoffset(NOW) == NOW.utcoffset()

"""A receiver of webhooks that keeps account of what it was told, and misbehaves when asked to."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from standardwebhooks import Webhook

from bot.demo.server import LoopbackServer, Reply, Request
from tests.support.process.installation import SECRET


class Change(NamedTuple):
    """What happened to one row of one board."""

    benchmark: str
    kind: str
    model: str
    score: float


class Alert(NamedTuple):
    """A change told to a channel."""

    channel: str
    change: Change


class Listener(LoopbackServer):
    """Takes webhooks at ``url/CHANNEL``.

    ``behaviour`` is "well", "refuses" (500, not taken) or "cuts" (taken, but the connection is cut
    instead of an answer).
    """

    def __init__(self) -> None:
        super().__init__(self._take)
        self.behaviour = "well"
        self.accepted: Counter[str] = Counter()
        """How often each id was taken."""
        self.ids: dict[Alert, set[str]] = {}
        self.altered: set[str] = set()
        """Ids that came with different bodies."""
        self.faults = 0
        self._bodies: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def account(self) -> tuple[Mapping[Alert, set[str]], Mapping[str, int]]:
        """Return the ids under which each change was told, and how often each id came."""
        with self._lock:
            return {alert: set(ids) for alert, ids in self.ids.items()}, dict(self.accepted)

    def _take(self, request: Request) -> Reply:
        with self._lock:
            if len(request.body) < int(request.headers["content-length"]):
                return Reply(400, b"torn")  # its sender died while it sent
            if self.behaviour == "refuses":
                self.faults += 1
                return Reply(500, b"not now")
            self._keep(request)
            if self.behaviour == "cuts":
                self.faults += 1
                raise ConnectionAbortedError
        return Reply(200, b"")

    def _keep(self, request: Request) -> None:
        body = Webhook(SECRET).verify(request.body, request.headers)
        delivery = request.headers["webhook-id"]
        self.accepted[delivery] += 1
        if self._bodies.setdefault(delivery, request.body) != request.body:
            self.altered.add(delivery)
        data = body["data"]
        for told in data.get("boards", [data]):
            for event in told["events"]:
                score = event["score"]["after"]
                change = Change(told["board"]["benchmark"], event["kind"], event["model"], score)
                alert = Alert(request.path.strip("/"), change)
                self.ids.setdefault(alert, set()).add(delivery)
